"""The gate: what a run has to reach, and whether it could have shown that it did not."""

from collections.abc import Iterator

from evals.played import Run
from evals.scoring.assumptions import FEWEST_CASES, SIGNIFICANCE
from evals.scoring.compared import Comparison
from evals.scoring.comparing import compare
from evals.scoring.gated import Checked, GateResult, Standing
from evals.scoring.measured import Measured, Unit, shown
from evals.scoring.power import smallest_by_error, smallest_shortfall
from evals.scoring.summary import part, summary
from evals.scoring.thresholds import Gate, SuiteGate, Threshold

REGRESSION = "regression"
_WORST_FIRST = (Standing.BROKE, Standing.NOT_ENOUGH_EVIDENCE, Standing.PASSED)


def judge(run: Run, gate: Gate, baseline: Run | None = None) -> GateResult:
    """Hold a run against the thresholds, and against an earlier run where one is given."""
    parts = summary(run).suites
    compared = {
        suite: compare(baseline, run, suite)
        for suite, asked in gate.suites.items()
        if baseline is not None and asked.regression is not None
    }
    checks = tuple(
        check
        for suite, asked in gate.suites.items()
        for check in _checks(suite, asked, (parts.get(suite) or part(())).figures(), compared.get(suite))
    )
    return GateResult(
        standing=next(one for one in _WORST_FIRST if any(check.standing is one for check in checks)),
        checks=checks,
        comparisons=tuple(compared.values()),
        ungated=tuple(suite for suite in parts if suite not in gate.suites),
    )


def _checks(
    suite: str, asked: SuiteGate, figures: dict[str, Measured], compared: Comparison | None
) -> Iterator[Checked]:
    for name, threshold in asked.figures.items():
        yield _checked(suite, name, figures[name], threshold)
    if asked.regression is not None:
        yield _regression(suite, asked.regression, compared)


def _checked(suite: str, name: str, measured: Measured, threshold: Threshold) -> Checked:
    smallest = _smallest(measured, threshold)
    return Checked(
        suite=suite,
        figure=name,
        standing=_standing(measured, threshold, smallest),
        measured=measured,
        threshold=_threshold(threshold, measured.unit),
        smallest_seen=smallest,
        why=_why(measured, threshold, smallest),
    )


def _why(measured: Measured, threshold: Threshold, smallest: float | None) -> str:
    against = f"{measured} against {_threshold(threshold, measured.unit)}"
    if not measured.is_measured:
        return against
    seen = _seen(smallest, measured.unit)
    return f"{against}; {seen}, and {shown(threshold.sees, measured.unit)} must not go unseen"


def _standing(measured: Measured, threshold: Threshold, smallest: float | None) -> Standing:
    if measured.value is None:
        return Standing.NOT_ENOUGH_EVIDENCE
    too_low = threshold.floor is not None and measured.value < threshold.floor
    too_high = threshold.ceiling is not None and measured.value > threshold.ceiling
    if too_low or too_high:
        return Standing.BROKE
    return _enough(smallest, threshold.sees)


def _smallest(measured: Measured, threshold: Threshold) -> float | None:
    """Cases that repeat each other are one case."""
    if measured.unit is Unit.SHARE:
        floor = threshold.floor if threshold.floor is not None else 1 - (threshold.ceiling or 0.0)
        return smallest_shortfall(measured.clusters, floor)
    if measured.low is None or measured.high is None or measured.clusters < FEWEST_CASES:
        return None
    return smallest_by_error(measured.low, measured.high)


def _regression(suite: str, allowed: float, compared: Comparison | None) -> Checked:
    if compared is None:
        missing = Measured(name=REGRESSION)
        return Checked(
            suite=suite,
            figure=REGRESSION,
            standing=Standing.NOT_ENOUGH_EVIDENCE,
            measured=missing,
            threshold=_NO_WORSE,
            smallest_seen=None,
            why="there is no baseline to compare with",
        )
    is_worse = compared.p_worse is not None and compared.p_worse <= SIGNIFICANCE
    evidence = Standing.PASSED if _is_better(compared) else _enough(compared.smallest_seen, allowed)
    return Checked(
        suite=suite,
        figure=REGRESSION,
        standing=Standing.BROKE if is_worse else evidence,
        measured=compared.difference,
        threshold=_NO_WORSE,
        smallest_seen=compared.smallest_seen,
        why=_told(compared, allowed),
    )


_NO_WORSE = "no worse than the baseline"


def _is_better(compared: Comparison) -> bool:
    """Beyond chance: then many flips hide no drop, and are no want of evidence."""
    return compared.difference.low is not None and compared.difference.low > 0


def _told(compared: Comparison, allowed: float) -> str:
    chance = "not measured" if compared.p_worse is None else f"{compared.p_worse:.4f}"
    seen = f"{_seen(compared.smallest_seen, Unit.SHARE)}, and {shown(allowed)} must not go unseen"
    evidence = "the whole interval lies above zero" if _is_better(compared) else seen
    return (
        f"{len(compared.broke)} broke and {len(compared.mended)} mended of {compared.pairs} pairs in"
        f" {compared.scenarios} scenarios, {compared.difference.text} ({compared.difference.interval}),"
        f" by chance with p = {chance}; {evidence}; left out: {len(compared.rewritten)} rewritten,"
        f" {len(compared.only_before)} only in the baseline, {len(compared.only_after)} new"
    )


def _enough(smallest: float | None, allowed: float) -> Standing:
    is_enough = smallest is not None and smallest <= allowed
    return Standing.PASSED if is_enough else Standing.NOT_ENOUGH_EVIDENCE


def _seen(smallest: float | None, unit: Unit) -> str:
    if smallest is None:
        return "so few cases show no shortfall of any size"
    return f"the smallest shortfall it could have detected at 80 % power is {shown(smallest, unit)}"


def _threshold(threshold: Threshold, unit: Unit) -> str:
    if threshold.floor is not None:
        return f"at least {shown(threshold.floor, unit)}"
    return f"at most {shown(threshold.ceiling, unit)}"
