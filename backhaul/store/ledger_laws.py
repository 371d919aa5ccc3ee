"""Holding an entry to the laws of `backhaul.domain.ledger_laws`, on sums taken under the order's lock."""

from collections import Counter
from collections.abc import Callable, Sequence

import sqlalchemy as sa

from backhaul.domain.errors import LedgerLawBroken
from backhaul.domain.ledger_laws import (
    CLAIMED,
    CREDITED,
    DISPOSED,
    MATCHED,
    RECEIVED,
    RECOVERED,
    UNMATCHED,
    Balance,
    ClaimFigures,
    Law,
    OrderLineFigures,
    ReceiptFigures,
    RmaLineFigures,
    SerialFigures,
    newly_broken,
)
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.money_tables import LineBoundRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork

_Sums = dict[str, tuple[int, int]]
"""Pieces and cents by kind of entry"""


def check(uow: UnitOfWork, entry: LedgerEntryRow) -> None:
    """Nothing when the entry may be made; the caller holds the order's lock.

    Raises:
        LedgerLawBroken: It would break a law, or break it further.
    """
    if min(entry.quantity, entry.amount_minor) < 0:
        _refuse(entry, Balance(Law.NEVER_NEGATIVE, 0, min(entry.quantity, entry.amount_minor)))
    for balances in _concerned(entry):
        before, after = (balances(uow, entry, more) for more in (None, entry))
        for one in newly_broken(before, after):
            _refuse(entry, one)


def _refuse(entry: LedgerEntryRow, one: Balance) -> None:
    raise LedgerLawBroken(
        one.law.value,
        figure=one.figure,
        bound=one.bound,
        order_number=entry.order_number,
        order_line=entry.order_line,
        rma_line_id=entry.rma_line_id,
    )


_Balances = Callable[[UnitOfWork, LedgerEntryRow, LedgerEntryRow | None], list[Balance]]


def _concerned(entry: LedgerEntryRow) -> Sequence[_Balances]:
    """The records whose laws an entry can break."""
    found: list[_Balances] = []
    if entry.order_number:
        found += [_order_line, _rma_line]
        if entry.serials:
            found.append(_serials)
    if entry.kind in {CLAIMED, RECOVERED}:
        found.append(_claim)
    if entry.kind == MATCHED or (entry.kind == DISPOSED and entry.rma_line_id is None):
        found.append(_receipt)
    return found


def _order_line(uow: UnitOfWork, entry: LedgerEntryRow, more: LedgerEntryRow | None) -> list[Balance]:
    place = (LedgerEntryRow.order_number == entry.order_number, LedgerEntryRow.order_line == entry.order_line)
    sums = _sums(uow, more, *place)
    bound = uow.session.get(LineBoundRow, (entry.order_number, entry.order_line))
    figures = OrderLineFigures(
        shipped=bound.shipped if bound else None,
        invoiced_minor=bound.invoiced_minor if bound else None,
        pieces=_pieces(sums),
        credited_minor=sums.get(CREDITED, (0, 0))[1],
    )
    return figures.balances()


def _rma_line(uow: UnitOfWork, entry: LedgerEntryRow, more: LedgerEntryRow | None) -> list[Balance]:
    """What stands on no RMA line has nothing that could have been received or claimed."""
    if entry.rma_line_id is not None:
        sums = _sums(uow, more, LedgerEntryRow.rma_line_id == entry.rma_line_id)
        return RmaLineFigures(_pieces(sums)).balances()
    needs_a_line = more is not None and more.kind in {RECEIVED, CLAIMED}
    return RmaLineFigures({entry.kind: entry.quantity} if needs_a_line else {}).balances()


def _claim(uow: UnitOfWork, entry: LedgerEntryRow, more: LedgerEntryRow | None) -> list[Balance]:
    claim = uow.session.get(VendorClaimRow, entry.cause) if entry.cause else None
    sums = _sums(uow, more, LedgerEntryRow.cause == entry.cause)
    figures = ClaimFigures(
        bearable_minor=claim.cost_minor + claim.allowance_minor if claim else 0,
        claimed_minor=sums.get(CLAIMED, (0, 0))[1],
        recovered_minor=sums.get(RECOVERED, (0, 0))[1],
    )
    return figures.balances()


def _receipt(uow: UnitOfWork, entry: LedgerEntryRow, more: LedgerEntryRow | None) -> list[Balance]:
    """Pieces that stand on no RMA line, by the receipt they came with; it is locked."""
    settled = uow.session.get(DispositionRow, entry.cause) if entry.cause else None
    receipt_id = settled.receipt_id if settled else entry.cause or ""
    locked = sa.select(ReceiptRow.id).where(ReceiptRow.id == receipt_id).with_for_update()
    uow.session.execute(locked)
    of_receipt = sa.select(DispositionRow.id).where(DispositionRow.receipt_id == receipt_id)
    came_with = sa.or_(LedgerEntryRow.cause == receipt_id, LedgerEntryRow.cause.in_(of_receipt))
    loose = sa.or_(LedgerEntryRow.rma_line_id.is_(None), LedgerEntryRow.kind.in_([UNMATCHED, MATCHED]))
    return ReceiptFigures(_pieces(_sums(uow, more, came_with, loose))).balances()


def _serials(uow: UnitOfWork, entry: LedgerEntryRow, more: LedgerEntryRow | None) -> list[Balance]:
    query = sa.select(LedgerEntryRow.kind, LedgerEntryRow.serials).where(
        LedgerEntryRow.order_number == entry.order_number, LedgerEntryRow.order_line == entry.order_line
    )
    found = [(kind, serials or []) for kind, serials in uow.session.execute(query)]
    if more is not None:
        found.append((more.kind, more.serials or []))
    return SerialFigures(Counter((serial, kind) for kind, serials in found for serial in serials)).balances()


def _sums(uow: UnitOfWork, more: LedgerEntryRow | None, *where: sa.ColumnElement[bool]) -> _Sums:
    """Pieces and cents by kind of what was entered there, and of the entry that is about to be."""
    query = sa.select(
        LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity), sa.func.sum(LedgerEntryRow.amount_minor)
    )
    found = {
        kind: (int(pieces), int(cents))
        for kind, pieces, cents in uow.session.execute(query.where(*where).group_by(LedgerEntryRow.kind))
    }
    if more is not None:
        pieces, cents = found.get(more.kind, (0, 0))
        found[more.kind] = (pieces + more.quantity, cents + more.amount_minor)
    return found


def _pieces(sums: _Sums) -> dict[str, int]:
    return {kind: pieces for kind, (pieces, _) in sums.items()}
