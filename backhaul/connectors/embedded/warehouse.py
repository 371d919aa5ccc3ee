"""The embedded warehouse: the list of returns that each dock expects."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded.sqlite import Commands, command_table, talking_to, writing_engine
from backhaul.connectors.ports import ReturnNotice
from backhaul.domain.errors import ConnectorRejected

PEER = "embedded warehouse"

_METADATA = sa.MetaData()
_ANNOUNCE, _WITHDRAW = "announce", "withdraw"
_NOTICE = TypeAdapter(ReturnNotice)

_notice = sa.Table(
    "notice",
    _METADATA,
    sa.Column("reference", sa.String, primary_key=True),
    sa.Column("facility_id", sa.String, nullable=False),
    sa.Column("expected_by", sa.Date, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Index("notice_by_facility", "facility_id", "expected_by"),
)
_COMMANDS = Commands(PEER, command_table(_METADATA))


class EmbeddedWarehouse:
    """`Warehouse` on an SQLite file of its own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = writing_engine(path)
        with self._talking() as connection:
            _METADATA.create_all(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def announce(self, notice: ReturnNotice, *, key: str) -> None:
        """Put a return on the dock's list; announcing it anew with a new key corrects the earlier notice.

        Raises:
            ConnectorRejected: the key was used for another notice.
        """
        with self._talking() as connection:
            _COMMANDS.once(connection, _ANNOUNCE, notice, key, lambda: _enter(connection, notice))

    def withdraw(self, reference: str, *, key: str) -> None:
        """Take a return off the list; one that is off already stays so.

        Raises:
            ConnectorRejected: nothing was announced under the reference, or the key was used otherwise.
        """
        with self._talking() as connection:
            _COMMANDS.once(connection, _WITHDRAW, reference, key, lambda: _withdraw(connection, reference))

    def expected(self, facility_id: str) -> Sequence[ReturnNotice]:
        """What the dock should expect, the most urgent first."""
        query = (
            sa.select(_notice.c.body)
            .where(_notice.c.facility_id == facility_id, _notice.c.withdrawn.is_(False))
            .order_by(_notice.c.expected_by, _notice.c.reference)
        )
        with self._talking() as connection:
            return tuple(map(_NOTICE.validate_json, connection.scalars(query)))

    def _talking(self) -> AbstractContextManager[Connection]:
        return talking_to(PEER, self._engine)


def _enter(connection: Connection, notice: ReturnNotice) -> str:
    values = {
        "reference": notice.reference,
        "facility_id": notice.facility_id,
        "expected_by": notice.expected_by,
        "body": _NOTICE.dump_json(notice),
        "withdrawn": False,
    }
    connection.execute(sa.delete(_notice).where(_notice.c.reference == notice.reference))
    connection.execute(sa.insert(_notice).values(values))
    return notice.reference


def _withdraw(connection: Connection, reference: str) -> str:
    off = sa.update(_notice).where(_notice.c.reference == reference).values(withdrawn=True)
    if connection.execute(off).rowcount == 0:
        raise ConnectorRejected(PEER, f"no return was announced as {reference}")
    return reference
