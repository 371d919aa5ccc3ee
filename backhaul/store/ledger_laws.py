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
    REFUSED,
    UNMATCHED,
    Balance,
    CauseFigures,
    ClaimFigures,
    DispositionFigures,
    Law,
    OrderLineFigures,
    ReceiptFigures,
    RmaLineFigures,
    SerialFigures,
    newly_broken,
)
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
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
    for look in _concerned(entry):
        for one in newly_broken(*look(uow, entry)):
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


_Balances = tuple[list[Balance], list[Balance]]
"""Of one record, without the entry and with it"""
_Look = Callable[[UnitOfWork, LedgerEntryRow], _Balances]


def _concerned(entry: LedgerEntryRow) -> Sequence[_Look]:
    """The records whose laws an entry can break."""
    found: list[_Look] = []
    if entry.order_number:
        found += [_order_line, _rma_line]
        if entry.serials:
            found.append(_serials)
    if entry.kind in {CLAIMED, RECOVERED}:
        found.append(_claim)
    if entry.kind == MATCHED or (entry.kind == DISPOSED and entry.rma_line_id is None):
        found.append(_receipt)
    if entry.cause is not None:
        found.append(_cause)
        if entry.kind == DISPOSED:
            found.append(_disposition)
    return found


def _order_line(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    place = (LedgerEntryRow.order_number == entry.order_number, LedgerEntryRow.order_line == entry.order_line)
    bound = uow.session.get(LineBoundRow, (entry.order_number, entry.order_line))

    def balances(sums: _Sums) -> list[Balance]:
        figures = OrderLineFigures(
            shipped=bound.shipped if bound else None,
            invoiced_minor=bound.invoiced_minor if bound else None,
            pieces=_pieces(sums),
            credited_minor=sums.get(CREDITED, (0, 0))[1],
        )
        return figures.balances()

    return _without_and_with(_sums(uow, *place), entry, balances)


def _rma_line(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    """What stands on no RMA line has nothing that could have been received or claimed."""
    if entry.rma_line_id is None:
        needs_a_line = entry.kind in {RECEIVED, REFUSED, CLAIMED}
        pieces = {entry.kind: entry.quantity} if needs_a_line else {}
        return [], RmaLineFigures(pieces).balances()
    sums = _sums(uow, LedgerEntryRow.rma_line_id == entry.rma_line_id)
    return _without_and_with(sums, entry, lambda sums: RmaLineFigures(_pieces(sums)).balances())


def _claim(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    claim = uow.session.get(VendorClaimRow, entry.cause) if entry.cause else None
    bearable = claim.cost_minor + claim.allowance_minor if claim else 0

    def balances(sums: _Sums) -> list[Balance]:
        claimed, recovered = (sums.get(kind, (0, 0))[1] for kind in (CLAIMED, RECOVERED))
        return ClaimFigures(bearable, claimed, recovered).balances()

    return _without_and_with(_sums(uow, LedgerEntryRow.cause == entry.cause), entry, balances)


def _receipt(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    """Pieces that stand on no RMA line, by the receipt they came with; it is locked."""
    settled = uow.session.get(DispositionRow, entry.cause) if entry.cause else None
    receipt_id = settled.receipt_id if settled else entry.cause or ""
    locked = sa.select(ReceiptRow.id).where(ReceiptRow.id == receipt_id).with_for_update(key_share=True)
    uow.session.execute(locked)
    of_receipt = sa.select(DispositionRow.id).where(DispositionRow.receipt_id == receipt_id)
    came_with = sa.or_(LedgerEntryRow.cause == receipt_id, LedgerEntryRow.cause.in_(of_receipt))
    loose = sa.or_(LedgerEntryRow.rma_line_id.is_(None), LedgerEntryRow.kind.in_([UNMATCHED, MATCHED]))
    sums = _sums(uow, came_with, loose)
    return _without_and_with(sums, entry, lambda sums: ReceiptFigures(_pieces(sums)).balances())


def _disposition(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    """The pieces behind it; what a test or an import enters without its papers has none to be held to."""
    settled = uow.session.get(DispositionRow, entry.cause)
    seen = uow.session.get(InspectionRow, settled.inspection_id) if settled else None
    if settled is None or seen is None:
        return [], []
    came = UNMATCHED if entry.rma_line_id is None else RECEIVED
    received = _sums(uow, LedgerEntryRow.cause == settled.receipt_id).get(came, (0, 0))[0]
    same_inspection = _disposed_by(uow, DispositionRow.inspection_id == seen.id)
    same_receipt = _disposed_by(uow, DispositionRow.receipt_id == settled.receipt_id)
    before = DispositionFigures(seen.quantity, same_inspection, received, same_receipt)
    after = DispositionFigures(
        seen.quantity, same_inspection + entry.quantity, received, same_receipt + entry.quantity
    )
    return before.balances(), after.balances()


def _disposed_by(uow: UnitOfWork, which: sa.ColumnElement[bool]) -> int:
    causes = sa.select(DispositionRow.id).where(which)
    return _sums(uow, LedgerEntryRow.cause.in_(causes)).get(DISPOSED, (0, 0))[0]


def _cause(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    """The order is locked, or the receipt of goods that stand under none."""
    if entry.kind == UNMATCHED:
        uow.session.execute(
            sa.select(ReceiptRow.id).where(ReceiptRow.id == entry.cause).with_for_update(key_share=True)
        )
    query = sa.select(LedgerEntryRow.kind, sa.func.count()).where(LedgerEntryRow.cause == entry.cause)
    rows = uow.session.execute(query.group_by(LedgerEntryRow.kind))
    before = Counter({kind: int(times) for kind, times in rows})
    after = before + Counter([entry.kind])
    return CauseFigures(before).balances(), CauseFigures(after).balances()


def _serials(uow: UnitOfWork, entry: LedgerEntryRow) -> _Balances:
    query = sa.select(LedgerEntryRow.kind, LedgerEntryRow.serials).where(
        LedgerEntryRow.order_number == entry.order_number, LedgerEntryRow.order_line == entry.order_line
    )
    rows = uow.session.execute(query)
    before = Counter((serial, kind) for kind, serials in rows for serial in serials or [])
    after = before + Counter((serial, entry.kind) for serial in entry.serials or [])
    return SerialFigures(before).balances(), SerialFigures(after).balances()


def _sums(uow: UnitOfWork, *where: sa.ColumnElement[bool]) -> _Sums:
    query = sa.select(
        LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity), sa.func.sum(LedgerEntryRow.amount_minor)
    )
    rows = uow.session.execute(query.where(*where).group_by(LedgerEntryRow.kind))
    return {kind: (int(pieces), int(cents)) for kind, pieces, cents in rows}


def _without_and_with(
    sums: _Sums, entry: LedgerEntryRow, balances: Callable[[_Sums], list[Balance]]
) -> _Balances:
    pieces, cents = sums.get(entry.kind, (0, 0))
    more = {**sums, entry.kind: (pieces + entry.quantity, cents + entry.amount_minor)}
    return balances(sums), balances(more)


def _pieces(sums: _Sums) -> dict[str, int]:
    return {kind: pieces for kind, (pieces, _) in sums.items()}
