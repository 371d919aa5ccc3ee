"""The catalogue of figures over a small house: a number and the cases behind it are the same facts."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

import pytest

from backhaul.analytics.catalogue import CASH, CATALOGUE, STAGES
from backhaul.analytics.kpis import Answer, Kpi, Look, Unit, answer, quantile
from backhaul.domain.codes import Reason
from backhaul.domain.ledger_laws import AUTHORISED, RELEASED
from backhaul.domain.limbo import Stage
from backhaul.domain.receiving import Disposition
from backhaul.store import insight_case, limbo
from backhaul.workflows.attest import attest_confirmed
from tests.dock import counts, settles
from tests.house import House, open_house
from tests.workflows.test_closing import a_return, cancels


def trade(house: House) -> House:
    """A part return of which one piece is credited, one return called off, one before the desk."""
    rma = a_return(house, quantity=3)
    came = counts(house, rma, 2)
    assert settles(house, came, Disposition.RESTOCK, quantity=1).settled_at
    cancels(house, a_return(house, line=2).id)
    house.propose("SO-15093", 1, 2, Reason.NO_LONGER_NEEDED, words="no longer needed, both of SO-15093")
    while attest_confirmed(house.world):
        pass
    return house


@pytest.fixture(scope="module")
def traded(
    seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house that has traded a little; it is only looked at."""
    for house in open_house(seeded_home, reader_cache, tmp_path_factory.mktemp("traded"), ""):
        yield trade(house)


def read(house: House, key: str, days: int | None = None) -> Answer:
    with house.store.read() as uow:
        since = uow.clock.now() - timedelta(days=days) if days else None
        return answer(CATALOGUE[key], Look(uow, house.desk.erp, since))


def test_every_number_is_made_of_the_cases_behind_it(house: House) -> None:
    trade(house)
    with house.store.read() as uow:
        look = Look(uow, house.desk.erp, uow.clock.now() - timedelta(days=30))
        for kpi in CATALOGUE.values():
            found, facts = answer(kpi, look), kpi.facts(look)
            for row in found.rows:
                behind = facts.behind(row.part)
                assert len(behind) == row.count, (kpi.key, row.part)
                if kpi.unit in {Unit.MONEY, Unit.SHARE}:
                    assert sum(one.value for one in behind) == row.sums[0], (kpi.key, row.part)
            assert len(facts.behind(None)) == sum(row.count for row in found.rows)
            assert len(facts.behind(None, limit=1)) <= 1


def test_cash_in_limbo_is_the_ledger_to_the_cent(traded: House) -> None:
    found = read(traded, "cash")
    with traded.store.read() as uow:
        entered = limbo.ledger_totals(uow)

    staged = {row.part: int(row.value or 0) for row in found.rows}
    assert {"rest", "to_inspect", "credited", "released"} <= set(staged)
    assert sum(staged.values()) == entered[AUTHORISED].minor
    assert staged["released"] == entered[RELEASED].minor
    assert found.total.value == staged["rest"] + staged["to_inspect"]


def test_the_books_of_a_case_show_where_its_value_stands(traded: House) -> None:
    with traded.store.read() as uow:
        (waiting,) = limbo.Limbo(uow).behind(Stage.REST.value)
        books = insight_case.books(uow, waiting.case_id)

    assert {one.part for one in books.shares} == {"rest", "to_inspect", "credited"}
    assert sum(one.value for one in books.shares) == books.entries[0].amount_minor
    assert [one.kind for one in books.entries][:2] == ["authorised", "received"]


def test_people_had_to_look_at_what_the_desk_has(traded: House) -> None:
    touchless, escalated, queue = (read(traded, key) for key in ("touchless", "escalations", "queue"))

    assert touchless.total.count == 3
    assert escalated.total.count == queue.total.count
    assert touchless.total.sums[0] == 3 - queue.total.count
    assert {row.part for row in queue.rows} <= {"under 4 hours"}


def test_a_credit_that_was_read_back_is_accurate(traded: House) -> None:
    accuracy, credits_, days = (read(traded, key) for key in ("credit-accuracy", "credits", "days-to-credit"))

    assert [(row.part, row.value) for row in accuracy.rows] == [("attested", 1.0)]
    assert [(row.part, row.count) for row in credits_.rows] == [("confirmed", 1)]
    assert days.total.count == 1


def test_a_period_leaves_out_what_was_before_it(traded: House) -> None:
    with traded.store.read() as uow:
        later = Look(uow, traded.desk.erp, uow.clock.now() + timedelta(days=1))
        counted = {
            kpi.key: sum(row.count for row in answer(kpi, later).rows)
            for kpi in CATALOGUE.values()
            if not kpi.is_now
        }

    assert set(counted.values()) == {0}


def test_reasons_lead_to_supplier_and_article(traded: House) -> None:
    by_product, by_supplier = read(traded, "reasons-by-product"), read(traded, "reasons-by-supplier")
    item = traded.desk.erp.item(by_product.rows[0].names[0])

    assert item is not None
    assert any(f"({item.supplier_id})" in row.part for row in by_supplier.rows)
    assert by_product.total.count == by_supplier.total.count == 3
    assert read(traded, "quality").total.value == 0


@pytest.mark.parametrize("kpi", CATALOGUE.values(), ids=CATALOGUE)
def test_every_figure_has_what_a_reader_needs(kpi: Kpi) -> None:
    assert kpi.definition.endswith(".")
    assert all((kpi.name, kpi.owner, kpi.noun, kpi.parts))


def test_every_stage_of_cash_has_words() -> None:
    assert set(STAGES) == set(Stage)
    assert set(CASH.order) == {one.value for one in Stage}


def test_deciles_are_those_of_the_textbook() -> None:
    values = [3.0, 9.0, 1.0, 4.0, 12.0, 7.0]
    cut = quantiles(values, n=10, method="inclusive")

    assert quantile(sorted(values), 0.9) == pytest.approx(cut[8])
    assert quantile(sorted(values), 0.5) == pytest.approx(cut[4])
    assert quantile([], 0.5) is None
    assert quantile([2.0], 0.9) == 2.0
