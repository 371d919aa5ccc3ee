"""The smallest true change that would turn an answer into a permit, computed and not guessed.

A change is true when it is made of moves (policies.moves): things people can bring about, and plain facts of
the calendar. Of two changes the one of fewer moves is smaller; of two with as many moves, the one with the
smaller sum of sizes; of two still equal, the one whose moves come first in `MOVES`. Fewer pieces together
with right serial numbers are two moves. Up to three moves are tried, each up to 400 steps far (photos ten,
approvals two); where that is not enough, or the rules tie so many moves together that not all could be tried,
nothing is said.

A request that comes earlier is decided earlier: that move is judged under the documents of its day, overlays
included. The order stays where it is, and so do the terms that follow it.

A fact that moves along but on which the answer does not hang is left out of what is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations, product

from backhaul.domain.codes import Outcome
from policies.decision import Change, Counterfactual
from policies.facts import Facts
from policies.figures import with_figures
from policies.moves import EARLIER, MOVES, WITH, Move, Step
from policies.rules import BoundRule
from policies.ruleset import Ruleset, effect_of, status_of
from policies.syntax import Word

_MOST_MOVES = 3
_MOST_TRIES = 4_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The rules for a request that comes so many days earlier, from `nearest` to `farthest`."""

    ruleset: Ruleset
    nearest: int
    farthest: int


@dataclass(frozen=True, slots=True)
class _Found:
    """Moves that together permit: how far, which steps, and under which rules."""

    size: int
    parts: tuple[tuple[Move, Step], ...]
    search: "_Search"


class _TooMany(Exception):
    """The moves hang together in more ways than are tried."""


def smallest_change(stretches: Sequence[Stretch], facts: Facts) -> Counterfactual | None:
    """The smallest true change after which the rules permit; None if none within the bounds does."""
    searches = [_Search(stretch, facts) for stretch in stretches]
    try:
        for count in range(1, _MOST_MOVES + 1):
            found = [
                change
                for moves, search in product(_together(count), searches)
                if (search.is_today or EARLIER in moves) and (change := search.best(moves))
            ]
            if found:
                smallest = min(found, key=lambda change: change.size)
                return smallest.search.told(smallest)
    except _TooMany:
        return None
    return None


def _together(count: int) -> Iterator[tuple[Move, ...]]:
    """Moves that count as so many together and do not touch the same facts."""
    for number in range(1, count + 1):
        for moves in combinations(MOVES, number):
            touched = sum(len(move.touches) for move in moves)
            if sum(move.counts for move in moves) == count and touched == len(_touched(moves)):
                yield moves


def _touched(moves: tuple[Move, ...]) -> frozenset[str]:
    return frozenset().union(*(move.touches for move in moves))


class _Search:
    """Tries moves on one proposal under the rules of one stretch.

    A rule that no move touches keeps its answer and is asked only once.
    """

    def __init__(self, stretch: Stretch, facts: Facts) -> None:
        self._stretch, self._ruleset, self._facts = stretch, stretch.ruleset, facts
        self._values = facts.known()
        self._rules = stretch.ruleset.rules(facts.action)
        self._failing = [rule for rule in self._rules if not self._permits([rule], {})]
        self._steps: dict[int, list[Step]] = {}
        self.is_today = not stretch.nearest

    def best(self, moves: tuple[Move, ...]) -> _Found | None:
        """The smallest change of exactly these moves that permits.

        Raises:
            _TooMany: It could not be found out.
        """
        touched = _touched(moves)
        if any(touched.isdisjoint(rule.reading.stored) for rule in self._failing):
            return None
        walks = [self._walk(move, moves) for move in moves]
        tying = [rule for rule in self._rules if _ties(rule, moves)]
        for size, steps in _nearest_first(walks):
            changes = {name: value for step in steps for name, value in step.changes.items()}
            if self._permits(tying, changes) and self._possible(changes):
                return _Found(size, tuple(zip(moves, steps, strict=True)), self)
        return None

    def told(self, found: _Found) -> Counterfactual:
        """The change with its sentence, without facts on which the answer does not hang."""
        needed = {name: value for _, step in found.parts for name, value in step.changes.items()}
        needed = {name: value for name, value in needed.items() if self._values[name] != value}
        # The days since delivery tell how far a request moves in time, so they are left out last.
        for name in sorted(needed, key=lambda fact: fact == "days_since_delivery"):
            without = {other: value for other, value in needed.items() if other != name}
            told = all(not without.keys().isdisjoint(step.changes) for _, step in found.parts)
            if told and self._permits(self._rules, without) and self._possible(without):
                needed = without
        said = [
            move.say(self._values, {name: needed[name] for name in step.changes if name in needed}, step)
            for move, step in found.parts
        ]
        shown = tuple(Change(name, self._values[name], value) for name, value in needed.items())
        earlier = sum(step.size for move, step in found.parts if move is EARLIER)
        return Counterfactual(shown, f"This would be permitted {_in_one_sentence(said)}.", earlier)

    def _walk(self, move: Move, moves: tuple[Move, ...]) -> list[Step]:
        """The steps of one move that satisfy every rule only this move touches; where no rule ties it to
        another move, the shortest of them is enough.
        """
        concerned = [rule for rule in self._rules if not move.touches.isdisjoint(rule.reading.stored)]
        own = [rule for rule in concerned if not _ties(rule, moves)]
        fitting = (step for step in self._steps_of(move) if self._permits(own, step.changes))
        if len(own) < len(concerned):
            return list(fitting)
        nearest = next((step for step in fitting if self._possible(step.changes)), None)
        return [nearest] if nearest else []

    def _steps_of(self, move: Move) -> list[Step]:
        if id(move) not in self._steps:
            steps = move.steps(self._values)
            if move is EARLIER:
                steps = (step for step in steps if self._within(step))
            self._steps[id(move)] = list(steps)
        return self._steps[id(move)]

    def _within(self, step: Step) -> bool:
        return self._stretch.nearest <= step.size <= self._stretch.farthest

    def _permits(self, rules: list[BoundRule] | tuple[BoundRule, ...], changes: Mapping[str, Word]) -> bool:
        values = {**self._values, **changes}
        return all(self._permits_alone(rule, values) for rule in rules)

    def _permits_alone(self, rule: BoundRule, values: dict[str, Word]) -> bool:
        unknown = self._facts.unknown
        if unknown.isdisjoint(rule.reading.stored):
            return self._ruleset.lets_pass(rule, values)
        situation = self._ruleset.situation(self._facts.action, with_figures(values, unknown), unknown)
        return effect_of(rule, status_of(rule, situation)) is Outcome.PERMIT

    def _possible(self, changes: Mapping[str, Word]) -> bool:
        try:
            self._facts.changed(**changes)
        except ValueError:
            return False
        return True


def _in_one_sentence(said: list[str]) -> str:
    """`with one photo, one more approval and 2 pieces instead of 3`."""
    wanted = [words.removeprefix(WITH) for words in said if words.startswith(WITH)]
    *others, last = wanted or [""]
    together = [f"{WITH}{', '.join(others)} and {last}" if others else f"{WITH}{last}"] if wanted else []
    return " and ".join([*together, *(words for words in said if not words.startswith(WITH))])


def _ties(rule: BoundRule, moves: tuple[Move, ...]) -> bool:
    """Whether the rule reads what two of these moves touch, so that they cannot be looked at one by one."""
    return sum(not move.touches.isdisjoint(rule.reading.stored) for move in moves) > 1


def _nearest_first(walks: list[list[Step]]) -> Iterator[tuple[int, list[Step]]]:
    """Every combination of one step of each walk with its size, nearest first. _TooMany beyond a bound."""
    if not all(walks):
        return
    start = (0,) * len(walks)
    waiting, seen = [(sum(walk[0].size for walk in walks), start)], {start}
    while waiting:
        if len(seen) > _MOST_TRIES:
            raise _TooMany
        size, at = heappop(waiting)
        yield size, [walk[index] for walk, index in zip(walks, at, strict=True)]
        for which, walk in enumerate(walks):
            further = (*at[:which], at[which] + 1, *at[which + 1 :])
            if further[which] < len(walk) and further not in seen:
                seen.add(further)
                added = walk[further[which]].size - walk[at[which]].size
                heappush(waiting, (size + added, further))
