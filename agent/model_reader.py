"""The reader that asks a language model, and falls back to the offline reader whenever the answer cannot
be used.

Any OpenAI-compatible endpoint will do. The claim says which reader it comes from, and why when it fell back.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

import structlog
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import ValidationError

from agent.model_calls import Budget, ModelEndpoint, ModelSettings, Unusable, content_of
from agent.model_checks import checked
from agent.model_schema import INSTRUCTIONS, PROMPT_VERSION, ModelClaim, response_format
from agent.reader import Reader
from agent.understanding.claim import Claim, PurchasedLine
from agent.understanding.plaintext import MAX_CHARACTERS

log = structlog.get_logger()

_MOST_PURCHASES = 60
"""Order lines shown to the model; older ones it can look up."""

_LONGEST_TOOL_ANSWER = 6_000


class ModelReader:
    """Reads with a model; the offline reader's label is always the second opinion."""

    def __init__(
        self, offline: Reader, settings: ModelSettings, tools: Sequence[StructuredTool] = ()
    ) -> None:
        self._offline, self._settings, self._tools = offline, settings, tuple(tools)
        self._endpoint = ModelEndpoint(settings)

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
        budget = Budget(self._settings)
        try:
            read = ModelClaim.model_validate_json(self._ask(text, purchases, expecting, budget))
        except Unusable as why:
            return self._fall_back(offline, budget, str(why))
        except ValidationError:
            return self._fall_back(offline, budget, "malformed")
        claim = checked(read, text, purchases, offline, reader=f"model:{self._settings.model}")
        return replace(claim, asked=budget.record(PROMPT_VERSION))

    def _fall_back(self, offline: Claim, budget: Budget, why: str) -> Claim:
        log.warning("model not used", why=why)
        asked = budget.record(PROMPT_VERSION, fell_back=why)
        return replace(offline, reader=f"{offline.reader} (model: {why})", asked=asked)

    def _ask(
        self, text: str, purchases: Sequence[PurchasedLine], expecting: str | None, budget: Budget
    ) -> str:
        """A bounded loop of look-ups, ending in the structured answer."""
        messages: list[BaseMessage] = [
            SystemMessage(INSTRUCTIONS),
            HumanMessage(_prompt(text, purchases, expecting)),
        ]
        while True:
            answer = self._endpoint.call(messages, budget, self._options())
            if not answer.tool_calls:
                return content_of(answer)
            messages += [
                answer,
                *(self._look_up(call["name"], call["args"], call["id"]) for call in answer.tool_calls),
            ]

    def _options(self) -> dict[str, object]:
        options: dict[str, object] = {"response_format": response_format()}
        if self._tools:
            options["tools"] = [convert_to_openai_tool(tool, strict=True) for tool in self._tools]
        return options

    def _look_up(self, name: str, arguments: dict[str, object], call_id: str | None) -> ToolMessage:
        tool = next((one for one in self._tools if one.name == name), None)
        try:
            answer = str(tool.invoke(arguments)) if tool else "there is no such tool"
        except ValidationError:
            answer = "those arguments do not fit the tool"
        return ToolMessage(answer[:_LONGEST_TOOL_ANSWER], tool_call_id=call_id or "")


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
