"""Months of simulated returns: the books are in order, all is marked, and no real home is touched."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from backhaul.bootstrap import stores
from backhaul.cli.doors import build_app
from backhaul.cli.main import app
from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings
from backhaul.simulation.luck import sheet, world_of
from backhaul.simulation.months import CHANNEL
from backhaul.simulation.simulated_home import Trial, make_home
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import CaseRow, ThreadRow

pytestmark = pytest.mark.slow

CASES = 20


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, str]:
    """A simulated home, and what the command said."""
    home = tmp_path_factory.mktemp("simulated")
    arguments = ["simulate", "--months", "4", "--cases", str(CASES), "--seed", "5", "--home", str(home)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return Settings(home=home), done.output


def test_its_books_and_its_log_are_in_order(simulated: tuple[Settings, str]) -> None:
    told = simulated[1]

    assert f"{CASES} cases in" in told
    assert "books:    0 leaks" in told
    assert "0 returns in another state than their facts" in told
    assert re.search(r"log: +\d{3,} events, 0 faults, 0 effects untold", told)


def test_every_case_is_there_and_marked(simulated: tuple[Settings, str]) -> None:
    store = stores.open_store(simulated[0])
    with store.read() as uow:
        channels = Counter(uow.session.scalars(sa.select(ThreadRow.channel)))
        opened = uow.session.scalars(sa.select(CaseRow.opened_at)).all()
        states = set(uow.session.scalars(sa.select(RmaRow.state)))
    store.close()

    assert channels == {CHANNEL: CASES}
    assert (max(opened) - min(opened)).days > 40
    assert "closed" in states
    assert max(opened) <= SystemClock().now()


def test_every_page_says_that_it_is_simulated(simulated: tuple[Settings, str], seeded_home: Path) -> None:
    with TestClient(build_app(simulated[0])) as visitor:
        assert "No customer, parcel or payment behind these pages is real." in visitor.get("/").text
    with TestClient(build_app(Settings(home=seeded_home))) as visitor:
        assert "Simulated" not in visitor.get("/").text


def test_a_home_that_holds_something_is_refused(seeded_home: Path, simulated: tuple[Settings, str]) -> None:
    real = CliRunner().invoke(app, ["simulate", "--cases", "1", "--home", str(seeded_home)])
    twice = CliRunner().invoke(app, ["simulate", "--cases", "1", "--home", str(simulated[0].home)])

    assert (real.exit_code, twice.exit_code) == (2, 2)
    assert "holds something that was not simulated; name a folder that is empty or missing" in real.output
    assert "holds a simulation already" in twice.output
    assert not Settings(home=seeded_home).simulated_mark.exists()


def test_a_shared_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="stays on SQLite"):
        make_home(Settings(home=tmp_path, database_url="postgresql://somewhere/else"), Trial(1, 1, 1))


def test_each_seed_is_a_world_of_its_own_and_always_the_same() -> None:
    first, second = world_of(1), world_of(2)

    assert first == world_of(1)
    assert first != second
    assert first != sheet()
    assert all(0 < one.says_no < 1 for one in (first, second))
    assert first.breaks("S-100", 1) != first.breaks("S-110", 1)


def test_days_scatter_round_their_median() -> None:
    drawn = sorted(sheet().days_on_the_way.draw(Random(seed)) for seed in range(301))

    assert drawn[150] == pytest.approx(sheet().days_on_the_way.median, rel=0.15)
    assert drawn[0] < drawn[150] < drawn[-1]
