"""The embedded supplier desk: every supplier of the ERP gives its own number for what we may send back."""

from pathlib import Path

import sqlalchemy as sa

from backhaul.connectors.embedded.sqlite import (
    Commands,
    command_table,
    next_number,
    series_table,
    talking_to,
    writing_engine,
)
from backhaul.connectors.ports import ErpReads
from backhaul.domain.errors import ConnectorRejected

PEER = "embedded supplier desk"

_METADATA = sa.MetaData()
_REQUEST = "request_return"
_FIRST_NUMBER = 3_001

_COMMANDS = Commands(PEER, command_table(_METADATA))
_series = series_table(_METADATA)


class EmbeddedSupplierDesk:
    """`SupplierDesk` on an SQLite file of its own; the ERP tells which supplier makes what."""

    def __init__(self, path: Path, erp: ErpReads) -> None:
        self._erp = erp
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = writing_engine(path)
        with talking_to(PEER, self._engine) as connection:
            _METADATA.create_all(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def request_return(self, supplier_id: str, sku: str, quantity: int, *, key: str) -> str:
        """The supplier's own RMA number, the same for the same key.

        Raises:
            ConnectorRejected: not this supplier's article, no pieces, or a key used otherwise.
        """
        item = self._erp.item(sku)
        if item is None or item.supplier_id != supplier_id:
            raise ConnectorRejected(PEER, f"supplier {supplier_id} does not deliver {sku}")
        if quantity < 1:
            raise ConnectorRejected(PEER, f"a return needs at least one piece, not {quantity}")
        with talking_to(PEER, self._engine) as connection:
            return _COMMANDS.once(
                connection,
                _REQUEST,
                (supplier_id, sku, quantity),
                key,
                lambda: (
                    f"{supplier_id}-R{next_number(connection, _series, supplier_id, first=_FIRST_NUMBER)}"
                ),
            )
