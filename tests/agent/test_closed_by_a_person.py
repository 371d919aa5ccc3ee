"""A person was asked for; what that person wrote, or only that they have looked, is told in the thread."""

from backhaul.store import conversation, reviews, staff
from tests.house import House
from tests.workflows.test_approvals import RITA, resume


def closes(house: House, thread: str, note: str) -> str:
    """What the desk does when it closes the one review of a conversation; its id."""
    with house.store.begin() as uow:
        person = staff.staff_by_email(uow, RITA)
        assert person is not None
        (waiting,) = reviews.open_reviews_of_thread(uow, thread)
        reviews.reject(uow, waiting, user_id=person.id, note=note)
    return resume(house, waiting.id).id


def told(house: House, thread: str) -> list[str]:
    house.conversation().run_pending(thread)
    with house.store.read() as uow:
        rows = conversation.messages(uow, thread)
    return [row.body for row in rows if row.body.startswith("A colleague has looked")]


def test_the_words_of_whoever_closes_are_told_once(house: House) -> None:
    thread = house.thread()
    house.say(thread, "I want to talk to a person")

    review = closes(house, thread, "I called Ms Ortiz: the credit of 41.20 USD is on her next statement.")
    resume(house, review, "again")

    (said,) = told(house, thread)
    assert '"I called Ms Ortiz: the credit of 41.20 USD is on her next statement."' in said


def test_closing_without_a_word_is_told_and_the_conversation_goes_on(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "please put me through to a human")

    closes(sqlite_house, thread, "")

    (said,) = told(sqlite_house, thread)
    assert "has closed it" in said
    assert '""' not in said
    assert "SO-15086" in sqlite_house.say(thread, "four of the bearings on SO-15086 are not needed").reply


def test_a_start_for_a_review_that_is_still_open_tells_nothing(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, "can I speak with somebody, a real person?")
    with sqlite_house.store.read() as uow:
        (waiting,) = reviews.open_reviews_of_thread(uow, thread)

    resume(sqlite_house, waiting.id, "forged")

    assert told(sqlite_house, thread) == []
