"""A small part of `python -m evals.autonomy`: promises kept on streams whose truth is known."""

import numpy as np
import pytest
from rich.progress import track

from backhaul.analytics.earning import STANDARD
from evals.autonomy import CHECKED_AT, escalated_only, play, trial
from evals.autonomy_drift import closings
from evals.autonomy_streams import STREAMS, Truth, readings, truth_of

FEW = range(12)


@pytest.fixture(scope="module")
def truths() -> dict[str, Truth]:
    return {name: truth_of(STREAMS[name]) for name in ("calibrated", "just above 1 %", "wrong when sure")}


def test_a_stream_is_as_wrong_as_its_truth_says(truths: dict[str, Truth]) -> None:
    luck = np.random.default_rng(5)
    labels = readings(STREAMS["calibrated"], 200_000, luck).sample(luck)
    every = np.arange(33)
    assert labels.wrong.mean() == pytest.approx(truths["calibrated"].rate(every, -1), abs=0.001)
    assert truths["just above 1 %"].rate(every, 0) > 0.01


def test_the_safest_classes_open_within_5000_labels_and_no_promise_is_broken(
    truths: dict[str, Truth],
) -> None:
    truth = truths["calibrated"]
    found = trial("calibrated", 0.01, [play(STREAMS["calibrated"], truth, STANDARD, seed) for seed in FEW])
    assert found.kept[0] == 1.0
    assert found.safest_open[0] >= 0.9
    assert found.opened_after in CHECKED_AT
    assert 0 < found.wrong <= 0.01


def test_what_is_a_little_worse_than_allowed_is_not_opened(truths: dict[str, Truth]) -> None:
    name = "just above 1 %"
    runs = [play(STREAMS[name], truths[name], STANDARD, seed) for seed in FEW]
    assert [one.let_through for one in runs] == [0.0] * len(FEW)


def test_labels_of_escalated_decisions_alone_mislead_either_way(truths: dict[str, Truth]) -> None:
    hopeless = escalated_only("calibrated", truths["calibrated"], [1])
    assert hopeless.told > 5 * hopeless.true, "what is escalated is worse than what is not"
    assert hopeless.opened == 0
    fooled = escalated_only("wrong when sure", truths["wrong when sure"], [1])
    assert fooled.told < 0.01 < fooled.true, "or it is better, where the reader errs when it is sure"
    assert fooled.opened == 1
    assert fooled.wrong > 2 * STANDARD.alpha


def test_a_shift_closes_a_segment_and_a_quiet_stream_does_not() -> None:
    found = {
        one.what: one
        for one in closings(4, each=lambda seeds, description: track(seeds, description, disable=True))
    }
    assert found["labels, 0.4% wrong throughout"].closed[0] == 0
    worst = found["labels, 0.4% wrong, then 20%"]
    assert worst.closed[0] == 1
    assert worst.median_delay is not None
    assert worst.median_delay < 60
    assert found["readings that stay"].closed[0] == 0
    assert found["readings that are less sure"].closed[0] == 1
