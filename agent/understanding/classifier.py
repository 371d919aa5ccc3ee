"""Three linear heads over the features of a text: why goods come back, is it about returns, what it does."""

import fcntl
import io
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from agent.understanding import exemplar
from agent.understanding.encoder import Encoder
from agent.understanding.features import features
from agent.understanding.promoted import Promoted, name_of, none_promoted

HEADS = ("reason", "in_scope", "act")
_C = 10.0
FOLDS = 5
_NO_POWER = 1e-8
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """A trained linear classifier with the temperature that makes its confidence honest."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    temperature: float

    def probabilities(self, rows: NDArray[np.float32]) -> Floats:
        """Calibrated; one row per text, one column per label."""
        return _softmax((rows @ self.weights + self.bias) / self.temperature)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How the exemplars themselves were read, each by a head that had not seen it."""

    expected: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: tuple[float, ...]


def train(labels: Sequence[str], rows: NDArray[np.float32]) -> tuple[Head, Evidence]:
    """Fit one head; the temperature comes from out-of-fold scores. Deterministic for the same input."""
    expected = np.array(labels)
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - as in fit

    names = np.unique(expected)
    turned, turn = rotate(rows)
    held_out = np.zeros((len(rows), len(names)))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(turned, expected):
        weights, bias = fit(turned[seen], expected[seen])
        held_out[unseen] = turned[unseen] @ weights + bias
    temperature = _temperature(held_out, np.searchsorted(names, expected))
    weights, bias = fit(turned, expected)
    chances = _softmax(held_out / temperature)
    evidence = Evidence(
        tuple(labels), tuple(names[chances.argmax(1)].tolist()), tuple(chances.max(1).tolist())
    )
    return Head(tuple(names.tolist()), turn @ weights, bias, temperature), evidence


class Heads:
    """The three heads: those that are promoted, else those of the exemplars.

    These are trained on first need and kept in `cache_dir` under the hash of all they depend on. `promoted`
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
        self._heads: dict[str, Head] = {}
        self._other: tuple[Promoted, dict[str, Head]] | None = None
        self._lock = threading.Lock()

    def load(self) -> dict[str, Head]:
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
            if not self._heads:
                self._heads = _read(self.file) or self._train_once()
            return self._heads

    def read(self, texts: Sequence[str]) -> dict[str, Floats]:
        """For each head the probabilities of all texts, in the order of `labels(head)`."""
        heads = self.load()
        rows = features(texts, self._encoder)
        return {name: heads[name].probabilities(rows) for name in HEADS}

    def labels(self, head: str) -> tuple[str, ...]:
        """The labels behind the columns of `read`."""
        return self.load()[head].labels

    def evidence(self) -> dict[str, Evidence]:
        """Cross-validated reading of the exemplars by each head, for evaluation; trains anew."""
        return {name: evidence for name, (_, evidence) in self._trained().items()}

    def train_anew(self, tell: Callable[[str], None]) -> dict[str, Evidence]:
        """Train and store them, whatever is cached; `tell` hears which head it is at. Evidence as above."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        trained = self._trained(tell)
        _write(self.file, {name: head for name, (head, _) in trained.items()})
        return {name: evidence for name, (_, evidence) in trained.items()}

    def _train_once(self) -> dict[str, Head]:
        """Both processes of a fresh home need them at once: one trains, the other reads what it stored."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return _read(self.file) or self._train_and_store()

    def _train_and_store(self) -> dict[str, Head]:
        heads = {name: head for name, (head, _) in self._trained().items()}
        _write(self.file, heads)
        return heads

    def _trained(self, tell: Callable[[str], None] = lambda _: None) -> dict[str, tuple[Head, Evidence]]:
        tell("sentences")
        rows = features([item.text for item in self._exemplars], self._encoder)
        trained = {}
        for name in HEADS:
            tell(name)
            trained[name] = self._train(name, rows)
        return trained

    def _train(self, head: str, rows: NDArray[np.float32]) -> tuple[Head, Evidence]:
        wanted = [(at, label) for at, item in enumerate(self._exemplars) if (label := _label(item, head))]
        places = [at for at, _ in wanted]
        # On a host that is busy a second algebra thread costs forty times what it saves (measured).
        with threadpool_limits(1):
            return train([label for _, label in wanted], rows[places])


def _label(item: exemplar.Exemplar, head: str) -> str | None:
    if head == "reason":
        return item.why
    if head == "act":
        return item.act
    return None if item.about_returns is None else str(item.about_returns)


def fit(rows: Floats, labels: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Weights and bias of one column per label, in the order of their names."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - two seconds that only training needs

    model = LogisticRegression(C=_C, max_iter=2_000, class_weight="balanced").fit(rows, labels)
    if len(model.classes_) > 2:  # noqa: PLR2004 - two classes share one set of weights
        return model.coef_.T, model.intercept_
    one_side = np.zeros_like(model.coef_)
    return np.vstack([one_side, model.coef_]).T, np.array([0.0, model.intercept_[0]])


def rotate(rows: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """The rows in the few directions that they span, and what turns weights back from there."""
    # The penalty of the regression does not change under rotation, so it can be fitted in the few directions
    # that the exemplars span: the same weights in a tenth of the time.
    wide = rows.astype(np.float64)
    power, directions = np.linalg.eigh(wide @ wide.T)
    real = power > _NO_POWER
    size = np.sqrt(power[real])
    return directions[:, real] * size, wide.T @ (directions[:, real] / size)


def _temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]  # noqa: PLC0415 - as in fit

    def surprise(log_temperature: float) -> float:
        chances = _softmax(scores / np.exp(log_temperature))
        return float(-np.log(chances[np.arange(len(truth)), truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3, 3), method="bounded").x))


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _read(file: Path) -> dict[str, Head] | None:
    try:
        return _parsed(file.read_bytes())
    except OSError:
        return None


def _parsed(content: bytes) -> dict[str, Head] | None:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {name: _head(stored, name) for name in HEADS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        # Cut short or altered: the exemplars say it all again.
        return None


def _head(stored: np.lib.npyio.NpzFile, name: str) -> Head:
    labels = tuple(str(label) for label in stored[f"{name}.labels"])
    return Head(
        labels, stored[f"{name}.weights"], stored[f"{name}.bias"], float(stored[f"{name}.temperature"])
    )


def _write(file: Path, heads: dict[str, Head]) -> None:
    arrays: dict[str, Any] = {}
    for name, head in heads.items():
        arrays[f"{name}.labels"] = np.array(head.labels)
        arrays[f"{name}.weights"] = head.weights
        arrays[f"{name}.bias"] = head.bias
        arrays[f"{name}.temperature"] = np.array(head.temperature)
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        np.savez(part, **arrays)
    Path(part.name).replace(file)
