"""What the pages of insight show, put into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.analytics.catalogue import CASH, STAGES
from backhaul.analytics.kpis import Answer, Kpi, Look
from backhaul.domain.ledger_laws import AUTHORISED, RELEASED
from backhaul.domain.limbo import ENDED, Stage
from backhaul.domain.money import Money
from backhaul.store import limbo
from backhaul.store.insight_case import Books
from backhaul.store.insight_facts import Fact
from backhaul.store.unit_of_work import UnitOfWork
from web.finance_tables import Cell, Table
from web.insight_chart import chart_of
from web.insight_tables import parts_table, total_words
from web.insight_words import cases_address, money, number, page_address
from web.pages import clock_time, day, words
from web.policies_words import capital
from web.who import Member

_WAITING = frozenset(one.value for one in Stage if one not in ENDED)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure on the overview."""

    kpi: Kpi
    href: str
    figure: str
    counted: str
    cases: str


def line(found: Answer, look: Look, days: int) -> Line:
    """A figure in one line."""
    count = found.total.count if found.kpi.adds_up else sum(row.count for row in found.rows)
    return Line(
        found.kpi,
        page_address(found.kpi, days),
        total_words(found, look),
        number(count),
        cases_address(found.kpi, "", days) if not found.kpi.adds_up else page_address(found.kpi, days),
    )


def cash(found: Answer, look: Look) -> Mapping[str, Any]:
    """What waits, stage by stage."""
    waiting = [row for row in found.rows if row.part in _WAITING]
    table = parts_table(Answer(CASH, found.total, waiting), look, 0)
    return {
        "cash": found,
        "cash_total": money(found.total.value or 0),
        "cash_chart": chart_of(found, look, only=_WAITING),
        "cash_table": table,
    }


def links(kpi: Kpi, days: int, part: str) -> Mapping[str, str]:
    """Where else to go from a page."""
    return {
        "page": page_address(kpi, days),
        "csv": page_address(kpi, days, suffix=".csv"),
        "cases": cases_address(kpi, "", days),
        "cases_csv": cases_address(kpi, part, days, suffix=".csv"),
    }


@dataclass(frozen=True, slots=True)
class Proof:
    """The stages held against a plain sum over the ledger."""

    lines: tuple[tuple[str, str], ...]
    is_equal: bool


def proof(uow: UnitOfWork, found: Answer) -> Proof:
    """What the stages add up to, and what the ledger says."""
    totals = limbo.ledger_totals(uow)
    let_in = totals[AUTHORISED].minor if AUTHORISED in totals else 0
    released = totals[RELEASED].minor if RELEASED in totals else 0
    by_stage = {row.part: round(row.value or 0) for row in found.rows}
    staged = sum(by_stage.values())
    waiting = sum(cents for stage, cents in by_stage.items() if stage in _WAITING)
    done = staged - waiting - by_stage.get(Stage.RELEASED.value, 0)
    otherwise = released - by_stage.get(Stage.RELEASED.value, 0)
    lines = [
        ("Authorised, by the ledger", money(let_in)),
        ("Less released, by the ledger", money(-released)),
        ("Less made good, or nothing owed, by the stages", money(-done)),
        ("In limbo, by the stages", money(waiting)),
        ("Difference", money(let_in - released - done - waiting + otherwise)),
    ]
    if otherwise:
        lines.insert(2, ("Released, and it came or was made good all the same", money(otherwise)))
    return Proof(tuple(lines), is_equal=staged == let_in)


def stands(shares: Sequence[Fact]) -> Table:
    """Where the value of a case's lines stands."""
    rows = [
        (Cell(one.about), Cell(STAGES[Stage(one.part)]), Cell(money(one.value), is_number=True))
        for one in shares
    ]
    return Table(("RMA line", "Stage", "Value"), rows, "Nothing of this case was let in.")


def entries(books: Books) -> Table:
    """The ledger of a case as it was written."""
    rows = [
        (
            Cell(f"{day(one.created_at)}, {clock_time(one.created_at)}"),
            Cell(capital(words(one.kind))),
            Cell(f"{one.order_number}/{one.order_line}" if one.order_number else "no order"),
            Cell(one.cause or one.permit_id),
            Cell(number(one.quantity), is_number=True),
            Cell(str(Money(one.amount_minor, one.currency)), is_number=True),
        )
        for one in books.entries
    ]
    columns = ("Entered", "What", "Order line", "Because of", "Pieces", "Value")
    return Table(columns, rows, "The ledger has no entry of this case.")


def reviews_of(books: Books, who: Member) -> Table:
    """What people decided of a case; the desk can be gone to by whoever may."""
    rows = [
        (
            Cell(one.id, href=f"/desk/{one.id}" if who.on_desk else ""),
            Cell(capital(words(one.action or "a person was asked for"))),
            Cell(capital(words(one.state))),
            Cell(day(one.opened_at)),
            Cell(day(one.decided_at) if one.decided_at else "not yet"),
        )
        for one in books.reviews
    ]
    return Table(
        ("Review", "About", "State", "Opened", "Decided"), rows, "No person had to look at this case."
    )
