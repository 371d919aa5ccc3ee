"""Three heads over the features of a text: why goods come back, is it about returns, what it does."""

import fcntl
import io
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agent.understanding import exemplar
from agent.understanding.encoder import Encoder
from agent.understanding.features import Space, in_brief, inner_products, space_of
from agent.understanding.promoted import Promoted, name_of, none_promoted
from agent.understanding.training import Evidence, Floats, Spanned, Trained, softmax

HEADS = ("reason", "in_scope", "act")
SHIPPED = Path(__file__).with_name("heads.npz")
"""What the shipped exemplars teach, trained beforehand: learning it takes more than a minute"""


@dataclass(frozen=True, slots=True)
class Head:
    """A trained classifier with the temperature that makes its confidence honest."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: Floats
    temperature: float

    def probabilities(self, rows: NDArray[np.float32]) -> Floats:
        """Calibrated; one row per text, one column per label."""
        return softmax((rows @ self.weights + self.bias) / self.temperature)


@dataclass(frozen=True, slots=True)
class Learnt:
    """All that is learnt from exemplars, and kept."""

    space: Space
    heads: Mapping[str, Head]


class Heads:
    """The three heads: those that are promoted, else those of the exemplars.

    Those of the shipped exemplars come along. Others, and all where a library has another version, are
    trained on first need and kept in `cache_dir` under the hash of all they depend on. `promoted`
    is asked again at every reading, so that a promotion counts from the next message on; all heads have the
    same labels.
    """

    def __init__(
        self,
        cache_dir: Path,
        encoder: Encoder,
        *,
        promoted: Callable[[], Promoted | None] = none_promoted,
        exemplars: tuple[exemplar.Exemplar, ...] | None = None,
    ) -> None:
        self._encoder, self._promoted = encoder, promoted
        self._exemplars = exemplar.load_exemplars() if exemplars is None else exemplars
        self.name = name_of(self._exemplars)
        self.file = cache_dir / "reader" / f"{self.name}.npz"
        self._learnt: Learnt | None = None
        self._other: tuple[Promoted, Learnt] | None = None
        self._lock = threading.Lock()

    def load(self) -> Learnt:
        """The heads in use; cached ones are trained and stored when there are none or the file is damaged."""
        promoted = self._promoted()
        with self._lock:
            if promoted is None:
                self._other = None
            elif self._other is None or self._other[0] is not promoted:
                read = _parsed(promoted.content)
                self._other = (promoted, read) if read else None
            if self._other is not None:
                return self._other[1]
            if self._learnt is None:
                self._learnt = _shipped(self.name) or _read(self.file) or self._train_once()
            return self._learnt

    def read(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each head the probabilities of all texts, in the order of `labels(head)`."""
        learnt = self.load()
        rows = learnt.space.rows(texts, self._encoder)
        return {name: learnt.heads[name].probabilities(rows) for name in HEADS}

    def labels(self, head: str) -> tuple[str, ...]:
        """The labels behind the columns of `read`."""
        return self.load().heads[head].labels

    def evidence(self) -> dict[str, Evidence]:
        """Cross-validated reading of the exemplars by each head, for evaluation; trains anew."""
        return self._trained(_silently)[1]

    def train_anew(self, tell: Callable[[str], None]) -> dict[str, Evidence]:
        """Train and store them, whatever is cached; `tell` hears which head it is at. Evidence as above."""
        learnt, evidence = self._trained(tell)
        _write(self.file, learnt, self.name)
        return evidence

    def _train_once(self) -> Learnt:
        """Both processes of a fresh home need them at once: one trains, the other reads what it stored."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return _read(self.file) or self._train_and_store()

    def _train_and_store(self) -> Learnt:
        learnt, _ = self._trained(_silently)
        _write(self.file, learnt, self.name)
        return learnt

    def _trained(self, tell: Callable[[str], None]) -> tuple[Learnt, dict[str, Evidence]]:
        tell("sentences")
        # On a host that is busy a second algebra thread costs forty times what it saves (measured).
        with threadpool_limits(1):
            space, said = space_of([item.text for item in self._exemplars], self._encoder)
            spanned = Spanned(inner_products(space, said))
            heads, evidence = {}, {}
            for name in HEADS:
                tell(name)
                labels, places = taught_to(name, self._exemplars)
                trained = spanned.train(labels, places)
                heads[name], evidence[name] = _head_of(said, trained), trained.evidence
        return Learnt(space.in_brief(), heads), evidence


def _silently(head: str) -> None:
    """Nobody is told."""


def taught_to(head: str, exemplars: Sequence[exemplar.Exemplar]) -> tuple[list[str], list[int]]:
    """What a head learns: a label each of some exemplars, and the places of these among all."""
    wanted = [(label, at) for at, item in enumerate(exemplars) if (label := _label(item, head))]
    return [label for label, _ in wanted], [at for _, at in wanted]


def _label(item: exemplar.Exemplar, head: str) -> str | None:
    if head == "reason":
        return item.why
    if head == "act":
        return item.act
    return None if item.about_returns is None else str(item.about_returns)


def _head_of(said: Any, trained: Trained) -> Head:
    """Weights for rows of the space: of what is said, and of the nearness to each exemplar."""
    weights = np.vstack([said.T @ trained.duals, trained.duals])
    return Head(trained.labels, in_brief(weights), trained.bias, trained.temperature)


_SPACE = ("word_weights", "letter_weights", "anchors")


@cache
def _shipped(name: str) -> Learnt | None:
    """What came along, if it is of that name: the same exemplars, sources and libraries made it.

    Unpacking it takes a quarter of a second, so all readers of a process share it.
    """
    try:
        content = SHIPPED.read_bytes()
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            is_it = str(stored["name"]) == name
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return _parsed(content) if is_it else None


def _read(file: Path) -> Learnt | None:
    try:
        return _parsed(file.read_bytes())
    except OSError:
        return None


def _parsed(content: bytes) -> Learnt | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            space = Space(*(stored[f"space.{name}"].astype(np.float32) for name in _SPACE))
            return Learnt(space, {name: _head(stored, name) for name in HEADS})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        # Cut short or altered: the exemplars say it all again.
        return None


def _head(stored: np.lib.npyio.NpzFile, name: str) -> Head:
    labels = tuple(str(label) for label in stored[f"{name}.labels"])
    return Head(
        labels,
        stored[f"{name}.weights"].astype(np.float32),
        stored[f"{name}.bias"],
        float(stored[f"{name}.temperature"]),
    )


def ship(heads: Heads) -> None:
    """Put what these heads have learnt where it comes along with the sources."""
    _write(SHIPPED, heads.load(), heads.name)
    SHIPPED.chmod(0o644)


def _write(file: Path, learnt: Learnt, called: str) -> None:
    half = np.float16
    arrays: dict[str, Any] = {"name": np.array(called)}
    arrays |= {f"space.{name}": getattr(learnt.space, name).astype(half) for name in _SPACE}
    for name, head in learnt.heads.items():
        arrays[f"{name}.labels"] = np.array(head.labels)
        arrays[f"{name}.weights"] = head.weights.astype(half)
        arrays[f"{name}.bias"] = head.bias
        arrays[f"{name}.temperature"] = np.array(head.temperature)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        np.savez_compressed(part, **arrays)
    Path(part.name).replace(file)
