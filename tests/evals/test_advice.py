"""The examination of the advice is fair: one truth for all, and patterns that the signals do not know."""

import json
from pathlib import Path

import pytest

from evals import advice
from evals.advice_disposition import foretold, year
from evals.advice_facility import ARMS, by_advice, cost
from evals.advice_figures import OverSeeds, auroc, calibration_error, log_loss
from evals.advice_fraud import FRAUD, Fraud, Kind, scored
from evals.advice_queue import ORDERS, played, reviews

pytestmark = pytest.mark.slow  # kept out of the time of a build

HOUSE = list(ORDERS)[-1]


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    assert scored(1, 30) == scored(1, 30) != scored(2, 30)
    assert year(1, 200) == year(1, 200) != year(2, 200)
    assert reviews(1) == reviews(1) != reviews(2)
    assert cost(1, by_advice) == cost(1, by_advice) != cost(2, by_advice)


def test_planted_fraud_is_found_more_often_than_honest_requests_are_troubled() -> None:
    worlds = [Fraud.of(scored(seed)) for seed in range(1_000, 1_012)]

    precision = OverSeeds.of([one.precision for one in worlds])
    random = OverSeeds.of([one.share for one in worlds])
    recall = OverSeeds.of([one.recall for one in worlds])
    honest = OverSeeds.of([one.honest_escalated for one in worlds])
    assert precision.mean is not None
    assert random.mean is not None
    assert recall.mean is not None
    assert honest.mean is not None
    assert precision.mean > 3 * random.mean
    assert recall.mean > 4 * honest.mean
    assert honest.mean < 0.05


def test_what_leaves_no_trace_is_not_claimed_to_be_found() -> None:
    requests = [one for seed in range(1_000, 1_020) for one in scored(seed)]
    of_boxes = [one for one in requests if one.kind is Kind.BOX and one.is_fraud]

    assert len(of_boxes) > 50
    assert sum(one.is_escalated for one in of_boxes) / len(of_boxes) < 0.1
    assert {one.kind for one in requests} == set(Kind)
    assert set(FRAUD) < set(Kind)


def test_the_forecast_beats_base_rates_on_goods_of_later_months() -> None:
    ours, rivals = zip(*(_losses(seed) for seed in range(1_000, 1_004)), strict=True)

    for name in rivals[0]:
        less = OverSeeds.of([rival[name] - own for own, rival in zip(ours, rivals, strict=True)])
        assert less.is_above_zero, name


def _losses(seed: int) -> tuple[float, dict[str, float]]:
    found = {name: one.log_loss for name, one in foretold(year(seed)).items()}
    assert all(loss is not None for loss in found.values())
    known = {name: loss or 0.0 for name, loss in found.items()}
    return known.pop("forecast"), known


def test_following_the_advice_costs_less_than_following_the_policy_or_the_label() -> None:
    costs = {name: [cost(seed, arm) for seed in range(1_000, 1_010)] for name, arm in ARMS.items()}

    for name in list(ARMS)[:-1]:
        saved = [other - ours for other, ours in zip(costs[name], costs["the advice"], strict=True)]
        assert OverSeeds.of(saved).is_above_zero, name


def test_the_queue_loses_less_than_first_come_and_nobody_waits_a_day_longer_than_there() -> None:
    first, ours = (
        [played(seed, ORDERS[name]) for seed in range(1_000, 1_006)] for name in (next(iter(ORDERS)), HOUSE)
    )

    assert sum(one.cents for one in ours) < sum(one.cents for one in first)
    for one, other in zip(ours, first, strict=True):
        assert one.longest <= other.longest + 24 + 1


def test_figures_say_what_they_measure() -> None:
    assert auroc([3, 2, 1], [True, False, False]) == 1
    assert auroc([1, 1], [True, False]) == 0.5
    assert auroc([1, 2], [True, True]) is None
    assert log_loss([]) is None
    assert log_loss([1.0, 1.0]) == 0
    assert calibration_error([0.8] * 5, [True, True, True, True, False]) == pytest.approx(0)
    assert OverSeeds.of([None, None]) == OverSeeds(None, 0.0, 0)
    assert str(OverSeeds.of([])) == "not measured"
    assert OverSeeds.of([-1.0, -1.1, -0.9]).is_below_zero


def test_the_command_prints_a_part_and_writes_it_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "advice.json"

    advice.main(seeds=2, only=["fraud"], json_file=written)

    assert "recall at the ceiling" in capsys.readouterr().out
    assert json.loads(written.read_text())["parts"]["fraud"]["AUROC of the score"]["seeds"] == 2
