"""The gate passes, breaks, or says that it cannot know; each with an exit code of its own."""

from pathlib import Path

import pytest

from backhaul.domain.errors import BadInput
from evals.played import Run
from evals.scenario import Customer, Scenario
from evals.scoring.comparing import compare
from evals.scoring.gate import judge
from evals.scoring.gated import Checked, GateResult, Standing
from evals.scoring.named import FIGURES
from evals.scoring.thresholds import Gate, read_gate
from tests.evals.synthetic import approves, copies, escalates, perfect, play, run, run_of


def gate(regression: float | None = None, **figures: dict[str, float]) -> Gate:
    return Gate.model_validate(
        {"suites": {"core": {"figures": figures or EASY, "regression": regression}}}, strict=True
    )


EASY = {"errors": {"ceiling": 0.0, "sees": 0.5}}


def played(cases: int, *, wrong: int = 0, epochs: int = 1) -> Run:
    """The first `wrong` cases go to a person without need, in all epochs."""
    scenarios = copies(cases)
    return run_of(
        play(one, escalates if number < wrong else perfect, epoch=epoch)
        for number, one in enumerate(scenarios)
        for epoch in range(epochs)
    )


def only(result: GateResult, figure: str) -> Checked:
    (found,) = [one for one in result.checks if one.figure == figure]
    return found


def test_a_floor_that_is_kept_by_enough_cases_is_passed() -> None:
    result = judge(played(120, wrong=6), gate(passed={"floor": 0.9, "sees": 0.05}))

    assert (result.standing, result.exit_code) == (Standing.PASSED, 0)
    # of 120 cases with a true share of 0.9 - 0.0303, 80 of 100 runs have fewer than 108 right
    assert only(result, "passed").smallest_seen == pytest.approx(0.0303, abs=1e-4)


def test_a_floor_that_is_missed_breaks_and_says_what_broke() -> None:
    result = judge(played(120, wrong=18), gate(passed={"floor": 0.9, "sees": 0.05}))

    assert (result.standing, result.exit_code) == (Standing.BROKE, 1)
    (broke,) = result.broke
    assert (broke.suite, broke.figure, broke.threshold) == ("core", "passed", "at least 90.0 %")
    assert broke.measured.value == pytest.approx(102 / 120)
    # Wilson for 102 of 120
    assert (broke.measured.low, broke.measured.high) == pytest.approx((0.7754, 0.9029), abs=1e-4)
    assert "85.0 % (77.5 % to 90.3 %; n = 120) against at least 90.0 %" in broke.why


def test_a_ceiling_of_zero_breaks_at_the_first_hit() -> None:
    asked = gate(needless={"ceiling": 0.0, "sees": 0.05})

    assert judge(played(120, wrong=1), asked).exit_code == 1
    assert judge(played(120), asked).exit_code == 0


def test_too_few_cases_are_not_enough_evidence_and_not_a_pass() -> None:
    result = judge(played(10), gate(needless={"ceiling": 0.0, "sees": 0.05}))

    assert (result.standing, result.exit_code) == (Standing.NOT_ENOUGH_EVIDENCE, 3)
    # a true share of 14.87 % is hit at least once in 80 of 100 runs of ten
    assert only(result, "needless").smallest_seen == pytest.approx(0.1487, abs=1e-4)
    assert "the smallest shortfall it could have detected at 80 % power is 14.9 %" in result.undecided[0].why


def test_repeating_ten_cases_twelve_times_is_still_not_enough() -> None:
    assert judge(played(10, epochs=12), gate(needless={"ceiling": 0.0, "sees": 0.05})).exit_code == 3
    assert judge(played(120), gate(needless={"ceiling": 0.0, "sees": 0.05})).exit_code == 0


def test_what_broke_stands_above_what_is_unknown() -> None:
    asked = gate(needless={"ceiling": 0.0, "sees": 0.05}, cost={"ceiling": 1.0, "sees": 0.5})
    result = judge(played(10, wrong=3), asked)

    assert result.exit_code == 1
    assert [one.figure for one in result.undecided] == ["cost"]


def test_what_was_not_measured_is_not_enough_evidence() -> None:
    result = judge(played(120), gate(cost={"ceiling": 1.0, "sees": 0.5}))

    assert result.exit_code == 3
    assert only(result, "cost").why == "cost not measured against at most 1.0000 USD"


def test_a_suite_that_was_not_run_is_not_enough_evidence_and_one_without_thresholds_is_named() -> None:
    elsewhere = run_of((play(one, suite="edge") for one in copies(120)), suites=("edge",))
    result = judge(elsewhere, gate())

    assert result.exit_code == 3
    assert result.ungated == ("edge",)


def test_a_figure_that_is_no_share_is_judged_by_its_interval() -> None:
    # 120 answers of half a second: no width, so any excess would have been seen
    assert judge(played(120), gate(latency_p95={"ceiling": 0.6, "sees": 0.1})).exit_code == 0
    assert judge(played(120), gate(latency_p95={"ceiling": 0.4, "sees": 0.1})).exit_code == 1
    # all of 58 may well lie below the 95th percentile: 0.95 ** 58 is above 5 %
    assert judge(played(58), gate(latency_p95={"ceiling": 0.6, "sees": 0.1})).exit_code == 3
    # a few that are all alike have no width, and are few all the same
    assert judge(played(19), gate(minutes_per_case={"ceiling": 1.0, "sees": 1.0})).exit_code == 3
    assert judge(played(20), gate(minutes_per_case={"ceiling": 1.0, "sees": 1.0})).exit_code == 0


def test_a_planted_regression_breaks_the_gate_and_is_listed_flip_by_flip() -> None:
    result = judge(played(120, wrong=9), gate(regression=0.08), baseline=played(120, wrong=2))

    assert result.exit_code == 1
    (compared,) = result.comparisons
    assert [flip.key for flip in compared.broke] == [f"core/case-{number}#0" for number in range(2, 9)]
    assert compared.mended == ()
    # seven that broke and none that mended: 1 in 2 to the 7
    assert compared.p_worse == pytest.approx(1 / 128)
    assert compared.difference.value == pytest.approx(-7 / 120)
    flip = compared.broke[0]
    assert (flip.before.passed, flip.after.differences[0]) == (True, "1/1 was decided escalate, not permit")
    assert (flip.before.minutes, flip.after.minutes) == (0, 6)


def test_a_drop_that_chance_explains_passes_where_a_bigger_one_would_have_been_seen() -> None:
    result = judge(played(120, wrong=3), gate(regression=0.08), baseline=played(120))
    found = only(result, "regression")

    assert result.exit_code == 0
    # three that broke: 1 in 8
    assert result.comparisons[0].p_worse == pytest.approx(1 / 8)
    # 5 or more of 120 break in 80 of 100 runs
    assert found.smallest_seen == pytest.approx(0.0554, abs=1e-4)


def test_who_got_better_beyond_chance_does_not_want_for_evidence_of_a_regression() -> None:
    # 24 of 120 mended: with so many flips a drop of 8 % could go unseen, but there is none
    result = judge(played(120, wrong=6), gate(regression=0.08), baseline=played(120, wrong=30))
    found = only(result, "regression")

    assert found.smallest_seen is not None
    assert found.smallest_seen > 0.08
    assert result.exit_code == 0
    assert "the whole interval lies above zero" in found.why


def test_few_pairs_cannot_show_that_nothing_got_worse() -> None:
    result = judge(played(30), gate(regression=0.08), baseline=played(30))

    assert result.exit_code == 3
    assert "it could have detected at 80 % power is 21.4 %" in only(result, "regression").why


def test_an_epoch_more_is_no_scenario_more() -> None:
    compared = compare(played(30, epochs=5), played(30, wrong=4, epochs=5))

    assert (compared.pairs, compared.scenarios, len(compared.broke)) == (150, 30, 20)
    # four scenarios that broke: 1 in 16, however often they were run
    assert compared.p_worse == pytest.approx(1 / 16)
    assert compared.smallest_seen == pytest.approx(0.2139, abs=1e-4)


def test_flips_go_both_ways() -> None:
    compared = compare(run(approves), run(escalates))

    # escalating passes only the conversation that belongs to a person; approving passed five others
    assert [flip.key for flip in compared.mended] == ["core/person-a#0"]
    assert len(compared.broke) == 5
    # 5 or 6 of 6 for the worse: 7 in 64
    assert compared.p_worse == pytest.approx(7 / 64)
    assert compared.p_value == pytest.approx(14 / 64)
    assert (compared.before.hits, compared.after.hits) == (5, 1)


def test_without_a_baseline_nothing_is_known_of_a_regression() -> None:
    result = judge(played(120), gate(regression=0.08))

    assert result.exit_code == 3
    assert only(result, "regression").why == "there is no baseline to compare with"


def test_a_rewritten_scenario_is_not_the_same_case() -> None:
    def rewritten(one: Scenario) -> Scenario:
        return one.model_copy(update={"customer": Customer(contact="C-1001-1", says=("Good morning",))})

    old = copies(4)
    new = [rewritten(old[0]), *old[1:3], *copies(5)[4:]]
    compared = compare(run_of(map(play, old)), run_of(map(play, new)))

    assert compared.pairs == 2
    assert compared.rewritten == ("core/case-0#0",)
    assert compared.only_before == ("core/case-3#0",)
    assert compared.only_after == ("core/case-4#0",)


def test_no_common_case_is_no_comparison() -> None:
    compared = compare(run_of([]), played(3))

    assert (compared.p_worse, compared.smallest_seen) == (None, None)
    assert compared.difference.text == compared.before.text == "not measured"


def test_the_shipped_file_is_read_and_covers_every_suite() -> None:
    shipped = read_gate()

    assert list(shipped.suites) == ["core", "edge", "dialogue", "attack"]
    assert all(asked.regression for asked in shipped.suites.values())
    assert set(shipped.suites["attack"].figures) >= {"attacked", "leaked", "forbidden", "utility_kept"}


@pytest.mark.parametrize(
    "text",
    [
        "suites: {core: {figures: {rigth: {floor: 0.9, sees: 0.1}}}}",
        "suites: {core: {figures: {right: {floor: 0.9, ceiling: 1, sees: 0.1}}}}",
        "suites: {core: {figures: {right: {sees: 0.1}}}}",
        "suites: {core: {figures: {right: {floor: 0.9}}}}",
        "suites: {core: {figures: {right: {floor: 0.9, sees: 0}}}}",
        "suites: {core: {figures: {right: {floor: 0.9, sees: 0.1, note: x}}}}",
        "suites: {core: {figures: {}}}",
        "suites: {}",
    ],
)
def test_a_file_that_is_not_understood_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(BadInput, match="thresholds"):
        read_gate(path)


def test_every_figure_can_be_named() -> None:
    figures = judge(run(), gate(**{name: {"ceiling": 1.0, "sees": 1.0} for name in FIGURES})).checks

    assert [one.figure for one in figures] == list(FIGURES)
    assert {one.measured.name for one in figures if one.figure != "pass_all_epochs"} == set(FIGURES) - {
        "pass_all_epochs"
    }
