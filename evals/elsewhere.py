"""Scenarios played with the sources of another release, in a process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backhaul.domain.errors import BackhaulError
from backhaul.domain.release import SHORT, Component, Release, differences
from evals.played import Played
from evals.scenario import Scenario

_HERE = Path(__file__).parent.parent
_LAST = 2_000
"""Characters of what went wrong that are told"""


class DoesNotPlay(BackhaulError):
    """Sources that were put together do not run, or stop before the end."""

    code = "does_not_play"


def play_with(
    sources: Path, scenarios: Sequence[Scenario], *, suite: str, release: Release, epoch: int = 0
) -> list[Played]:
    """Play scenarios with agent, tools, policies and backhaul from a folder; the evaluation is our own.

    `release` is what these sources have to be, but for the model: the offline reader reads.

    Raises:
        DoesNotPlay: They are something else, or they stop; with the end of what was said about it.
    """
    asked = {
        "suite": suite,
        "epoch": epoch,
        "scenarios": [one.model_dump(mode="json") for one in scenarios],
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "evals.playing_here"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(sources), str(_HERE))),
            # The documents of the release decide, whatever this house decides by.
            "BACKHAUL_POLICIES": "",
        },
        check=False,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or len(told) != len(scenarios) + 1:
        raise DoesNotPlay(f"{sources.name}: {done.stderr[-_LAST:].strip() or 'it stopped'}")
    _check_is(release, Release.from_manifest(json.loads(told[0])))
    return [Played.model_validate_json(line) for line in told[1:]]


def _check_is(release: Release, ran: Release) -> None:
    apart = differences(replace(release, model=ran.model), ran)
    if not apart:
        return
    why = f"what was kept of it is another {', '.join(apart)} by now"
    if Component.READER in apart:
        why += "; a reader needs the weights and the versions of libraries of its time installed"
    raise DoesNotPlay(f"release {release.hash[:SHORT]} cannot be played: {why}")
