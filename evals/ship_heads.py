"""`python -m evals.ship_heads`: train the heads of the shipped exemplars, and put them beside their sources.

To be run after a change to the exemplars, to what turns words into numbers, or to a library's version; a test
says when. It takes some two minutes and a gigabyte and a half of memory.
"""

import tempfile
from pathlib import Path

from rich.console import Console

from agent.understanding.classifier import SHIPPED, Heads, ship
from agent.understanding.encoder import Encoder
from backhaul.bootstrap.doors import silence_telemetry

console = Console(highlight=False)


def main() -> None:
    """Train, and write one file."""
    silence_telemetry()
    SHIPPED.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder, console.status("training ...") as status:
        heads = Heads(Path(folder), Encoder())
        evidence = heads.train_anew(lambda step: status.update(f"training: {step} ..."))
        ship(heads)
    for head, read in evidence.items():
        right = sum(a == b for a, b in zip(read.expected, read.predicted, strict=True))
        console.print(f"{head}: {right / len(read.expected):.1%} of {len(read.expected)} unseen read right")
    console.print(f"{SHIPPED.name}: {SHIPPED.stat().st_size / 1e6:.1f} MB, {heads.name}")


if __name__ == "__main__":
    main()
