"""Our side of the daily comparison with the ERP, and keeping what it found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.clock import Ids
from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from backhaul.domain.receiving import ReceiptState
from backhaul.domain.reconciliation import Booked, Credited, Difference, Moved, Returned
from backhaul.store import awaited, ledger, rmas
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow, RmaLineRow, RmaRow
from backhaul.store.money_tables import CreditMemoRow, ReconciliationRow
from backhaul.store.unit_of_work import UnitOfWork

_ENDS = (Action.CANCEL_RMA.value, "close_rma")
_CREDITS = (Action.CREDIT_MEMO.value, Action.RETURNLESS_REFUND.value)
_DOCUMENTS = {
    Action.CREATE_RMA.value: "return",
    Action.REPLACEMENT.value: "replacement",
    Action.REPAIR_ORDER.value: "repair order",
    "vendor_credit": "vendor credit",
}


@dataclass(frozen=True, slots=True)
class OurOrder:
    """All that we hold to have been booked for one order."""

    number: str
    case_id: str
    credits: tuple[Credited, ...]
    moves: tuple[Moved, ...]
    returns: tuple[Returned, ...]
    documents: tuple[Booked, ...]
    under_way: frozenset[str]
    """Cases with a credit that was sent and not confirmed yet"""


def orders_since(uow: UnitOfWork, since: datetime) -> Sequence[str]:
    """Orders with anything in our ledger since then."""
    query = sa.select(LedgerEntryRow.order_number).where(
        LedgerEntryRow.created_at >= since, LedgerEntryRow.order_number != ""
    )
    return uow.session.scalars(query.distinct().order_by(LedgerEntryRow.order_number)).all()


def our_order(uow: UnitOfWork, number: str) -> OurOrder:
    """Collect it."""
    entered = sa.select(LedgerEntryRow.case_id).where(
        LedgerEntryRow.order_number == number, LedgerEntryRow.case_id != ""
    )
    case_ids = uow.session.scalars(entered.distinct().order_by(LedgerEntryRow.case_id)).all()
    commands = uow.session.scalars(sa.select(CommandRow).where(CommandRow.case_id.in_(case_ids))).all()
    return OurOrder(
        number,
        case_ids[0] if case_ids else "",
        tuple(_credits(uow, number)),
        tuple(_moves(uow, number)),
        tuple(_returns(uow, number, commands)),
        tuple(_documents(uow, number, commands)),
        frozenset(
            row.case_id for row in commands if row.op in _CREDITS and row.state in {"intended", "sent"}
        ),
    )


def _credits(uow: UnitOfWork, number: str) -> Iterator[Credited]:
    query = sa.select(CreditMemoRow).where(CreditMemoRow.order_number == number)
    for row in uow.session.scalars(query.order_by(CreditMemoRow.created_at)):
        amount = Money(row.amount_minor, row.currency)
        yield Credited(row.case_id, row.erp_number, number, row.order_line, row.quantity, amount)


def _moves(uow: UnitOfWork, number: str) -> Iterator[Moved]:
    mine = sa.select(RmaLineRow.id).where(RmaLineRow.order_number == number)
    cases = _cases_of_lines(uow, number)
    came = sa.select(ReceiptRow).where(
        ReceiptRow.rma_line_id.in_(mine),
        ReceiptRow.state == ReceiptState.BOOKED.value,
        ReceiptRow.erp_number.is_not(None),
    )
    for row in uow.session.scalars(came):
        # What was matched later was received in the ERP under the receipt it came with.
        reference = row.part_of if row.part_of and row.id.startswith(row.part_of) else row.id
        case_id = cases.get(row.rma_line_id or "", "")
        yield Moved(case_id, number, reference, "received", row.sku, row.quantity)
    moved = sa.select(DispositionRow).where(
        DispositionRow.rma_line_id.in_(mine), DispositionRow.state == "posted"
    )
    for posted in uow.session.scalars(moved):
        case_id = cases.get(posted.rma_line_id or "", "")
        yield Moved(case_id, number, posted.id, "moved", posted.sku, posted.quantity)


def _returns(uow: UnitOfWork, number: str, commands: Sequence[CommandRow]) -> Iterator[Returned]:
    """RMAs on the order with a number, but for those that are being cancelled or closed at the moment."""
    moving = {
        row.key.split(":", maxsplit=1)[0]
        for row in commands
        if row.op in _ENDS and row.state in {"intended", "sent"}
    }
    on_order = sa.select(RmaLineRow.rma_id).where(RmaLineRow.order_number == number)
    query = sa.select(RmaRow).where(RmaRow.id.in_(on_order), RmaRow.erp_number.is_not(None))
    for rma in uow.session.scalars(query.order_by(RmaRow.id)):
        if rma.id not in moving:
            yield Returned(rma.case_id, rma.erp_number or "", _held_by(uow, rma, number))


def _held_by(uow: UnitOfWork, rma: RmaRow, number: str) -> int:
    """Pieces of an order that an RMA holds; the ERP frees what was given up once nothing is awaited."""
    if rmas.has_ended(rma):
        return 0
    lines = [one for one in rmas.rma_lines(uow, rma.id) if one.order_number == number]
    entered = [ledger.on_rma_line(uow, one.id) for one in lines]
    freed = 0 if awaited.missing(uow, rma) else sum(one[ledger.RELEASED] for one in entered)
    return sum(one[ledger.AUTHORISED] for one in entered) - freed


def _cases_of_lines(uow: UnitOfWork, number: str) -> dict[str, str]:
    query = sa.select(LedgerEntryRow.rma_line_id, LedgerEntryRow.case_id).where(
        LedgerEntryRow.order_number == number, LedgerEntryRow.rma_line_id.is_not(None)
    )
    return {str(line_id): case_id for line_id, case_id in uow.session.execute(query.distinct())}


def _documents(uow: UnitOfWork, number: str, commands: Sequence[CommandRow]) -> Iterator[Booked]:
    """One case may have several orders: a document is compared with the order its RMA's lines are on."""
    query = sa.select(RmaLineRow.rma_id).where(RmaLineRow.order_number == number)
    on_order = set(uow.session.scalars(query))
    for row in commands:
        is_ours = row.key.split(":", maxsplit=1)[0] in on_order and row.state == "confirmed"
        if is_ours and row.op in _DOCUMENTS:
            what = _DOCUMENTS[row.op]
            yield Booked(row.case_id, number, what, ledger.peer_key(row), row.external_id or "")


def keep(
    uow: UnitOfWork, ids: Ids, day: date, *, compared: int, found: Sequence[Difference]
) -> tuple[ReconciliationRow, bool]:
    """Keep the comparison of a day in the place of an earlier one; True when its task is to be opened."""
    row = of_day(uow, day)
    had_none = row is None or not row.differences
    if row is None:
        row = ReconciliationRow(id=ids.new("RN"), day=day)
        uow.session.add(row)
    row.compared, row.made_at = compared, uow.clock.now()
    row.differences = [_as_json(one) for one in found]
    uow.session.flush()
    return row, bool(found) and had_none


def _as_json(one: Difference) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "order_number": one.order_number,
        "what": one.what,
        "ours": one.ours,
        "theirs": one.theirs,
        "amount_minor": one.amount.minor,
        "currency": one.amount.currency,
    }


def of_day(uow: UnitOfWork, day: date) -> ReconciliationRow | None:
    """The comparison of a day, or `None`."""
    return uow.session.scalars(sa.select(ReconciliationRow).where(ReconciliationRow.day == day)).first()


def latest(uow: UnitOfWork, *, limit: int = 14) -> Sequence[ReconciliationRow]:
    """The last comparisons, the newest first."""
    query = sa.select(ReconciliationRow).order_by(ReconciliationRow.day.desc())
    return uow.session.scalars(query.limit(limit)).all()
