"""`backhaul eval bisect | replay`: what another release decides, and what makes it so. Heavy imports wait."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from evals.bisecting import Cause
    from evals.played import Played

console = Console(highlight=False, soft_wrap=True, emoji=False)
_NOT_ASKED = "A language model is not asked: the offline reader reads, whatever the release names."
_Release = Annotated[
    str, typer.Argument(help="Hash of a release that was proposed in this home, or how it begins.")
]


def register(evaluation: typer.Typer) -> None:
    """Add these commands beside the others of `eval`."""
    evaluation.command()(bisect)
    evaluation.command()(replay)


def bisect(
    before: _Release,
    after: _Release,
    suite: Annotated[str, typer.Argument(help="The suite that is played.")] = "core",
    *,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many scenarios.")] = None,
) -> None:
    """Name the part of a release that is behind each decision that came out otherwise."""
    from backhaul.bootstrap.release_files import kept_named
    from backhaul.domain.release import Component
    from backhaul.settings import Settings
    from evals.bisecting import bisect as search
    from evals.suite import load_suite

    settings = Settings()
    earlier, later = (kept_named(settings, one) for one in (before, after))
    scenarios = load_suite(suite).scenarios[:limit]
    found = search(
        settings, earlier, later, scenarios, suite=suite, tell=lambda what: _aside(f"playing {what}")
    )
    console.print(f"The releases differ in: {', '.join(found.changed) or 'nothing'}.", markup=False)
    if Component.MODEL in found.changed:
        console.print(_NOT_ASKED, markup=False)
    console.print(f"{len(found.causes)} of {found.played} scenarios ended otherwise.", markup=False)
    for cause in found.causes:
        console.print(f"{cause.before.scenario.id}: {_why(cause)}", markup=False)
        console.print(f"  before: {_end(cause.before)}", markup=False)
        console.print(f"  after:  {_end(cause.after)}", markup=False)


def _aside(words: str) -> None:
    Console(stderr=True, soft_wrap=True).print(words, markup=False)


def _why(cause: Cause) -> str:
    if not cause.parts:
        return "no part by itself is behind it"
    names = " or ".join(cause.parts) if cause.alone else " and ".join(cause.parts)
    return names if cause.alone else f"{names}, together"


def _end(played: Played) -> str:
    if played.found is None:
        return played.error or "it stopped"
    lines = (
        f"{line.quantity} x {line.key} {line.reason}: {line.outcome}"
        + (f" by {line.decided_by}" if line.decided_by else "")
        for line in played.found.lines
    )
    return "; ".join(lines) or played.found.ending.value


def replay(
    cases: Annotated[list[str], typer.Argument(help="Cases of this home, such as RC-7KQ2M9XA.")],
    *,
    release: Annotated[str, typer.Option(help="Hash of the release that shall decide again.")],
) -> None:
    """Play stored conversations again as an earlier or later release would have them."""
    from backhaul.bootstrap import outside
    from backhaul.bootstrap.release_files import assembled, kept_manifest, kept_named
    from backhaul.cli.acting import open_ready_store
    from backhaul.domain.release import OFFLINE, Component
    from backhaul.settings import Settings
    from evals.elsewhere import play_with
    from evals.from_desk import scenario_of
    from evals.scoring.score import score

    settings = Settings()
    manifest = kept_manifest(settings, kept_named(settings, release))
    with open_ready_store(settings) as store:
        scenarios = [scenario_of(store, outside.erp_reads(settings), case_id) for case_id in cases]
    if manifest.model != OFFLINE:
        _aside(_NOT_ASKED)
    with tempfile.TemporaryDirectory(prefix="backhaul-replay-") as folder:
        parts = dict.fromkeys(Component, manifest.hash)
        sources = assembled(settings, parts, Path(folder) / "sources")
        for played in play_with(sources, scenarios, suite="replay", release=manifest):
            scored = score(played)
            told = "as it was decided" if scored.passed else "; ".join(scored.failures)
            console.print(f"{played.scenario.id}: {_end(played)} ({told})", markup=False)
