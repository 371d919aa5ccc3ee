"""What a permit would carry otherwise under other documents: fees, days, the building goods go to."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from backhaul.domain.codes import Action
from backhaul.domain.money import Money
from policies.fast import Looked
from policies.syntax import Word

_ABOUT_THE_DECISION = frozenset({"auto_limit_usd_minor_used", "approvals_needed"})
"""Outputs that note how it was decided. No command carries them; what they change is another answer."""
_KEPT: Mapping[str, Callable[[int, int], int]] = {
    "restocking_bps": lambda fee, amount: Money(amount).share(fee).minor,
    "return_freight_usd_minor": lambda freight, _: freight,
}
"""What an output keeps from a customer, in cents of the ledger currency, given the value of the goods."""
_FEW = 3


@dataclass(frozen=True, slots=True)
class OtherFigure:
    """A figure that differs in a decision that is permitted before and after."""

    decision_id: str
    case_id: str
    action: Action
    name: str
    was: Word | None
    now: Word | None
    kept_usd_minor: int | None
    """What is kept from the customer beyond what was kept before, in cents of the ledger currency; negative
    when it is less, None where no money hangs on it or nobody knows the value of the goods"""


@dataclass(frozen=True, slots=True)
class FigureTally:
    """Decisions in which a figure changes in the same way."""

    name: str
    was: Word | None
    now: Word | None
    cases: int
    kept_usd_minor: int | None
    decision_ids: tuple[str, ...]


def other_figures(
    decision_id: str,
    case_id: str,
    action: Action,
    amount_usd_minor: int | None,
    figures: tuple[Looked, Looked],
) -> Iterator[OtherFigure]:
    """Each figure that differs between two answers to the same facts. Where one of them knows no such fee,
    it is a fee of nothing.
    """
    before, after = figures
    for name in dict.fromkeys((*before, *after)):
        absent = 0 if name in _KEPT else None
        was, now = before.get(name, absent), after.get(name, absent)
        if was != now and name not in _ABOUT_THE_DECISION:
            kept = _kept(name, now, amount_usd_minor), _kept(name, was, amount_usd_minor)
            more = None if None in kept else (kept[0] or 0) - (kept[1] or 0)
            yield OtherFigure(decision_id, case_id, action, name, was, now, more)


def counted_once(found: Iterable[OtherFigure]) -> tuple[OtherFigure, ...]:
    """The money that hangs on them, each fee once: a credit memo keeps what its RMA announced, so where the
    RMA is among them the credit memo adds nothing.
    """
    found = tuple(found)
    announced = {(one.case_id, one.name) for one in found if one.action is Action.CREATE_RMA}
    return tuple(
        one
        for one in found
        if one.kept_usd_minor is not None
        and (one.action is Action.CREATE_RMA or (one.case_id, one.name) not in announced)
    )


def by_figure(found: Iterable[OtherFigure]) -> tuple[FigureTally, ...]:
    """One line for each figure and the way it changes; those that move the most money first."""
    found = tuple(found)
    counted = set(counted_once(found))
    groups: dict[tuple[str, Word | None, Word | None], list[OtherFigure]] = defaultdict(list)
    for one in found:
        groups[one.name, one.was, one.now].append(one)
    made = [
        FigureTally(
            name,
            was,
            now,
            len(group),
            sum(one.kept_usd_minor or 0 for one in group if one in counted) if name in _KEPT else None,
            tuple(one.decision_id for one in group[:_FEW]),
        )
        for (name, was, now), group in groups.items()
    ]
    return tuple(
        sorted(made, key=lambda one: (-abs(one.kept_usd_minor or 0), one.name, -one.cases, str(one.now)))
    )


def _kept(name: str, value: Word | None, amount_usd_minor: int | None) -> int | None:
    if name not in _KEPT or not isinstance(value, int) or amount_usd_minor is None:
        return None
    return _KEPT[name](value, amount_usd_minor)
