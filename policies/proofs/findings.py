"""What the examination of a set of documents can find, and the list of what was found and accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.facts import FACTS, Kind
from policies.rules import TABLE_PREFIX, show
from policies.syntax import Word

Example = Mapping[str, Word]
"""Facts that differ from the baseline of the action, which is always among them"""


class FindingKind(StrEnum):
    """What can be wrong with documents that load."""

    GAP = "gap"
    CONFLICT = "conflict"
    UNREACHABLE = "unreachable"
    TOOTHLESS = "toothless"
    ALWAYS_FAILING = "always failing"
    SHADOWED = "shadowed"
    LOOSENED = "loosened without grant"
    DIRECTION = "wrong table direction"
    CLAIM = "claim without corroboration"
    EXAMPLE = "example that does not hold"
    NOT_PROVED = "not proved"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, in plain words, with the case nearest to an ordinary one that shows it.

    `example` holds the facts that differ from the baseline of its action: as few as can be, and those by as
    little as can be. `otherwise` is the second case of a pair, as the facts (or the table, `p.<name>`) in
    which it differs from the first.
    """

    kind: FindingKind
    document: str
    rule_or_table: str
    clause: str
    words: str
    example: Example | None = None
    otherwise: Example | None = None


def in_words(example: Example) -> str:
    """A case as a sentence tells it, such as `create rma with the days since delivery 31`."""
    others = [_fact(name, value) for name, value in example.items() if name != "action"]
    action = show("action", example["action"]) if "action" in example else ""
    ordinary = "an ordinary case" if not others else ", ".join(others)
    return f"{action}: {ordinary}" if action else ordinary


def _fact(name: str, value: Word) -> str:
    if name.startswith(TABLE_PREFIX):
        return f"{name.removeprefix(TABLE_PREFIX)} {show(name, value)}"
    info = FACTS[name]
    if info.kind is Kind.FLAG:
        return f"{'' if value else 'not '}{info.words}"
    return f"{info.words} {show(name, value)}"
