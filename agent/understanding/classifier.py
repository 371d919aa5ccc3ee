"""Three heads over the features of a text: why goods come back, is it about returns, what it does."""

import fcntl
import hashlib
import io
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agent.understanding import exemplar
from agent.understanding.encoder import WEIGHTS_SHA256, Encoder
from agent.understanding.features import Space, nearness, space_of
from agent.understanding.installed import libraries, recipe
from agent.understanding.training import Evidence, Exemplars, Floats, Trained, softmax

HEADS = ("reason", "in_scope", "act")


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
    """The three heads, trained on first need and kept in `cache_dir` under the hash of all they depend on."""

    def __init__(self, cache_dir: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._exemplars = exemplar.load_exemplars()
        self.file = cache_dir / "reader" / f"{self._key()}.npz"
        self._learnt: Learnt | None = None
        self._lock = threading.Lock()

    def load(self) -> Learnt:
        """Read the cached heads; train and store them when there are none or the file is damaged."""
        with self._lock:
            if self._learnt is None:
                self._learnt = _read(self.file) or self._train_once()
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
        _, trained = self._train()
        return {name: head.evidence for name, head in trained.items()}

    def _train_once(self) -> Learnt:
        """Both processes of a fresh home need them at once: one trains, the other reads what it stored."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return _read(self.file) or self._train_and_store()

    def _train_and_store(self) -> Learnt:
        (space, said), trained = self._train()
        heads = {name: _head_of(said, one) for name, one in trained.items()}
        learnt = Learnt(space, heads)
        _write(self.file, learnt)
        return learnt

    def _train(self) -> tuple[tuple[Space, Any], dict[str, Trained]]:
        """The space, what the exemplars say in it, and each head."""
        # On a host that is busy a second algebra thread costs forty times what it saves (measured).
        with threadpool_limits(1):
            space, said = space_of([item.text for item in self._exemplars], self._encoder)
            gram = nearness(space.anchors, space.anchors)
            gram += (said @ said.T).toarray()
            spanned = Exemplars(gram)
            return (space, said), {name: self._train_head(name, spanned) for name in HEADS}

    def _train_head(self, head: str, spanned: Exemplars) -> Trained:
        wanted = [(at, label) for at, item in enumerate(self._exemplars) if (label := _label(item, head))]
        return spanned.train([label for _, label in wanted], [at for at, _ in wanted])

    def _key(self) -> str:
        parts = [exemplar.digest(self._exemplars), WEIGHTS_SHA256, recipe(), *libraries()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _label(item: exemplar.Exemplar, head: str) -> str | None:
    if head == "reason":
        return item.why
    if head == "act":
        return item.act
    return None if item.about_returns is None else str(item.about_returns)


def _head_of(said: Any, trained: Trained) -> Head:
    """Weights for rows of the space: of what is said, and of the nearness to each exemplar."""
    weights = np.vstack([said.T @ trained.duals, trained.duals])
    return Head(trained.labels, weights, trained.bias, trained.temperature)


_SPACE = ("word_weights", "letter_weights", "anchors")


def _read(file: Path) -> Learnt | None:
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
            space = Space(*(stored[f"space.{name}"] for name in _SPACE))
            return Learnt(space, {name: _head(stored, name) for name in HEADS})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        # Absent, cut short or altered: the exemplars say it all again.
        return None


def _head(stored: np.lib.npyio.NpzFile, name: str) -> Head:
    labels = tuple(str(label) for label in stored[f"{name}.labels"])
    return Head(
        labels, stored[f"{name}.weights"], stored[f"{name}.bias"], float(stored[f"{name}.temperature"])
    )


def _write(file: Path, learnt: Learnt) -> None:
    arrays: dict[str, Any] = {f"space.{name}": getattr(learnt.space, name) for name in _SPACE}
    for name, head in learnt.heads.items():
        arrays[f"{name}.labels"] = np.array(head.labels)
        arrays[f"{name}.weights"] = head.weights
        arrays[f"{name}.bias"] = head.bias
        arrays[f"{name}.temperature"] = np.array(head.temperature)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        np.savez(part, **arrays)
    Path(part.name).replace(file)
