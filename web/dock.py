"""The dock's first page: a scan box, and what waits at the dock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.receiving import ReceiptState
from backhaul.store import cases, dock, dock_lists, rmas
from backhaul.store.dock_tables import InspectionRow, ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from web.dock_receive_view import account_name, article_of
from web.dock_scan import cleaned, find
from web.pages import render
from web.who import DockMember, DoorsHere
from web.world import Doors

router = APIRouter(prefix="/dock")
_FARTHEST = 1_000_000
TABS: Mapping[str, str] = {
    "expected": "Expected",
    "inspect": "To inspect",
    "settle": "To settle",
    "held": "Held",
    "unmatched": "Without papers",
}


@dataclass(frozen=True, slots=True)
class Coming:
    """An announced return in the list."""

    rma: RmaRow
    account_name: str
    what: tuple[tuple[int, str, str], ...]
    """Pieces still to come, SKU and description, by line"""
    label: LabelRow | None
    due: str
    """late, today or later"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Goods in the house that wait for somebody."""

    receipt: ReceiptRow
    what: str
    account_name: str
    erp_number: str
    inspection: InspectionRow | None = None


@router.get("")
def lists(
    request: Request,
    doors: DoorsHere,
    who: DockMember,
    scan: str = "",
    show: str = "expected",
    after: Annotated[int, Query(ge=0, le=_FARTHEST)] = 0,
) -> Response:
    """A scan leads to the one thing it belongs to; without one, a page of what waits."""
    scanned, shown = cleaned(scan), show if show in TABS else "expected"
    with doors.desk.store.read() as uow:
        found = find(uow, doors.desk.erp, scanned) if scanned else None
        if found and found.only:
            return RedirectResponse(found.only, status_code=303)
        counts = dock_lists.counts(uow)
        # A list that has become shorter meanwhile shows its last page.
        after = min(after, max(0, counts[shown] - 1) // dock_lists.PAGE * dock_lists.PAGE)
        rows = found.rmas if found else _expected(uow, shown, after)
        context = {
            "who": who,
            "token": who.token,
            "may_act": who.on_dock,
            "scan": scanned,
            "shown": shown,
            "tabs": [(key, title, counts[key]) for key, title in TABS.items()],
            "coming": [_coming(uow, doors, row) for row in rows],
            "waiting": [] if found else _waiting(uow, doors, shown, after),
            "after": after,
            "of_all": counts[shown],
            "page_rows": dock_lists.PAGE,
        }
    return render(request, "dock.html", context)


def _expected(uow: UnitOfWork, shown: str, after: int) -> Sequence[RmaRow]:
    return dock_lists.expected(uow, after=after) if shown == "expected" else ()


def _coming(uow: UnitOfWork, doors: Doors, row: RmaRow) -> Coming:
    what = []
    for line in rmas.rma_lines(uow, row.id):
        article = article_of(doors.desk.erp, cases.return_line(uow, line.line_id))
        what.append((line.quantity - dock_lists.came(uow, line.id), article.sku, article.description))
    return Coming(
        rma=row,
        account_name=account_name(doors.desk.erp, row.account_id),
        what=tuple(one for one in what if one[0] > 0),
        label=rmas.live_label(uow, row.id),
        due=_due(row.return_by, uow.clock.now().date()),
    )


def _due(by: date, today: date) -> str:
    return "late" if by < today else "today" if by == today else "later"


def _waiting(uow: UnitOfWork, doors: Doors, shown: str, after: int) -> list[Waiting]:
    if shown == "settle":
        looked = dock_lists.to_settle(uow, after=after)
        return [_one(uow, doors, dock.receipt(uow, row.receipt_id), row) for row in looked]
    rows: Sequence[ReceiptRow] = ()
    if shown == "inspect":
        # What the worker is booking right now stands in front, beside the count.
        booking = () if after else dock.receipts_in(uow, ReceiptState.COUNTED)
        rows = [*booking, *dock_lists.to_inspect(uow, after=after)]
    if shown in {"held", "unmatched"}:
        rows = dock_lists.lying(uow, ReceiptState(shown), after=after)
    return [_one(uow, doors, row, None) for row in rows]


def _one(uow: UnitOfWork, doors: Doors, row: ReceiptRow, inspection: InspectionRow | None) -> Waiting:
    item = doors.desk.erp.item(row.sku) if row.sku else None
    rma = rmas.rma(uow, row.rma_id) if row.rma_id else None
    return Waiting(
        receipt=row,
        what=item.description if item else row.described,
        account_name=account_name(doors.desk.erp, rma.account_id) if rma else "",
        erp_number=rma.erp_number or rma.id if rma else "",
        inspection=inspection,
    )
