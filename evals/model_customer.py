"""A customer played by a language model: the same facts and the same wish as the script, in its own words.

It is optional, and not repeatable: figures of such a run say so. Whatever it says, the end state is held
against the same gold.
"""

from dataclasses import dataclass, field

import openai
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI

from backhaul.domain.errors import BadInput, ConnectorUnavailable
from backhaul.settings import Settings
from evals.customer import Heard
from evals.scenario import Saying, Scenario

_DONE = "DONE"
_SECONDS = 60.0
_MOST_TOKENS = 300
_INSTRUCTIONS = """You play a customer of an industrial distributor who writes to its returns desk.
You are this kind of person when you write: {persona}.
You have just written: {said}
What you know, by what you may be asked for: {knows}
What you want in the end: {wish}
You know nothing else. If you are asked for something you do not know, say that you do not know it.
When the desk reads your request back, agree only if it is what you want; otherwise correct it.
Answer with the text of your next message and nothing else.
When there is nothing left to say, answer with the single word {done}."""


@dataclass(slots=True)
class ModelCustomer:
    """One customer, once. Its first messages are the script's."""

    scenario: Scenario
    chat: ChatOpenAI
    sent: int = 0
    _talk: list[BaseMessage] = field(default_factory=list)

    def opening(self) -> list[Saying]:
        """What is written before any answer is read."""
        said = [way[0] for way in self.scenario.customer.says]
        self.sent = len(said)
        self._talk = [SystemMessage(_instructions(self.scenario))]
        return said

    def answer(self, heard: Heard) -> list[Saying]:
        """What is written now; nothing once the model is done or the patience is over.

        Raises:
            ConnectorUnavailable: The model does not answer.
        """
        if self.sent >= self.scenario.customer.patience:
            return []
        knows = self.scenario.customer.knows.items()
        known = next((ways for asked, ways in knows if asked == heard.asks_for), None)
        if known and known[0].photos:
            # A model cannot take a picture: it sends the one there is.
            self.sent += 1
            return [known[0]]
        self._talk.append(HumanMessage(heard.text))
        try:
            said = self.chat.invoke(self._talk)
        except openai.OpenAIError as error:
            raise ConnectorUnavailable("model", type(error).__name__) from error
        text = said.content.strip().strip('"').strip() if isinstance(said.content, str) else ""
        if not text or text.strip(".").upper() == _DONE:
            return []
        self._talk.append(AIMessage(text))
        self.sent += 1
        return [Saying(text=text)]


def chat_of(settings: Settings) -> ChatOpenAI:
    """The model of the settings. BadInput when there is none."""
    if not settings.model_is_on:
        raise BadInput("a customer played by a model needs OPENAI_API_KEY and a model", field="customer")
    return ChatOpenAI(
        model=settings.model_name,
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url or None,
        timeout=_SECONDS,
        max_completion_tokens=_MOST_TOKENS,
        use_responses_api=False,
    )


def _instructions(scenario: Scenario) -> str:
    customer = scenario.customer
    knows = "; ".join(f"{kind}: {ways[0].text or 'a photo'}" for kind, ways in customer.knows.items())
    lines = (
        f"{line.quantity} pieces of order line {line.key}, because: {line.reason.value},"
        f" in exchange for: {line.resolution.value}"
        for line in scenario.gold.lines
    )
    return _INSTRUCTIONS.format(
        persona=customer.persona,
        said=" / ".join(way[0].text for way in customer.says),
        knows=knows or "nothing more",
        wish="; ".join(lines) or "an answer to what you have just written",
        done=_DONE,
    )
