"""Letters about news of a conversation, for whoever does not have its page open."""

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backhaul.connectors.ports import Letter
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.store import conversation as talk
from backhaul.store import reviews, staff
from backhaul.store.conversation import Speaker
from web.notices import write_letters

QUESTION = {"review_id": "RV-1", "case_id": "RC-1", "question": "Which seal was broken?"}


def thread_of(house: Any, requested_by: str, channel: str = "web", name: str = "") -> str:
    speaker = Speaker("A-1001", name or house.erp.contacts("A-1001")[1].name, requested_by)
    with house.store.begin() as uow:
        thread = talk.open_thread(uow, house.doors.desk.ids, speaker, channel=channel).id
        talk.append_event(uow, thread, "review_asked", QUESTION)
    return thread


def letters_to(house: Any, address: str) -> list[Any]:
    with house.store.read() as uow:
        return list(staff.letters(uow, recipient=address))


@dataclass
class Refuses:
    """A mail server that takes nothing."""

    error: Exception

    def send(self, _letter: Letter, *, key: str) -> None:
        del key
        raise self.error


def test_what_a_reviewer_asks_is_in_the_customers_mailbox(visitor: Any, house: Any) -> None:
    review = house.review()
    visitor.is_staff("reviewer")
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        thread, version = row.thread_id, row.version
    visitor.opens(f"/desk/{review}")

    visitor.sends(f"/desk/{review}/ask", version=version, reason="other", note="Which seal was broken?")

    address = house.erp.contacts("A-1001")[0].email
    until = time.monotonic() + 20
    while not (found := letters_to(house, address)) and time.monotonic() < until:
        time.sleep(0.05)
    (letter,) = found
    assert letter.subject == "We have a question about your return"
    assert "Which seal was broken?" in letter.body
    assert f"http://127.0.0.1:8000/chat/{thread}" in letter.body


def test_a_letter_goes_out_once_however_often_it_is_looked_for(house: Any) -> None:
    thread = thread_of(house, "contact:C-1001-2")

    assert [write_letters(house.doors, thread) for _ in range(3)] == [1, 0, 0]
    assert len(letters_to(house, house.erp.contacts("A-1001")[1].email)) == 1


def test_who_was_on_the_telephone_gets_the_letter_and_may_answer_there(house: Any, visitor: Any) -> None:
    caller = house.erp.contacts("A-1001")[1]
    thread = thread_of(house, "staff:ST-1 for A-1001", "phone", caller.name)
    write_letters(house.doors, thread)
    visitor.is_customer(caller.contact_id)

    (letter,) = letters_to(house, caller.email)
    assert f"http://127.0.0.1:8000/chat/{thread}" in letter.body
    assert visitor.opens(f"/chat/{thread}").status_code == 200


@pytest.mark.parametrize("channel", ["cli", "service_note", "simulated"])
def test_nobody_is_written_to_where_nobody_reads(house: Any, channel: str) -> None:
    assert write_letters(house.doors, thread_of(house, "contact:C-1001-2", channel)) == 0


def test_a_mail_server_that_is_down_gets_the_letter_later(house: Any) -> None:
    thread = thread_of(house, "contact:C-1001-2")
    down = replace(house.doors, notifier=Refuses(ConnectorUnavailable("mail server", "no answer")))

    with pytest.raises(ConnectorUnavailable):
        write_letters(down, thread)

    assert write_letters(house.doors, thread) == 1


def test_a_letter_that_is_refused_for_good_holds_up_no_other(house: Any) -> None:
    thread = thread_of(house, "contact:C-1001-2")
    strict = replace(house.doors, notifier=Refuses(ConnectorRejected("mail server", "no such address")))

    assert write_letters(strict, thread) == 0
    assert write_letters(house.doors, thread) == 0
