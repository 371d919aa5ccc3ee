"""`backhaul eval gate | compare | report | view`: what runs came to. Heavy imports wait, see main.py."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from backhaul.cli.written import write
from backhaul.domain.errors import BadInput

if TYPE_CHECKING:
    from evals.played import Run
    from evals.scoring.gated import GateResult

console = Console(highlight=False, soft_wrap=True, emoji=False)

_File = Annotated[Path, typer.Argument(help="A run that `eval run` kept.")]
_Baseline = Annotated[Path | None, typer.Option(help="An earlier run it is held against.")]
_Thresholds = Annotated[Path | None, typer.Option(help="The thresholds, instead of evals/gate.yaml.")]


def register(evaluation: typer.Typer) -> None:
    """Add these commands beside the others of `eval`."""
    for command in (gate, compare, report, view):
        evaluation.command()(command)


def gate(
    run: _File,
    *,
    baseline: _Baseline = None,
    thresholds: _Thresholds = None,
    junit: Annotated[Path | None, typer.Option(help="Write this file for a build server.")] = None,
    answer: Annotated[
        Path | None, typer.Option(help="Write this file for `backhaul release propose --gate`.")
    ] = None,
) -> None:
    """Hold a run against the thresholds: status 0 passed, 1 broke, 3 not enough evidence."""
    from evals.reporting.terminal import tell_gate
    from evals.runs import load_run
    from evals.scoring.junit import junit as as_junit
    from evals.scoring.summary import summary

    played = load_run(run)
    found = _judge(played, baseline, thresholds)
    if junit is not None:
        write(junit, as_junit(summary(played), found))
    if answer is not None:
        write(answer, _as_answer(played, found))
    tell_gate(console, found)
    raise typer.Exit(found.exit_code)


def _as_answer(run: Run, found: GateResult) -> str:
    """What the gate said, about which release: whoever signs it reads it, and it fits no other.

    Raises:
        BadInput: Another agent was played than the one that answers customers under that release.
    """
    from backhaul.domain.release import OFFLINE, Component
    from backhaul.domain.release import GateResult as Answer
    from evals.other_agents import MODEL
    from evals.scoring.gated import Standing

    own = OFFLINE if run.head.components.get(Component.MODEL) == OFFLINE else MODEL
    if run.head.agent != own:
        raise BadInput(
            f"{run.head.agent} was played, and release {run.head.release} answers with its own agent;"
            f" play it with --agent {own}",
            field="answer",
        )
    words = {
        Standing.PASSED: Answer.PASSED,
        Standing.BROKE: Answer.FAILED,
        Standing.NOT_ENOUGH_EVIDENCE: Answer.NOT_ENOUGH_EVIDENCE,
    }
    said = {
        "result": words[found.standing],
        "run": run.head.run_id,
        "release": run.head.release,
        "figures": {f"{one.suite} {one.figure}": one.measured.value for one in found.checks},
    }
    return json.dumps(said, indent=2) + "\n"


def compare(
    before: Annotated[Path, typer.Argument(help="The earlier run.")],
    after: Annotated[Path, typer.Argument(help="The later run.")],
) -> None:
    """List what came out otherwise, with both transcripts, the rules, money and minutes."""
    from evals.reporting.flips import compare as held_against
    from evals.reporting.terminal import tell_comparison
    from evals.runs import load_run

    tell_comparison(console, held_against(load_run(before), load_run(after)))


def report(
    run: _File,
    *,
    baseline: _Baseline = None,
    thresholds: _Thresholds = None,
    out: Annotated[Path | None, typer.Option(help="The page; beside the run unless named.")] = None,
) -> None:
    """Write one HTML page about a run that opens anywhere, without a network."""
    from evals.reporting.page import report as page
    from evals.runs import load_run

    played = load_run(run)
    earlier = load_run(baseline) if baseline else None
    path = out or run.with_name(f"{run.name.removesuffix('.gz').removesuffix('.json')}.html")
    write(path, page(played, _judge(played, baseline, thresholds), earlier))
    console.print(f"written to {path}", markup=False)


def view(
    folder: Annotated[Path, typer.Argument(help="Where the logs of runs are.")] = Path("var/evals"),
) -> None:
    """Open the logs in Inspect's viewer, on this machine."""
    if not find_spec("inspect_ai"):
        raise BadInput("the viewer is Inspect's: pip install 'backhaul[evals]'", field="inspect-ai")
    subprocess.run(
        [sys.executable, "-m", "inspect_ai", "view", "start", "--log-dir", str(folder)], check=False
    )


def _judge(run: Run, baseline: Path | None, thresholds: Path | None) -> GateResult:
    from evals.runs import load_run
    from evals.scoring.gate import judge
    from evals.scoring.thresholds import SHIPPED, read_gate

    asked = read_gate(thresholds or SHIPPED)
    return judge(run, asked, load_run(baseline) if baseline else None)
