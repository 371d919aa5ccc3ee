"""Intervals cover what they say, tests do not cry wolf, and the stated power is the power there is."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import beta, binomtest

from evals.scoring.comparing import difference, sign_flip
from evals.scoring.intervals import clopper_pearson, mean, quantile, share, upper_bound, wilson
from evals.scoring.measured import Measured, Unit
from evals.scoring.power import smallest_by_error, smallest_regression, smallest_shortfall
from evals.scoring.tally import Tally

HONEST = (0.93, 0.97)
LIKENESS = 0.4
"""How alike the epochs of a scenario are: the correlation within a cluster"""

Sample = Callable[[np.random.Generator], tuple[Measured, float]]


def coverage(sample: Sample, times: int, seed: int) -> float:
    luck = np.random.default_rng(seed)
    hits = 0
    for _ in range(times):
        measured, truth = sample(luck)
        assert measured.low is not None
        hits += measured.low <= truth and (measured.high is None or truth <= measured.high)
    return hits / times


def clustered(luck: np.random.Generator, clusters: int, truth: float) -> np.ndarray:
    """The chance of each cluster to be right."""
    if truth in {0.0, 1.0}:
        return np.full(clusters, truth)
    loose = (1 - LIKENESS) / LIKENESS
    return luck.beta(truth * loose, (1 - truth) * loose, size=clusters)


def repeated_share(clusters: int, epochs: int) -> Sample:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        truth = luck.uniform(0.1, 0.9)
        right = luck.random((clusters, epochs)) < clustered(luck, clusters, truth)[:, None]
        told = ((str(cluster), bool(one)) for cluster, row in enumerate(right) for one in row)
        return share("right", told), truth

    return sample


def test_intervals_are_those_of_the_tables() -> None:
    # Agresti and Coull's example: 8 of 10
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert clopper_pearson(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    # the rule of three: none of 100 bounds the share below 3 %
    assert upper_bound(0, 100) == pytest.approx(0.0295, abs=1e-4)
    assert clopper_pearson(0, 10)[0] == 0
    assert upper_bound(10, 10) == 1


def test_a_single_epoch_is_covered() -> None:
    assert HONEST[0] <= coverage(repeated_share(60, 1), 1500, seed=1) <= HONEST[1]


@pytest.mark.parametrize(("clusters", "epochs"), [(40, 3), (120, 5), (30, 6)])
def test_repeated_scenarios_are_covered(clusters: int, epochs: int) -> None:
    assert HONEST[0] <= coverage(repeated_share(clusters, epochs), 800, seed=2) <= HONEST[1]


def test_repeating_a_scenario_is_no_evidence() -> None:
    once = share("right", ((str(number), number < 45) for number in range(50)))
    often = share("right", ((str(number), number < 45) for number in range(50) for _ in range(20)))
    spread = share("right", ((str(number % 50), number < 900) for number in range(1000)))

    assert often.n == 1000
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=0.01)
    # without any likeness within a scenario the epochs do count
    assert spread.high - spread.low < (once.high - once.low) / 2


def test_clusters_that_all_agree_count_as_one_case_each() -> None:
    often = share("right", ((str(number), True) for number in range(50) for _ in range(20)))

    # 50 of 50, with Student's t for 50 scenarios; 1000 of 1000 would be 0.996
    assert often.low == pytest.approx(0.925, abs=0.001)


def test_macro_f1_is_covered() -> None:
    """Four classes; one line in a scenario; a wrong one is taken for any other."""
    shares, right = np.array([0.4, 0.3, 0.2, 0.1]), 0.85
    confusion = np.full((4, 4), (1 - right) / 3)
    np.fill_diagonal(confusion, right)
    found = shares @ confusion
    truth = float(np.mean(2 * shares * right / (shares + found)))

    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        tally = Tally()
        in_gold = luck.choice(4, size=120, p=shares)
        told_as = (luck.random((120, 1)) > confusion[in_gold].cumsum(axis=1)[:, :3]).sum(axis=1)
        for number, (gold, told) in enumerate(zip(in_gold.tolist(), told_as.tolist(), strict=True)):
            tally.add(str(number), str(gold), gold=1, both=int(gold == told))
            tally.add(str(number), str(told), found=1)
        return tally.macro_f1("f1"), truth

    assert HONEST[0] <= coverage(sample, 500, seed=3) <= HONEST[1]


def test_the_difference_of_two_runs_is_covered() -> None:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        worse, better = luck.uniform(0.02, 0.2, size=2)
        flips = luck.choice([-1, 0, 1], size=100, p=[worse, 1 - worse - better, better])
        return difference([[int(one)] for one in flips]), better - worse

    assert HONEST[0] <= coverage(sample, 1000, seed=4) <= HONEST[1]


def test_the_difference_of_repeated_scenarios_is_covered() -> None:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        worse, better = luck.uniform(0.05, 0.2, size=2)
        chances = np.array([worse, 1 - worse - better, better])
        moved = luck.choice([-1, 0, 1], size=(60, 1), p=chances)
        again = luck.choice([-1, 0, 1], size=(60, 3), p=chances)
        flips = np.where(luck.random((60, 3)) < LIKENESS, moved, again)
        return difference(flips.tolist()), better - worse

    assert HONEST[0] <= coverage(sample, 1000, seed=5) <= HONEST[1]


def timed(luck: np.random.Generator) -> list[tuple[str, float]]:
    """Times that depend on the scenario as much as on the run: normal, around 10, with variance 2."""
    times = 10 + luck.normal(size=(60, 1)) + luck.normal(size=(60, 3))
    return [(str(number), one) for number, row in enumerate(times.tolist()) for one in row]


@pytest.mark.parametrize(("at", "truth"), [(0.5, 10.0), (0.95, 10 + 1.6449 * 2**0.5)])
def test_quantiles_of_repeated_scenarios_are_covered(at: float, truth: float) -> None:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        return quantile("latency", Unit.SECONDS, timed(luck), at), truth

    assert HONEST[0] <= coverage(sample, 1000, seed=6) <= HONEST[1]


def test_a_few_values_leave_a_high_quantile_open() -> None:
    values = [(str(number), float(number)) for number in range(1, 59)]

    # the exact bound for 95 % of 58 is 0.859, which is the 49th; 0.95 ** 58 is above 5 %
    assert quantile("latency", Unit.SECONDS, values, 0.95).interval == "49.00 s and above"
    assert quantile("latency", Unit.SECONDS, [*values, ("59", 59.0)], 0.95).high == 59


def test_means_of_repeated_scenarios_are_covered() -> None:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        return mean("turns", Unit.MESSAGES, timed(luck)), 10.0

    assert HONEST[0] <= coverage(sample, 1500, seed=7) <= HONEST[1]


def test_a_mean_of_one_scenario_has_no_interval() -> None:
    alone = mean("turns", Unit.MESSAGES, [("one", 3.0), ("one", 5.0)])

    assert (alone.value, alone.low, alone.interval) == (4.0, None, "not measured")


@pytest.mark.parametrize(("broke", "mended"), [(0, 0), (5, 0), (9, 2), (2, 9), (30, 30)])
def test_with_one_epoch_the_comparison_is_exact_mcnemar(broke: int, mended: int) -> None:
    worse, either = sign_flip([-1] * broke + [1] * mended + [0] * 50)
    flips = broke + mended

    assert worse == pytest.approx(binomtest(broke, flips, alternative="greater").pvalue if flips else 1)
    assert either == pytest.approx(binomtest(broke, flips).pvalue if flips else 1)


def test_epochs_of_a_scenario_move_together() -> None:
    # three scenarios that broke in all five epochs: 1 in 2 to the 3, not in 2 to the 15
    assert sign_flip([-5, -5, -5]) == pytest.approx((1 / 8, 1 / 4))
    # five of one against two of another: of four ways to sign them, one is as low as -7, two as low as -3
    assert sign_flip([-5, 2])[0] == pytest.approx(2 / 4)
    assert sign_flip([]) == (None, None)


@pytest.mark.parametrize(("pairs", "churn"), [(60, 0.0), (120, 0.02), (300, 0.05)])
def test_the_stated_power_is_the_power_there_is(pairs: int, churn: float) -> None:
    luck = np.random.default_rng(8)
    drop = smallest_regression(pairs, churn)
    assert drop is not None
    counts = luck.multinomial(pairs, [churn + drop, churn, 1 - drop - 2 * churn], size=2000)
    seen = [sign_flip([-1] * broke + [1] * mended + [0])[0] <= 0.05 for broke, mended, _ in counts.tolist()]

    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)


def test_too_few_pairs_show_nothing() -> None:
    # four breakages are still one chance in sixteen
    assert smallest_regression(4) is None
    assert smallest_regression(0) is None
    # without churn, five of five must break: the fifth root of 0.8
    assert smallest_regression(5) == pytest.approx(0.8 ** (1 / 5))


def test_the_shortfall_that_is_stated_breaks_a_floor_in_80_of_100_runs() -> None:
    short = smallest_shortfall(120, 0.9)
    assert short is not None
    hits = np.random.default_rng(9).binomial(120, 0.9 - short, size=20_000)

    assert np.mean(hits / 120 < 0.9) == pytest.approx(0.8, abs=0.01)
    # what must never happen: 1 - 0.2 ** (1/30) is seen at least once in 80 of 100 runs
    assert smallest_shortfall(30, 1.0) == pytest.approx(1 - 0.2 ** (1 / 30))
    assert smallest_shortfall(0, 0.9) is None
    # 0.8416 standard errors, of which 3.92 are the width
    assert smallest_by_error(0.0, 3.92) == pytest.approx(0.8416, abs=1e-4)


def test_equal_agents_are_rarely_called_worse() -> None:
    luck = np.random.default_rng(10)
    alarms = 0
    for _ in range(1500):
        both = clustered(luck, 40, 0.8)[:, None]
        before, after = (luck.random((40, 3)) < both for _ in range(2))
        alarms += sign_flip((after.sum(axis=1) - before.sum(axis=1)).tolist())[0] <= 0.05

    # exact: at most 5 %, give or take what 1,500 tries leave open
    assert alarms / 1500 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 1500)


def test_the_upper_bound_fails_in_five_of_100_runs_at_most() -> None:
    luck = np.random.default_rng(11)
    hits = luck.binomial(40, 0.1, size=5000)
    bounds = np.array([upper_bound(one, 40) for one in range(41)])[hits]

    assert np.mean(bounds < 0.1) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 5000)
    assert bounds.min() == pytest.approx(beta.ppf(0.95, 1, 40))


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_quantiles_of_a_few_values_are_covered(count: int) -> None:
    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        values = [(str(number), float(10 + luck.normal())) for number in range(count)]
        return quantile("latency", Unit.SECONDS, values, 0.5), 10.0

    assert coverage(sample, 1000, seed=12) >= HONEST[0]


def test_the_difference_over_goals_of_unlike_size_is_covered() -> None:
    sizes = [1] * 30 + [6] * 30

    def sample(luck: np.random.Generator) -> tuple[Measured, float]:
        worse, better = luck.uniform(0.05, 0.2, size=2)
        chances = [worse, 1 - worse - better, better]
        flips = []
        for size in sizes:
            again = luck.choice([-1, 0, 1], size=size, p=chances)
            flips.append(np.where(luck.random(size) < LIKENESS, again[0], again).tolist())
        return difference(flips), better - worse

    assert HONEST[0] <= coverage(sample, 1000, seed=13) <= HONEST[1]
