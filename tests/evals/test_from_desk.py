"""A case of the desk becomes a scenario that plays as it went, without anybody's name in it."""

from pathlib import Path

import pytest

from backhaul.domain.errors import BadInput
from backhaul.store import cases, reviews
from evals import from_desk
from evals.from_desk import as_yaml, scenario_of
from evals.gold import check
from evals.player import Conditions, play
from evals.scoring.score import score
from evals.suite import read_file
from tests.evals.synthetic import PERMITTED, found_line
from tests.house import House
from tests.workflows.test_approvals import ARNE, decide

pytestmark = pytest.mark.slow
"""Each makes a case in a house of its own and plays it again"""

WORDS = (
    "Hello, Ana here (ana.ruiz@harbor.example, +1 555 010 0199). Two of the bearings on SO-15086"
    " should go back, unopened. Credit please."
)


def test_a_case_becomes_a_scenario_that_is_true_and_passes(sqlite_house: House, tmp_path: Path) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, WORDS)
    assert sqlite_house.say(thread, "They are no longer needed.").outcome == "consent"
    turn = sqlite_house.say(thread, "Yes, please go ahead.")
    assert turn.case is not None

    made = scenario_of(sqlite_house.store, sqlite_house.desk.erp, turn.case)
    path = tmp_path / "kept.yaml"
    path.write_text(as_yaml(made), encoding="utf-8")
    (kept,) = read_file(path)

    assert kept == made
    assert "ana.ruiz" not in as_yaml(made)
    assert "555" not in as_yaml(made)
    assert [(line.key, line.quantity, line.outcome.value) for line in made.gold.lines] == [
        ("SO-15086/1", 2, "permit")
    ]
    check(made)
    played = play(made, Conditions("kept"))
    assert score(played).passed, score(played).failures


def test_a_case_that_cannot_be_played_is_told(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, WORDS)
    sqlite_house.say(thread, "They are no longer needed.")
    case = sqlite_house.say(thread, "Yes, please go ahead.").case
    assert case is not None
    nothing = found_line(PERMITTED.gold.lines[0], quantity=0)
    monkeypatch.setattr(from_desk, "proposed_lines", lambda *_, **__: (nothing,))

    with pytest.raises(BadInput, match=f"case {case} makes no scenario: .*quantity"):
        scenario_of(sqlite_house.store, sqlite_house.desk.erp, case)


def test_what_a_person_decided_stands_as_their_step_and_not_as_the_guards_answer(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(
        thread, "The project is cancelled, we no longer need the two drives of SO-15093. Credit."
    )
    sqlite_house.say(thread, "Both of them, sealed: KX4-50-118803 and KX4-50-118804.")
    turn = sqlite_house.say(thread, "Yes, please go ahead.")
    assert turn.case is not None
    with sqlite_house.store.read() as uow:
        (review,) = reviews.reviews_of_case(uow, turn.case)
    decide(sqlite_house, review.id, ARNE)

    made = scenario_of(sqlite_house.store, sqlite_house.desk.erp, turn.case)

    assert [(line.key, line.outcome.value) for line in made.gold.lines] == [("SO-15093/1", "escalate")]
    assert [(step.who, step.does.value) for step in made.steps] == [("reviewer", "approve")]
    check(made)


def test_a_case_that_is_still_being_decided_is_told(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, WORDS)
    sqlite_house.say(thread, "They are no longer needed.")
    turn = sqlite_house.say(thread, "Yes, please go ahead.")
    assert turn.case is not None
    with sqlite_house.store.begin() as uow:
        (proposal,) = cases.proposals(uow, case_id=turn.case)
        for row in cases.verdicts(uow, proposal.id):
            row.action = "of something else"

    with pytest.raises(BadInput, match="still being decided"):
        scenario_of(sqlite_house.store, sqlite_house.desk.erp, turn.case)
