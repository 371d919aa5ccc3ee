"""The chaos run itself: it counts what its faults did, and a planted mistake does not escape it."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from backhaul.domain.returns import RmaState
from backhaul.settings import Settings
from evals.chaos.cells import Cell
from evals.chaos.faults import Call, Fault, Slip, slip
from evals.chaos.kinds import kind_named
from evals.chaos.notebook import Doom, Point
from evals.chaos.outcomes import sums_of
from evals.chaos.rounds import Played, Rules, play
from evals.chaos.strikes import DONE

pytestmark = pytest.mark.slow

_BOUGHT = Point("return", "buy label", DONE)
_CREDITED = Point("dispose", "credit_memo", DONE)


@pytest.mark.processes
def test_crashes_after_effects_and_lost_answers_leave_each_effect_once(
    seeded_home: Path, tmp_path: Path
) -> None:
    cells = [
        Cell(Doom(Fault.TIMEOUT, _CREDITED), kind_named("credit")),
        Cell(Doom(Fault.GARBAGE, _BOUGHT), kind_named("cancelled")),
    ]

    played = _play(cells, Rules(), seeded_home, tmp_path)

    sums = sums_of(played.outcomes)
    assert (sums.ended, sums.wanted, sums.found, sums.is_clean) == (2, 7, 7, True)
    assert played.deaths == Counter(killed=2)


@pytest.mark.processes
def test_a_carrier_whose_connector_forgets_its_keys_is_found_out(seeded_home: Path, tmp_path: Path) -> None:
    cells = [Cell(Doom(Fault.NONE, _BOUGHT), kind_named("credit"))]

    played = _play(cells, Rules(forgets_keys=True), seeded_home, tmp_path)

    (outcome,) = played.outcomes
    assert outcome.doubled == Counter({"live label": 1})
    assert outcome.case.kind.ends.value == RmaState.CLOSED.value
    assert not sums_of(played.outcomes).is_clean


def test_what_becomes_of_a_call_follows_from_seed_and_attempt_alone() -> None:
    calls = [
        Call("ERP", "create_rma", writes=True, key=f"K{at}", attempt=attempt, of_peer=9)
        for at in range(20)
        for attempt in (1, 2)
    ]

    once, again = ([slip(Fault.SERVER_ERROR, one, 7) for one in calls] for _ in range(2))

    assert once == again
    assert set(once) == {Slip.SILENT, Slip.ANSWER_LOST, Slip.NOTHING}
    assert all(became is Slip.NOTHING for one, became in zip(calls, once, strict=True) if one.attempt == 2)


def _play(cells: list[Cell], rules: Rules, seeded_home: Path, tmp_path: Path) -> Played:
    home = tmp_path / "home"
    shutil.copytree(seeded_home, home)
    return play(Settings(home=home, database_url=""), cells, rules)
