"""Which proposed line answers which line of the gold, and how they differ."""

from collections.abc import Iterator
from dataclasses import dataclass

from backhaul.domain.codes import Outcome
from backhaul.domain.money import Money
from evals.played import FoundLine
from evals.scenario import GoldLine


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the gold with its answer. Either may be missing: not proposed, or proposed beyond gold."""

    gold: GoldLine | None
    found: FoundLine | None

    @property
    def key(self) -> str:
        """The order line as printed."""
        line = self.gold or self.found
        return line.key if line else ""

    @property
    def is_exact(self) -> bool:
        """Proposed and decided as gold has it; the rule and the reason are scored apart."""
        return self.gold is not None and self.found is not None and not any(_apart(self.gold, self.found))

    @property
    def is_outcome_right(self) -> bool:
        """Both are there, with the same outcome."""
        return (
            self.gold is not None and self.found is not None and self.found.outcome == self.gold.outcome.value
        )

    @property
    def is_permit_found(self) -> bool:
        """Whether the line was let through without a person."""
        return self.found is not None and self.found.outcome == Outcome.PERMIT

    @property
    def money(self) -> Money:
        """Net value of what was handled: as found, else as gold has it."""
        if self.found is not None:
            return Money(self.found.value_minor, self.found.currency)
        return self.gold.money if self.gold else Money(0)

    def differences(self) -> tuple[str, ...]:
        """In words; empty exactly if the pair is exact."""
        if self.found is None:
            return (f"{self.key} was not proposed",)
        if self.gold is None:
            return (f"{self.key} was proposed beyond what is right: {self.found.outcome}, {self.money}",)
        return tuple(f"{self.key} {one}" for one in _apart(self.gold, self.found))


def paired(gold: tuple[GoldLine, ...], found: tuple[FoundLine, ...]) -> tuple[Pair, ...]:
    """Each line of the gold with the most alike of the same order line, then what was proposed beyond."""
    left, pairs = list(found), []
    for line in gold:
        alike = [one for one in left if one.key == line.key]
        best = min(alike, key=lambda one: sum(1 for _ in _apart(line, one)), default=None)
        if best is not None:
            left.remove(best)
        pairs.append(Pair(line, best))
    return (*pairs, *(Pair(None, one) for one in left))


def _apart(gold: GoldLine, found: FoundLine) -> Iterator[str]:
    if found.outcome != gold.outcome.value:
        yield f"was decided {found.outcome}, not {gold.outcome.value}"
    if found.quantity != gold.quantity:
        yield f"has quantity {found.quantity}, not {gold.quantity}"
    elif (value := Money(found.value_minor, found.currency)) != gold.money:
        yield f"is worth {value}, not {gold.money}"
    if sorted(found.serials) != sorted(gold.serials):
        yield f"has serials {_listed(found.serials)}, not {_listed(gold.serials)}"
    if found.resolution != gold.resolution.value:
        yield f"has resolution {found.resolution}, not {gold.resolution.value}"
    if found.action != gold.action.value:
        yield f"has action {found.action}, not {gold.action.value}"
    if gold.facility is not None and found.facility != gold.facility:
        yield f"goes to {found.facility or 'no facility'}, not {gold.facility}"


def _listed(serials: tuple[str, ...]) -> str:
    return ", ".join(sorted(serials)) or "none"
