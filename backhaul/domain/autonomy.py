"""Autonomy that is earned: which decisions are counted together, and what a blind second reading says.

A segment is a set of decisions whose right to be automatic is earned together. Segments form a declared
hierarchy, all -> product class -> product class and value band, and the policy has one limit for each leaf.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from backhaul.domain.codes import Outcome, ProductClass

CLOSED = 1_000
"""A floor that no reading reaches: the segment is closed"""
MOST_SURE = CLOSED - 1
"""Permille; no reading counts as certain, so that a closed segment lets none through"""
DRAWS = 1_000_000
"""A draw is a whole number below this; it is taken when it is below the share"""
_PERMILLE = 1_000


class ValueBand(StrEnum):
    """What the pieces asked for are worth; the policy says where the bands end."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


FLOOR_TABLE = "earned_floor_"
"""What the policy's tables of floors begin with; the band follows, the key is the product class"""


class Stratum(StrEnum):
    """Why a person was asked blind."""

    AUTOMATIC = "automatic"
    """It would have been permitted without anybody"""
    ESCALATED = "escalated"
    """Nothing but the floor of its segment stood in the way"""
    DENIED = "denied"
    """It would have been refused without anybody, on what was read"""


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """A node of the hierarchy; without a class it is everything, without a band a whole class."""

    product_class: str = ""
    band: str = ""

    @property
    def words(self) -> str:
        """How people name it."""
        told = self.product_class.replace("_", " ") or "everything"
        return f"{told}, {self.band} value" if self.band else told

    @property
    def parent(self) -> Self | None:
        """What it is a part of; None for everything."""
        if self.band:
            return type(self)(self.product_class)
        return type(self)() if self.product_class else None

    @property
    def children(self) -> tuple["Segment", ...]:
        """Its parts; none for a leaf."""
        if self.band:
            return ()
        if self.product_class:
            return tuple(Segment(self.product_class, band) for band in ValueBand)
        return tuple(Segment(each) for each in ProductClass)

    @property
    def leaves(self) -> tuple["Segment", ...]:
        """The smallest segments in it; itself for a leaf."""
        return tuple(leaf for child in self.children for leaf in child.leaves) or (self,)

    def holds(self, other: "Segment") -> bool:
        """Whether the other is it, or a part of it."""
        return self.product_class in {"", other.product_class} and self.band in {"", other.band}


EVERYTHING = Segment()
CLASSES = EVERYTHING.children
LEAVES = EVERYTHING.leaves
TREE = (EVERYTHING, *CLASSES, *LEAVES)


def is_held(held: Sequence[Segment], segment: Segment) -> bool:
    """Whether one of the segments that are closed keeps this one closed."""
    return any(one.holds(segment) for one in held)


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody takes a request to be. A request that asks for no return at all has no reason."""

    order_line: int
    """Line of the order named; 0 for none of its lines"""
    quantity: int
    reason: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class BlindLabel:
    """A decision that was drawn, and what a person who saw nothing of it said; None as long as nobody did."""

    id: str
    segment: Segment
    """A leaf"""
    stratum: Stratum
    confidence_permille: int
    draw: int
    share_permille: int
    machine: Read
    person: Read | None
    drawn_at: datetime
    is_over: bool = False
    """The review ended without an answer, so that none will come"""

    @property
    def is_wrong(self) -> bool:
        """Whether it would have been wrong to act on the reading: a single difference is enough.

        What ended without an answer counts as wrong, because nobody can say that it was right.
        """
        return self.person is None or self.person != self.machine


def is_drawn(draw: int, share_permille: int) -> bool:
    """Whether a draw, uniform from 0 to `DRAWS` - 1, falls into the share."""
    return draw * _PERMILLE < share_permille * DRAWS


def countable(labels: Sequence[BlindLabel]) -> list[BlindLabel]:
    """The labels that speak for all decisions there were, in the order in which they were drawn.

    They end at the first that still waits for its answer: quick answers are not typical ones. Where shares
    differed, as between automatic and escalated decisions, those are kept whose draw falls into the smallest
    of them: that is a uniform sample of all.
    """
    ordered = sorted(labels, key=lambda one: (one.drawn_at, one.id))
    answered: list[BlindLabel] = []
    for one in ordered:
        if one.person is None and not one.is_over:
            break
        answered.append(one)
    smallest = min((one.share_permille for one in answered), default=0)
    return [one for one in answered if is_drawn(one.draw, smallest)]
