"""What the reader understood, and how sure it was, against tables that were counted by hand."""

import pytest

from evals.played import EndState
from evals.scenario import Scenario
from evals.scoring.records import ClassScore, Part
from evals.scoring.summary import summary
from tests.evals.synthetic import Agent, end, perfect, run, with_lines, with_reasons


def part(agent: Agent) -> Part:
    return summary(run(agent)).whole


def row(score: ClassScore) -> tuple[int, float | None, float | None, float | None]:
    return score.support, score.precision.value, score.recall.value, score.f1.value


def test_a_reader_with_one_answer_gets_one_class_and_a_bad_mean() -> None:
    found = part(with_reasons({str(order): "defective" for order in range(1, 12)})).reasons

    # 3 of 9 lines are defective: precision 1/3, recall 1, F1 1/2; the five other classes of gold have none
    assert found.macro_f1.value == pytest.approx(0.5 / 6)
    assert (found.accuracy.hits, found.accuracy.n) == (3, 9)
    rows = {one.name: row(one) for one in found.classes}
    assert rows["defective"] == (3, pytest.approx(1 / 3), 1, 0.5)
    # never said, so its precision is not measured
    assert rows["wrong_item"] == (1, None, 0, 0)


def test_a_missing_line_and_a_confused_one_are_both_counted() -> None:
    def agent(scenario: Scenario) -> EndState:
        if scenario.id == "escalate-a":
            return end((), scenario.gold.ending)
        return with_reasons({"3": "ordered_by_mistake"})(scenario)

    found = part(agent).reasons

    rows = {one.name: row(one) for one in found.classes}
    # of 3 defective, 2 were proposed
    assert rows["defective"] == (3, 1, pytest.approx(2 / 3), pytest.approx(0.8))
    # of 2 not needed, 1 was read as a mistake, of which there is 1
    assert rows["no_longer_needed"] == (2, 1, 0.5, pytest.approx(2 / 3))
    assert rows["ordered_by_mistake"] == (1, 0.5, 1, pytest.approx(2 / 3))
    # 0.8, twice 2/3, and three classes of one line that are right
    assert found.macro_f1.value == pytest.approx((0.8 + 4 / 3 + 3) / 6)
    assert (found.accuracy.hits, found.accuracy.n) == (7, 9)
    confused = {(one.gold, one.found): one.count for one in found.confusion if one.gold != one.found}
    assert confused == {("no_longer_needed", "ordered_by_mistake"): 1, ("defective", "not proposed"): 1}


def test_a_class_that_only_the_reader_knows_has_no_recall() -> None:
    found = part(with_reasons({"1": "recall"})).reasons

    rows = {one.name: row(one) for one in found.classes}
    assert rows["recall"] == (0, 0, None, 0)
    # it lowers no mean by itself: defective has precision 1 and recall 2/3, the five others are right
    assert found.macro_f1.value == pytest.approx((0.8 + 5) / 6)


def test_extraction_counts_each_value_of_each_field() -> None:
    found = part(
        with_lines(
            order_1=({"quantity": 3, "serials": ("S1", "S9")},),
            order_2=({}, {"order": "99"}),
            order_6=({"received_sku": None},),
        )
    ).extraction

    rows = {one.name: row(one)[:3] for one in found.fields}
    # gold: 9 lines, 2 serials, 1 SKU; found: 10 lines, 2 serials, no SKU
    assert rows["order_line"] == (9, 0.9, 1)
    assert rows["quantity"] == (9, 0.8, pytest.approx(8 / 9))
    assert rows["resolution"] == (9, 0.9, 1)
    assert rows["serials"] == (2, 0.5, 0.5)
    assert rows["received_sku"] == (1, None, 0)
    # 27 right of 32 found and of 30 in gold
    assert found.precision.value == pytest.approx(27 / 32)
    assert found.recall.value == pytest.approx(27 / 30)
    assert found.f1.value == pytest.approx(54 / 62)


def surely() -> Agent:
    """Nine lines: 950 permille thrice right and once wrong, 550 twice right and twice wrong, one unsaid."""
    sure = {"1": 950, "2": 950, "3": 950, "4": 950, "5": 550, "6": 550, "7": 550, "10": 550}
    wrong = {"3", "6", "7"}
    return with_lines(
        **{
            f"order_{order}": (
                {"confidence_permille": permille} | ({"reason": "other"} if order in wrong else {}),
            )
            for order, permille in sure.items()
        }
    )


def test_calibration_holds_confidence_against_rightness() -> None:
    found = part(surely()).calibration

    # half of the lines are 0.95 - 0.75 off, the other half 0.55 - 0.50
    assert found.ece.value == pytest.approx(0.125)
    assert found.ece.n == 8
    told = {
        one.low: (one.confidence.value, one.right.hits, one.right.n)
        for one in found.bins
        if one.right.is_measured
    }
    assert told == {0.5: (pytest.approx(0.55), 2, 4), 0.9: (pytest.approx(0.95), 3, 4)}
    # an empty bin has no share right, not a share of zero
    assert [one.right.text for one in found.bins[:5]] == ["not measured"] * 5


def test_an_error_is_read_beside_what_chance_would_show() -> None:
    always = {f"order_{order}": ({"confidence_permille": 1000},) for order in range(1, 12)}
    half = {f"order_{order}": ({"confidence_permille": 500},) for order in range(1, 12)}

    # who is always sure and as right as that is never off
    assert part(with_lines(**always)).calibration.by_chance == 0
    # nine coins, of which the two with one goal fall alike: 8 or 9 alike in 6 of 100 runs, 9 in 1 of 128
    assert part(with_lines(**half)).calibration.by_chance == pytest.approx(8 / 9 - 1 / 2)


def test_the_curve_bounds_the_risk_at_each_coverage() -> None:
    curve = part(surely()).calibration.curve

    assert [(one.at_least_permille, one.covered.value, one.risk.value) for one in curve] == [
        (950, 0.5, 0.25),
        (550, 1.0, 0.375),
    ]
    # exact one-sided 95 % bounds for 1 of 4 and for 3 of 8
    assert [one.bound for one in curve] == pytest.approx([0.7514, 0.7108], abs=1e-4)


def test_full_confidence_belongs_to_the_last_bin() -> None:
    found = part(with_lines(order_1=({"confidence_permille": 1000},))).calibration

    assert (found.bins[-1].right.n, found.ece.value) == (1, 0)


def test_without_confidence_nothing_is_calibrated() -> None:
    found = part(perfect).calibration

    assert found.ece.text == "not measured"
    assert (found.by_chance, found.curve) == (None, ())
