"""What was wanted beside what was found, order line by order line, for people to read."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from backhaul.domain.codes import Outcome
from evals.played import FoundLine, Played
from evals.reporting.words import money, outcome, words
from evals.scenario import GoldLine

_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing about an order line. `differs` where found is not what was wanted."""

    what: str
    wanted: str
    found: str
    differs: bool


@dataclass(frozen=True, slots=True)
class LineBeside:
    """An order line as it should be decided and as it was; either side can be missing."""

    key: str
    rows: tuple[Row, ...]
    found: FoundLine | None
    note: str = ""

    @property
    def deciding(self) -> tuple[str, ...]:
        """The rules that made the outcome, so that they can be marked in the trace."""
        return (self.found.decided_by,) if self.found and self.found.decided_by else ()


def lines_of(one: Played) -> tuple[LineBeside, ...]:
    """Wanted and found side by side, in the order of the gold; what nobody wanted comes last."""
    found_by_key: dict[str, list[FoundLine]] = defaultdict(list)
    for found in one.found.lines if one.found else ():
        found_by_key[found.key].append(found)
    wanted_by_key: dict[str, list[GoldLine]] = defaultdict(list)
    for gold in one.scenario.gold.lines:
        wanted_by_key[gold.key].append(gold)
    keys = [*wanted_by_key, *(key for key in found_by_key if key not in wanted_by_key)]
    return tuple(
        _beside(key, wanted, found)
        for key in keys
        for wanted, found in zip_longest(wanted_by_key[key], found_by_key[key])
    )


def _beside(key: str, wanted: GoldLine | None, found: FoundLine | None) -> LineBeside:
    note = "" if wanted else "Nothing was wanted of this line."
    if wanted and not found:
        note = "Nothing was decided about this line."
    return LineBeside(key, tuple(_rows(wanted, found)), found, note)


def _rows(wanted: GoldLine | None, found: FoundLine | None) -> Iterator[Row]:
    def row(what: str, left: str | None, right: str | None) -> Row:
        apart = wanted is not None and found is not None and left is not None and left != right
        return Row(what, _NOTHING if left is None else left, _NOTHING if right is None else right, apart)

    yield row("Outcome", outcome(wanted.outcome) if wanted else None, outcome(found.outcome) if found else None)
    yield row("Deciding rule", _rule(wanted), _cited(found))
    yield row("Reason", words(wanted.reason) if wanted else None, words(found.reason) if found else None)
    yield row("Action", words(wanted.action) if wanted else None, words(found.action) if found else None)
    yield row(
        "Resolution", words(wanted.resolution) if wanted else None, words(found.resolution) if found else None
    )
    yield row("Pieces", str(wanted.quantity) if wanted else None, str(found.quantity) if found else None)
    yield row(
        "Value",
        money(wanted.money.minor, wanted.currency) if wanted else None,
        money(found.value_minor, found.currency) if found else None,
    )
    if (wanted and wanted.serials) or (found and found.serials):
        yield row("Serials", _listed(wanted), _listed(found))
    if (wanted and wanted.received_sku) or (found and found.received_sku):
        yield row(
            "Came instead",
            (wanted.received_sku or "nothing") if wanted else None,
            (found.received_sku or "nothing") if found else None,
        )
    if (wanted and wanted.facility) or (found and found.facility):
        yield row("Goes to", wanted.facility if wanted else None, found.facility if found else None)


def _rule(wanted: GoldLine | None) -> str | None:
    if wanted is None:
        return None
    return wanted.rule or "none"


def _cited(found: FoundLine | None) -> str | None:
    if found is None:
        return None
    return found.decided_by or ("none" if found.outcome == Outcome.PERMIT.value else "not named")


def _listed(line: GoldLine | FoundLine | None) -> str | None:
    return None if line is None else ", ".join(sorted(line.serials)) or "none"
