"""Insight: cash in limbo and every figure of the house, each with the cases behind it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backhaul.analytics.catalogue import CASH, CATALOGUE, GROUPS
from backhaul.analytics.kpis import Answer, Kpi, Look, Row, answer
from backhaul.domain.errors import NotFound
from backhaul.store import insight_case
from backhaul.store.unit_of_work import UnitOfWork
from web import insight_view
from web.finance_tables import Table, as_csv
from web.insight_chart import chart_of
from web.insight_tables import cases_table, parts_for_spreadsheet, parts_table, total_words
from web.insight_words import names_of
from web.pages import render
from web.who import DoorsHere, InsightReader
from web.world import Doors

router = APIRouter(prefix="/insight")
PERIODS = {30: "30 days", 90: "90 days", 365: "a year", 0: "Everything"}
_ON_A_PAGE = 500
_LONGEST_PART = 300

Days = Annotated[int, Query(ge=0, le=3_660)]
Part = Annotated[str, Query(max_length=_LONGEST_PART)]


@router.get("")
def overview(request: Request, doors: DoorsHere, who: InsightReader, days: Days = 90) -> Response:
    """Cash in limbo, and one line for each figure."""
    with doors.desk.store.read() as uow:
        look = _look(doors, uow, days)
        cash = answer(CASH, look)
        context = {
            **insight_view.cash(cash, look),
            "groups": [
                (
                    title,
                    [insight_view.line(_answer(kpi, look, cash), look, days) for kpi in kpis if kpi.quick],
                )
                for title, kpis in GROUPS.items()
            ],
            "apart": [kpi for kpis in GROUPS.values() for kpi in kpis if not kpi.quick],
        }
    return render(request, "insight.html", {**context, **_frame(who, days)})


def _answer(kpi: Kpi, look: Look, cash: Answer) -> Answer:
    return cash if kpi is CASH else answer(kpi, look)


@router.get("/case/{case_id}")
def one_case(request: Request, doors: DoorsHere, who: InsightReader, case_id: str) -> Response:
    """The books of one case: what its ledger says and where its value stands."""
    with doors.desk.store.read() as uow:
        books = insight_case.books(uow, case_id)
        context = {
            "books": books,
            "stands": insight_view.stands(books.shares),
            "entries": insight_view.entries(books),
            "reviews": insight_view.reviews_of(books, who),
        }
    return render(request, "insight_case.html", {**context, **_frame(who, 0)})


@router.get("/{key}.csv")
def csv_of(doors: DoorsHere, who: InsightReader, key: str, days: Days = 90) -> Response:
    """The parts of a figure for a spreadsheet."""
    del who
    kpi = _kpi(key)
    with doors.desk.store.read() as uow:
        look = _look(doors, uow, days)
        table = parts_for_spreadsheet(answer(kpi, look), look)
    return _csv(doors, table, key)


@router.get("/{key}/cases.csv")
def cases_csv(doors: DoorsHere, who: InsightReader, key: str, days: Days = 90, part: Part = "") -> Response:
    """The cases behind a figure for a spreadsheet, all of them."""
    del who
    kpi = _kpi(key)
    with doors.desk.store.read() as uow:
        look = _look(doors, uow, days)
        table = cases_table(kpi, look, kpi.facts(look).behind(part or None), bare=True)
    return _csv(doors, table, f"{key}-cases")


@router.get("/{key}/cases")
def cases(
    request: Request, doors: DoorsHere, who: InsightReader, key: str, days: Days = 90, part: Part = ""
) -> Response:
    """The cases behind a figure."""
    kpi = _kpi(key)
    with doors.desk.store.read() as uow:
        look = _look(doors, uow, days)
        facts = kpi.facts(look).behind(part or None, limit=_ON_A_PAGE + 1)
        table = cases_table(kpi, look, facts[:_ON_A_PAGE])
        names = names_of(kpi, look, Row(part, 0, None)) if part else ()
    context = {
        "kpi": kpi,
        "names": names,
        "part": part,
        "table": table,
        "is_cut": len(facts) > _ON_A_PAGE,
        "links": insight_view.links(kpi, days, part),
    }
    return render(request, "insight_cases.html", {**context, **_frame(who, days)})


@router.get("/{key}")
def page(request: Request, doors: DoorsHere, who: InsightReader, key: str, days: Days = 90) -> Response:
    """One figure: what it means, its chart and its table."""
    kpi = _kpi(key)
    with doors.desk.store.read() as uow:
        look = _look(doors, uow, days)
        found = answer(kpi, look)
        context = {
            "kpi": kpi,
            "total": total_words(found, look),
            "counted": sum(row.count for row in found.rows),
            "chart": chart_of(found, look),
            "table": parts_table(found, look, days),
            "proof": insight_view.proof(uow, found) if kpi is CASH else None,
            "links": insight_view.links(kpi, days, ""),
        }
    return render(request, "insight_kpi.html", {**context, **_frame(who, days)})


def _kpi(key: str) -> Kpi:
    if key not in CATALOGUE:
        raise NotFound("figure", key)
    return CATALOGUE[key]


def _look(doors: Doors, uow: UnitOfWork, days: int) -> Look:
    since = uow.clock.now() - timedelta(days=days) if days else None
    return Look(uow, doors.desk.erp, since)


def _frame(who: InsightReader, days: int) -> dict[str, object]:
    return {"who": who, "token": who.token, "days": days, "periods": PERIODS}


def _csv(doors: Doors, table: Table, name: str) -> Response:
    is_simulated = doors.settings.simulated_mark.exists()
    file_name = f"simulated-{name}.csv" if is_simulated else f"{name}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    text = as_csv(table, is_simulated=is_simulated)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
