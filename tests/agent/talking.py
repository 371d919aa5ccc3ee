"""Words that several conversations begin with, and looks at the rows behind a conversation."""

import re

from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.conversation import Speaker
from tests.house import House

LAKESIDE = Speaker("A-1002", "Tom Day", "contact:C-1002-1")
BEARINGS = "4 of the bearings BRG-6205-2RS from SO-15086 are no longer needed, unopened. Credit please."
BELTS = "2 of the belts VBT-BX54 from SO-15086 are no longer needed, unopened. Credit please."
DRIVES = (
    "Please take back 2 of the drives DRV-5000-480 from SO-15093. The project was cancelled, "
    "we no longer need them. Credit please."
)


def last_words(house: House, thread_id: str) -> str:
    """What was said last."""
    with house.store.read() as uow:
        return list(conversation.messages(uow, thread_id))[-1].body


def rma_states(house: House, thread_id: str) -> list[str]:
    """States of the RMAs of a conversation."""
    with house.store.read() as uow:
        return [
            row.state
            for case in cases.cases_of_thread(uow, thread_id)
            for row in rmas.rmas_of_case(uow, case.id)
        ]


def ask_customer(house: House, thread_id: str, question: str) -> str:
    """A reviewer asks the customer, who reads it; gives the review's id."""
    with house.store.begin() as uow:
        (row,) = reviews.open_reviews_of_thread(uow, thread_id)
        reviews.ask_customer(uow, row, question=question, user_id="S-1")
        news = {"case_id": row.case_id, "review_id": row.id, "question": question}
        conversation.append_event(uow, thread_id, "review_asked", news)
    house.conversation().run_pending(thread_id)
    return row.id


def issued(house: House, words: str, thread_id: str | None = None) -> tuple[str, str]:
    """A thread with an RMA, and its number."""
    thread_id = thread_id or house.thread()
    house.say(thread_id, words)
    done = house.say(thread_id, "yes")
    number = re.search(r"RMA-\d+", done.reply)
    assert number is not None, done.reply
    return thread_id, number[0]
