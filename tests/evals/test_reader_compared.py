"""When trained heads are cleared: told by what both readers made of the same messages."""

import pytest

from agent.understanding.unseen import ReadTwice
from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput
from evals.reader_compared import MARGIN, HeldAgainst, expected_error, first_messages, held_against

RIGHT, WRONG, ELSE = "defective", "recall", "other"


def read(same: int = 0, *, broke: int = 0, mended: int = 0, astray: int = 0) -> list[ReadTwice]:
    """Messages of which so many came out so."""
    kinds = ((same, RIGHT, RIGHT), (broke, RIGHT, WRONG), (mended, WRONG, RIGHT), (astray, WRONG, ELSE))
    return [
        ReadTwice(f"{before} {after} {at}", RIGHT, before, after)
        for count, before, after in kinds
        for at in range(count)
    ]


def unseen(**counts: int) -> HeldAgainst:
    return held_against("folds", read(**counts), is_unseen=True)


def test_what_breaks_and_what_mends_is_listed_and_the_difference_is_theirs() -> None:
    found = held_against("a file", read(94, broke=1, mended=3, astray=2))

    assert (found.before.value, found.after.value) == (0.95, 0.97)
    assert found.difference.value == pytest.approx(0.02)
    assert [len(flips) for flips in (found.broke, found.mended, found.else_changed)] == [1, 3, 2]
    assert found.why_worse == ""


@pytest.mark.parametrize(
    ("counts", "is_cleared"),
    [
        ({"same": 800, "broke": 2, "mended": 4}, True),
        ({"same": 800, "broke": 4, "mended": 4}, True),
        ({"same": 800, "broke": 25, "mended": 5}, False),
        ({"same": 20, "broke": 1, "mended": 1}, False),
        ({}, False),
    ],
)
def test_in_the_folds_it_may_not_be_worse_by_more_than_the_margin_and_few_messages_clear_nothing(
    counts: dict[str, int], *, is_cleared: bool
) -> None:
    found = unseen(**counts)

    assert (found.why_worse == "") is is_cleared
    assert is_cleared is (found.difference.low is not None and found.difference.low >= -MARGIN)


@pytest.mark.parametrize(("broke", "mended", "is_cleared"), [(4, 0, True), (5, 0, False), (6, 4, True)])
def test_on_a_file_it_may_break_no_more_than_chance_does(
    broke: int, mended: int, *, is_cleared: bool
) -> None:
    assert (held_against("a file", read(50, broke=broke, mended=mended)).why_worse == "") is is_cleared


def test_confidence_that_says_what_it_is_has_no_error() -> None:
    assert expected_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert expected_error([1.0, 1.0, 0.25, 0.25], [True, False, False, False]) == pytest.approx(0.375)
    with pytest.raises(BadInput):
        expected_error([], [])


def test_every_suite_gives_first_messages_with_one_right_reason() -> None:
    found = first_messages()

    assert len(found) == len(dict(found)) > 300
    assert {reason for _, reason in found} <= set(Reason)
