"""Scenarios played with the sources of another release, in a process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from backhaul.domain.errors import BackhaulError
from evals.played import Played
from evals.scenario import Scenario

_HERE = Path(__file__).parent.parent
_LAST = 2_000
"""Characters of what went wrong that are told"""


class DoesNotPlay(BackhaulError):
    """Sources that were put together do not run, or stop before the end."""

    code = "does_not_play"


def play_with(sources: Path, scenarios: Sequence[Scenario], *, suite: str, epoch: int = 0) -> list[Played]:
    """Play scenarios with agent, tools, policies and backhaul from a folder; the evaluation is our own.

    Raises:
        DoesNotPlay: With the end of what was said about it.
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
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(sources), str(_HERE)))},
        check=False,
    )
    played = [Played.model_validate_json(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or len(played) != len(scenarios):
        raise DoesNotPlay(f"{sources.name}: {done.stderr[-_LAST:].strip() or 'it stopped'}")
    return played
