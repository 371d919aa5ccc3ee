"""The dock's first page: what is announced and when it should be here."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backhaul.store import rmas
from backhaul.store.effect_tables import LabelRow, RmaLineRow, RmaRow
from backhaul.store.news import expected_rmas
from backhaul.store.unit_of_work import UnitOfWork
from web.pages import render
from web.who import DockMember, DoorsHere
from web.world import Doors

router = APIRouter(prefix="/dock")
_LONGEST_SCAN = 60


@dataclass(frozen=True, slots=True)
class Expected:
    """One announced return."""

    rma: RmaRow
    account_name: str
    lines: tuple[RmaLineRow, ...]
    label: LabelRow | None

    def answers_to(self, scanned: str) -> bool:
        """Whether a scanned or typed number belongs to it."""
        numbers = {self.rma.id, self.rma.erp_number or ""}
        numbers |= {self.label.tracking_number, self.label.sscc} if self.label else set()
        return any(scanned in number.upper() for number in numbers)


@router.get("")
def expected(request: Request, doors: DoorsHere, who: DockMember, scan: str = "") -> Response:
    """Announced returns; a scan finds one by RMA, tracking number or SSCC."""
    scanned = "".join(scan.split()).upper()[:_LONGEST_SCAN]
    with doors.desk.store.read() as uow:
        everything = [_expected(uow, doors, row) for row in expected_rmas(uow)]
    found = [one for one in everything if one.answers_to(scanned)] if scanned else everything
    context = {"who": who, "token": who.token, "scan": scanned, "expected": found, "all": len(everything)}
    return render(request, "dock.html", context)


def _expected(uow: UnitOfWork, doors: Doors, row: RmaRow) -> Expected:
    account = doors.desk.erp.account(row.account_id)
    return Expected(
        row,
        account.name if account else row.account_id,
        tuple(rmas.rma_lines(uow, row.id)),
        rmas.live_label(uow, row.id),
    )
