"""The frozen messages are the ones that were committed, and enough of each; their score is not asked here."""

import hashlib
import json
from collections import Counter

from agent.understanding.exemplar import load_exemplars
from backhaul.domain.codes import Reason
from evals.suite import SUITES

FROZEN = SUITES.parent / "reading" / "frozen.jsonl"
SHA256 = "80c2f5814618e74be8cb3052514c281dfc69749be624c90e18c4463561488718"


def test_not_a_letter_was_changed_since_they_were_committed() -> None:
    assert hashlib.sha256(FROZEN.read_bytes()).hexdigest() == SHA256


def test_there_are_enough_of_every_reason_and_of_none_and_no_exemplar_is_among_them() -> None:
    rows = [json.loads(line) for line in FROZEN.read_text("utf-8").splitlines()]
    labels = Counter(row["label"] for row in rows)

    assert set(labels) == {*Reason, "out_of_scope"}
    assert min(labels.values()) >= 24
    assert (len(rows) >= 330, labels["out_of_scope"] >= 60) == (True, True)
    assert not {row["text"].lower() for row in rows} & {item.text.lower() for item in load_exemplars()}
