"""The parameters of one simulated world: those of the sheet, each off by the luck of a seed."""

from functools import cache
from importlib import resources
from math import exp, log
from random import Random
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Grade

_SHEET = "world.yaml"
Share = float


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Days(_Sheet):
    """A number of days that scatters: log-normal round a median."""

    median: float = Field(gt=0)
    spread: float = Field(ge=0)

    def draw(self, random: Random) -> float:
        """Some days."""
        return exp(random.gauss(log(self.median), self.spread))


class World(_Sheet):
    """What people, parcels and goods do; see the sheet for each figure."""

    spread: float
    reasons: dict[Reason, float]
    supplier_defect_spread: float
    days_after_delivery: Days
    wants_replacement: Share
    wants_repair: Share
    sends_photo: Share
    clear_words: Share
    takes_all: Share
    cancels: Share
    never_sends: Share
    days_to_hand_in: Days
    days_on_the_way: Days
    days_to_count: Days
    days_to_inspect: Days
    refused_at_the_dock: Share
    empty_box: Share
    wrong_article: Share
    wrong_serial: Share
    one_piece_short: Share
    one_piece_more: Share
    not_as_said: Share
    grade_weights_broken: tuple[float, float, float, float]
    grade_weights_otherwise: tuple[float, float, float, float]
    sealed: tuple[Share, Share, Share, Share]
    overrides: Share
    days_to_decide: Days
    says_no: Share
    days_to_answer: Days
    pays: Share
    pays_in_part: Share
    asks_first: Share
    never_answers: Share

    def breaks(self, supplier_id: str, seed: int) -> float:
        """How much oftener than usual the goods of a supplier break in the world of that seed."""
        return exp(Random(f"supplier {seed} {supplier_id}").gauss(0, self.supplier_defect_spread))

    def grade(self, random: Random, *, broken: bool) -> Grade:
        """In which condition the goods come back."""
        weights = self.grade_weights_broken if broken else self.grade_weights_otherwise
        return random.choices(list(Grade), weights)[0]

    def is_sealed(self, random: Random, grade: Grade) -> bool:
        """Whether the seal is unbroken."""
        return random.random() < self.sealed[list(Grade).index(grade)]


@cache
def sheet() -> World:
    """The sheet that comes with Backhaul."""
    text = resources.files(__package__).joinpath(_SHEET).read_text(encoding="utf-8")
    return World.model_validate(yaml.safe_load(text))


_AS_THEY_ARE = {"spread", "supplier_defect_spread"}


def world_of(seed: int) -> World:
    """The world of a seed; the same one each time."""
    believed = sheet()
    told = believed.model_dump()
    changed = {
        name: value if name in _AS_THEY_ARE else _off(value, Random(f"world {seed} {name}"), believed.spread)
        for name, value in told.items()
    }
    return World.model_validate(changed)


def _off(value: Any, random: Random, spread: float) -> Any:
    if isinstance(value, dict):
        if set(value) == {"median", "spread"}:
            return {"median": value["median"] * exp(random.gauss(0, spread)), "spread": value["spread"]}
        return {key: one * exp(random.gauss(0, spread)) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_off(one, random, spread) for one in value]
    if value > 1:
        return value * exp(random.gauss(0, spread))
    odds = value / (1 - value) * exp(random.gauss(0, spread)) if value < 1 else 0
    return odds / (1 + odds) if value < 1 else value
