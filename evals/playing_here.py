"""Plays scenarios that come in on standard input, with whatever sources stand first on the path.

`python -P -m evals.playing_here`: in comes `{"suite": ..., "epoch": ..., "scenarios": [...]}`, out comes one
line of JSON for each that was played. It is started by `evals.elsewhere`.
"""

import json
import sys

from evals.player import Conditions, play
from evals.scenario import Scenario


def main() -> None:
    """Play what is asked for, in order."""
    asked = json.load(sys.stdin)
    conditions = Conditions(asked["suite"], asked["epoch"])
    for row in asked["scenarios"]:
        played = play(Scenario.model_validate(row), conditions)
        sys.stdout.write(played.model_dump_json() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
