"""`python -m evals.similar` says whether the cases that a case is like are about the same.

What the desk shows beside a case are decided ones whose words are alike. Here the same vectors and the same
ranking are held against labelled messages: of the ten nearest to a message, how many have its reason, and
how many would have it if ten were drawn at random. Nothing is trained or tuned on these messages; the model
of the vectors never saw them. They carry no class of goods, so what
narrowing down by class adds is not measured.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from agent.understanding.encoder import Encoder
from backhaul.analytics.likeness import nearest, packed
from backhaul.bootstrap.doors import silence_telemetry
from evals.reading.messages import Message, load

_TEN = 10
_OUT_OF_SCOPE = "out_of_scope"
_RESAMPLES = 2_000
_SEED = 7
_FROZEN = Path(__file__).parent / "reading" / "frozen.jsonl"

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Shares of the ten nearest with the same reason, message by message, and what chance would give."""

    name: str
    shares: tuple[float, ...]
    by_chance: float

    @property
    def share(self) -> float:
        """The mean over messages."""
        return float(np.mean(self.shares))

    def interval(self) -> tuple[float, float]:
        """95 %, by drawing messages again with replacement."""
        random, shares = np.random.default_rng(_SEED), np.asarray(self.shares)
        drawn = random.choice(shares, size=(_RESAMPLES, len(shares))).mean(axis=1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)


def retrieved(
    name: str,
    messages: Sequence[Message],
    vectors: Sequence[bytes],
    may_be: Callable[[Message, Message], bool],
) -> Retrieved:
    """For each message the ten nearest of those it may be held against; itself is never one of them."""
    shares, chances = [], []
    for place, message in enumerate(messages):
        others = [
            (str(other), vectors[other])
            for other in range(len(messages))
            if other != place and may_be(message, messages[other])
        ]
        found = [messages[int(one)] for one, _ in nearest(vectors[place], others, most=_TEN)]
        same = sum(messages[int(one)].label == message.label for one, _ in others)
        shares.append(sum(one.label == message.label for one in found) / len(found))
        chances.append(same / len(others))
    return Retrieved(name, tuple(shares), float(np.mean(chances)))


def measure(
    messages: Sequence[Message], embed: Callable[[Sequence[str]], NDArray[np.float32]]
) -> list[Retrieved]:
    """Against all others, and against those in another voice alone: one voice says all things alike."""
    returns = [one for one in messages if one.label != _OUT_OF_SCOPE]
    vectors = [packed(embed([one.text])[0]) for one in returns]
    return [
        retrieved("all other messages", returns, vectors, lambda _one, _other: True),
        retrieved(
            "those in another voice", returns, vectors, lambda one, other: one.register != other.register
        ),
    ]


def main(
    on: Annotated[Path, typer.Argument(help="JSON lines with text, label and register.")] = _FROZEN,
) -> None:
    """Say how many of the ten nearest have the same reason, and how many would by chance."""
    silence_telemetry()
    with console.status("reading ..."):
        figures = measure(load(on), Encoder().encode)
    table = Table("ten nearest of", "same reason", "95 % interval", "by chance", "messages", box=None)
    for one in figures:
        low, high = one.interval()
        table.add_row(
            one.name,
            f"{one.share:.1%}",
            f"{low:.1%} to {high:.1%}",
            f"{one.by_chance:.1%}",
            str(len(one.shares)),
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
