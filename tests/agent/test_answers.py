import pytest

from agent.answers import choice_taken, gives_up, is_bare_no, is_yes, number_given
from agent.state import Choice, Question

ORDERS = Question(
    "order",
    0,
    (
        Choice("SO-10442 of Mon 3 May", "the one on SO-10442", "SO-10442/1"),
        Choice("SO-10600 of Tue 4 May", "the one on SO-10600", "SO-10600/2"),
    ),
)


@pytest.mark.parametrize("words", ["yes", "Yes please", "ok, go ahead", "that's right!", "Sure, thanks", "Y"])
def test_a_plain_yes_is_a_yes(words: str) -> None:
    assert is_yes(words)


@pytest.mark.parametrize(
    "words", ["yes but make it 3", "thanks", "please", "yesterday", "is that right?", "no", ""]
)
def test_a_yes_with_a_change_in_it_or_mere_politeness_is_none(words: str) -> None:
    assert not is_yes(words)


@pytest.mark.parametrize("words", ["no", "No.", "nope", "not quite", "that's wrong"])
def test_a_bare_no_still_leaves_open_what_to_change(words: str) -> None:
    assert is_bare_no(words)


def test_no_with_the_change_in_it_is_more_than_a_no() -> None:
    assert not is_bare_no("no, the other order")


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("1", "SO-10442/1"),
        ("the second one", "SO-10600/2"),
        ("the last one", "SO-10600/2"),
        ("SO-10600", "SO-10600/2"),
    ],
)
def test_an_order_is_chosen_by_place_or_number(words: str, order: str) -> None:
    taken = choice_taken(ORDERS, words)

    assert taken is not None
    assert taken.value == order


def test_a_place_that_is_not_on_the_list_chooses_nothing() -> None:
    assert choice_taken(ORDERS, "12") is None


@pytest.mark.parametrize(
    ("words", "pieces"), [("3", 3), ("just two please", 2), ("a dozen", 12), ("make it 4", 4)]
)
def test_a_quantity_is_read_from_a_short_answer(words: str, pieces: int) -> None:
    assert number_given(words) == pieces


def test_giving_up_is_understood() -> None:
    assert gives_up("never mind")
    assert not gives_up("one of them stopped working")
