"""What leaks beside the lines of RMAs: order lines, claims, serials, and goods without papers."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from backhaul.domain.leaks import Leak, LeakKind, lawless
from backhaul.domain.ledger_laws import (
    CLAIMED,
    CREDITED,
    DISPOSED,
    MATCHED,
    RECOVERED,
    UNMATCHED,
    CauseFigures,
    ClaimFigures,
    OrderLineFigures,
    ReceiptFigures,
    SerialFigures,
)
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow
from backhaul.store.leaks_looked_at import more_than_was_looked_at
from backhaul.store.money_tables import CreditMemoRow, LineBoundRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork

_Found = Iterator[Leak]


def leaks_beside(uow: UnitOfWork, *, case_id: str | None, before: datetime) -> _Found:
    """Of one case, or of all; goods without papers are lost when they came before that moment."""
    entries = _entries(uow, case_id)
    yield from _order_lines(uow, entries, case_id)
    yield from _serials(entries)
    yield from _claims(uow, entries)
    yield from _causes(uow, case_id)
    yield from more_than_was_looked_at(uow, case_id=case_id)
    yield from _without_rma(uow, entries, case_id)
    if case_id is None:
        yield from _loose_goods(uow, before)


_Place = tuple[str, int]


def _entries(uow: UnitOfWork, case_id: str | None) -> dict[_Place, list[LedgerEntryRow]]:
    """Entries by order line; of a case it is every entry on the order lines that it touches."""
    query = sa.select(LedgerEntryRow).where(LedgerEntryRow.order_number != "")
    if case_id is not None:
        mine = sa.select(LedgerEntryRow.order_number).where(LedgerEntryRow.case_id == case_id)
        query = query.where(LedgerEntryRow.order_number.in_(mine))
    found: dict[_Place, list[LedgerEntryRow]] = defaultdict(list)
    for one in uow.session.scalars(query.order_by(LedgerEntryRow.id)):
        found[one.order_number, one.order_line].append(one)
    return found


def _bounds(uow: UnitOfWork, orders: set[str] | None) -> dict[_Place, LineBoundRow]:
    """Of these orders, or of all."""
    query = sa.select(LineBoundRow)
    if orders is not None:
        query = query.where(LineBoundRow.order_number.in_(orders))
    return {(one.order_number, one.order_line): one for one in uow.session.scalars(query)}


def _order_lines(uow: UnitOfWork, entries: dict[_Place, list[LedgerEntryRow]], case_id: str | None) -> _Found:
    bounds = _bounds(uow, {order_number for order_number, _ in entries} if case_id is not None else None)
    for place, here in entries.items():
        pieces, bound = Counter[str](), bounds.get(place)
        for one in here:
            pieces[one.kind] += one.quantity
        figures = OrderLineFigures(
            shipped=bound.shipped if bound else None,
            invoiced_minor=bound.invoiced_minor if bound else None,
            pieces=pieces,
            credited_minor=sum(one.amount_minor for one in here if one.kind == CREDITED),
        )
        yield from lawless(figures.balances(), here[-1].case_id, f"{place[0]}/{place[1]}")


def _serials(entries: dict[_Place, list[LedgerEntryRow]]) -> _Found:
    for place, here in entries.items():
        times = Counter((serial, one.kind) for one in here for serial in one.serials or [])
        yield from lawless(SerialFigures(times).balances(), here[-1].case_id, f"{place[0]}/{place[1]}")


def _claims(uow: UnitOfWork, entries: dict[_Place, list[LedgerEntryRow]]) -> _Found:
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    case_of: dict[str, str] = {}
    for here in entries.values():
        for one in here:
            if one.kind in {CLAIMED, RECOVERED}:
                sums[one.cause or ""][one.kind] += one.amount_minor
                case_of[one.cause or ""] = one.case_id
    for claim_id, cents in sums.items():
        claim = uow.session.get(VendorClaimRow, claim_id)
        bearable = claim.cost_minor + claim.allowance_minor if claim else 0
        figures = ClaimFigures(bearable, cents[CLAIMED], cents[RECOVERED])
        yield from lawless(figures.balances(), case_of[claim_id], claim_id)


def _causes(uow: UnitOfWork, case_id: str | None) -> _Found:
    query = sa.select(
        LedgerEntryRow.cause, LedgerEntryRow.kind, sa.func.count(), sa.func.max(LedgerEntryRow.case_id)
    ).where(LedgerEntryRow.cause.is_not(None))
    if case_id is not None:
        mine = sa.select(LedgerEntryRow.cause).where(LedgerEntryRow.case_id == case_id)
        query = query.where(LedgerEntryRow.cause.in_(mine))
    times: dict[str, dict[str, int]] = defaultdict(dict)
    case_of: dict[str, str] = {}
    for found, kind, count, case in uow.session.execute(
        query.group_by(LedgerEntryRow.cause, LedgerEntryRow.kind)
    ):
        cause = found or ""
        times[cause][kind] = count
        case_of[cause] = case or case_of.get(cause, "")
    for cause, by_kind in times.items():
        yield from lawless(CauseFigures(by_kind).balances(), case_of[cause], cause)


def _without_rma(uow: UnitOfWork, entries: dict[_Place, list[LedgerEntryRow]], case_id: str | None) -> _Found:
    """Credits for goods that stay where they are: those in the ledger against those that were posted."""
    waiting = sa.select(CommandRow.permit_id).where(CommandRow.state.in_(("intended", "sent", "unknown")))
    under_way = {*uow.session.scalars(waiting)}
    entered: Counter[tuple[str, _Place]] = Counter()
    for place, here in entries.items():
        for one in here:
            is_mine = case_id in {None, one.case_id} and one.permit_id not in under_way
            if is_mine and one.kind == CREDITED and one.rma_line_id is None:
                entered[one.case_id, place] += one.quantity
    memos = sa.select(CreditMemoRow).where(CreditMemoRow.rma_id.is_(None))
    if case_id is not None:
        memos = memos.where(CreditMemoRow.case_id == case_id)
    for memo in uow.session.scalars(memos):
        entered[memo.case_id, (memo.order_number, memo.order_line)] -= memo.quantity
    for (case, place), pieces in entered.items():
        if pieces:
            kind = LeakKind.NOT_POSTED if pieces > 0 else LeakKind.POSTED_UNENTERED
            yield Leak(kind, case, f"{place[0]}/{place[1]}", abs(pieces), 0)


def _loose_goods(uow: UnitOfWork, before: datetime) -> _Found:
    by_receipt: dict[str, Counter[str]] = defaultdict(Counter)
    of_disposition = {
        one.id: one.receipt_id
        for one in uow.session.scalars(sa.select(DispositionRow).where(DispositionRow.rma_line_id.is_(None)))
    }
    loose = sa.select(LedgerEntryRow).where(LedgerEntryRow.kind.in_([UNMATCHED, MATCHED, DISPOSED]))
    for one in uow.session.scalars(loose.where(LedgerEntryRow.rma_line_id.is_(None))):
        cause = one.cause or ""
        by_receipt[of_disposition.get(cause, cause)][one.kind] += one.quantity
    for receipt_id, pieces in by_receipt.items():
        yield from lawless(ReceiptFigures(pieces).balances(), "", receipt_id)
        left = pieces[UNMATCHED] - pieces[MATCHED] - pieces[DISPOSED]
        if left > 0:
            receipt = uow.session.get(ReceiptRow, receipt_id)
            is_recent = receipt is not None and receipt.counted_at >= before
            yield Leak(LeakKind.UNMATCHED, "", receipt_id, left, 0, under_way=is_recent)
