"""What a language model may answer: the claim as a closed schema. Everything in it is checked again
afterwards.
"""

import hashlib
import json
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.understanding.claim import Act
from backhaul.domain.codes import Condition, Reason, Resolution

_LONGEST = 200
_MOST_LINES = 20
_MOST_NUMBERS = 50


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelLine(_Closed):
    """One thing to be sent back, in the model's reading."""

    order_ref: str | None = Field(max_length=40)
    po_ref: str | None = Field(max_length=40)
    sku: str | None = Field(max_length=60)
    item_words: str = Field(max_length=_LONGEST)
    received_sku: str | None = Field(max_length=60)
    received_words: str | None = Field(max_length=_LONGEST)
    quantity: int | None
    all_of_them: bool
    serials: list[str] = Field(max_length=_MOST_NUMBERS)
    reason: Reason | None
    reason_confidence: float
    resolution: Resolution | None
    condition: Condition


class ModelClaim(_Closed):
    """The whole message, in the model's reading."""

    act: Act
    in_scope: bool
    wants_person: bool
    language: str = Field(max_length=20)
    lines: list[ModelLine] = Field(max_length=_MOST_LINES)


def response_format() -> dict[str, Any]:
    """The schema as the chat completions API takes it."""
    schema = ModelClaim.model_json_schema()
    return {"type": "json_schema", "json_schema": {"name": "claim", "strict": True, "schema": schema}}


INSTRUCTIONS = (
    resources.files("agent.prompts").joinpath("read_a_message.txt").read_text(encoding="utf-8").rstrip("\n")
)
"""What the model is told to do. In a file of its own it can be tried apart from the code: see releases."""


def prompt_version(instructions: str, schema: dict[str, Any]) -> str:
    """Begins the SHA-256 of what a model is told and may answer; whatever changes either changes it."""
    told = "\n".join([instructions, json.dumps(schema, sort_keys=True)])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


PROMPT_VERSION = prompt_version(INSTRUCTIONS, response_format())
"""Kept with every claim that a model read"""
