"""The pages of insight over a whole house: figures with their cases, spreadsheets, and who may look."""

import csv
import io
import re
from html import unescape
from typing import Any

import pytest

from backhaul.analytics.catalogue import CATALOGUE
from backhaul.analytics.kpis import Kpi, Look, Unit
from backhaul.domain.receiving import Disposition
from backhaul.store.insight_facts import Fact
from tests.dock import counts, settles
from tests.house import House
from tests.web.test_stuck import DOCK, FINANCE, come
from tests.workflows.test_closing import a_return
from web.finance_tables import as_csv
from web.insight_tables import cases_table
from web.insight_words import duration, figure, plain

__all__ = ["come"]


def rows_of(page: Any) -> list[dict[str, str]]:
    assert page.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(page.text)))


def test_a_figure_leads_to_its_cases_and_their_books(sqlite_house: House, come: Any) -> None:
    rma = a_return(sqlite_house, quantity=3)
    assert settles(sqlite_house, counts(sqlite_house, rma, 2), Disposition.RESTOCK).settled_at
    finance = come(FINANCE)

    overview, cash = finance.opens("/insight"), finance.opens("/insight/cash")
    told = {row["Stage"]: row for row in rows_of(finance.client.get("/insight/cash.csv"))}
    there = re.search(r'href="(/insight/cash/cases\?part=rest)"', cash.text)
    assert there
    cases = finance.opens(unescape(there[1]))
    case = finance.opens(f"/insight/case/{rma.case_id}")
    (listed,) = rows_of(finance.client.get("/insight/cash/cases.csv?part=rest"))

    assert "Equal to the cent" in cash.text
    assert "Owner" in cash.text
    assert set(told) == {"Rest of a return, still to come", "Credited"}
    assert told["Rest of a return, still to come"]["Value (USD)"] == listed["Value (USD)"]
    assert f"{listed['Value (USD)']} USD" in overview.text
    assert rma.case_id in cases.text
    assert "Rest of a return, still to come" in case.text
    assert "Authorised" in case.text


def test_every_page_says_what_its_figure_means_also_when_there_is_nothing(
    sqlite_house: House, come: Any
) -> None:
    del sqlite_house
    finance = come(FINANCE)

    assert "Nothing is under way" in finance.opens("/insight").text
    for kpi in CATALOGUE.values():
        page = finance.opens(f"/insight/{kpi.key}?days=30")
        assert page.status_code == 200, kpi.key
        assert kpi.definition in unescape(page.text), kpi.key
        assert "Nothing here" in page.text, kpi.key
    assert finance.opens("/insight/no-such-figure").status_code == 404
    assert finance.opens("/insight/cash?days=-1").status_code == 422


def test_simulated_figures_say_so_wherever_they_go(sqlite_house: House, come: Any) -> None:
    a_return(sqlite_house)
    sqlite_house.settings.simulated_mark.write_text("{}", encoding="utf-8")
    finance = come(FINANCE)

    page, sheet = finance.opens("/insight/cash"), finance.client.get("/insight/cash/cases.csv")

    assert page.text.count("Simulated") == 2
    assert 'filename="simulated-cash-cases.csv"' in sheet.headers["content-disposition"]
    assert {row["Simulated"] for row in rows_of(sheet)} == {"yes"}


def test_the_dock_has_no_business_here(come: Any) -> None:
    assert come(DOCK).opens("/insight").status_code == 403


def test_a_spreadsheet_calculates_nothing_of_ours() -> None:
    kpi = Kpi("x", "X", "X.", "X", Unit.MONEY, "x", ("Part",), facts=lambda _: None)  # type: ignore[arg-type, return-value]
    look = Look(None, None, None)  # type: ignore[arg-type]
    table = cases_table(kpi, look, [Fact("RC-1", "=1+1", "@SUM(1)", -500)], bare=True)

    assert as_csv(table).splitlines()[1] == "RC-1,'=1+1,'@SUM(1),,-5.00"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (90, "2 min"), (19_440, "5.4 h"), (1_045_440, "12.1 days")]
)
def test_lengths_of_time_are_told_in_the_unit_people_use(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_figure_of_nothing_is_no_figure() -> None:
    assert figure(Unit.SHARE, None) == "none"
    assert plain(Unit.SHARE, None) == ""
    assert plain(Unit.SHARE, 0.125) == "12.50"
    assert plain(Unit.TIME, 5_400) == "1.500"
