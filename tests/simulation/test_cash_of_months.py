"""Cash in limbo over simulated months, against a sum over the ERP's documents that shares no code with it."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from backhaul.analytics.catalogue import CATALOGUE
from backhaul.analytics.kpis import Look, answer
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.domain.limbo import Stage
from backhaul.settings import Settings
from backhaul.simulation.months import begin
from backhaul.simulation.simulated_home import Trial, make_home
from backhaul.store import limbo
from backhaul.store.insight_played import requests_played
from backhaul.store.unit_of_work import Store

pytestmark = pytest.mark.slow

_Line = tuple[str, int]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Store]]:
    """Three months of returns, some of them still under way."""
    settings, trial = Settings(home=tmp_path_factory.mktemp("sim") / "home", demo=True), Trial(3, 40, 3)
    make_home(settings, trial)
    with begin(settings, trial) as run:
        run.play(lambda _begun, _at: None)
        yield settings, run.floor.store


def test_the_stages_are_the_documents_of_the_erp_to_the_cent(home: tuple[Settings, Store]) -> None:
    settings, store = home
    with store.read() as uow:
        stages = {part: round(one.value) for part, one in limbo.Limbo(uow).sums().items()}
        released = limbo.ledger_totals(uow)["released"].minor
    with (
        closing(sqlite3.connect(settings.erp_path)) as erp,
        closing(sqlite3.connect(settings.sqlite_path)) as books,
    ):
        held, waiting = documents_of(erp, nothing_owed_in(books))
        entered = Counter[str]()
        for kind, minor in books.execute("SELECT kind, amount_minor FROM ledger_entry"):
            entered[kind] += minor

    ended = {"credited", "replaced", "repaired", "nothing_owed", "released"}
    in_limbo = sum(minor for stage, minor in stages.items() if stage not in ended)
    kept_all_the_same = released - stages.get(Stage.RELEASED.value, 0)
    assert sum(stages.values()) == entered["authorised"]
    assert held == entered["authorised"] - entered["released"]
    assert waiting == in_limbo - kept_all_the_same
    assert waiting > 0


def documents_of(erp: sqlite3.Connection, nothing_owed: Counter[_Line]) -> tuple[int, int]:
    """Value of the pieces that returns hold in the ERP, and of those that wait, in cents."""
    worth, held, came, given = values_of(erp), Counter[_Line](), Counter[_Line](), Counter(nothing_owed)
    line_of: dict[str, _Line] = {}
    lines = "SELECT l.rma_number, l.order_number, l.order_line, l.quantity, r.cancelled FROM rma_line l"
    for rma, order, line, quantity, cancelled in erp.execute(
        f"{lines} JOIN rma r ON r.number = l.rma_number"
    ):
        line_of[rma] = order, line
        held[order, line] += 0 if cancelled else quantity
    for rma, quantity in erp.execute("SELECT rma_number, quantity FROM goods_receipt"):
        if rma in line_of:
            came[line_of[rma]] += quantity
    for table, order_name, line_name in (
        ("credit_memo", "order_number", "order_line"),
        ("replacement", "for_order", "for_line"),
        ("repair_order", "for_order", "for_line"),
    ):
        for order, line, quantity in erp.execute(f"SELECT {order_name}, {line_name}, quantity FROM {table}"):  # noqa: S608 - names of our own
            given[order, line] += quantity
    whole = sum(worth[line] * pieces for line, pieces in held.items())
    waits = sum(worth[line] * (pieces - min(came[line], given[line])) for line, pieces in held.items())
    return whole, waits


def values_of(erp: sqlite3.Connection) -> dict[_Line, int]:
    """A piece of each order line in cents of US dollars, rounded up, at the rate of the order's day."""
    rates = erp.execute('SELECT currency, "on", millionths FROM exchange_rate ORDER BY "on"').fetchall()

    def in_dollars(minor: int, currency: str, day: str) -> int:
        if currency == "USD":
            return minor
        rate = [millionths for one, on, millionths in rates if one == currency and on <= day][-1]
        return -(-minor * int(rate) // 1_000_000)

    sold = "SELECT l.order_number, l.line, l.unit_price_minor, o.currency, o.ordered_on FROM order_line l"
    rows = erp.execute(f"{sold} JOIN sales_order o ON o.number = l.order_number")
    return {(order, line): in_dollars(minor, currency, day) for order, line, minor, currency, day in rows}


def nothing_owed_in(books: sqlite3.Connection) -> Counter[_Line]:
    """Pieces for which nothing is owed: only our own books tell that."""
    refused = "SELECT order_number, order_line, quantity FROM ledger_entry WHERE kind = 'refused'"
    back = """SELECT l.order_number, l.order_line, d.quantity FROM disposition d
        JOIN rma_line l ON l.id = d.rma_line_id
        WHERE d.chosen = 'return_to_customer' AND d.state = 'posted'
        AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.kind = 'refused' AND e.cause = d.id)"""
    found = Counter[_Line]()
    for query in (refused, back):
        for order, line, quantity in books.execute(query):
            found[order, line] += quantity
    return found


def test_every_number_of_months_is_made_of_the_cases_behind_it(home: tuple[Settings, Store]) -> None:
    settings, store = home
    erp = EmbeddedErpReads(settings.erp_path)
    with store.read() as uow:
        look = Look(uow, erp, None)
        for kpi in CATALOGUE.values():
            facts = kpi.facts(look)
            for row in answer(kpi, look).rows:
                assert len(facts.behind(row.part)) == row.count, (kpi.key, row.part)
    erp.close()


def test_requests_are_told_with_their_way(home: tuple[Settings, Store]) -> None:
    with home[1].read() as uow:
        rows = requests_played(uow)

    made_good = [one for one in rows if one.made_good_at]
    assert len({one.proposal_id for one in rows}) == len(rows)
    assert made_good
    assert all(one.made_good_at >= one.asked_at for one in made_good if one.made_good_at)
    assert any(one.parcel_seconds > 0 for one in made_good)
    assert all(one.parcel_seconds >= 0 for one in rows)
