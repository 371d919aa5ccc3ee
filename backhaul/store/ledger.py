"""Order versions, ledger entries, permits and commands: what only the worker writes."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backhaul.domain.money import Money
from backhaul.domain.returns import Command
from backhaul.store.effect_tables import (
    CommandRow,
    LedgerEntryRow,
    OrderVersionRow,
    PermitRow,
    RmaLineRow,
    RmaRow,
    SigningKeyRow,
)
from backhaul.store.unit_of_work import UnitOfWork

AUTHORISED = "authorised"
RELEASED = "released"
RECEIVED = "received"
UNMATCHED = "unmatched"
MATCHED = "matched"
DISPOSED = "disposed"
REPLACED = "replaced"
CREDITED = "credited"
REPAIRED = "repaired"
CLAIMED = "claimed"
RECOVERED = "recovered"


def order_version(uow: UnitOfWork, order_number: str, *, lock: bool = False) -> int:
    """Version of the order's pay-out ledger. Locking creates the row, so that two writers meet on it."""
    if lock and uow.session.get(OrderVersionRow, order_number) is None:
        _insert_version(uow, order_number)
    query = sa.select(OrderVersionRow.version).where(OrderVersionRow.order_number == order_number)
    return uow.session.scalar(query.with_for_update() if lock else query) or 0


def _insert_version(uow: UnitOfWork, order_number: str) -> None:
    if uow.session.get_bind().dialect.name == "postgresql":
        from_postgres = sa.text("INSERT INTO order_version VALUES (:number, 0) ON CONFLICT DO NOTHING")
        uow.session.execute(from_postgres, {"number": order_number})
    else:
        uow.session.add(OrderVersionRow(order_number=order_number, version=0))
        uow.session.flush()


def raise_version(uow: UnitOfWork, order_number: str) -> None:
    """The order's pay-out ledger moved: permits made before are stale."""
    uow.session.execute(
        sa.update(OrderVersionRow)
        .where(OrderVersionRow.order_number == order_number)
        .values(version=OrderVersionRow.version + 1)
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `value` is in the ledger currency; `cause` a receipt, disposition or claim.

    What came without papers stands under no order: `order_number` is empty then.
    """

    kind: str
    quantity: int
    value: Money
    case_id: str = ""
    order_number: str = ""
    order_line: int = 0
    rma_line_id: str | None = None
    permit_id: str = ""
    cause: str | None = None
    serials: tuple[str, ...] = ()


def enter(uow: UnitOfWork, entry: Entry) -> None:
    """Append an entry."""
    uow.session.add(
        LedgerEntryRow(
            order_number=entry.order_number,
            order_line=entry.order_line,
            kind=entry.kind,
            quantity=entry.quantity,
            amount_minor=entry.value.minor,
            currency=entry.value.currency,
            case_id=entry.case_id,
            permit_id=entry.permit_id,
            rma_line_id=entry.rma_line_id,
            cause=entry.cause,
            serials=list(entry.serials),
            created_at=uow.clock.now(),
        )
    )
    uow.session.flush()


def on_rma_line(uow: UnitOfWork, rma_line_id: str) -> Counter[str]:
    """Pieces of one line of an RMA, by kind of entry."""
    query = (
        sa.select(LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity))
        .where(LedgerEntryRow.rma_line_id == rma_line_id)
        .group_by(LedgerEntryRow.kind)
    )
    return Counter({kind: int(pieces) for kind, pieces in uow.session.execute(query)})


def authorised_value(uow: UnitOfWork, permit_id: str) -> Money:
    """What a permit authorised, in the ledger currency; nothing when it never passed the gateway."""
    query = sa.select(LedgerEntryRow).where(
        LedgerEntryRow.permit_id == permit_id, LedgerEntryRow.kind == AUTHORISED
    )
    entry = uow.session.scalars(query).first()
    return Money(entry.amount_minor, entry.currency) if entry else Money(0)


def post(uow: UnitOfWork, command: Command, *, kind: str, permit_id: str, value: Money) -> None:
    """Append a ledger entry for a command; `value` is what its pieces are worth in the ledger currency."""
    uow.session.add(
        LedgerEntryRow(
            order_number=command.order_number,
            order_line=command.line,
            kind=kind,
            quantity=command.quantity,
            amount_minor=value.minor,
            currency=value.currency,
            case_id=command.case_id,
            permit_id=permit_id,
            created_at=uow.clock.now(),
        )
    )
    uow.session.flush()


def net_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, kind: str, undo: str | None = None
) -> int:
    """Pieces of an order line entered as `kind`, less those entered as `undo`."""
    return sum(
        entry.quantity if entry.kind == kind else -entry.quantity
        for entry in _entries(uow, order_number, (kind,) if undo is None else (kind, undo))
        if entry.order_line == order_line
    )


def settled_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, on: Sequence[RmaLineRow], *, shipped: int | None
) -> int:
    """Pieces already replaced: of these lines of RMAs, or of the whole order line when there are none.

    An RMA may have ended without its goods after its replacement was sent. Those pieces were made good too:
    of the lines given, as many count as settled as the order line has no other pieces for.
    """
    on_whole_line = net_quantity(uow, order_number, order_line, REPLACED)
    if not on:
        return on_whole_line
    here = _replaced_on(uow, order_number, order_line, {line.rma_id for line in on})
    if shipped is None:
        return here
    return max(here, sum(line.quantity for line in on) - (shipped - on_whole_line))


def _replaced_on(uow: UnitOfWork, order_number: str, order_line: int, rma_ids: Collection[str]) -> int:
    """Pieces replaced on these RMAs; the permit of an entry names its RMA."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntryRow.quantity), 0))
        .join(PermitRow, PermitRow.id == LedgerEntryRow.permit_id)
        .where(LedgerEntryRow.order_number == order_number, LedgerEntryRow.order_line == order_line)
        .where(LedgerEntryRow.kind == REPLACED, PermitRow.command["subject"].as_string().in_(rma_ids))
    )
    return uow.session.scalar(query) or 0


def paid_out_minor(uow: UnitOfWork, order_number: str) -> int:
    """Value authorised on the order and not released again, in cents of the ledger currency.

    What was replaced on an RMA is at stake once, with what the RMA authorised. When that is released, the
    goods that were sent stay at stake: nothing is to come back for them.
    """
    authorised = sum(
        entry.amount_minor if entry.kind == AUTHORISED else -entry.amount_minor
        for entry in _entries(uow, order_number, (AUTHORISED, RELEASED))
    )
    return authorised + _replaced_for_nothing(uow, order_number)


def _replaced_for_nothing(uow: UnitOfWork, order_number: str) -> int:
    released = aliased(LedgerEntryRow)
    was_released = (
        sa.select(RmaLineRow.id)
        .join(released, released.permit_id == RmaLineRow.permit_id)
        .where(released.kind == RELEASED, released.order_line == LedgerEntryRow.order_line)
        .where(RmaLineRow.rma_id == PermitRow.command["subject"].as_string())
        .correlate(LedgerEntryRow, PermitRow)
        .exists()
    )
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerEntryRow.amount_minor), 0))
        .join(PermitRow, PermitRow.id == LedgerEntryRow.permit_id)
        .where(LedgerEntryRow.order_number == order_number, LedgerEntryRow.kind == REPLACED, was_released)
    )
    return int(uow.session.scalar(query) or 0)


def _entries(uow: UnitOfWork, order_number: str, kinds: Sequence[str]) -> Sequence[LedgerEntryRow]:
    query = sa.select(LedgerEntryRow).where(LedgerEntryRow.order_number == order_number)
    return uow.session.scalars(query.where(LedgerEntryRow.kind.in_(kinds))).all()


def unbooked_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, booked_references: Sequence[str]
) -> int:
    """Pieces on our live RMAs that the ERP has not booked yet: they are authorised all the same."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(RmaLineRow.quantity), 0))
        .join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
        .where(RmaLineRow.order_number == order_number, RmaLineRow.order_line == order_line)
        .where(RmaRow.cancelled_at.is_(None), RmaRow.expired_at.is_(None))
    )
    if booked_references:
        query = query.where(RmaRow.id.not_in(booked_references))
    return uow.session.scalar(query) or 0


def permit(uow: UnitOfWork, permit_id: str, *, lock: bool = False) -> PermitRow | None:
    """The permit, row-locked when asked, or `None`."""
    query = sa.select(PermitRow).where(PermitRow.id == permit_id)
    return uow.session.scalars(query.with_for_update() if lock else query).first()


def add_permit(uow: UnitOfWork, row: PermitRow) -> None:
    """Store an issued permit."""
    uow.session.add(row)
    uow.session.flush()


def spend(uow: UnitOfWork, permit_id: str, at: datetime) -> bool:
    """Mark a permit as spent in one statement, so that two spenders cannot both win; False when it was."""
    spent = uow.session.execute(
        sa.update(PermitRow)
        .where(PermitRow.id == permit_id, PermitRow.spent_at.is_(None))
        .values(spent_at=at)
    )
    return bool(getattr(spent, "rowcount", 0) == 1)


def public_key(uow: UnitOfWork, key_id: str) -> str | None:
    """Public half of a worker's key as hex, or `None` when that key is unknown."""
    row = uow.session.get(SigningKeyRow, key_id)
    return row.public_key if row else None


def publish_key(uow: UnitOfWork, key_id: str, public_hex: str) -> None:
    """Store the public half of the worker's key once."""
    if uow.session.get(SigningKeyRow, key_id) is None:
        uow.session.add(SigningKeyRow(id=key_id, public_key=public_hex, created_at=uow.clock.now()))
        uow.session.flush()


def command(uow: UnitOfWork, key: str, *, lock: bool = False) -> CommandRow | None:
    """The command with that key, or `None`."""
    query = sa.select(CommandRow).where(CommandRow.key == key)
    return uow.session.scalars(query.with_for_update() if lock else query).first()


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
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.session.flush()
    return row


def sent_commands(uow: UnitOfWork, rma_id: str) -> Sequence[CommandRow]:
    """Commands of an RMA that were sent and never answered, row-locked."""
    query = sa.select(CommandRow).where(CommandRow.key.startswith(f"{rma_id}:", autoescape=True))
    return uow.session.scalars(query.where(CommandRow.state == "sent").with_for_update()).all()


def unattested(uow: UnitOfWork, ops: Collection[str], *, limit: int) -> Sequence[CommandRow]:
    """Confirmed commands of these operations whose effect was not read back yet, the oldest first."""
    query = sa.select(CommandRow).where(CommandRow.state == "confirmed", CommandRow.attested_at.is_(None))
    query = query.where(CommandRow.op.in_(ops)).order_by(CommandRow.confirmed_at, CommandRow.key)
    return uow.session.scalars(query.limit(limit)).all()


def release(uow: UnitOfWork, permit_id: str) -> None:
    """Take back what a permit authorised, line by line; the order's permits become stale."""
    booked = uow.session.scalars(
        sa.select(LedgerEntryRow).where(
            LedgerEntryRow.permit_id == permit_id, LedgerEntryRow.kind == AUTHORISED
        )
    ).first()
    if booked is None:
        return
    uow.session.add(
        LedgerEntryRow(
            order_number=booked.order_number,
            order_line=booked.order_line,
            kind=RELEASED,
            quantity=booked.quantity,
            amount_minor=booked.amount_minor,
            currency=booked.currency,
            case_id=booked.case_id,
            permit_id=permit_id,
            created_at=uow.clock.now(),
        )
    )
    raise_version(uow, booked.order_number)
