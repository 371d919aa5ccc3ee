"""Collecting the books of every return, and what leaks from them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backhaul.domain.leaks import Leak, LineBooks, leaks_of
from backhaul.domain.ledger_laws import CREDITED, REFUSED, REPAIRED, REPLACED
from backhaul.domain.money import LEDGER_CURRENCY
from backhaul.domain.receiving import Disposition, ReceiptState
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow, RmaLineRow, RmaRow
from backhaul.store.leaks_beside import leaks_beside
from backhaul.store.money_tables import CreditMemoRow, LineBoundRow, VendorClaimRow
from backhaul.store.rmas import has_ended
from backhaul.store.unit_of_work import UnitOfWork

PATIENCE = timedelta(days=14)
"""How long something may be under way before it counts as lost"""
_UNDER_WAY = ("intended", "sent", "unknown")


def leaks(uow: UnitOfWork, *, case_id: str | None = None, patience: timedelta = PATIENCE) -> list[Leak]:
    """Every difference between authorised, received and made good; of one case, or of all there are.

    Goods that came without papers belong to no case and are looked at with all cases only.
    """
    shelves = _Shelves(uow, case_id)
    lines = sa.select(RmaLineRow, RmaRow).join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
    if case_id is not None:
        lines = lines.where(RmaRow.case_id == case_id)
    found = [
        leak
        for line, rma in uow.session.execute(lines.order_by(RmaLineRow.id))
        for leak in leaks_of(shelves.books(line, rma, uow.clock.now(), patience))
    ]
    return [*found, *leaks_beside(uow, case_id=case_id, before=uow.clock.now() - patience)]


@dataclass(slots=True)
class _Entered:
    pieces: Counter[str] = field(default_factory=Counter)
    cents: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None


class _Shelves:
    """What stands in each table, by RMA line or proposal: one query each, however many returns there are."""

    def __init__(self, uow: UnitOfWork, case_id: str | None) -> None:
        self._session, self._case_id = uow.session, case_id
        self._entered = self._read_entries()
        self._counted = self._read_counted()
        self._dispositions = self._read_dispositions()
        self._memos = self._by(CreditMemoRow.proposal_id, self._rows(CreditMemoRow))
        self._claims = self._by(VendorClaimRow.rma_line_id, self._rows(VendorClaimRow))
        self._bounds = self._read_bounds()
        self._refused = self._read_refused()
        self._posting = self._read_given((CREDITED,), _UNDER_WAY)
        self._ordered = self._read_given((REPLACED, REPAIRED), (*_UNDER_WAY, "confirmed"))

    def books(self, line: RmaLineRow, rma: RmaRow, now: datetime, patience: timedelta) -> LineBooks:
        """All of it about one line."""
        entered = self._entered[line.id]
        posted = self._dispositions[line.id]
        memos, claims = self._memos[line.proposal_id], self._claims[line.id]
        bound = self._bounds.get((line.order_number, line.order_line))
        called_off = has_ended(rma)
        in_cents = all(one.currency == LEDGER_CURRENCY for one in memos)
        return LineBooks(
            case_id=rma.case_id,
            rma_line_id=line.id,
            authorised_on_paper=line.quantity,
            pieces=entered.pieces,
            cents=entered.cents,
            counted=self._counted[line.id],
            settled=_pieces(posted),
            to_vendor=_pieces(one for one in posted if one.chosen == Disposition.RETURN_TO_VENDOR.value),
            packets=_pieces(claims),
            owes_nothing=_pieces(one for one in posted if self._owes_nothing(one)),
            ordered=self._ordered[line.id],
            memo_pieces=_pieces(memos),
            memo_goods_minor=sum(one.goods_minor for one in memos) if in_cents else None,
            memo_minor=sum(one.goods_minor + one.tax_minor for one in memos) if in_cents else None,
            posting=self._posting[line.id],
            paid_minor=bound.invoiced_minor if bound else None,
            shipped=bound.shipped if bound else 0,
            supplier_gave_minor=sum(one.approved_minor or 0 for one in claims if one.state == "credited"),
            ended=called_off or rma.closed_at is not None,
            called_off=called_off,
            quiet=entered.last is not None and entered.last < now - patience,
            overdue=rma.return_by < (now - patience).date(),
        )

    def _owes_nothing(self, settled: DispositionRow) -> bool:
        goes_back = settled.chosen == Disposition.RETURN_TO_CUSTOMER.value
        return goes_back or settled.id in self._refused

    def _read_entries(self) -> defaultdict[str, _Entered]:
        of = LedgerEntryRow
        totals = sa.func.sum(of.quantity), sa.func.sum(of.amount_minor), sa.func.max(of.created_at)
        query = sa.select(of.rma_line_id, of.kind, *totals).where(of.rma_line_id.is_not(None))
        found: defaultdict[str, _Entered] = defaultdict(_Entered)
        grouped = self._mine(query, of.case_id).group_by(of.rma_line_id, of.kind)
        for line_id, kind, pieces, cents, last in self._session.execute(grouped):
            entered = found[line_id]
            entered.pieces[kind], entered.cents[kind] = int(pieces), int(cents)
            entered.last = max(last, entered.last or last)
        return found

    def _read_counted(self) -> Counter[str]:
        query = (
            sa.select(ReceiptRow.rma_line_id, sa.func.sum(ReceiptRow.quantity))
            .where(ReceiptRow.state == ReceiptState.BOOKED.value, ReceiptRow.rma_line_id.is_not(None))
            .group_by(ReceiptRow.rma_line_id)
        )
        mine = self._on_my_rmas(query, ReceiptRow.rma_id)
        return Counter({str(line_id): int(pieces) for line_id, pieces in self._session.execute(mine)})

    def _read_dispositions(self) -> defaultdict[str, list[Any]]:
        posted = sa.select(DispositionRow).where(DispositionRow.state == "posted")
        mine = self._on_my_rmas(posted, DispositionRow.rma_id)
        return self._by(DispositionRow.rma_line_id, self._session.scalars(mine))

    def _read_bounds(self) -> dict[tuple[str, int], LineBoundRow]:
        query = sa.select(LineBoundRow)
        if self._case_id is not None:
            lines = sa.select(RmaLineRow.order_number).join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
            mine = lines.where(RmaRow.case_id == self._case_id)
            query = query.where(LineBoundRow.order_number.in_(mine))
        return {(one.order_number, one.order_line): one for one in self._session.scalars(query)}

    def _read_refused(self) -> set[str | None]:
        """Dispositions for which nothing is owed."""
        of = LedgerEntryRow
        return {*self._session.scalars(self._mine(sa.select(of.cause).where(of.kind == REFUSED), of.case_id))}

    def _read_given(self, kinds: Sequence[str], states: Sequence[str]) -> Counter[str]:
        """Pieces entered under these kinds whose command stands in one of these states."""
        query = (
            sa.select(LedgerEntryRow.rma_line_id, sa.func.sum(LedgerEntryRow.quantity))
            .join(CommandRow, CommandRow.permit_id == LedgerEntryRow.permit_id)
            .where(LedgerEntryRow.kind.in_(kinds), CommandRow.state.in_(states))
            .where(LedgerEntryRow.rma_line_id.is_not(None))
            .group_by(LedgerEntryRow.rma_line_id)
        )
        mine = self._mine(query, LedgerEntryRow.case_id)
        return Counter({str(line_id): int(pieces) for line_id, pieces in self._session.execute(mine)})

    def _rows(self, kind: Any) -> Iterator[Any]:
        return iter(self._session.scalars(self._mine(sa.select(kind), kind.case_id)))

    def _mine(self, query: Any, case_id: Any) -> Any:
        return query if self._case_id is None else query.where(case_id == self._case_id)

    def _on_my_rmas(self, query: Any, rma_id: Any) -> Any:
        return (
            query
            if self._case_id is None
            else query.where(rma_id.in_(sa.select(RmaRow.id).where(RmaRow.case_id == self._case_id)))
        )

    @staticmethod
    def _by(key: Any, rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
        found: defaultdict[str, list[Any]] = defaultdict(list)
        for row in rows:
            found[getattr(row, key.key)].append(row)
        return found


def _pieces(rows: Iterable[Any]) -> int:
    return sum(row.quantity for row in rows)
