"""`python -m evals.autonomy`: whether earned autonomy keeps its promises on streams whose truth is known.

Each run draws labels from a stream and asks the statistics of the product at fixed numbers of labels what may
be open. A promise is broken in a run when, at any of them, something is called proved that is not so, or more
than alpha of everything that is let through is wrong in truth.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from backhaul.analytics.earning import STANDARD, Plan, Sample, Standing, standing
from backhaul.domain.autonomy import LEAVES, TREE
from evals.autonomy_drift import Closing, closings
from evals.autonomy_streams import STREAMS, Errors, Truth, readings, truth_of
from evals.scoring.intervals import clopper_pearson

LABELS = 5_000
CHECKED_AT = (1_000, 2_000, 3_500, LABELS)
TRIALS = (
    *((name, 0.01) for name in STREAMS),
    ("calibrated", 0.02),
    ("overconfident", 0.02),
    ("errors in one class", 0.02),
)
_SAFEST = 3
_ESCALATED_BELOW = 980


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one run."""

    kept: bool
    safest_open: bool
    """The product classes with the lowest true rates are open in all their leaves, after all labels"""
    opened_after: int | None
    """Labels at which something was open for the first time"""
    let_through: float
    """Share of the readings, after all labels"""
    wrong: float
    """True share of wrong ones in it"""
    worst_leaf: float
    """The highest true rate of an open leaf: it may be above alpha, the whole may not"""


@dataclass(frozen=True, slots=True)
class Trial:
    """Runs of one stream under one alpha. Shares come with exact 95 % intervals."""

    stream: str
    alpha: float
    runs: int
    kept: tuple[float, float, float]
    safest_open: tuple[float, float, float]
    opened_after: float | None
    let_through: float
    wrong: float
    worst_leaf: float


def play(errors: Errors, truth: Truth, plan: Plan, seed: int) -> Run:
    """One run: labels come in, and the statistics are asked at each of the fixed numbers of them."""
    luck = np.random.default_rng(seed)
    labels = readings(errors, LABELS, luck).sample(luck)
    kept, opened_after = True, None
    for count in CHECKED_AT:
        found = standing(Sample(*(part[:count] for part in labels)), plan)
        opened = _places(found, plan)
        through, wrong = truth.automatic(opened)
        kept = kept and wrong <= plan.alpha and not _false_proofs(found, truth, plan)
        opened_after = opened_after or (count if through else None)
    worst = max((truth.rate(np.array([leaf]), at) for leaf, at in opened.items()), default=0.0)
    safest = all(leaf in opened for leaf in _safest(truth))
    return Run(kept, safest, opened_after, through, wrong, worst)


def _places(found: Standing, plan: Plan) -> dict[int, int]:
    return {LEAVES.index(leaf): plan.thresholds.index(one.floor) for leaf, one in found.opened.items()}


def _false_proofs(found: Standing, truth: Truth, plan: Plan) -> bool:
    return any(
        is_proved and truth.rate(_OF[segment], at) > plan.alpha
        for segment, evidence in found.evidence.items()
        for at, is_proved in enumerate(evidence.proved)
    )


_OF = {segment: np.array([LEAVES.index(leaf) for leaf in segment.leaves]) for segment in TREE}


def _safest(truth: Truth) -> list[int]:
    """The leaves of the classes with the lowest true rates among very sure readings."""
    classes = [leaves for segment, leaves in _OF.items() if segment.product_class and not segment.band]
    best = sorted(classes, key=lambda leaves: truth.rate(leaves, 0))[:_SAFEST]
    return [int(leaf) for leaves in best for leaf in leaves]


def trial(stream: str, alpha: float, runs: Sequence[Run]) -> Trial:
    """The runs in figures."""
    after = [one.opened_after for one in runs if one.opened_after is not None]
    return Trial(
        stream,
        alpha,
        len(runs),
        kept=_share([one.kept for one in runs]),
        safest_open=_share([one.safest_open for one in runs]),
        opened_after=median(after) if after else None,
        let_through=float(np.mean([one.let_through for one in runs])),
        wrong=max(one.wrong for one in runs),
        worst_leaf=max(one.worst_leaf for one in runs),
    )


def _share(said: Sequence[bool]) -> tuple[float, float, float]:
    hits = sum(said)
    return (hits / len(said), *clopper_pearson(hits, len(said)))


@dataclass(frozen=True, slots=True)
class Biased:
    """What the same statistics make of labels of escalated decisions alone."""

    stream: str
    runs: int
    told: float
    """Share of wrong ones among the labels, on average"""
    true: float
    """Share of wrong ones among the decisions that would be automatic"""
    opened: float
    """Share of the runs in which something was opened"""
    wrong: float
    """True share of wrong ones in what was opened, on average over those runs"""


def escalated_only(stream: str, truth: Truth, seeds: Sequence[int]) -> Biased:
    """Let people label only what a floor kept out, and draw the same conclusions from it."""
    told, opened = [], []
    for seed in seeds:
        luck = np.random.default_rng(seed)
        labels = readings(STREAMS[stream], LABELS * 8, luck).sample(luck)
        kept_out = np.flatnonzero(labels.confidence < _ESCALATED_BELOW)[:LABELS]
        of_them = Sample(*(part[kept_out] for part in labels))
        told.append(float(of_them.wrong.mean()))
        through, wrong = truth.automatic(_places(standing(of_them, STANDARD), STANDARD))
        opened += [wrong] if through else []
    true = truth.rate(np.arange(len(LEAVES)), 0)
    wrong = float(np.mean(opened)) if opened else 0.0
    return Biased(stream, len(seeds), float(np.mean(told)), true, len(opened) / len(seeds), wrong)


def measure(runs: int, *, each: Callable[..., Any]) -> Mapping[str, list[Any]]:
    """Everything that is reported; `each` goes through the seeds and may show how far it is."""
    truths = {name: truth_of(errors) for name, errors in STREAMS.items()}
    trials = []
    for name, alpha in TRIALS:
        plan = replace(STANDARD, alpha=alpha)
        told = each(range(runs), description=f"{name}, {alpha:.0%}")
        played = [play(STREAMS[name], truths[name], plan, seed) for seed in told]
        trials.append(trial(name, alpha, played))
    few = range(max(runs // 10, 1))
    biased = [
        escalated_only(name, truths[name], list(each(few, description=f"escalated alone: {name}")))
        for name in ("calibrated", "wrong when sure")
    ]
    return {"trials": trials, "biased": biased, "closings": closings(max(runs // 4, 1), each=each)}


def main(
    runs: Annotated[int, typer.Option(min=1, help="Runs of each trial.")] = 1_000,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs instead of tables.")] = False,
) -> None:
    """Try earned autonomy on streams whose truth is known."""
    console = Console(highlight=False)
    found = measure(runs, each=partial(track, console=Console(stderr=True)))
    if as_json:
        print(json.dumps({part: [asdict(one) for one in told] for part, told in found.items()}, indent=2))  # noqa: T201 - the answer itself
        return
    console.print(_trials(found["trials"]))
    console.print(_biased(found["biased"]))
    console.print(_closings(found["closings"]))


def _with_interval(share: tuple[float, float, float]) -> str:
    return f"{share[0]:.1%} ({share[1]:.1%} to {share[2]:.1%})"


def _trials(trials: Sequence[Trial]) -> Table:
    head = ("Stream", "Alpha", "Runs", "Promise kept", "Safest open", "First open after", "Let through")
    table = Table(*head, "Most wrong", "Worst leaf", title=f"{LABELS:,} labels", box=None)
    for one in trials:
        table.add_row(
            one.stream,
            f"{one.alpha:.0%}",
            f"{one.runs:,}",
            _with_interval(one.kept),
            _with_interval(one.safest_open),
            f"{one.opened_after:,.0f}" if one.opened_after else "never",
            f"{one.let_through:.1%}",
            f"{one.wrong:.2%}",
            f"{one.worst_leaf:.2%}",
        )
    return table


def _biased(biased: Sequence[Biased]) -> Table:
    head = ("Stream", "Runs", "Wrong, labels say", "Wrong in truth", "Runs that open", "Wrong in what opens")
    table = Table(*head, title=f"Labels of what a floor of {_ESCALATED_BELOW} kept out, alone", box=None)
    for one in biased:
        opened = f"{one.wrong:.2%}" if one.opened else ""
        told = (f"{one.told:.2%}", f"{one.true:.2%}", f"{one.opened:.0%}", opened)
        table.add_row(one.stream, f"{one.runs:,}", *told)
    return table


def _closings(found: Sequence[Closing]) -> Table:
    head = ("Watch", "Runs", "Closed", "Median delay", "90 % within", "Unit")
    table = Table(*head, title="Closing by itself", box=None)
    for one in found:
        delays = (one.median_delay, one.most_delay)
        said = [f"{delay:,.0f}" if delay is not None else "" for delay in delays]
        table.add_row(one.what, f"{one.runs:,}", _with_interval(one.closed), *said, one.unit)
    return table


if __name__ == "__main__":
    typer.run(main)
