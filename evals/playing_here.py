"""Plays scenarios that come in on standard input, with whatever sources stand first on the path.

`python -P -m evals.playing_here`: in comes `{"suite": ..., "epoch": ..., "scenarios": [...]}`. Out comes a
line of JSON with the manifest of the release that these sources are, and one for each scenario that was
played. It is started by `evals.elsewhere`.
"""

import json
import sys

from backhaul.bootstrap.releases import running
from backhaul.settings import Settings
from evals.player import Conditions, play
from evals.scenario import Scenario
from evals.worlds import promoted


def main() -> None:
    """Play what is asked for, in order."""
    asked = json.load(sys.stdin)
    _tell(json.dumps(running(Settings(), learnt=promoted().mark).manifest()))
    conditions = Conditions(asked["suite"], asked["epoch"])
    for row in asked["scenarios"]:
        played = play(Scenario.model_validate(row), conditions)
        _tell(played.model_dump_json())


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
