"""A backtest in words: what would be decided otherwise, which way, for how much, in which cases."""

from dataclasses import dataclass, field

from backhaul.domain.money import Money
from policies.backtest import Backtest, Flip, Tally, not_asked
from policies.book import PolicyBook
from tools.history import History
from web.policies_figures import OtherFiguresShown, shown_figures
from web.policies_words import count, day_words, outcome_words

_ARROW = " -> "


@dataclass(frozen=True, slots=True)
class KindShown:
    """Decisions that change in the same way. `looser` asks for less than before."""

    was: str
    now: str
    looser: bool
    cases: int
    amount_usd_minor: int
    decision_ids: tuple[str, ...]

    @property
    def words(self) -> str:
        """`goes to a person -> permitted`."""
        return f"{self.was}{_ARROW}{self.now}"


@dataclass(frozen=True, slots=True)
class FlipShown:
    """One decision that would be another one."""

    decision: str
    case: str
    was: str
    now: str
    looser: bool
    amount_usd_minor: int | None
    refuses: tuple[str, ...]
    lifts: tuple[str, ...]

    @property
    def because(self) -> str:
        """The rules that make the difference."""
        said = (
            (self.refuses, "now stands in the way", "now stand in the way"),
            (self.lifts, "no longer stands in the way", "no longer stand in the way"),
        )
        parts = [
            f"{' and '.join(rules)} {one if len(rules) == 1 else many}" for rules, one, many in said if rules
        ]
        return "; ".join(parts) or "the same rules weigh differently"


@dataclass(frozen=True, slots=True)
class BacktestShown:
    """The comparison as the page and the command tell it. Amounts are cents of the ledger currency."""

    decisions: int
    kinds: tuple[KindShown, ...]
    rules: tuple[Tally, ...]
    flips: tuple[FlipShown, ...]
    drifted: int
    undated: int
    unreadable: int
    why_unreadable: str
    not_asked: tuple[str, ...]
    other_figures: OtherFiguresShown = field(default_factory=OtherFiguresShown)
    """Where both permit: fees, days and buildings that differ"""

    @property
    def looser(self) -> tuple[KindShown, ...]:
        return tuple(kind for kind in self.kinds if kind.looser)

    @property
    def tighter(self) -> tuple[KindShown, ...]:
        return tuple(kind for kind in self.kinds if not kind.looser)

    @property
    def summary(self) -> str:
        """The answer in one or two sentences."""
        if not self.decisions:
            return "No decision is on record, so there is nothing to try this on."
        asked = count(self.decisions, "decision")
        figures = self.other_figures.summary
        if not self.flips:
            but = f", but {figures}" if figures else ""
            return f"{asked} asked again: every answer stays the same{but}."
        parts = [
            f"{count(sum(kind.cases for kind in kinds), 'answer')} would be {which} "
            f"({Money(sum(kind.amount_usd_minor for kind in kinds))})"
            for which, kinds in (("looser", self.looser), ("tighter", self.tighter))
            if kinds
        ]
        return f"{asked} asked again: {' and '.join(parts)}.{f' {figures} as well.' if figures else ''}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader has to know to trust the figures."""
        said = []
        if self.not_asked:
            begin = "; ".join(self.not_asked)
            said.append(f"Not tried at all, because every decision on record is older: {begin}.")
        if self.drifted:
            differ = "differs" if self.drifted == 1 else "differ"
            said.append(
                f"{count(self.drifted, 'answer')} {differ} from what was decided at the time even without "
                "the change: the documents, or the day to judge on, are others now."
            )
        if self.undated:
            said.append(
                f"{count(self.undated, 'decision')} left out: from before the days were kept that pick "
                "the edition."
            )
        if self.unreadable:
            said.append(
                f"{count(self.unreadable, 'decision')} left out: their facts do not fit the rules of "
                f"today ({self.why_unreadable})."
            )
        return tuple(said)


def shown_backtest(found: Backtest, history: History, before: PolicyBook, after: PolicyBook) -> BacktestShown:
    """A comparison in words."""
    return BacktestShown(
        decisions=found.decisions,
        kinds=tuple(_kind(tally) for tally in found.by_kind()),
        rules=found.by_rule(),
        flips=tuple(_flip(flip) for flip in found.flips),
        drifted=found.drifted,
        undated=history.undated,
        unreadable=history.unreadable,
        why_unreadable=history.why,
        not_asked=tuple(
            f"{policy.label}, from {day_words(policy.effective.first)}"
            for policy in not_asked(found, before, after)
        ),
        other_figures=shown_figures(found.others),
    )


def _kind(tally: Tally) -> KindShown:
    was, _, now = tally.name.partition(_ARROW)
    return KindShown(
        outcome_words(was),
        outcome_words(now),
        tally.direction == "looser",
        tally.cases,
        tally.amount_usd_minor,
        tally.decision_ids,
    )


def _flip(flip: Flip) -> FlipShown:
    return FlipShown(
        flip.decision.id,
        flip.decision.case_id,
        outcome_words(flip.was),
        outcome_words(flip.now),
        flip.is_looser,
        flip.decision.amount_usd_minor,
        flip.refuses,
        flip.lifts,
    )
