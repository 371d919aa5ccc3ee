"""Figures that decisions would carry otherwise, in words: fees with what they come to, days, buildings."""

from collections.abc import Iterable
from dataclasses import dataclass

from backhaul.domain.money import Money
from policies.other_figures import FigureTally, OtherFigure, by_figure, counted_once
from policies.syntax import Word
from web.policies_trace import output_words
from web.policies_words import count

_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class FigureShown:
    """Decisions in which a figure changes in the same way. `kept_usd_minor` is what is kept from customers
    beyond what was kept before, negative when it is less; `None` where no money hangs on it.
    """

    figure: str
    was: str
    now: str
    cases: int
    kept_usd_minor: int | None
    decision_ids: tuple[str, ...]

    @property
    def kept(self) -> str:
        """`1,200.00 USD more`; empty where no money hangs on it."""
        return _more_or_less(self.kept_usd_minor)


@dataclass(frozen=True, slots=True)
class OtherFigureShown:
    """One decision that would carry another figure."""

    decision: str
    case: str
    figure: str
    was: str
    now: str
    kept_usd_minor: int | None

    @property
    def kept(self) -> str:
        """As in `FigureShown`."""
        return _more_or_less(self.kept_usd_minor)


@dataclass(frozen=True, slots=True)
class OtherFiguresShown:
    """Decisions permitted as before, with other figures. Amounts are cents of the ledger currency."""

    decisions: int = 0
    kept_more_usd_minor: int = 0
    kept_less_usd_minor: int = 0
    by_figure: tuple[FigureShown, ...] = ()
    changes: tuple[OtherFigureShown, ...] = ()

    @property
    def summary(self) -> str:
        """Whose figures change and what that comes to; empty when none does."""
        if not self.decisions:
            return ""
        said = [
            f"{Money(amount)} {which}"
            for which, amount in (("more", self.kept_more_usd_minor), ("less", self.kept_less_usd_minor))
            if amount
        ]
        kept = f"; {' and '.join(said)} would be kept from customers" if said else ""
        return f"{count(self.decisions, 'permit')} would carry other figures{kept}"


def shown_figures(found: Iterable[OtherFigure]) -> OtherFiguresShown:
    """What changes, by figure and case by case."""
    found = tuple(found)
    kept = [one.kept_usd_minor or 0 for one in counted_once(found)]
    return OtherFiguresShown(
        decisions=len({one.decision_id for one in found}),
        kept_more_usd_minor=sum(amount for amount in kept if amount > 0),
        kept_less_usd_minor=-sum(amount for amount in kept if amount < 0),
        by_figure=tuple(_tally(one) for one in by_figure(found)),
        changes=tuple(
            OtherFigureShown(
                one.decision_id,
                one.case_id,
                *_words(one.name, one.was, one.now),
                one.kept_usd_minor,
            )
            for one in found
        ),
    )


def _tally(one: FigureTally) -> FigureShown:
    return FigureShown(*_words(one.name, one.was, one.now), one.cases, one.kept_usd_minor, one.decision_ids)


def _words(name: str, was: Word | None, now: Word | None) -> tuple[str, str, str]:
    title, before = output_words(name, was)
    _, after = output_words(name, now)
    return title, before if was is not None else _NOTHING, after if now is not None else _NOTHING


def _more_or_less(kept_usd_minor: int | None) -> str:
    if not kept_usd_minor:
        return "" if kept_usd_minor is None else "the same"
    return f"{Money(abs(kept_usd_minor))} {'more' if kept_usd_minor > 0 else 'less'}"
