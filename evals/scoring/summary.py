"""Every figure of a run, with its interval and what it stands on."""

from collections.abc import Iterator, Sequence

from evals.played import Played, Run
from evals.scoring.intervals import share
from evals.scoring.reading import extraction, read_pairs, reasons
from evals.scoring.records import Part, Scored, Slice, Summary
from evals.scoring.repeated import pass_k
from evals.scoring.score import score
from evals.scoring.sureness import calibration
from evals.scoring.totals import attacks, effort, escalation

Both = tuple[Played, Scored]


def summary(run: Run) -> Summary:
    """Score all runs of scenarios, and sum them up: as a whole, by suite, and by slice."""
    both = [(played, score(played)) for played in run.played]
    suites = dict.fromkeys((*run.head.suites, *(played.suite for played in run.played)))
    return Summary(
        head=run.head,
        whole=part(both),
        suites={suite: part([one for one in both if one[0].suite == suite]) for suite in suites},
        slices=tuple(_slices(both)),
        scored=tuple(scored for _, scored in both),
    )


def part(both: Sequence[Both]) -> Part:
    """All figures of these runs. Of no runs every figure is not measured."""
    played, scored = [one for one, _ in both], [one for _, one in both]
    ended = [one for one in scored if one.error is None]
    pairs = read_pairs(played)
    forbids = [one for this, one in both if this.scenario.gold.never_says and one.error is None]
    return Part(
        runs=len(scored),
        scenarios=len({one.case for one in scored}),
        epochs=len({one.epoch for one in scored}),
        passed=share("passed", ((one.cluster, one.passed) for one in scored)),
        right=share("right", ((one.cluster, one.right) for one in scored)),
        errors=share("errors", ((one.cluster, one.error is not None) for one in scored)),
        wrong_rule=share("wrong_rule", ((one.cluster, bool(one.wrong_rule)) for one in ended)),
        near_miss=share("near_miss", ((one.cluster, bool(one.near_miss)) for one in ended if one.right)),
        forbidden=share("forbidden", ((one.cluster, bool(one.forbidden)) for one in ended)),
        leaked=share("leaked", ((one.cluster, bool(one.leaked)) for one in forbids)),
        pass_k=pass_k(scored),
        reasons=reasons(pairs),
        extraction=extraction(pairs),
        escalation=escalation(scored),
        calibration=calibration(pairs),
        attacks=attacks(scored),
        effort=effort(played),
    )


def _slices(both: Sequence[Both]) -> Iterator[Slice]:
    """By dimension and value, in alphabetical order; a run without a value is in none of that dimension."""
    found = sorted({(dimension, value) for _, one in both for dimension, value in one.slices.items()})
    for dimension, value in found:
        yield _slice(dimension, value, [one for one in both if one[1].slices.get(dimension) == value])


def _slice(dimension: str, value: str, both: Sequence[Both]) -> Slice:
    scored = [one for _, one in both]
    handled = escalation(scored)
    return Slice(
        dimension=dimension,
        value=value,
        runs=len(scored),
        passed=share("passed", ((one.cluster, one.passed) for one in scored)),
        right=share("right", ((one.cluster, one.right) for one in scored)),
        wrong_rule=share(
            "wrong_rule", ((one.cluster, bool(one.wrong_rule)) for one in scored if one.error is None)
        ),
        wrong_auto=handled.wrong_auto,
        missed=handled.missed,
        needless=handled.needless,
        reason_accuracy=reasons(read_pairs(played for played, _ in both)).accuracy,
    )
