"""What was wanted beside what was found, order line by order line, for people to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evals.played import FoundLine, Played
from evals.reporting.words import money, outcome, words
from evals.scenario import GoldLine
from evals.scoring.lines import Pair, paired

_NOTHING = "-"


class Weight(StrEnum):
    """What it means that found is not what was wanted."""

    SAME = "same"
    WRONG = "wrong"
    """The scenario fails by it"""
    APART = "apart"
    """Measured by a figure of its own; the scenario does not fail by it"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing about an order line."""

    what: str
    wanted: str
    found: str
    weight: Weight


@dataclass(frozen=True, slots=True)
class LineShown:
    """An order line as it should be decided and as it was; either side can be missing."""

    key: str
    note: str
    rows: tuple[Row, ...]
    found: FoundLine | None


def lines_of(one: Played) -> tuple[LineShown, ...]:
    """Wanted and found side by side, in the order of the gold; what nobody wanted comes last."""
    found = one.found.lines if one.found else ()
    return tuple(_shown(pair) for pair in paired(one.scenario.gold.lines, found))


def _shown(pair: Pair) -> LineShown:
    note = ""
    if pair.found is None:
        note = "Nothing was proposed about this line."
    elif pair.gold is None:
        note = "Nothing was wanted of this line."
    return LineShown(pair.key, note, tuple(_rows(pair)), pair.found)


def _rows(pair: Pair) -> Iterator[Row]:
    yield _row(pair, "Outcome", lambda line: outcome(line.outcome))
    yield _row(pair, "Deciding rule", _rule)
    yield _row(pair, "Reason", lambda line: words(line.reason), weight=Weight.APART)
    yield _row(pair, "Action", lambda line: words(line.action))
    yield _row(pair, "Resolution", lambda line: words(line.resolution))
    yield _row(pair, "Pieces", lambda line: str(line.quantity))
    yield _row(pair, "Value", _value)
    both = [line for line in (pair.gold, pair.found) if line]
    if any(line.serials for line in both):
        yield _row(pair, "Serials", lambda line: ", ".join(sorted(line.serials)) or "none")
    if any(line.received_sku for line in both):
        yield _row(pair, "Came instead", lambda line: line.received_sku or "not said", weight=Weight.APART)
    if any(line.facility for line in both):
        asked = pair.gold is not None and pair.gold.facility is not None
        weight = Weight.WRONG if asked else Weight.SAME
        yield _row(pair, "Goes to", lambda line: line.facility or _NOTHING, weight=weight)


def _row(pair: Pair, what: str, said: Callable[[Any], str], *, weight: Weight = Weight.WRONG) -> Row:
    wanted = said(pair.gold) if pair.gold else _NOTHING
    found = said(pair.found) if pair.found else _NOTHING
    is_other = pair.gold is not None and pair.found is not None and wanted != found
    return Row(what, wanted, found, weight if is_other else Weight.SAME)


def _rule(line: GoldLine | FoundLine) -> str:
    return (line.rule if isinstance(line, GoldLine) else line.decided_by) or "none"


def _value(line: GoldLine | FoundLine) -> str:
    minor = line.money.minor if isinstance(line, GoldLine) else line.value_minor
    return money(minor, line.currency)
