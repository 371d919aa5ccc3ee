"""What the gate answered, in plain words."""

from dataclasses import dataclass

from evals.reporting.figures import title_of
from evals.reporting.words import counted
from evals.scoring.gated import Checked, GateResult, Standing
from evals.scoring.measured import NOT_MEASURED, shown

_LISTED = 12
_BLIND = "could not have shown the shortfall to find. That is no pass: run more scenarios."
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
    """One sentence, what follows from it, why, and every check, what is not passed first.

    Where something broke, only that is told as a reason; what lacks evidence is counted in `more`.
    """

    tone: str
    sentence: str
    follows: str
    reasons: tuple[str, ...]
    more: str
    checks: tuple[CheckShown, ...]
    ungated: tuple[str, ...]


def verdict_of(gate: GateResult | None) -> Verdict:
    """The verdict; without a gate it says that nothing was let through."""
    if gate is None:
        return Verdict(
            "none",
            "No gate was asked.",
            "What follows was measured and held against no threshold. Nothing is let through by it.",
            reasons=(),
            more="",
            checks=(),
            ungated=(),
        )
    checks = counted(len(gate.checks), "check")
    sentence, follows = {
        Standing.PASSED: (
            "The gate is open.",
            f"{checks} passed, and each could have shown the shortfall it is there to find.",
        ),
        Standing.BROKE: (
            "The gate is shut.",
            f"{len(gate.broke)} of {checks} broke. A release that did not pass hands all returns to people.",
        ),
        Standing.NOT_ENOUGH_EVIDENCE: (
            "Not enough evidence.",
            f"Nothing broke, but {len(gate.undecided)} of {checks} {_BLIND}",
        ),
    }[gate.standing]
    told = gate.broke or gate.undecided
    ordered = (*gate.broke, *gate.undecided, *(one for one in gate.checks if one.standing is Standing.PASSED))
    return Verdict(
        tone=_TONES[gate.standing],
        sentence=sentence,
        follows=follows,
        reasons=tuple(_reason(one) for one in told[:_LISTED]),
        more=_more(len(told) - _LISTED, len(gate.undecided) if gate.broke else 0),
        checks=tuple(_check(one) for one in ordered),
        ungated=gate.ungated,
    )


def _reason(one: Checked) -> str:
    what = f"{title_of(one.figure)}, in suite {one.suite}"
    found = one.measured
    if not found.is_measured:
        return f"{what}: {NOT_MEASURED}; it has to be {one.threshold}."
    figure = f"{found.text} (95 % interval {found.interval}; n = {found.n:,})"
    if one.standing is Standing.BROKE:
        return f"{what}: {figure}; it has to be {one.threshold}."
    seen = shown(one.smallest_seen, found.unit)
    evidence = "no shortfall of any size" if seen == NOT_MEASURED else f"only a shortfall of {seen} or more"
    return f"{what}: {figure}. It has to be {one.threshold}, and so few cases would show {evidence}."


def _more(unlisted: int, undecided: int) -> str:
    """What is not listed among the reasons."""
    said = [f"{counted(unlisted, 'more check')} stand below"] if unlisted > 0 else []
    said += [f"{counted(undecided, 'other check')} had not enough evidence"] if undecided else []
    return f"{'; '.join(said)}." if said else ""


def _check(one: Checked) -> CheckShown:
    seen = shown(one.smallest_seen, one.measured.unit)
    return CheckShown(
        checked=one,
        title=title_of(one.figure),
        standing=one.standing.value,
        tone={Standing.PASSED: "tag-good", Standing.BROKE: "tag-bad"}.get(one.standing, "tag-wait"),
        smallest_seen="none would show" if seen == NOT_MEASURED else seen,
    )
