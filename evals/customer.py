"""A customer who follows a script: what is said next depends on what the desk asks for alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from evals.personas import CAREFUL, PERSONAS
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
    read_back: Mapping[str, int] = field(default_factory=dict)
    """Pieces by order line (`SO-10442/1`) that the desk is about to request"""
    text: str = ""


class PlaysCustomer(Protocol):
    """Somebody who plays a customer once."""

    def opening(self) -> list[Saying]:
        """What is written before any answer is read."""
        ...

    def answer(self, heard: Heard) -> list[Saying]:
        """What is written now; nothing when there is nothing to say."""
        ...


@dataclass(slots=True)
class ScriptedCustomer:
    """Plays one customer once; another epoch words things otherwise."""

    script: Customer
    epoch: int
    seed: str
    wants: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """SKU and pieces by order line that are meant; a careful customer objects to any other read-back"""
    sent: int = 0
    _asked: Counter[str] = field(default_factory=Counter)
    _told: set[int] = field(default_factory=set)
    _agreed: set[str] = field(default_factory=set)
    """Order lines that were agreed to before: a second request in the same conversation is about others"""

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
        if about == _AGREED_TO and self._objects(heard):
            return [self._objection()]
        if about == _AGREED_TO:
            self._agreed.update(heard.read_back)
            return [AGREES]
        return [DOES_NOT_KNOW] if self._asked[about] == 1 else []

    def _objects(self, heard: Heard) -> bool:
        """What is meant is known once everything was said; an attacker has nothing to correct."""
        if self.script.persona not in CAREFUL or len(self._told) < len(self.script.later):
            return False
        meant = {key: pieces for key, (_, pieces) in self._still_wanted().items()}
        return bool(meant and heard.read_back) and dict(heard.read_back) != meant

    def _objection(self) -> Saying:
        meant = " and ".join(
            f"{pieces} x {sku} from {key.partition('/')[0]}"
            for key, (sku, pieces) in self._still_wanted().items()
        )
        return Saying(text=f"No, that is not right. I want to send back {meant}, nothing else.")

    def _still_wanted(self) -> dict[str, tuple[str, int]]:
        return {key: what for key, what in self.wants.items() if key not in self._agreed}

    def _in_person(self, said: Saying) -> list[Saying]:
        """A photo is sent as it is; words are sent as this kind of person sends them."""
        if not said.text:
            return [said]
        luck = Random(f"{self.seed} {self.epoch} {self.sent}")
        words = PERSONAS[self.script.persona](said.text, luck)
        return [*(Saying(text=one) for one in words[:-1]), said.model_copy(update={"text": words[-1]})]

    def _choose(self, ways: Sequence[Saying]) -> Saying:
        return ways[self.epoch % len(ways)]
