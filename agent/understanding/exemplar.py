"""The shipped example messages and what each head learns from them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from agent.understanding.claim import Act
from backhaul.domain.codes import Reason

_ABOUT_RETURNS = {Act.STATUS, Act.QUESTION, Act.CANCEL_REQUEST, Act.REPORT_PHOTO, Act.RETURN_REQUEST}
NOT_SAID = "not_said"
"""What the reason head answers for a message that gives no reason."""

_REASONLESS = {
    Act.RETURN_REQUEST,
    Act.ANSWER,
    Act.CORRECTION,
    Act.CONFIRM,
    Act.DECLINE,
    Act.THANKS,
    Act.GREETING,
}


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A hand-written message; `reason` is None unless it says why goods come back."""

    text: str
    act: Act
    reason: Reason | None

    @property
    def about_returns(self) -> bool | None:
        """In scope or not; None for words such as "yes" that belong to any conversation."""
        if self.act is Act.OUT_OF_SCOPE:
            return False
        return True if self.act in _ABOUT_RETURNS else None

    @property
    def why(self) -> str | None:
        """The reason given, `NOT_SAID` when none is, None where the question makes no sense."""
        return self.reason or (NOT_SAID if self.act in _REASONLESS else None)


@cache
def load_exemplars() -> tuple[Exemplar, ...]:
    """All shipped exemplars, always in the same order."""
    reasons = [
        Exemplar(row["text"], Act.RETURN_REQUEST, reason) for reason in Reason for row in _rows(reason)
    ]
    outside = [Exemplar(row["text"], Act.OUT_OF_SCOPE, None) for row in _rows(Act.OUT_OF_SCOPE)]
    acts = [Exemplar(row["text"], Act(row["act"]), None) for row in _rows("acts")]
    return (*reasons, *outside, *acts)


def digest(exemplars: Sequence[Exemplar]) -> str:
    """Names this exact set of exemplars and what each one teaches."""
    return _digest_of_shipped() if exemplars is load_exemplars() else _digest(exemplars)


@cache
def _digest_of_shipped() -> str:
    # Only of these: others come from people, who can have them erased.
    return _digest(load_exemplars())


def _digest(exemplars: Sequence[Exemplar]) -> str:
    taught = [(item.text, item.act, item.why, item.about_returns) for item in exemplars]
    return hashlib.sha256(repr(taught).encode()).hexdigest()


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("agent.understanding.exemplars") / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
