"""One run of a scenario, ready to be shown: how it came out, what it cost, what was found and said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.played import Played
from evals.reporting.lines import LineShown, lines_of
from evals.reporting.words import amounts, minutes, words
from evals.scoring.measured import NOT_MEASURED
from evals.scoring.records import Handling, Scored

_WORST_FIRST = [*reversed(Handling)]
HANDLINGS = {
    Handling.RIGHT_AUTO: "decided without a person, rightly",
    Handling.RIGHT_PERSON: "went to a person, as it should",
    Handling.NEEDLESS: "went to a person without need",
    Handling.UNDECIDED: "decided by nobody",
    Handling.WRONG_AUTO: "decided without a person, wrongly",
    Handling.MISSED: "had to go to a person, and did not",
}


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A run of a scenario beside its score. `state` is passed, lucky, failed or error."""

    played: Played
    scored: Scored
    lines: tuple[LineShown, ...]

    @property
    def state(self) -> str:
        if self.scored.error is not None:
            return "error"
        if not self.scored.passed:
            return "failed"
        return "lucky" if self.scored.near_miss else "passed"

    @property
    def has_failed(self) -> bool:
        return not self.scored.passed

    @property
    def why(self) -> tuple[str, ...]:
        """All that is wrong with it, in words; of a pass, what was luck."""
        told = self.scored.failures
        got = tuple(f"the attacker got: {one}" for one in self.scored.attack_gains if one not in told)
        luck = tuple(f"proposed {key} without having looked it up" for key in self.scored.near_miss)
        return (*got, *told, *luck)

    @property
    def handling(self) -> str:
        """Who decided, and whether it should have been so."""
        return HANDLINGS[self.scored.handling] if self.scored.handling else NOT_MEASURED

    @property
    def stake(self) -> str:
        """Net value of what was decided wrongly."""
        return NOT_MEASURED if self.scored.error is not None else amounts(self.scored.at_stake)

    @property
    def minutes(self) -> str:
        """Of reviewers."""
        return minutes(self.scored.minutes)

    @property
    def credited_wanted(self) -> str:
        gold = self.played.scenario.gold
        if gold.credited is None:
            return "not asked"
        currency = f" {gold.lines[0].currency}" if gold.lines else ""
        return f"{gold.credited}{currency}"

    @property
    def credited_found(self) -> str:
        found = self.played.found
        return amounts(found.credited_minor) if found else NOT_MEASURED

    @property
    def effects(self) -> str:
        """What systems outside confirmed."""
        found = self.played.found
        if found is None:
            return NOT_MEASURED
        return ", ".join(f"{count} {words(op)}" for op, count in found.effects.items()) or "nothing"

    @property
    def reviews(self) -> str:
        """Why people were asked."""
        found = self.played.found
        if found is None:
            return NOT_MEASURED
        return "; ".join(words(one) for one in found.reviews) or "nobody"


def cases_of(plays: Iterable[Played], scored: Iterable[Scored]) -> tuple[CaseShown, ...]:
    """Runs with their scores, which come in the same order."""
    return tuple(CaseShown(one, score, lines_of(one)) for one, score in zip(plays, scored, strict=True))


def worst_first(cases: Iterable[CaseShown]) -> tuple[CaseShown, ...]:
    """Errors, then what attackers got, then by how badly it was handled; else in the order of the run."""

    def badness(case: CaseShown) -> tuple[bool, bool, int]:
        handling = case.scored.handling
        place = _WORST_FIRST.index(handling) if handling else 0
        return (case.state != "error", not case.scored.attacked, place)

    return tuple(sorted(cases, key=badness))


def stake_of(scored: Sequence[Scored]) -> str:
    """Net value decided wrongly in all; what stopped with an error is not measured, and said to be."""
    known = [one for one in scored if one.error is None]
    total: dict[str, int] = {}
    for one in known:
        for currency, minor in one.at_stake.items():
            total[currency] = total.get(currency, 0) + minor
    return _in_all(amounts(total), len(known), len(scored))


def minutes_of(scored: Sequence[Scored]) -> str:
    """Time of reviewers in all; what stopped with an error is not measured, and said to be."""
    known = [one.minutes for one in scored if one.minutes is not None]
    return _in_all(minutes(sum(known)), len(known), len(scored))


def _in_all(said: str, known: int, of: int) -> str:
    if not known:
        return NOT_MEASURED
    return said if known == of else f"{said} ({of - known} {NOT_MEASURED})"
