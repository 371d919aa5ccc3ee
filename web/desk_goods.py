"""What lies at the dock of a case's returns, as the desk sees it: what came, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass

from backhaul.store import dock, rmas
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AtTheDock:
    """One receipt of a return, with its inspections."""

    rma: RmaRow
    receipt: ReceiptRow
    looked: tuple[InspectionRow, ...]


def at_the_dock(uow: UnitOfWork, case_id: str) -> Sequence[AtTheDock]:
    """Receipts of a case's returns, oldest first."""
    return [
        AtTheDock(rma, row, tuple(dock.inspections(uow, row.id)))
        for rma in rmas.rmas_of_case(uow, case_id)
        for row in dock.receipts_of(uow, rma.id)
    ]
