"""The finance page: what was credited, what waits, what customers kept, what leaks, and the ERP's books."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backhaul.domain.errors import NotFound
from web.files import called
from web.finance_tables import TABLES, Asked, as_csv
from web.pages import render
from web.who import DoorsHere, FinanceReader

router = APIRouter(prefix="/finance")
_FIRST = "credits"
_ON_A_PAGE = 500

Days = Annotated[int, Query(ge=1, le=3_660)]


@router.get("")
def page(
    request: Request,
    doors: DoorsHere,
    who: FinanceReader,
    show: str = _FIRST,
    days: Days = 90,
    *,
    everything: bool = False,
) -> Response:
    """One table; the others are a click away."""
    shown = show if show in TABLES else _FIRST
    title, make = TABLES[shown]
    with doors.desk.store.read() as uow:
        table = make(Asked(doors, uow, who, days, everything, _ON_A_PAGE))
    context = {
        "who": who,
        "token": who.token,
        "tabs": [(key, name) for key, (name, _) in TABLES.items()],
        "shown": shown,
        "title": title,
        "table": table,
        "days": days,
        "everything": everything,
        "is_cut": shown == _FIRST and len(table.rows) == _ON_A_PAGE,
    }
    return render(request, "finance.html", context)


@router.get("/{name}.csv")
def csv_of(
    name: str, doors: DoorsHere, who: FinanceReader, days: Days = 90, *, everything: bool = False
) -> Response:
    """A table for a spreadsheet."""
    if name not in TABLES:
        raise NotFound("table", name)
    with doors.desk.store.read() as uow:
        table = TABLES[name][1](Asked(doors, uow, who, days, everything))
    is_simulated = doors.settings.simulated_mark.exists()
    text = as_csv(table, is_simulated=is_simulated)
    file_name = f"simulated-{name}.csv" if is_simulated else f"{name}.csv"
    return Response(text, media_type="text/csv; charset=utf-8", headers=called(file_name))
