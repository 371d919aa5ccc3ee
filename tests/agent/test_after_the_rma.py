"""What is told and asked once a return stands: its replacement, cancelling it, and a reviewer's question."""

from dataclasses import replace

import pytest

from backhaul.store import reviews
from tests.agent.talking import (
    BEARINGS,
    BELTS,
    DRIVES,
    LAKESIDE,
    ask_customer,
    issued,
    last_words,
    rma_states,
)
from tests.house import SPEAKER, House

pytestmark = pytest.mark.slow  # many ways to speak of a return: kept out of the time of a build

SERVOS = "both servo motors SRV-0400B-230 from SO-14945 do not work out of the box, send new ones"


def test_a_replacement_that_waits_for_a_person_is_told_beside_the_issued_return(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, SERVOS)

    done = sqlite_house.say(thread, "yes")

    assert "Your RMA number is" in done.reply
    assert "is not ordered yet: a colleague decides about it by" in done.reply
    assert "does not wait for that" in done.reply
    assert len(done.labels) == 1


def test_a_replacement_that_a_person_refuses_is_told(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, SERVOS)
    with sqlite_house.store.begin() as uow:
        (row,) = reviews.open_reviews_of_thread(uow, thread)
        reviews.reject(uow, row, user_id="S-1", note="These are repaired by the maker.")
        sqlite_house.engine.start(
            uow, workflow="resume-review", workflow_id=f"resume-review-{row.id}", args=[row.id]
        )

    sqlite_house.conversation().run_pending(thread)

    told = last_words(sqlite_house, thread)
    assert "will not be sent. These are repaired by the maker." in told
    assert number in told


CANCELLING = [
    "actually cancel that return",
    "please cancel my RMA",
    "I changed my mind, forget the return you just made",
    "we don't want to send those back after all",
    "Can you withdraw the return again?",
    "scrap that RMA please, we are keeping the bearings",
    "hmm, call the return off",
]


@pytest.mark.parametrize("words", CANCELLING)
def test_an_issued_return_is_cancelled_in_any_words_after_a_read_back_and_a_yes(
    sqlite_house: House, words: str
) -> None:
    thread, number = issued(sqlite_house, BEARINGS)

    asked = sqlite_house.say(thread, words)
    before = rma_states(sqlite_house, thread)
    sqlite_house.say(thread, "yes")
    sqlite_house.conversation().run_pending(thread)

    assert f"Shall I cancel {number}" in asked.reply
    assert "4 x Deep groove ball bearing" in asked.reply
    assert before == ["labelled"]
    assert rma_states(sqlite_house, thread) == ["cancelled"]


@pytest.mark.parametrize("words", ["actually cancel that return", "please cancel my RMA"])
def test_a_return_is_cancelled_from_another_conversation_of_the_customer(
    sqlite_house: House, words: str
) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    other = sqlite_house.thread()
    sqlite_house.say(other, "I want to talk to a person")

    asked = sqlite_house.say(other, words)
    sqlite_house.say(other, "yes")

    assert f"Shall I cancel {number}" in asked.reply
    assert rma_states(sqlite_house, thread) == ["cancelled"]


def test_of_several_returns_the_customer_says_which_one_is_cancelled(sqlite_house: House) -> None:
    first, one = issued(sqlite_house, BEARINGS)
    second, two = issued(sqlite_house, BELTS)
    other = sqlite_house.thread()

    which = sqlite_house.say(other, "cancel my return please")
    asked = sqlite_house.say(other, two)
    sqlite_house.say(other, "yes")

    assert which.outcome == "ask"
    assert one in which.reply
    assert two in which.reply
    assert f"Shall I cancel {two}" in asked.reply
    assert rma_states(sqlite_house, first) == ["labelled"]
    assert rma_states(sqlite_house, second) == ["cancelled"]


@pytest.mark.parametrize("words", ["cancel the return of the belts", "I want to withdraw {number}"])
def test_goods_or_number_say_which_return_is_meant(sqlite_house: House, words: str) -> None:
    issued(sqlite_house, BEARINGS)
    _, two = issued(sqlite_house, BELTS)

    asked = sqlite_house.say(sqlite_house.thread(), words.format(number=two))

    assert f"Shall I cancel {two}" in asked.reply


def test_all_open_returns_can_be_cancelled_together(sqlite_house: House) -> None:
    first, one = issued(sqlite_house, BEARINGS)
    second, two = issued(sqlite_house, BELTS)
    other = sqlite_house.thread()
    sqlite_house.say(other, "please cancel my returns")

    asked = sqlite_house.say(other, "both of them")
    sqlite_house.say(other, "yes")

    assert one in asked.reply
    assert two in asked.reply
    assert rma_states(sqlite_house, first) == rma_states(sqlite_house, second) == ["cancelled"]


def test_a_no_keeps_the_return(sqlite_house: House) -> None:
    thread, _ = issued(sqlite_house, BEARINGS)
    sqlite_house.say(thread, "please cancel my RMA")

    kept = sqlite_house.say(thread, "no, leave it")

    assert "stays as it is" in kept.reply
    assert rma_states(sqlite_house, thread) == ["labelled"]


def test_another_accounts_return_cannot_be_cancelled_and_is_not_admitted(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    stranger = sqlite_house.thread(LAKESIDE)

    theirs = sqlite_house.say(stranger, f"cancel {number}")
    none = sqlite_house.say(stranger, "cancel RMA-99999")
    sqlite_house.say(stranger, "yes")

    assert theirs.reply.replace(number, "RMA-X") == none.reply.replace("RMA-99999", "RMA-X")
    assert rma_states(sqlite_house, thread) == ["labelled"]


def test_who_proved_one_order_can_cancel_only_what_belongs_to_it(sqlite_house: House) -> None:
    thread, _ = issued(sqlite_house, BEARINGS)
    scoped = sqlite_house.thread(replace(SPEAKER, order_scope="SO-15093"))

    told = sqlite_house.say(scoped, "please cancel my RMA")
    sqlite_house.say(scoped, "yes")

    assert "no open return" in told.reply
    assert rma_states(sqlite_house, thread) == ["labelled"]


def test_calling_off_what_a_person_still_decides_reaches_that_person(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")

    told = sqlite_house.say(thread, "actually cancel that return")

    assert "colleague" in told.reply
    with sqlite_house.store.read() as uow:
        waiting = reviews.open_reviews_of_thread(uow, thread)
    assert any("cancel" in row.why for row in waiting)


@pytest.mark.parametrize(
    "words",
    [
        "what do you mean by batch?",
        "why do you need that?",
        "Sorry, where would I find it",
        "I don't understand the question",
        "hm, which plate? there are two",
    ],
)
def test_a_question_back_reaches_the_reviewer_as_a_question_and_the_answer_still_counts(
    sqlite_house: House, words: str
) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")
    review_id = ask_customer(sqlite_house, thread, "What is the batch number on the plates?")

    passed_on = sqlite_house.say(thread, words)
    with sqlite_house.store.read() as uow:
        asked_back = reviews.review(uow, review_id)
    thanked = sqlite_house.say(thread, "The batch is 77-A")

    assert "your question" in passed_on.reply
    assert "What is the batch number on the plates?" in passed_on.reply
    assert (asked_back.state, asked_back.marked) == ("open", reviews.ASKS_BACK)
    assert asked_back.answer == f"Asks back: {words}"
    with sqlite_house.store.read() as uow:
        answered = reviews.review(uow, review_id)
    assert "Thank you" in thanked.reply
    assert (answered.state, answered.marked) == ("open", None)
    assert answered.answer == f"Asks back: {words}\nThe batch is 77-A"


@pytest.mark.parametrize(
    "words", ["The batch is 77-A, is that what you need?", "77-A", "I don't know, the plate is gone", "no"]
)
def test_an_answer_is_an_answer_even_with_a_question_beside_it(sqlite_house: House, words: str) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")
    review_id = ask_customer(sqlite_house, thread, "What is the batch number on the plates?")

    sqlite_house.say(thread, words)

    with sqlite_house.store.read() as uow:
        row = reviews.review(uow, review_id)
    assert (row.answer, row.marked) == (words, None)


def test_a_remark_while_a_person_decides_is_no_new_return(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, DRIVES)
    sqlite_house.say(thread, "yes")

    told = sqlite_house.say(thread, "By the way, the seals on them are all intact and unbroken")

    assert "new conversation" not in told.reply
    assert "sees" in told.reply


WRONG_PART = (
    "On SO-15122 two of the contactors CTR-018-024 are the 120 V type CTR-018-120, which we never ordered. "
    "Please send us the right ones."
)


def asked_to_cancel_after_the_replacement(house: House) -> str:
    thread, _ = issued(house, WRONG_PART)
    house.say(thread, "please cancel that return")
    house.say(thread, "yes")
    house.conversation().run_pending(thread)
    return thread


def test_a_return_whose_replacement_is_under_way_is_cancelled_by_a_person_only(sqlite_house: House) -> None:
    thread = asked_to_cancel_after_the_replacement(sqlite_house)

    assert rma_states(sqlite_house, thread) == ["labelled"]
    assert "a colleague decides whether it can be cancelled" in last_words(sqlite_house, thread)
    with sqlite_house.store.read() as uow:
        (row,) = reviews.open_reviews_of_thread(uow, thread)
    assert row.action == "cancel_rma"


def test_a_cancellation_that_a_person_refuses_is_told(sqlite_house: House) -> None:
    thread = asked_to_cancel_after_the_replacement(sqlite_house)
    with sqlite_house.store.begin() as uow:
        (row,) = reviews.open_reviews_of_thread(uow, thread)
        reviews.reject(uow, row, user_id="S-1", note="The contactors have left our dock.")
        sqlite_house.engine.start(
            uow, workflow="resume-review", workflow_id=f"resume-review-{row.id}", args=[row.id]
        )

    sqlite_house.conversation().run_pending(thread)

    assert "is not cancelled. The contactors have left our dock." in last_words(sqlite_house, thread)
    assert rma_states(sqlite_house, thread) == ["labelled"]
