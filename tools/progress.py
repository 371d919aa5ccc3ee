"""How far the goods of an RMA have come after their arrival: counted, inspected, made good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backhaul.domain.money import Money
from backhaul.domain.promises import settled_by
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, ledger
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_kept import credits_of_proposal, repairs_of
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the goods of some lines of an RMA stand, in pieces."""

    came: int
    awaited: int
    """Still to come"""
    until: date
    """The last day for those"""
    inspected: int
    settled: int
    """Made good, or nothing is owed for them"""
    promised_by: date | None
    """When what came and is not settled was to be settled at the latest; None when there is nothing such"""
    is_late: bool
    repairs: tuple[str, ...]
    """Repair orders, by number"""
    refused: int
    """Of the settled ones, those for which nothing is owed because it was refused"""

    @property
    def is_inspected(self) -> bool:
        """All that came was looked at."""
        return 0 < self.came <= self.inspected


def progress_of(uow: UnitOfWork, rma: RmaRow, lines: Sequence[RmaLineRow]) -> Progress:
    """Add up receipts, inspections, dispositions and credits of these lines of an RMA."""
    entered = [ledger.on_rma_line(uow, line.id) for line in lines]
    came = sum(one[ledger.RECEIVED] for one in entered)
    awaited = sum(one[ledger.AUTHORISED] - one[ledger.RELEASED] for one in entered) - came
    ids = {line.id for line in lines}
    receipts = [one for one in dock.receipts_of(uow, rma.id) if one.rma_line_id in ids]
    disposed = [one for one in dock.dispositions_of_rma(uow, rma.id) if one.rma_line_id in ids]
    promised = _promised_by(receipts, disposed)
    return Progress(
        came=came,
        awaited=max(awaited, 0),
        until=rma.return_by,
        inspected=sum(seen.quantity for one in receipts for seen in dock.inspections(uow, one.id)),
        settled=sum(one.quantity for one in disposed if one.settled_at is not None),
        promised_by=promised,
        is_late=promised is not None and promised < uow.clock.now().date(),
        repairs=tuple(
            row.erp_number for row in repairs_of(uow, rma.id) if row.line_id in {one.line_id for one in lines}
        ),
        refused=sum(one[ledger.REFUSED] for one in entered),
    )


def credits_of(uow: UnitOfWork, proposal_ids: Sequence[str], *, sees_amounts: bool) -> tuple[str, ...]:
    """Posted credit memos, such as "CM-30412 of 53.40 USD"; by number alone for who may see no amounts."""
    rows = [row for one in proposal_ids for row in credits_of_proposal(uow, one)]
    return tuple(
        f"{row.erp_number} of {Money(row.amount_minor, row.currency)}" if sees_amounts else row.erp_number
        for row in rows
    )


def _promised_by(receipts: Sequence[ReceiptRow], disposed: Sequence[DispositionRow]) -> date | None:
    """The promise for the oldest receipt that is not wholly settled."""
    settled: dict[str, int] = {}
    for one in disposed:
        if one.settled_at is not None:
            settled[one.receipt_id] = settled.get(one.receipt_id, 0) + one.quantity
    waiting = [
        one.counted_at
        for one in receipts
        if one.state == ReceiptState.BOOKED.value and settled.get(one.id, 0) < one.quantity
    ]
    return settled_by(min(waiting).date()) if waiting else None
