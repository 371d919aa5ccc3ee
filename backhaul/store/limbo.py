"""Reading cash in limbo: the pieces of every RMA line by stage, and what the ledger itself adds up to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from backhaul.domain.ledger_laws import (
    AUTHORISED,
    CLAIMED,
    CREDITED,
    DISPOSED,
    RECEIVED,
    RECOVERED,
    REFUSED,
    RELEASED,
    REPAIRED,
    REPLACED,
)
from backhaul.domain.limbo import LinePieces, Share, Stage, shares_of
from backhaul.domain.receiving import Disposition, ParcelStatus
from backhaul.domain.returns import RmaState
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import CommandRow, LabelRow, LedgerEntryRow, RmaLineRow, RmaRow
from backhaul.store.insight_facts import Fact, Query, Sums, fact_columns, together
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork

_GIVEN = {
    CREDITED: Stage.CREDITED,
    REPLACED: Stage.REPLACED,
    REPAIRED: Stage.REPAIRED,
    REFUSED: Stage.NOTHING_OWED,
}
_KINDS = (AUTHORISED, RELEASED, RECEIVED, DISPOSED, *_GIVEN)


class Limbo:
    """RMA lines spread over their stages, of one case or all.

    Lines of which all pieces have reached the same end are added up by the database.
    """

    def __init__(self, uow: UnitOfWork, case_id: str | None = None) -> None:
        self._session, self._case_id = uow.session, case_id

    def sums(self) -> Mapping[str, Sums]:
        """Lines and cents of each stage; see insight_facts.Facts."""
        found: defaultdict[str, Sums] = defaultdict(Sums)
        others = []
        for row in self._session.execute(_by_place(self._case_id)):
            if row.place is None:
                others.append(row)
            else:
                found[row.place] = Sums(row.lines, int(row.authorised_minor), row.lines)
        for _, share in self._spread(others):
            held = found[share.stage.value]
            held.count += 1
            held.value += share.minor
            held.whole += 1
        return found

    def values(self) -> Mapping[str, Sequence[float]]:
        """Cents by stage."""
        found: defaultdict[str, list[float]] = defaultdict(list)
        for one in self.behind(None):
            found[one.part].append(one.value)
        return found

    def behind(self, part: str | None, *, limit: int | None = None) -> Sequence[Fact]:
        """The lines in a stage, those with the largest value first."""
        pivot = _entered(self._case_id).subquery()
        every = self._session.execute(sa.select(pivot)).all()
        facts = [
            Fact(row.case_id, row.line_id, share.stage.value, share.minor, row.created_at)
            for row, share in self._spread(every)
            if part in {None, share.stage.value}
        ]
        return sorted(facts, key=lambda one: (-one.value, one.about))[:limit]

    def _spread(self, rows: Iterable[Any]) -> Iterator[tuple[Any, Share]]:
        inspected, sent_back, delivered = self._beside()
        for row in rows:
            line = LinePieces(
                authorised=row.authorised,
                authorised_minor=row.authorised_minor,
                state=row.state,
                released=row.released,
                released_minor=row.released_minor,
                received=row.received,
                inspected=inspected.get(row.line_id, 0),
                disposed=row.disposed,
                credited=row.credited,
                replaced=row.replaced,
                repaired=row.repaired,
                nothing_owed=row.refused + sent_back.get(row.line_id, 0),
                is_delivered=row.rma_id in delivered,
            )
            for share in shares_of(line):
                yield row, share

    def _beside(self) -> tuple[dict[str, int], dict[str, int], set[str]]:
        """Pieces inspected and pieces that go back to the customer, by line; RMAs whose parcel is here."""
        looked_at = (
            sa.select(ReceiptRow.rma_line_id, sa.func.sum(InspectionRow.quantity))
            .join(ReceiptRow, ReceiptRow.id == InspectionRow.receipt_id)
            .join(RmaRow, RmaRow.id == ReceiptRow.rma_id)
            .where(RmaRow.state == RmaState.RECEIVED.value, ReceiptRow.rma_line_id.is_not(None))
            .group_by(ReceiptRow.rma_line_id)
        )
        refused = sa.select(LedgerEntryRow.cause).where(
            LedgerEntryRow.kind == REFUSED, LedgerEntryRow.cause.is_not(None)
        )
        back = (
            sa.select(DispositionRow.rma_line_id, sa.func.sum(DispositionRow.quantity))
            .where(DispositionRow.chosen == Disposition.RETURN_TO_CUSTOMER.value)
            .where(DispositionRow.state == "posted", DispositionRow.rma_line_id.is_not(None))
            .where(DispositionRow.id.not_in(refused))
            .group_by(DispositionRow.rma_line_id)
        )
        here = (
            sa.select(LabelRow.rma_id)
            .join(RmaRow, RmaRow.id == LabelRow.rma_id)
            .where(LabelRow.parcel == ParcelStatus.DELIVERED.value, RmaRow.state == RmaState.IN_TRANSIT.value)
        )
        run = self._session.execute
        return _by_line(run(looked_at)), _by_line(run(back)), set(self._session.scalars(here))


def _by_line(rows: Any) -> dict[str, int]:
    return {str(line_id): int(pieces) for line_id, pieces in rows}


def _entered(case_id: str | None) -> Query:
    """A row for each RMA line, with the pieces of each kind and the cents authorised and released."""
    of = LedgerEntryRow

    def pieces(kind: str) -> sa.Label[int]:
        return sa.func.sum(sa.case((of.kind == kind, of.quantity), else_=0)).label(kind)

    def cents(kind: str) -> sa.Label[int]:
        return sa.func.sum(sa.case((of.kind == kind, of.amount_minor), else_=0)).label(f"{kind}_minor")

    added = (
        sa.select(
            of.rma_line_id.label("line_id"),
            *(pieces(kind) for kind in _KINDS),
            cents(AUTHORISED),
            cents(RELEASED),
        )
        .where(of.rma_line_id.is_not(None), *_only_of(case_id))
        .group_by(of.rma_line_id)
        .subquery()
    )
    return (
        sa.select(added, RmaRow.id.label("rma_id"), RmaRow.case_id, RmaRow.state, RmaRow.created_at)
        .join(RmaLineRow, RmaLineRow.id == added.c.line_id)
        .join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
        .where(added.c.authorised > 0)
    )


def _only_of(case_id: str | None) -> list[sa.ColumnElement[bool]]:
    return [] if case_id is None else [LedgerEntryRow.case_id == case_id]


def _by_place(case_id: str | None) -> Query:
    """Lines whose pieces are all in one place, added up by it; every other line by itself, without one."""
    line = _entered(case_id).subquery()
    place = _only_stage(line)
    key = sa.func.coalesce(place, line.c.line_id)
    values = [sa.func.max(line.c[name]).label(name) for name in ("line_id", "rma_id", "state", *_KINDS)]
    return sa.select(
        sa.func.max(place).label("place"),
        sa.func.count().label("lines"),
        sa.func.sum(line.c.authorised_minor).label("authorised_minor"),
        sa.func.max(line.c.released_minor).label("released_minor"),
        *values,
    ).group_by(key)


def _only_stage(line: sa.Subquery) -> sa.ColumnElement[Any]:
    """The stage that all pieces of a line stand in together, or NULL."""
    of = line.c
    came = sa.and_(of.released == 0, of.received == of.authorised)
    nothing_came = sa.and_(of.received == 0, *(of[kind] == 0 for kind in _GIVEN))
    gone = sa.and_(of.released == of.authorised, of.released_minor == of.authorised_minor)
    still_out = sa.and_(nothing_came, of.released == 0)
    return sa.case(
        *((sa.and_(came, of[kind] == of.authorised), stage.value) for kind, stage in _GIVEN.items()),
        (sa.and_(nothing_came, gone), Stage.RELEASED.value),
        *((sa.and_(still_out, of.state == state.value), stage.value) for state, stage in _OUT.items()),
    )


_OUT = {
    RmaState.AUTHORISED: Stage.NO_LABEL,
    RmaState.ISSUED: Stage.NO_LABEL,
    RmaState.LABELLED: Stage.WITH_CUSTOMER,
    RmaState.CLOSED: Stage.UNACCOUNTED,
    RmaState.CANCELLED: Stage.UNACCOUNTED,
    RmaState.EXPIRED: Stage.UNACCOUNTED,
}
"""Where a line stands of which nothing came, was given or was released, by the state of its RMA"""


@dataclass(frozen=True, slots=True)
class Entered:
    """Everything in the ledger under one kind. Cents of the ledger currency."""

    entries: int
    pieces: int
    minor: int


def ledger_totals(uow: UnitOfWork) -> Mapping[str, Entered]:
    """A plain sum over all entries by kind: what the stages have to add up to."""
    of = LedgerEntryRow
    query = sa.select(of.kind, sa.func.count(), sa.func.sum(of.quantity), sa.func.sum(of.amount_minor))
    rows = uow.session.execute(query.group_by(of.kind))
    return {kind: Entered(count, int(pieces), int(minor)) for kind, count, pieces, minor in rows}


def credits_by_command() -> Query:
    """What the ledger credited, by how far its credit memo has come."""
    of = LedgerEntryRow
    return (
        fact_columns(
            case_id=of.case_id,
            about=sa.func.coalesce(CommandRow.external_id, of.permit_id),
            part=sa.func.coalesce(CommandRow.state, "not_sent"),
            value=of.amount_minor,
            at=of.created_at,
        )
        .select_from(of)
        .outerjoin(CommandRow, sa.and_(CommandRow.permit_id == of.permit_id, of.permit_id != ""))
        .where(of.kind == CREDITED)
    )


def claims_by_state() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """What was claimed from suppliers: the part that came back, and the rest by where its claim stands."""
    came, of = aliased(LedgerEntryRow), LedgerEntryRow
    recovered = (
        sa.select(sa.func.coalesce(sa.func.sum(came.amount_minor), 0))
        .where(came.cause == of.cause, came.kind == RECOVERED)
        .correlate(of)
        .scalar_subquery()
    )
    rest = (
        fact_columns(
            case_id=of.case_id,
            about=of.cause,
            part=sa.case((VendorClaimRow.state == "credited", "paid_short"), else_=VendorClaimRow.state),
            value=of.amount_minor - recovered,
            at=of.created_at,
        )
        .select_from(of)
        .join(VendorClaimRow, VendorClaimRow.id == of.cause)
        .where(of.kind == CLAIMED, of.amount_minor > recovered)
    )
    back = fact_columns(
        case_id=came.case_id, about=came.cause, part=RECOVERED, value=came.amount_minor, at=came.created_at
    ).where(came.kind == RECOVERED)
    return together([rest, back])
