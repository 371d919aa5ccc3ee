"""The report: one HTML file that opens without a network, without a server and without script."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals.played import Run
from evals.reporting import words
from evals.reporting.cases import CaseShown, cases_of, worst_first
from evals.reporting.charts import reliability, risk_coverage
from evals.reporting.figures import (
    BY_SUITE,
    MATRIX_HEADS,
    confusion_grid,
    escalation_matrix,
    figures_of,
    title_of,
)
from evals.reporting.flips import compare
from evals.reporting.verdict import verdict_of
from evals.scoring.assumptions import MINUTES_PER_REVIEW
from evals.scoring.gated import GateResult
from evals.scoring.measured import NOT_MEASURED
from evals.scoring.records import Part, Slice, Summary
from evals.scoring.summary import summary

_TEMPLATES = Path(__file__).parent / "templates"
_WEAKEST = 3
_TONES = {"passed": "tag-good", "lucky": "tag-wait", "failed": "tag-bad", "error": "tag-bad"}
_STATES = {
    "passed": "passed",
    "lucky": "passed by luck",
    "failed": "failed",
    "error": "stopped with an error",
}


def report(run: Run, gate: GateResult | None = None, baseline: Run | None = None) -> str:
    """The page about a run; with an earlier run, what came out otherwise than in it.

    Every text of scenarios, customers and agents is escaped, and the page's own policy lets no script run but
    the one it was written with.
    """
    summed = summary(run)
    cases = cases_of(run.played, summed.scored)
    style, script = _part("report.css"), _part("report.js")
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            head=run.head,
            style=style,
            script=script,
            policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}",
            verdict=verdict_of(gate),
            compared=compare(baseline, run) if baseline else None,
            failures=worst_first(case for case in cases if case.has_failed),
            passes=[case for case in cases if not case.has_failed],
            suites=sorted({one.suite for one in run.played}),
            **_figures(summed),
        )
    )


def _figures(summed: Summary) -> dict[str, Any]:
    whole = summed.whole
    return {
        "summed": summed,
        "whole": whole,
        "figures": figures_of(whole),
        "suite_rows": _suite_rows(summed.suites),
        "suite_heads": [title_of(key) for key in BY_SUITE],
        "matrix": escalation_matrix(whole.escalation),
        "matrix_heads": MATRIX_HEADS,
        "minutes_per_review": MINUTES_PER_REVIEW,
        "confusion": confusion_grid(whole.reasons.confusion),
        "reliability": reliability(whole.calibration),
        "risk": risk_coverage(whole.calibration),
        "slices": _by_dimension(summed.slices),
        "weakest": _weakest(summed),
    }


def _suite_rows(suites: Mapping[str, Part]) -> list[tuple[str, Part, list[Any]]]:
    return [(name, part, [part.figures()[key] for key in BY_SUITE]) for name, part in suites.items()]


def _by_dimension(slices: tuple[Slice, ...]) -> list[tuple[str, list[Slice]]]:
    ordered = sorted(slices, key=lambda one: (one.dimension, one.value))
    return [(name, list(ones)) for name, ones in groupby(ordered, key=lambda one: one.dimension)]


def _weakest(summed: Summary) -> list[Slice]:
    """The slices in which least passes, of those that are below the whole."""
    whole = summed.whole.passed.value
    if whole is None:
        return []
    below = [one for one in summed.slices if one.passed.value is not None and one.passed.value < whole]
    return sorted(below, key=lambda one: (one.passed.value or 0.0, -one.runs))[:_WEAKEST]


def _part(name: str) -> Markup:
    """A file of our own that stands in the page as it is."""
    return Markup((_TEMPLATES / name).read_text("utf-8"))  # noqa: S704 - ours, and never a scenario's


def _hash(text: str) -> str:
    """How a content security policy names the one text that it lets in."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _tone(case: CaseShown) -> str:
    return _TONES[case.state]


def _state(case: CaseShown) -> str:
    return _STATES[case.state]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(not_measured=NOT_MEASURED)
    environment.filters.update(
        words=words.words,
        outcome=words.outcome,
        ending=words.ending,
        effect=words.effect,
        seconds=words.seconds,
        counted=words.counted,
        tight=words.tight,
        tone=_tone,
        state=_state,
    )
    return environment
