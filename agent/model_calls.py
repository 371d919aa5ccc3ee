"""Calls of a language model at any OpenAI-compatible endpoint: bounded, repeated where it helps, counted.

Whatever goes wrong is one exception with the kind of failure in a word; whoever asks has another way.
"""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import openai
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.runnables import Runnable
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from agent.understanding.claim import ModelRecord

_FIRST_PAUSE_SECONDS = 0.25
_MILLISECONDS = 1_000
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
class Budget:
    """What is left of one message's calls, time and tokens, and what was spent."""

    settings: ModelSettings
    started: float = field(default_factory=time.monotonic)
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def spend(self) -> float:
        """Take one call; seconds it may last. Unusable when nothing is left."""
        left = self.settings.total_seconds - (time.monotonic() - self.started)
        tokens = self.tokens_in + self.tokens_out
        if self.calls >= self.settings.most_calls or tokens >= self.settings.most_tokens or left <= 0:
            raise Unusable("limit")
        self.calls += 1
        return min(left, self.settings.timeout_seconds)

    def count(self, answer: AIMessage) -> None:
        """Add the tokens that the endpoint says it took; some say nothing."""
        if answer.usage_metadata:
            self.tokens_in += answer.usage_metadata["input_tokens"]
            self.tokens_out += answer.usage_metadata["output_tokens"]

    def record(self, prompt: str, fell_back: str = "") -> ModelRecord:
        """What was asked and spent so far, for the record."""
        return ModelRecord(
            model=self.settings.model,
            prompt=prompt,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            calls=self.calls,
            milliseconds=round((time.monotonic() - self.started) * _MILLISECONDS),
            fell_back=fell_back,
        )


class ModelEndpoint:
    """One model at one endpoint. Safe to share between threads."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._chat = ChatOpenAI(
            model=settings.model,
            api_key=settings.api_key,
            base_url=settings.base_url,
            timeout=settings.timeout_seconds,
            max_completion_tokens=settings.max_tokens,
            max_retries=0,
            use_responses_api=False,
        )

    def call(
        self, messages: Sequence[BaseMessage], budget: Budget, options: Mapping[str, object]
    ) -> AIMessage:
        """One call, repeated with growing pauses while repeating may help. Raises Unusable."""
        for attempt in range(self._settings.attempts):
            try:
                answer = self._bound(budget.spend(), options).invoke(list(messages))
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
                budget.count(answer)
                return answer
        raise Unusable("outage")

    def _bound(self, seconds: float, options: Mapping[str, object]) -> Runnable[list[BaseMessage], AIMessage]:
        return self._chat.bind(timeout=seconds, **options)


def content_of(answer: AIMessage) -> str:
    """The text of an answer that is one. Raises Unusable: refused, cut off, or no text."""
    if answer.additional_kwargs.get("refusal"):
        raise Unusable("refusal")
    finish = answer.response_metadata.get("finish_reason")
    if finish != "stop":
        raise Unusable(str(finish or "malformed"))
    if not isinstance(answer.content, str):
        raise Unusable("malformed")
    return answer.content
