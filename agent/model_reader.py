"""The reader that asks a language model, and falls back to the offline reader whenever the answer cannot
be used.

Any OpenAI-compatible endpoint will do. The claim says which reader it comes from, and why when it fell back.
"""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import openai
import structlog
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_openai import ChatOpenAI
from pydantic import SecretStr, ValidationError

from agent.model_checks import checked
from agent.model_schema import INSTRUCTIONS, ModelClaim, response_format
from agent.reader import Reader
from agent.understanding.claim import Claim, PurchasedLine
from agent.understanding.plaintext import MAX_CHARACTERS

log = structlog.get_logger()

_MOST_PURCHASES = 60
"""Order lines shown to the model; older ones it can look up."""

_LONGEST_TOOL_ANSWER = 6_000
_FIRST_PAUSE_SECONDS = 0.25
_RETRY = (
    openai.RateLimitError,
    openai.InternalServerError,
    openai.APIConnectionError,
)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, and how much of it. Times in seconds; `total_seconds` bounds one message with all
    calls.
    """

    api_key: SecretStr
    model: str
    base_url: str | None = None
    timeout_seconds: float = 20.0
    total_seconds: float = 40.0
    max_tokens: int = 1200
    most_tokens: int = 8_000
    most_calls: int = 4
    attempts: int = 3


class Unusable(Exception):
    """The model gave no answer that can be used; the message names the kind of failure."""


@dataclass(slots=True)
class _Budget:
    """What is left of one message's calls, time and tokens."""

    settings: ModelSettings
    started: float = field(default_factory=time.monotonic)
    calls: int = 0
    tokens: int = 0

    def spend(self) -> float:
        """Take one call; seconds it may last. Unusable when nothing is left."""
        left = self.settings.total_seconds - (time.monotonic() - self.started)
        if self.calls >= self.settings.most_calls or self.tokens >= self.settings.most_tokens or left <= 0:
            raise Unusable("limit")
        self.calls += 1
        return min(left, self.settings.timeout_seconds)


class ModelReader:
    """Reads with a model; the offline reader's label is always the second opinion."""

    def __init__(
        self, offline: Reader, settings: ModelSettings, tools: Sequence[StructuredTool] = ()
    ) -> None:
        self._offline, self._settings, self._tools = offline, settings, tuple(tools)
        self._chat = ChatOpenAI(
            model=settings.model,
            api_key=settings.api_key,
            base_url=settings.base_url,
            timeout=settings.timeout_seconds,
            max_completion_tokens=settings.max_tokens,
            max_retries=0,
            use_responses_api=False,
        )

    def with_tools(self, tools: Sequence[StructuredTool]) -> "ModelReader":
        """The same reader with read verbs of one speaker."""
        return ModelReader(self._offline, self._settings, tools)

    def warm_up(self) -> None:
        """The offline reader is needed for every message, so it is what has to be warm."""
        self._offline.warm_up()

    def read(self, text: str, purchases: Sequence[PurchasedLine], *, expecting: str | None = None) -> Claim:
        """The model's claim, re-checked; the offline reader's when there is none or the text gives
        commands.
        """
        offline = self._offline.read(text, purchases, expecting=expecting)
        if offline.injection_suspected or not text.strip():
            return offline
        try:
            answer = self._ask(text, purchases, expecting)
            read = ModelClaim.model_validate_json(answer)
        except Unusable as why:
            return self._fall_back(offline, str(why))
        except ValidationError:
            return self._fall_back(offline, "malformed")
        return checked(read, text, purchases, offline, reader=f"model:{self._settings.model}")

    def _fall_back(self, offline: Claim, why: str) -> Claim:
        log.warning("model not used", why=why)
        return replace(offline, reader=f"{offline.reader} (model: {why})")

    def _ask(self, text: str, purchases: Sequence[PurchasedLine], expecting: str | None) -> str:
        """A bounded loop of look-ups, ending in the structured answer."""
        budget = _Budget(self._settings)
        messages: list[BaseMessage] = [
            SystemMessage(INSTRUCTIONS),
            HumanMessage(_prompt(text, purchases, expecting)),
        ]
        while True:
            answer = self._call(messages, budget)
            budget.tokens += answer.usage_metadata["total_tokens"] if answer.usage_metadata else 0
            if not answer.tool_calls:
                return _content(answer)
            messages += [
                answer,
                *(self._look_up(call["name"], call["args"], call["id"]) for call in answer.tool_calls),
            ]

    def _call(self, messages: Sequence[BaseMessage], budget: _Budget) -> AIMessage:
        """One call, repeated with growing pauses while repeating may help."""
        for attempt in range(self._settings.attempts):
            try:
                answer = self._bound(budget.spend()).invoke(list(messages))
            except openai.APITimeoutError as error:
                raise Unusable("time-out") from error
            except openai.LengthFinishReasonError as error:
                raise Unusable("length") from error
            except _RETRY as error:
                if attempt + 1 == self._settings.attempts:
                    raise Unusable("outage") from error
                time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt * (1 + random.random()))
            except (openai.OpenAIError, ValueError) as error:
                raise Unusable(
                    "refused by the endpoint" if isinstance(error, openai.APIError) else "malformed"
                ) from error
            else:
                return answer
        raise Unusable("outage")

    def _bound(self, seconds: float) -> Runnable[list[BaseMessage], AIMessage]:
        options: dict[str, object] = {"response_format": response_format(), "timeout": seconds}
        if self._tools:
            options["tools"] = [convert_to_openai_tool(tool, strict=True) for tool in self._tools]
        return self._chat.bind(**options)

    def _look_up(self, name: str, arguments: dict[str, object], call_id: str | None) -> ToolMessage:
        tool = next((one for one in self._tools if one.name == name), None)
        try:
            answer = str(tool.invoke(arguments)) if tool else "there is no such tool"
        except ValidationError:
            answer = "those arguments do not fit the tool"
        return ToolMessage(answer[:_LONGEST_TOOL_ANSWER], tool_call_id=call_id or "")


def _content(answer: AIMessage) -> str:
    if answer.additional_kwargs.get("refusal"):
        raise Unusable("refusal")
    finish = answer.response_metadata.get("finish_reason")
    if finish != "stop":
        raise Unusable(str(finish or "malformed"))
    if not isinstance(answer.content, str):
        raise Unusable("malformed")
    return answer.content


def _prompt(text: str, purchases: Sequence[PurchasedLine], expecting: str | None) -> str:
    bought = [
        [line.order_number, line.po_number, line.line, line.sku, line.description, line.quantity_shipped]
        for line in purchases[:_MOST_PURCHASES]
    ]
    asked = f"The customer was just asked about: {expecting}.\n" if expecting else ""
    return (
        f"{asked}Newest order lines of this customer (order, PO, line, part, description, pieces): "
        f"{json.dumps(bought)}\nMessage, as JSON text: {json.dumps(text[:MAX_CHARACTERS])}"
    )
