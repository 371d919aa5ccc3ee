"""Two sets of trained heads over the same messages: how often each is right, and every answer that changed.

Paired: only messages that one of the two reads right and the other wrong tell them apart. The interval and
the chance are those of `evals.scoring.comparing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.understanding.unseen import ReadTwice
from backhaul.domain.errors import BadInput
from evals.scoring.assumptions import BINS, SIGNIFICANCE
from evals.scoring.comparing import difference, sign_flip
from evals.scoring.intervals import share
from evals.scoring.measured import Measured
from evals.suite import load_suite, suite_names

MARGIN = 0.02
"""So much worse, as a share of the messages read unseen, a candidate may be at the lower bound of its
interval: about one message of each reason. A choice, not a measurement.
"""
OUT_OF_SCOPE = "out_of_scope"
Message = tuple[str, str]
"""A text, and what it says: a reason or `OUT_OF_SCOPE`"""
Reads = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """One source of messages, read by both."""

    name: str
    before: Measured
    after: Measured
    difference: Measured
    """After less before; below zero the candidate is worse"""
    p_worse: float | None
    broke: tuple[ReadTwice, ...]
    mended: tuple[ReadTwice, ...]
    else_changed: tuple[ReadTwice, ...]
    """Wrong both times, each time otherwise"""
    is_unseen: bool
    """Read in folds, each by heads that had not seen the text: the margin is asked of these"""

    @property
    def why_worse(self) -> str:
        """In words, why the candidate is not cleared by it; empty when it is."""
        low = self.difference.low
        if self.is_unseen and (low is None or low < -MARGIN):
            seen = "nothing was measured" if low is None else f"it may be {-low:.1%} worse"
            return f"on {self.name} {seen}, and {MARGIN:.0%} is the most"
        if not self.is_unseen and self.p_worse is not None and self.p_worse < SIGNIFICANCE:
            return f"on {self.name} it breaks {len(self.broke)} and mends {len(self.mended)}"
        return ""

    def figures(self) -> dict[str, Any]:
        """What is kept of it, without a text."""
        told = self.difference
        return {
            "name": self.name,
            "n": told.n,
            "before": self.before.value,
            "after": self.after.value,
            "difference": [told.low, told.value, told.high],
            "broke": len(self.broke),
            "mended": len(self.mended),
        }


def held_against(name: str, read: Sequence[ReadTwice], *, is_unseen: bool = False) -> HeldAgainst:
    """Pair what was read twice. Each text is a case of its own."""
    right = [(one.before == one.expected, one.after == one.expected) for one in read]
    moved = [int(after) - int(before) for before, after in right]
    changed = [(one, move) for one, move in zip(read, moved, strict=True) if one.before != one.after]
    return HeldAgainst(
        name=name,
        before=share("before", ((str(at), before) for at, (before, _) in enumerate(right))),
        after=share("after", ((str(at), after) for at, (_, after) in enumerate(right))),
        difference=difference([[move] for move in moved]),
        p_worse=sign_flip(moved)[0],
        broke=tuple(one for one, move in changed if move < 0),
        mended=tuple(one for one, move in changed if move > 0),
        else_changed=tuple(one for one, move in changed if not move),
        is_unseen=is_unseen,
    )


def read_by_both(messages: Sequence[Message], before: Reads, after: Reads) -> list[ReadTwice]:
    """Each message by each reader, in order."""
    return [ReadTwice(text, expected, before(text), after(text)) for text, expected in messages]


def first_messages() -> list[Message]:
    """What the customers of all suites begin with, where one reason is right; not all of them say why."""
    found: dict[str, str] = {}
    for name in suite_names():
        for scenario in load_suite(name).scenarios:
            reasons = {line.reason.value for line in scenario.gold.lines}
            if len(reasons) == 1:
                (reason,) = reasons
                found |= {way[0].text: reason for way in scenario.customer.says if way[0].text.strip()}
    return list(found.items())


def expected_error(sure: Sequence[float], right: Sequence[bool]) -> float:
    """ECE: how far confidence and accuracy lie apart on average, over ten bins of equal width.

    Raises:
        BadInput: There is nothing to measure.
    """
    if not sure:
        raise BadInput("nothing was read, so no error can be told", field="messages")
    places = np.minimum((np.array(sure) * BINS).astype(int), BINS - 1)
    apart = np.bincount(places, weights=np.array(sure) - np.array(right, dtype=float), minlength=BINS)
    return float(np.abs(apart).sum() / len(sure))
