"""Writing the ledger: the order's lock, what the ERP said an order line can bear, and the entries."""

from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.domain.errors import CurrencyMismatch
from backhaul.domain.ledger_laws import AUTHORISED, RECEIVED, RELEASED
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.store import ledger_laws
from backhaul.store.effect_tables import LedgerEntryRow, OrderVersionRow
from backhaul.store.ledger_sums import on_rma_line
from backhaul.store.money_tables import LineBoundRow
from backhaul.store.unit_of_work import UnitOfWork


def order_version(uow: UnitOfWork, order_number: str, *, lock: bool = False) -> int:
    """Version of the order's pay-out ledger. Locking creates the row, so that two writers meet on it."""
    if lock and uow.session.get(OrderVersionRow, order_number) is None:
        _insert_version(uow, order_number)
    query = sa.select(OrderVersionRow.version).where(OrderVersionRow.order_number == order_number)
    return uow.session.scalar(query.with_for_update(key_share=True) if lock else query) or 0


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


def note_bound(
    uow: UnitOfWork, order_number: str, order_line: int, *, shipped: int, invoiced_minor: int | None
) -> None:
    """Keep what the ERP said an order line can bear; the caller holds the order's lock.

    Args:
        uow: The transaction that spends a permit on the line.
        order_number: The order.
        order_line: Its line.
        shipped: Pieces.
        invoiced_minor: Goods and tax, in cents of the ledger currency; an unknown one keeps what was known.
    """
    row = uow.session.get(LineBoundRow, (order_number, order_line))
    if row is None:
        row = LineBoundRow(order_number=order_number, order_line=order_line, invoiced_minor=None)
        uow.session.add(row)
    row.shipped, row.seen_at = shipped, uow.clock.now()
    if invoiced_minor is not None:
        row.invoiced_minor = invoiced_minor
    uow.session.flush()


def enter(uow: UnitOfWork, entry: Entry) -> None:
    """Append an entry, when the laws of the ledger allow it; the order is locked until the transaction ends.

    Pieces of an unmatched receipt for which an RMA was found are entered twice: as matched, with that receipt
    as the cause, and as received on the line of the RMA.

    Raises:
        LedgerLawBroken: It would give out more than there is; nothing was written.
        CurrencyMismatch: The value is not in the ledger currency.
    """
    if entry.value.currency != LEDGER_CURRENCY:
        raise CurrencyMismatch(entry.value.currency, LEDGER_CURRENCY)
    if entry.order_number:
        order_version(uow, entry.order_number, lock=True)
    ledger_laws.check(uow, _row(uow, entry))
    uow.session.add(_row(uow, entry))
    uow.session.flush()


def _row(uow: UnitOfWork, entry: Entry) -> LedgerEntryRow:
    return LedgerEntryRow(
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


def release(uow: UnitOfWork, permit_id: str, *, pieces: int | None = None) -> None:
    """Take back what a permit authorised, or so many pieces of it; the order's permits become stale.

    Without a number it is all that neither came nor was released before; nothing happens when there is none.

    Raises:
        LedgerLawBroken: More pieces than the permit authorised.
    """
    under = sa.select(LedgerEntryRow).where(LedgerEntryRow.permit_id == permit_id)
    booked = uow.session.scalars(under.where(LedgerEntryRow.kind == AUTHORISED)).first()
    if booked is None:
        return
    before = uow.session.scalars(under.where(LedgerEntryRow.kind == RELEASED)).all()
    left = booked.quantity - sum(one.quantity for one in before)
    came = on_rma_line(uow, booked.rma_line_id)[RECEIVED] if booked.rma_line_id else 0
    quantity = max(left - came, 0) if pieces is None else pieces
    if quantity == 0:
        return
    value = booked.amount_minor * quantity // booked.quantity
    if quantity == left:
        value = booked.amount_minor - sum(one.amount_minor for one in before)
    back = Entry(
        kind=RELEASED,
        quantity=quantity,
        value=Money(value, booked.currency),
        case_id=booked.case_id,
        order_number=booked.order_number,
        order_line=booked.order_line,
        rma_line_id=booked.rma_line_id,
        permit_id=permit_id,
    )
    enter(uow, back)
    raise_version(uow, booked.order_number)
