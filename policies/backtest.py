"""What another set of documents would have decided, over decisions with the facts as they were seen.

Approvals are part of the facts, so a case that went to a person is judged with the approvals it had.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from backhaul.domain.codes import Outcome
from policies.book import PolicyBook
from policies.decision import SEVEREST_FIRST
from policies.facts import Facts
from policies.fast import Looked
from policies.figures import FIGURES
from policies.model import Policy
from policies.other_figures import OtherFigure, other_figures

_AMOUNT = "amount_usd_minor"
_FEW = 3


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision on record: the facts as seen, the days and the place that picked the editions."""

    id: str
    case_id: str
    facts: Facts
    order_date: date
    decision_date: date
    facility: str | None
    outcome: Outcome
    """What was decided then"""
    decided_at: datetime

    @classmethod
    def of(
        cls,
        facts: Mapping[str, object],
        *,
        id: str,  # noqa: A002 - the name of the field
        case_id: str,
        order_date: date,
        decision_date: date,
        facility: str | None,
        outcome: str,
        decided_at: datetime,
    ) -> Self:
        """Read a decision from its record. PolicyError when a rule of today reads a fact it does not hold."""
        return cls(
            id=id,
            case_id=case_id,
            facts=Facts.from_record(facts),
            order_date=order_date,
            decision_date=decision_date,
            facility=facility,
            outcome=Outcome(outcome),
            decided_at=decided_at,
        )

    @property
    def amount_usd_minor(self) -> int | None:
        """Value of the pieces asked for in cents of the ledger currency; `None` when the ERP could not
        tell.
        """
        figure = FIGURES[_AMOUNT]
        known = self.facts.unknown.isdisjoint(figure.reads)
        return figure.compute(self.facts.__dict__) if known else None


@dataclass(frozen=True, slots=True)
class Flip:
    """A decision that would be another one. `refuses` and `lifts` are the rules that make the difference."""

    decision: StoredDecision
    was: Outcome
    now: Outcome
    refuses: tuple[str, ...]
    lifts: tuple[str, ...]

    @property
    def is_looser(self) -> bool:
        """Whether the new documents ask for less."""
        return SEVEREST_FIRST.index(self.now) > SEVEREST_FIRST.index(self.was)


@dataclass(frozen=True, slots=True)
class Tally:
    """Flips that have something in common, with their value and the first ids."""

    name: str
    direction: str
    """looser or tighter"""
    cases: int
    amount_usd_minor: int
    decision_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """The comparison. `drifted` decisions are answered differently by the documents in force as well."""

    decisions: int
    flips: tuple[Flip, ...]
    drifted: int
    last_day: date | None = None
    """The newest day that picked an edition; what begins later was not asked"""
    others: tuple[OtherFigure, ...] = ()
    """Figures that differ in decisions permitted both ways"""

    def by_kind(self) -> tuple[Tally, ...]:
        """One line for each change of outcome, such as `deny -> permit`; the looser ones first."""
        groups: dict[tuple[str, bool], list[Flip]] = defaultdict(list)
        for flip in self.flips:
            groups[f"{flip.was} -> {flip.now}", flip.is_looser].append(flip)
        return _tallies(groups)

    def by_rule(self) -> tuple[Tally, ...]:
        """One line for each rule that now refuses, or no longer refuses, in a flipped decision."""
        groups: dict[tuple[str, bool], list[Flip]] = defaultdict(list)
        for flip in self.flips:
            for rule in flip.refuses:
                groups[f"{rule} now refuses", False].append(flip)
            for rule in flip.lifts:
                groups[f"{rule} no longer refuses", True].append(flip)
        return _tallies(groups)


def backtest(
    stored: Iterable[StoredDecision], before: PolicyBook, after: PolicyBook, *, on: date | None = None
) -> Backtest:
    """Decide each again under both sets of documents; what differs is a flip. Where both permit, the figures
    for the command are held against each other as well.

    With `on` both judge as if everything had been ordered and decided on that day: this is how an edition
    that is still to come is tried on what has been.
    """
    flips, others, count, drifted, last_day = list[Flip](), list[OtherFigure](), 0, 0, None
    for one in stored:
        count += 1
        ordered, decided = on or one.order_date, on or one.decision_date
        days = {"order_date": ordered, "decision_date": decided}
        last_day = max(last_day or date.min, ordered, decided)
        was, refused = before.failing(one.facts, facility=one.facility, **days)
        now, refuses = after.failing(one.facts, facility=one.facility, **days)
        drifted += was is not one.outcome
        if was is not now:
            new = tuple(rule for rule in refuses if rule not in refused)
            gone = tuple(rule for rule in refused if rule not in refuses)
            flips.append(Flip(one, was, now, new, gone))
        elif was is Outcome.PERMIT:
            said = before.figures(one.facts, facility=one.facility, **days)
            says = after.figures(one.facts, facility=one.facility, **days)
            if said != says:
                others += _others(one, said, says)
    return Backtest(count, tuple(flips), drifted, last_day, tuple(others))


def _others(one: StoredDecision, before: Looked, after: Looked) -> Iterator[OtherFigure]:
    return other_figures(one.id, one.case_id, one.facts.action, one.amount_usd_minor, (before, after))


def not_asked(found: Backtest, before: PolicyBook, after: PolicyBook) -> tuple[Policy, ...]:
    """New editions that begin after every day in the comparison, so that it says nothing about them."""
    known = [edition.document.data for line in before.bundle.policies.values() for edition in line]
    editions = [edition for line in after.bundle.policies.values() for edition in line]
    return tuple(
        edition.policy
        for edition in editions
        if found.last_day is not None
        and edition.policy.effective.first > found.last_day
        and edition.document.data not in known
    )


def _tallies(groups: Mapping[tuple[str, bool], list[Flip]]) -> tuple[Tally, ...]:
    made = [
        Tally(
            name,
            "looser" if looser else "tighter",
            len(flips),
            sum(flip.decision.amount_usd_minor or 0 for flip in flips),
            tuple(flip.decision.id for flip in flips[:_FEW]),
        )
        for (name, looser), flips in groups.items()
    ]
    return tuple(sorted(made, key=lambda tally: (tally.direction, -tally.cases, tally.name)))
