"""The protocol of a customer played by a model, over real HTTP to a scripted peer."""

import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from backhaul.domain.errors import BadInput, ConnectorUnavailable
from backhaul.settings import Settings
from evals.customer import Heard
from evals.model_customer import ModelCustomer, chat_of
from evals.player import Conditions, play
from evals.scenario import Scenario
from evals.scoring.score import score
from tests.agent.scripted_openai import Answer, Scripted, says, scripted_openai
from tests.evals.test_scenarios import SENSORS

SCENARIO = Scenario.model_validate(SENSORS)


def customer(script: Scripted) -> ModelCustomer:
    chat = ChatOpenAI(
        model="scripted",
        api_key=SecretStr("test"),
        base_url=script.url,
        max_retries=0,
        use_responses_api=False,
    )
    return ModelCustomer(SCENARIO, chat)


def test_a_model_speaks_until_it_has_nothing_more_to_say() -> None:
    with scripted_openai([says("Yes, two of them."), says("DONE")]) as script:
        who = customer(script)
        opened = [one.text for one in who.opening()]

        said = [one.text for one in who.answer(Heard("consent", "", text="Is that right?"))]
        ended = who.answer(Heard("done", "", text="Your RMA number is RMA-1."))

    assert opened == [SENSORS["customer"]["says"]]
    assert said == ["Yes, two of them."]
    assert ended == []


def test_a_scenario_is_played_by_it_to_the_end() -> None:
    answers = [says("They are no longer needed."), says("Yes, please."), says("DONE"), says("DONE")]
    with scripted_openai(answers) as script:
        played = play(SCENARIO, Conditions("try", customer=lambda *_: customer(script)))

    assert played.error is None
    assert score(played).passed, [one.text for one in played.exchanges]


def test_a_model_that_does_not_answer_is_told() -> None:
    with scripted_openai([Answer(status=500)]) as script:
        who = customer(script)
        who.opening()

        with pytest.raises(ConnectorUnavailable, match="model"):
            who.answer(Heard("consent", "", text="Is that right?"))


def test_without_a_model_there_is_no_such_customer() -> None:
    with pytest.raises(BadInput, match="OPENAI_API_KEY"):
        chat_of(Settings(openai_api_key=SecretStr("")))
