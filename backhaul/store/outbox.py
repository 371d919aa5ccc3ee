"""Commands to systems outside: what is to be done, was sent and was answered."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.codes import Action
from backhaul.domain.errors import InvalidTransition
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork, row_of


def command(uow: UnitOfWork, key: str, *, lock: bool = False) -> CommandRow | None:
    """The command with that key, or `None`."""
    return row_of(uow, CommandRow, key, lock=lock)


_PAY_OUTS = (Action.CREDIT_MEMO.value, Action.REPLACEMENT.value, Action.REPAIR_ORDER.value)


def is_owed_still(uow: UnitOfWork, rma: RmaRow) -> bool:
    """Whether the ERP rejected something that was permitted for the customer, and it was not issued anew."""
    # By the case, for which there is an index: this is asked whenever a return moves on.
    rejected = sa.select(CommandRow.key).where(
        CommandRow.case_id == rma.case_id, CommandRow.state == "rejected", CommandRow.op.in_(_PAY_OUTS)
    )
    return any(key.startswith(f"{rma.id}:") for key in uow.session.scalars(rejected))


def intend(
    uow: UnitOfWork,
    key: str,
    *,
    case_id: str,
    op: str,
    request: Mapping[str, Any],
    request_hash: str,
    permit_id: str | None,
) -> CommandRow:
    """Put a command into the outbox, or return the one that stands there under the key."""
    row = command(uow, key, lock=True)
    if row is None:
        row = CommandRow(
            key=key,
            case_id=case_id,
            op=op,
            request=dict(request),
            request_hash=request_hash,
            permit_id=permit_id,
            state="intended",
            result={},
            attempts=0,
            issue=1,
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.session.flush()
    return row


def peer_key(row: CommandRow) -> str:
    """The idempotency key of a command: its permit, or its own key; each re-issue has another one."""
    first = row.permit_id or row.key
    return first if row.issue == 1 else f"{first}:{row.issue}"


def issue_again(row: CommandRow) -> None:
    """A rejected command is to be sent once more under a new key, as its permit says.

    Raises:
        InvalidTransition: It was not rejected: it was done, may have been done, or is still to be sent.
    """
    if row.state != "rejected":
        raise InvalidTransition(f"command {row.key}", state=row.state, event="re-issue")
    row.state, row.error, row.issue = "intended", None, row.issue + 1


def sent_commands(uow: UnitOfWork, case_id: str, *, about: str) -> Sequence[CommandRow]:
    """Commands of a case about an RMA, receipt or disposition that were sent and never answered, locked."""
    query = sa.select(CommandRow).where(CommandRow.case_id == case_id, CommandRow.state == "sent")
    query = query.where(CommandRow.key.contains(about, autoescape=True))
    return uow.session.scalars(query.with_for_update(key_share=True)).all()


def unattested(uow: UnitOfWork, op: str, *, limit: int) -> Sequence[CommandRow]:
    """Confirmed commands of an operation whose effect was not read back yet, the oldest first."""
    query = sa.select(CommandRow).where(CommandRow.state == "confirmed", CommandRow.attested_at.is_(None))
    query = query.where(CommandRow.op == op).order_by(CommandRow.confirmed_at, CommandRow.key)
    return uow.session.scalars(query.limit(limit)).all()
