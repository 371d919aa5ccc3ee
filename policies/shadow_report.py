"""Where the guard only watches: what it would have decided beside what people did, before it is switched on.

A segment is what the documents switch: a cell of the table that a shadow rule reads, for one action. Only a
permit or a refusal of the guard can agree with a person's yes or no; where it would have asked for evidence
or for a person anyway, nothing is compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import sqrt
from typing import Any, Self

from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook
from policies.bundle import Days
from policies.decision import Status
from policies.facts import Facts
from policies.figures import FIGURES
from policies.rules import BoundRule
from policies.ruleset import Ruleset

_Z95 = 1.959964
"""Standard normal quantile of a two-sided 95 % interval"""


class Comparison(StrEnum):
    """How the guard's answer stands to a person's."""

    AGREED = "agreed"
    PERSON_REFUSED = "person_refused"
    """The guard would have permitted it"""
    PERSON_APPROVED = "person_approved"
    """The guard would have refused it"""
    HANDED_ON = "handed_on"
    """The guard would have asked for evidence or for a person, so that it decides nothing by itself"""
    UNDECIDED = "undecided"
    """No person has answered yet"""


_DIFFER = (Comparison.PERSON_REFUSED, Comparison.PERSON_APPROVED)
_BY_ANSWERS = {
    (Outcome.PERMIT, Outcome.PERMIT): Comparison.AGREED,
    (Outcome.DENY, Outcome.DENY): Comparison.AGREED,
    (Outcome.PERMIT, Outcome.DENY): Comparison.PERSON_REFUSED,
    (Outcome.DENY, Outcome.PERMIT): Comparison.PERSON_APPROVED,
}


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """What is switched together: an action under a shadow rule, and the cell it reads; no table, no key."""

    rule: str
    action: str
    table: str = ""
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watched:
    """A decision that the guard handed to a person because it only watches there."""

    id: str
    case_id: str
    segments: tuple[Segment, ...]
    reason: str
    would: Outcome
    """What the other rules answered"""
    person: Outcome | None
    """permit or deny; None as long as nobody answered"""
    amount_usd_minor: int | None
    """Value of the pieces, for a claim their cost, in cents of the ledger currency; None when unknown"""
    decided_at: datetime

    @classmethod
    def of(
        cls,
        decision: Mapping[str, Any],
        facts: Mapping[str, Any],
        *,
        id: str,  # noqa: A002 - the name of the field
        case_id: str,
        action: str,
        person: Outcome | None,
        decided_at: datetime,
    ) -> Self:
        """Read a decision from its record, as `tools.verdicts` keeps it."""
        return cls(
            id=id,
            case_id=case_id,
            segments=tuple(_segments(decision, action)),
            reason=str(facts.get("reason", "")),
            would=Outcome(decision["shadowed"]),
            person=person,
            amount_usd_minor=_amount(facts, action),
            decided_at=decided_at,
        )

    @property
    def comparison(self) -> Comparison:
        """How the two answers stand to each other."""
        if self.would not in {Outcome.PERMIT, Outcome.DENY}:
            return Comparison.HANDED_ON
        return Comparison.UNDECIDED if self.person is None else _BY_ANSWERS[self.would, self.person]


@dataclass(frozen=True, slots=True)
class Share:
    """Decisions that compare alike, with their value and their ids."""

    cases: int
    amount_usd_minor: int
    without_amount: int
    """Decisions whose value is not known; they are not in the sum"""
    decision_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How guard and people agree. `shares` has every comparison, also those that never happened."""

    shares: Mapping[Comparison, Share]

    @property
    def cases(self) -> int:
        """All decisions of the segment."""
        return sum(share.cases for share in self.shares.values())

    @property
    def compared(self) -> int:
        """Those where the guard would have decided by itself and a person has decided."""
        return self.shares[Comparison.AGREED].cases + sum(self.shares[one].cases for one in _DIFFER)

    @property
    def agreement(self) -> float | None:
        """The share of compared decisions that agree, from 0 to 1; None when none is compared."""
        return self.shares[Comparison.AGREED].cases / self.compared if self.compared else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true agreement lies with 95 % confidence."""
        return wilson(self.shares[Comparison.AGREED].cases, self.compared) if self.compared else None


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """One segment: all its decisions, and apart by the reason of the return."""

    segment: Segment
    in_shadow: bool
    """Whether the documents still have the guard watch there"""
    standing: Standing
    by_reason: Mapping[str, Standing]
    differing: tuple[Watched, ...]


@dataclass(frozen=True, slots=True)
class ShadowReport:
    """Every segment with decisions on record, and those in shadow that have none yet."""

    segments: tuple[SegmentReport, ...]
    waiting: tuple[Segment, ...]


def shadow_report(watched: Iterable[Watched], in_shadow: Iterable[Segment]) -> ShadowReport:
    """Compare segment by segment; those where most is compared come first."""
    by_segment: dict[Segment, list[Watched]] = defaultdict(list)
    for one in watched:
        for segment in one.segments:
            by_segment[segment].append(one)
    switched = frozenset(in_shadow)
    reports = [_report(segment, found, switched) for segment, found in by_segment.items()]
    reports.sort(key=lambda report: (-report.standing.compared, -report.standing.cases, report.segment))
    return ShadowReport(tuple(reports), tuple(sorted(switched - by_segment.keys())))


def segments_in_shadow(book: PolicyBook, day: date) -> tuple[Segment, ...]:
    """The segments in which the documents have the guard only watch on this day, away from overlays.

    An ordinary proposal of the action, as the document of kind Baseline has it, is put into each cell.
    PolicyError when there is none.
    """
    baseline = book.bundle.baseline
    if baseline is None:
        raise PolicyError("which segments are in shadow takes a document of kind Baseline to start from")
    found: dict[Segment, None] = {}
    for action in Action:
        ordinary = Facts.from_record({**baseline.facts, **baseline.actions.get(action, {}), "action": action})
        ruleset, _ = book.in_force(ordinary, Days(day, day), None)
        for bound in ruleset.rules(action):
            if bound.rule.shadow:
                found |= dict.fromkeys(_watching(ruleset, bound, ordinary))
    return tuple(found)


def wilson(agreed: int, compared: int) -> tuple[float, float]:
    """Wilson's interval for a share, 95 %, from 0 to 1 (E. B. Wilson, JASA 22, 1927); `compared` is not 0."""
    share, squared = agreed / compared, _Z95**2 / compared
    middle = share + squared / 2
    half = _Z95 * sqrt(share * (1 - share) / compared + squared / (4 * compared))
    return (middle - half) / (1 + squared), (middle + half) / (1 + squared)


def _report(segment: Segment, found: list[Watched], switched: frozenset[Segment]) -> SegmentReport:
    by_reason: dict[str, list[Watched]] = defaultdict(list)
    for one in found:
        by_reason[one.reason].append(one)
    return SegmentReport(
        segment=segment,
        in_shadow=segment in switched,
        standing=_standing(found),
        by_reason={reason: _standing(by_reason[reason]) for reason in sorted(by_reason)},
        differing=tuple(one for one in found if one.comparison in _DIFFER),
    )


def _standing(found: Iterable[Watched]) -> Standing:
    alike: dict[Comparison, list[Watched]] = {comparison: [] for comparison in Comparison}
    for one in found:
        alike[one.comparison].append(one)
    return Standing({comparison: _share(ones) for comparison, ones in alike.items()})


def _share(ones: list[Watched]) -> Share:
    amounts = [one.amount_usd_minor for one in ones if one.amount_usd_minor is not None]
    return Share(len(ones), sum(amounts), len(ones) - len(amounts), tuple(one.id for one in ones))


def _segments(decision: Mapping[str, Any], action: str) -> Iterator[Segment]:
    for result in decision["results"]:
        if result["shadow"] and result["status"] == Status.FAILED.value:
            cells = result["cells"] or [{"table": "", "key": ()}]
            yield Segment(result["rule"], action, cells[0]["table"], tuple(cells[0]["key"]))


def _watching(ruleset: Ruleset, bound: BoundRule, ordinary: Facts) -> Iterator[Segment]:
    action = ordinary.action.value
    if not bound.reading.tables:
        yield Segment(bound.rule.id, action)
        return
    grid = ruleset.grids[bound.reading.tables[0]]
    for key in grid.cells:
        there = dict(zip(grid.table.keys, key, strict=True))
        here = there.get("action", action) == action
        if here and not ruleset.lets_pass(bound, {**ordinary.known(), **there}):
            yield Segment(bound.rule.id, action, grid.name, key)


def _amount(facts: Mapping[str, Any], action: str) -> int | None:
    figure = FIGURES["claim_usd_minor" if action == Action.VENDOR_CLAIM else "amount_usd_minor"]
    return figure.compute(facts) if facts.keys() >= set(figure.reads) else None
