"""Several wishes in one message: "repair for the motor, replacement for the couplings". Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.filling import Said
from agent.leave_out import named
from agent.state import DraftLine
from agent.understanding.wishes import resolution_in

_DIFFERENT = 2
_PARTS = re.compile(r"[,.;!?\n]|\b(?:and|but|while|whereas)\b")


def with_wishes(lines: Sequence[DraftLine], text: str) -> list[DraftLine] | None:
    """The lines, each with the wish said of it; `None` unless different ones are said of different goods."""
    told = {}
    for part in _PARTS.split(text.lower()):
        wish, meant = resolution_in(part), named(lines, part)
        if wish and len(meant) == 1:
            told[meant[0].line_id] = wish[0].value
    if len(set(told.values())) < _DIFFERENT:
        return None
    return [replace(line, resolution=told.get(line.line_id, line.resolution)) for line in lines]


def without_wishes(said: Said, *, answers: bool) -> Said:
    """What else the message says: counts of goods, and why where it is no answer to a question."""
    left = tuple(
        replace(line, resolution=None, reason=None if answers else line.reason) for line in said.claim.lines
    )
    counted = tuple(line for line in left if line.quantity or line.all_of_them or line.half or line.reason)
    return replace(said, claim=replace(said.claim, lines=counted))
