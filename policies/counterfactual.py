"""The smallest true change that would turn an answer into a permit, computed and not guessed.

A change is true when people can bring it about or it is a plain fact of the calendar: more photos, fewer
pieces, serial numbers, an approval, an earlier report. What an item is, who ordered it or how a text was read
is not up for change. Smallest means fewest changes first, then fewest steps, then the order of `_MOVES`.
The search looks at up to three changes of up to 400 steps; beyond that it says nothing rather than guess.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations

from backhaul.domain.codes import Outcome
from policies.decision import Change, Counterfactual
from policies.facts import FACTS, Facts, Kind
from policies.figures import with_figures
from policies.rules import BoundRule, show
from policies.ruleset import Ruleset, effect_of, status_of
from policies.syntax import Word

Values = Mapping[str, Word]
_MOST_MOVES = 3
_MOST_TRIES = 4_000
_LONGEST_WALK = 400


@dataclass(frozen=True, slots=True)
class _Step:
    """New values for some facts, and how far that is from where they are."""

    size: int
    changes: Mapping[str, Word]


@dataclass(frozen=True, slots=True)
class _Move:
    """One thing that could be otherwise, with every distance it could go, shortest first."""

    touches: frozenset[str]
    steps: Callable[[Values], Iterator[_Step]]


def smallest_change(ruleset: Ruleset, facts: Facts) -> Counterfactual | None:
    """The smallest true change after which the rules permit; None if none of up to three changes does."""
    search = _Search(ruleset, facts)
    for count in range(1, _MOST_MOVES + 1):
        found = [step for moves in combinations(_MOVES, count) if (step := search.best(moves))]
        if found:
            return _told(facts.known(), min(found, key=lambda step: step.size))
    return None


class _Search:
    """Tries moves on one proposal. A rule that no move touches keeps its answer and is asked only once."""

    def __init__(self, ruleset: Ruleset, facts: Facts) -> None:
        self._ruleset, self._facts = ruleset, facts
        self._values = facts.known()
        self._rules = ruleset.rules(facts.action)
        self._failing = [rule for rule in self._rules if not self._permits([rule], {})]

    def best(self, moves: tuple[_Move, ...]) -> _Step | None:
        """The shortest step of exactly these moves that permits."""
        touched = frozenset().union(*(move.touches for move in moves))
        if any(touched.isdisjoint(rule.reading.stored) for rule in self._failing):
            return None
        walks = [self._walk(move, moves) for move in moves]
        concerned = [rule for rule in self._rules if not touched.isdisjoint(rule.reading.stored)]
        for step in _nearest_first(walks):
            if self._permits(concerned, step.changes) and self._possible(step):
                return step
        return None

    def _walk(self, move: _Move, moves: tuple[_Move, ...]) -> list[_Step]:
        """The steps of one move that satisfy every rule only this move touches."""
        others = frozenset().union(*(other.touches for other in moves if other is not move))
        own = [
            rule
            for rule in self._rules
            if not move.touches.isdisjoint(rule.reading.stored) and others.isdisjoint(rule.reading.stored)
        ]
        return [step for step in move.steps(self._values) if self._permits(own, step.changes)]

    def _permits(self, rules: list[BoundRule], changes: Values) -> bool:
        values = with_figures({**self._values, **changes}, self._facts.unknown)
        situation = self._ruleset.situation(self._facts.action, values, self._facts.unknown)
        return all(effect_of(rule, status_of(rule, situation)) is Outcome.PERMIT for rule in rules)

    def _possible(self, step: _Step) -> bool:
        try:
            self._facts.changed(**step.changes)
        except ValueError:
            return False
        return True


def _nearest_first(walks: list[list[_Step]]) -> Iterator[_Step]:
    """Every combination of one step of each walk, nearest first, up to a bound."""
    if not all(walks):
        return
    start = (0,) * len(walks)
    waiting, seen = [(sum(walk[0].size for walk in walks), start)], {start}
    for _ in range(_MOST_TRIES):
        if not waiting:
            return
        size, at = heappop(waiting)
        chosen = [walk[index] for walk, index in zip(walks, at, strict=True)]
        yield _Step(size, {name: value for step in chosen for name, value in step.changes.items()})
        for which, walk in enumerate(walks):
            further = (*at[:which], at[which] + 1, *at[which + 1 :])
            if further[which] < len(walk) and further not in seen:
                seen.add(further)
                added = walk[further[which]].size - walk[at[which]].size
                heappush(waiting, (size + added, further))


def _told(values: Values, step: _Step) -> Counterfactual:
    changes = tuple(
        Change(name, values[name], needed) for name, needed in step.changes.items() if values[name] != needed
    )
    return Counterfactual(changes, f"This would be permitted {' and '.join(map(_in_words, changes))}.")


def _in_words(change: Change) -> str:
    info = FACTS[change.fact]
    if info.kind is Kind.FLAG:
        return f"{'with' if change.needed else 'without'} {info.words}"
    return (
        f"if {info.words} were {show(change.fact, change.needed)} instead of {show(change.fact, change.now)}"
    )


def _flag(name: str) -> _Move:
    def steps(values: Values) -> Iterator[_Step]:
        if values.get(name) is False:
            yield _Step(1, {name: True})

    return _Move(frozenset({name}), steps)


def _more_photos(values: Values) -> Iterator[_Step]:
    for more in range(1, 11):
        yield _Step(more, {"photos": int(values["photos"]) + more})


def _fewer_pieces(values: Values) -> Iterator[_Step]:
    now = int(values["quantity"])
    for fewer in range(1, min(now, _LONGEST_WALK)):
        left = now - fewer
        changes: dict[str, Word] = {"quantity": left}
        for name in ("serials_given", "serials_matching"):
            if name in values:
                changes[name] = min(int(values[name]), left)
        yield _Step(fewer, changes)


def _right_serials(values: Values) -> Iterator[_Step]:
    if not {"serial_tracked", "serials_matching"} <= values.keys():
        return
    wanted = int(values["quantity"]) if values["serial_tracked"] else 0
    given, matching = int(values["serials_given"]), int(values["serials_matching"])
    size = max(abs(wanted - given), abs(wanted - matching))
    if size:
        yield _Step(size, {"serials_given": wanted, "serials_matching": wanted})


def _earlier_report(values: Values) -> Iterator[_Step]:
    now = int(values.get("days_since_delivery", 0))
    for earlier in range(1, min(now, _LONGEST_WALK) + 1):
        yield _Step(earlier, {"days_since_delivery": now - earlier})


def _approval(values: Values) -> Iterator[_Step]:
    now = int(values["approvals"])
    if values["approver_is_requester"]:
        yield _Step(1, {"approver_is_requester": False})
    for more in range(1, 3):
        yield _Step(more, {"approvals": now + more})


_MOVES = (
    _flag("consent_given"),
    _flag("received_item_known"),
    _Move(frozenset({"photos"}), _more_photos),
    _Move(frozenset({"serials_given", "serials_matching"}), _right_serials),
    _Move(frozenset({"quantity", "serials_given", "serials_matching"}), _fewer_pieces),
    _Move(frozenset({"days_since_delivery"}), _earlier_report),
    _Move(frozenset({"approvals", "approver_is_requester"}), _approval),
)
