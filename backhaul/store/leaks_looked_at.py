"""What leaks between an inspection and its dispositions: more disposed of than was seen, or than came."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from backhaul.domain.leaks import Leak, lawless
from backhaul.domain.ledger_laws import DISPOSED, RECEIVED, UNMATCHED, DispositionFigures
from backhaul.store.dock_tables import DispositionRow, InspectionRow
from backhaul.store.effect_tables import LedgerEntryRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork


def more_than_was_looked_at(uow: UnitOfWork, *, case_id: str | None) -> Iterator[Leak]:
    """Every inspection whose dispositions break a law; of one case, or of all."""
    of_inspection, of_receipt = Counter[str](), Counter[tuple[str, str]]()
    looked_at: dict[str, Any] = {}
    for row in uow.session.execute(_disposed(case_id)):
        of_inspection[row.inspection_id] += row.pieces
        of_receipt[row.receipt_id, row.came_as] += row.pieces
        looked_at[row.inspection_id] = row
    came = _came(uow, case_id)
    for inspection_id, row in looked_at.items():
        place = row.receipt_id, row.came_as
        figures = DispositionFigures(
            row.inspected, of_inspection[inspection_id], came[place], of_receipt[place]
        )
        yield from lawless(figures.balances(), row.case_id or "", inspection_id)


def _disposed(case_id: str | None) -> sa.Select[Any]:
    """Pieces in the ledger by inspection; they came on an RMA line, or unmatched."""
    came_as = sa.case((LedgerEntryRow.rma_line_id.is_(None), UNMATCHED), else_=RECEIVED).label("came_as")
    of = (DispositionRow.inspection_id, DispositionRow.receipt_id, InspectionRow.quantity.label("inspected"))
    query = (
        sa.select(*of, came_as, LedgerEntryRow.case_id, sa.func.sum(LedgerEntryRow.quantity).label("pieces"))
        .join(DispositionRow, DispositionRow.id == LedgerEntryRow.cause)
        .join(InspectionRow, InspectionRow.id == DispositionRow.inspection_id)
        .where(LedgerEntryRow.kind == DISPOSED)
        .group_by(*of[:2], InspectionRow.quantity, came_as, LedgerEntryRow.case_id)
    )
    return query if case_id is None else query.where(LedgerEntryRow.case_id == case_id)


def _came(uow: UnitOfWork, case_id: str | None) -> Counter[tuple[str, str]]:
    query = (
        sa.select(LedgerEntryRow.cause, LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity))
        .where(LedgerEntryRow.kind.in_([RECEIVED, UNMATCHED]), LedgerEntryRow.cause.is_not(None))
        .group_by(LedgerEntryRow.cause, LedgerEntryRow.kind)
    )
    if case_id is not None:
        mine = sa.select(DispositionRow.receipt_id).join(RmaRow, RmaRow.id == DispositionRow.rma_id)
        query = query.where(LedgerEntryRow.cause.in_(mine.where(RmaRow.case_id == case_id)))
    return Counter({(str(cause), kind): int(pieces) for cause, kind, pieces in uow.session.execute(query)})
