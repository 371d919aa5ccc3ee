"""What a return still awaits, and what keeps the desk from ending it without those goods."""

from backhaul.domain import ledger_laws
from backhaul.domain.receiving import ReceiptState
from backhaul.domain.returns import OVER
from backhaul.store import dock, ledger, rmas
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork


def rest_of(uow: UnitOfWork, line: RmaLineRow) -> int:
    """Pieces of a line that neither came nor were given up."""
    entered = ledger.on_rma_line(uow, line.id)
    return max(entered[ledger.AUTHORISED] - entered[ledger.RELEASED] - entered[ledger.RECEIVED], 0)


def made_good_ahead(uow: UnitOfWork, line: RmaLineRow) -> int:
    """Pieces of a line that were credited, replaced or repaired beyond those that came."""
    entered = ledger.on_rma_line(uow, line.id)
    return max(ledger_laws.made_good(entered) - entered[ledger.RECEIVED], 0)


def missing(uow: UnitOfWork, rma: RmaRow) -> list[tuple[RmaLineRow, int]]:
    """Lines of a return that still await pieces, with how many."""
    return [(line, rest) for line in rmas.rma_lines(uow, rma.id) if (rest := rest_of(uow, line))]


def _is_to_be_posted(came: ReceiptRow) -> bool:
    """The ERP would free, with the rest of a return, pieces that it was not told of."""
    return came.state == ReceiptState.BOOKED.value and came.quantity > 0 and came.erp_number is None


def keeps_open(uow: UnitOfWork, rma: RmaRow) -> str | None:
    """Why a return cannot be ended without its goods as it stands, for the desk; `None` if it can."""
    came = dock.receipts_of(uow, rma.id)
    held = next((one.id for one in came if one.state == ReceiptState.HELD.value and one.quantity), None)
    unknown = next((one.id for one in came if _is_to_be_posted(one)), None)
    checks = {
        "it has no number in the ERP yet": rma.erp_number is not None,
        f"it is {rma.state}": rma.state not in OVER,
        "nothing is missing": bool(missing(uow, rma)),
        "a receipt of it is being booked": all(one.state != ReceiptState.COUNTED.value for one in came),
        f"{held} is held: match it or have it sent back first": held is None,
        f"{unknown} is not in the ERP yet": unknown is None,
    }
    return next((why for why, holds in checks.items() if not holds), None)
