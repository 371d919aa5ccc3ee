"""A scenario is played through the real house, and played again it ends the same."""

import pytest

from evals.customer import Heard, ScriptedCustomer
from evals.personas import PERSONAS
from evals.player import Conditions, play
from evals.scenario import Customer, Scenario
from evals.scoring.score import score
from evals.worlds import Stage
from tests.evals.test_scenarios import SENSORS


def test_a_scenario_ends_as_its_gold_says_and_twice_the_same() -> None:
    scenario = Scenario.model_validate(SENSORS)

    first, second = play(scenario, Conditions("try")), play(scenario, Conditions("try"))

    assert first.error is None
    assert first.found is not None
    assert second.found is not None
    assert first.found.effects == {"create_label": 1, "create_rma": 1}
    assert first.found.digest == second.found.digest
    assert score(first).passed, score(first).failures
    assert first.slices["class"] == "electronics"


def test_people_act_after_the_conversation_and_the_money_is_found() -> None:
    steps = [
        {"who": "carrier", "does": "scan", "status": "dropped_off"},
        {"who": "carrier", "does": "scan", "status": "delivered"},
        {"who": "dock", "does": "receive"},
    ]
    scenario = Scenario.model_validate({**SENSORS, "steps": steps})

    played = play(scenario, Conditions("try"))

    assert played.found is not None, played.error
    assert played.found.effects["credit_memo"] == 1
    # 70.00 less 15 % restocking, less 7.00 for the label, and the tax of the pieces
    assert set(played.found.credited_minor) == {"USD"}


def test_what_fails_is_told_and_counts_as_failed() -> None:
    def broken(stage: Stage, thread_id: str) -> object:
        raise RuntimeError(f"no agent for {thread_id[:2]} in {stage.settings.home.name}")

    played = play(Scenario.model_validate(SENSORS), Conditions("try", agent=broken))  # type: ignore[arg-type]

    assert played.found is None
    assert played.error == "RuntimeError: no agent for TH in home"
    assert not score(played).passed


def test_a_customer_whom_the_world_does_not_know_is_an_error_and_no_pass() -> None:
    stranger = {**SENSORS, "customer": {**SENSORS["customer"], "contact": "C-1002-9"}}

    played = play(Scenario.model_validate(stranger), Conditions("try"))

    assert played.error == "BadInput: two-spare-sensors: A-1002 has no contact C-1002-9"


def customer(**more: object) -> ScriptedCustomer:
    script = Customer.model_validate(
        {"contact": "C-1002-1", "says": "I want to send something back.", **more}
    )
    return ScriptedCustomer(script, epoch=0, seed="test")


def texts(who: ScriptedCustomer, outcome: str, asks_for: str = "") -> list[str]:
    return [said.text for said in who.answer(Heard(outcome, asks_for))]


def test_a_customer_answers_what_is_asked_for_and_agrees_to_what_is_read_back() -> None:
    who = customer(knows={"order": "SO-1"})

    assert [said.text for said in who.opening()] == ["I want to send something back."]
    assert texts(who, "ask", "order") == ["SO-1"]
    assert texts(who, "consent") == ["Yes, please go ahead."]
    assert texts(who, "done") == []


def test_what_a_customer_does_not_know_is_said_once() -> None:
    who = customer()

    assert texts(who, "ask", "serial") == ["I do not know that, sorry."]
    assert texts(who, "ask", "serial") == []


def test_a_change_of_mind_comes_once_and_instead_of_the_answer() -> None:
    who = customer(later=[{"at": "consent", "says": "Make it three."}])

    assert texts(who, "consent") == ["Make it three."]
    assert texts(who, "consent") == ["Yes, please go ahead."]


@pytest.mark.parametrize(
    ("persona", "answer"),
    [
        ("plain", "No, that is not right. I want to send back 2 x PRX-12-04P from SO-1, nothing else."),
        ("hurried", "Yes, please go ahead."),
    ],
)
def test_a_careful_customer_objects_to_a_wrong_read_back_and_a_hurried_one_agrees(
    persona: str, answer: str
) -> None:
    who = customer(persona=persona)
    who.wants = {"SO-1/1": ("PRX-12-04P", 2)}

    assert [one.text for one in who.answer(Heard("consent", "", {"SO-1/1": 12}))] == [answer]
    assert texts(who, "consent") == ["Yes, please go ahead."]


def test_patience_ends() -> None:
    who = customer(knows={"order": "SO-1"}, patience=2)
    who.opening()

    assert texts(who, "ask", "order") == ["SO-1"]
    assert texts(who, "ask", "order") == []


def test_another_epoch_says_it_in_another_way() -> None:
    ways = customer(knows={"order": ["SO-1", "the order is SO-1"]})
    ways.epoch = 1

    assert texts(ways, "ask", "order") == ["the order is SO-1"]


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_every_persona_says_what_there_is_to_say(persona: str) -> None:
    who = customer(persona=persona, knows={"order": "It is on order SO-40017"})

    said = " ".join(texts(who, "ask", "order"))

    assert "so-40017" in said.lower()


def test_there_are_a_dozen_personas_and_more() -> None:
    assert len(PERSONAS) >= 12
