"""What the gate answered, in plain words."""

from dataclasses import dataclass

from evals.reporting.figures import title_of
from evals.reporting.words import counted
from evals.scoring.gated import Checked, GateResult, Standing
from evals.scoring.measured import NOT_MEASURED, shown

_TONES = {Standing.PASSED: "passed", Standing.BROKE: "failed", Standing.NOT_ENOUGH_EVIDENCE: "unsure"}


@dataclass(frozen=True, slots=True)
class CheckShown:
    """One threshold with its words; `smallest_seen` is the shortfall that would not have gone unseen."""

    checked: Checked
    title: str
    standing: str
    tone: str
    smallest_seen: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence, what follows from it, and every check, what is not passed first."""

    tone: str
    sentence: str
    follows: str
    reasons: tuple[str, ...]
    checks: tuple[CheckShown, ...]
    ungated: tuple[str, ...]


def verdict_of(gate: GateResult | None) -> Verdict:
    """The verdict; without a gate it says that nothing was let through."""
    if gate is None:
        return Verdict(
            "none",
            "No gate was asked.",
            "What follows was measured and held against no threshold. Nothing is let through by it.",
            (),
            (),
            (),
        )
    checks = counted(len(gate.checks), "check")
    sentence, follows = {
        Standing.PASSED: (
            "The gate is open.",
            f"All of {checks} passed, and each could have shown the shortfall it is there to find.",
        ),
        Standing.BROKE: (
            "The gate is shut.",
            f"{len(gate.broke)} of {checks} broke. A release that does not pass hands every return to a person.",
        ),
        Standing.NOT_ENOUGH_EVIDENCE: (
            "Not enough evidence.",
            f"Nothing broke, but {len(gate.undecided)} of {checks} could not have shown a shortfall if there "
            "were one. That is no pass: run more scenarios or epochs.",
        ),
    }[gate.standing]
    ordered = (*gate.broke, *gate.undecided, *(one for one in gate.checks if one.standing is Standing.PASSED))
    return Verdict(
        tone=_TONES[gate.standing],
        sentence=sentence,
        follows=follows,
        reasons=tuple(one.why for one in (*gate.broke, *gate.undecided)),
        checks=tuple(_check(one) for one in ordered),
        ungated=gate.ungated,
    )


def _check(one: Checked) -> CheckShown:
    seen = shown(one.smallest_seen, one.measured.unit)
    return CheckShown(
        checked=one,
        title=title_of(one.figure),
        standing=one.standing.value,
        tone={Standing.PASSED: "tag-good", Standing.BROKE: "tag-bad"}.get(one.standing, "tag-wait"),
        smallest_seen="none would show" if seen == NOT_MEASURED else seen,
    )
