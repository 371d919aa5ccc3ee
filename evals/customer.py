"""A customer who follows a script: what is said next depends on what the desk asks for alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from evals.personas import PERSONAS
from evals.scenario import Customer, Later, Saying

AGREES = Saying(text="Yes, please go ahead.")
DOES_NOT_KNOW = Saying(text="I do not know that, sorry.")
_SAME_QUESTION = 3
"""Who is asked the same thing more often than this has nothing more to say"""
_AGREED_TO = "consent"


@dataclass(frozen=True, slots=True)
class Heard:
    """The desk's last answer: how it ended, and what it asks for."""

    outcome: str
    asks_for: str


@dataclass(slots=True)
class ScriptedCustomer:
    """Plays one customer once; another epoch words things otherwise."""

    script: Customer
    epoch: int
    seed: str
    sent: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _told: set[int] = field(default_factory=set)

    def opening(self) -> list[Saying]:
        """What is written before any answer is read."""
        said = [self._choose(one) for one in self.script.says]
        self.sent += len(said)
        return said

    def answer(self, heard: Heard) -> list[Saying]:
        """What is written now; nothing when there is nothing to say or the patience is over."""
        if self.sent >= self.script.patience:
            return []
        said = self._unasked(heard) or self._asked_for(heard)
        self.sent += len(said)
        return said

    def _unasked(self, heard: Heard) -> list[Saying]:
        for at, later in enumerate(self.script.later):
            if at not in self._told and self._is_due(later, heard):
                self._told.add(at)
                return [self._choose(later.says)]
        return []

    def _is_due(self, later: Later, heard: Heard) -> bool:
        if later.before is not None:
            return self.sent + 1 >= later.before
        return later.at in {heard.outcome, heard.asks_for}

    def _asked_for(self, heard: Heard) -> list[Saying]:
        about = _AGREED_TO if heard.outcome == _AGREED_TO else heard.asks_for
        if not about:
            return []
        self._asked[about] += 1
        if self._asked[about] > _SAME_QUESTION:
            return []
        if about in self.script.knows:
            return self._in_person(self._choose(self.script.knows[about]))
        if about == _AGREED_TO:
            return [AGREES]
        return [DOES_NOT_KNOW] if self._asked[about] == 1 else []

    def _in_person(self, said: Saying) -> list[Saying]:
        """A photo is sent as it is; words are sent as this kind of person sends them."""
        if not said.text:
            return [said]
        luck = Random(f"{self.seed} {self.epoch} {self.sent}")
        words = PERSONAS[self.script.persona](said.text, luck)
        return [*(Saying(text=one) for one in words[:-1]), said.model_copy(update={"text": words[-1]})]

    def _choose(self, ways: Sequence[Saying]) -> Saying:
        return ways[self.epoch % len(ways)]
