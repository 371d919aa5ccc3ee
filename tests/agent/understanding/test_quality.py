"""How well the reader reads, on messages written apart from the exemplars, with floors below the figure."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from agent.understanding.classifier import Evidence, Heads
from agent.understanding.encoder import Encoder
from agent.understanding.exemplar import load_exemplars
from agent.understanding.offline import OfflineReader
from backhaul.domain.codes import Reason

pytestmark = pytest.mark.quality

HELD_OUT = [
    json.loads(line)
    for line in (Path(__file__).parent / "heldout.jsonl").read_text(encoding="utf-8").splitlines()
]
VALID = [row for row in HELD_OUT if row["label"] != "out_of_scope"]
OUTSIDE = [row for row in HELD_OUT if row["label"] == "out_of_scope"]


def calibration_error(confidence: list[float], right: list[bool], bins: int = 10) -> float:
    sure, good = np.array(confidence), np.array(right)
    places = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = (
        abs(good[places == at].mean() - sure[places == at].mean()) * (places == at).mean()
        for at in set(places)
    )
    return float(sum(gaps))


def test_exemplars_are_many_per_reason_and_none_is_said_twice() -> None:
    exemplars = load_exemplars()
    per_reason = Counter(item.reason for item in exemplars if item.reason)
    assert min(per_reason[reason] for reason in Reason) >= 40
    assert sum(item.about_returns is False for item in exemplars) >= 80
    assert len({item.text.lower() for item in exemplars}) == len(exemplars)


def test_held_out_messages_are_no_exemplars_and_enough_per_reason() -> None:
    known = {item.text.lower() for item in load_exemplars()}
    assert not [row for row in HELD_OUT if row["text"].lower() in known]
    assert min(Counter(row["label"] for row in HELD_OUT).values()) >= 8


@pytest.mark.parametrize(
    ("which", "accuracy", "gap"),
    [
        ("selection", 0.79, 0.13),  # .84 and .09, flattering: these 107 helped to choose the features
        ("untouched", 0.72, 0.16),  # .82 and .11 on 39, scored once after all choices were made
    ],
)
def test_held_out_reasons_are_read_right_and_confidence_means_what_it_says(
    reader: OfflineReader, which: str, accuracy: float, gap: float
) -> None:
    rows = [row for row in VALID if row["set"] == which]
    read = [reader.classify(row["text"]) for row in rows]
    right = [found.reason == row["label"] for found, row in zip(read, rows, strict=True)]
    assert sum(right) / len(right) >= accuracy
    assert calibration_error([found.confidence for found in read], right) <= gap


def test_held_out_scope_is_a_verdict_of_its_own(reader: OfflineReader) -> None:
    inside = [reader.classify(row["text"]).in_scope for row in VALID]
    outside = [reader.classify(row["text"]) for row in OUTSIDE]
    assert sum(inside) / len(inside) >= 0.92  # measured .945: less is taken in than before, and less wrongly
    assert sum(not found.in_scope for found in outside) / len(outside) >= 0.83  # measured .94 on 18
    assert all(found.reason is None for found in outside if not found.in_scope)


@pytest.mark.slow
@pytest.mark.parametrize(("head", "floor"), [("reason", 0.75), ("in_scope", 0.93), ("act", 0.82)])
def test_exemplars_are_read_right_by_heads_that_did_not_see_them(
    evidence: dict[str, Evidence], head: str, floor: float
) -> None:
    found = evidence[head]
    right = [a == b for a, b in zip(found.expected, found.predicted, strict=True)]
    assert sum(right) / len(right) >= floor
    assert calibration_error(list(found.confidence), right) <= 0.06


@pytest.fixture(scope="module")
def evidence(cache_dir: Path) -> dict[str, Evidence]:
    heads = Heads(cache_dir, Encoder())
    return heads.evidence()
