"""Read verbs as tools for a language model: the docstring is the contract, who it is for is bound
beforehand.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from langchain_core.tools import StructuredTool

from backhaul.domain.canonical import canonical_json
from backhaul.domain.errors import BackhaulError
from backhaul.store.conversation import Speaker
from tools import eligibility, reads
from tools.desk import Desk
from tools.marks import is_read

VERBS: tuple[Callable[..., Any], ...] = (
    reads.find_orders,
    reads.order_lines,
    eligibility.check_eligibility,
    reads.return_status,
)
"""What a model may call. None of them changes anything."""

_BOUND = ("desk", "speaker")


def for_model(
    desk: Desk, speaker: Speaker, verbs: tuple[Callable[..., Any], ...] = VERBS
) -> list[StructuredTool]:
    """Tools for one speaker. ValueError for a verb that is not marked as reading."""
    refused = [verb.__name__ for verb in verbs if not is_read(verb)]
    if refused:
        raise ValueError(f"not for a model: {', '.join(refused)}")
    return [_tool(desk, speaker, verb) for verb in verbs]


def _tool(desk: Desk, speaker: Speaker, verb: Callable[..., Any]) -> StructuredTool:
    @wraps(verb)
    def call(**arguments: Any) -> str:
        try:
            return canonical_json(verb(desk, speaker, **arguments))
        except BackhaulError as error:
            return canonical_json({"error": error.code, "message": str(error)})

    kept = [one for one in inspect.signature(verb).parameters.values() if one.name not in _BOUND]
    # What the model sees is the verb without the two arguments that come from the session.
    call.__signature__ = inspect.Signature(kept, return_annotation=str)  # type: ignore[attr-defined]
    call.__annotations__ = {one.name: one.annotation for one in kept} | {"return": str}
    del call.__wrapped__
    return StructuredTool.from_function(call, parse_docstring=True)
