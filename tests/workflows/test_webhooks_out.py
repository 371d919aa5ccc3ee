"""Webhooks out: every event once to whoever wants it, signed, tried again, and ended when nobody is there."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from backhaul.connectors import webhooks as signing
from backhaul.connectors.webhook_post import Answer
from backhaul.domain.clock import Ids, SystemClock
from backhaul.domain.errors import BadInput, NotFound
from backhaul.store import conversation as talk
from backhaul.store import webhooks
from backhaul.store.conversation import Speaker
from backhaul.store.database import open_engine
from backhaul.store.unit_of_work import Store
from backhaul.workflows.webhooks_out import PAUSES, WebhookSender

SECRET = "whsec_" + base64.b64encode(b"of an endpoint of the tests 32 b").decode()
OURS, THEIRS = "A-1001", "A-1002"


@dataclass
class Receiver:
    """A program that is told: keeps what came and answers as it is told to."""

    status: int | None = 200
    came: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.came.append((url, headers, body))
        return Answer(self.status, f"answered {self.status}")

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, _, body in self.came]


class Told:
    """A store with conversations, and a sender whose clock stands until it is moved."""

    def __init__(self, url: str) -> None:
        self.store, self.ids, self.there = Store(open_engine(url), SystemClock()), Ids(), Receiver()
        self.at = datetime.now(UTC)
        self.sender = WebhookSender(self.store, self.ids, self.there.post, lambda _: SECRET, lambda: self.at)

    def adds(self, *types: str, account: str | None = None) -> str:
        with self.store.begin() as uow:
            row = webhooks.add(
                uow, self.ids, url="https://hooks.example/x", types=types, account_id=account, actor="cli:ann"
            )
        return row.id

    def happens(self, kind: str, account: str = OURS, channel: str = "api", **payload: object) -> str:
        with self.store.begin() as uow:
            speaker = Speaker(account, "Ann", f"key:x for {account}")
            thread = talk.open_thread(uow, self.ids, speaker, channel=channel).id
            uow.session.flush()
            talk.append_event(uow, thread, kind, payload)
        return thread

    def later(self, **units: float) -> None:
        self.at += timedelta(**units)

    def numbers(self, endpoint: str) -> dict[str, int]:
        with self.store.read() as uow:
            return {state: number for (one, state), number in webhooks.counts(uow).items() if one == endpoint}


@pytest.fixture
def told(database_url: str) -> Iterator[Told]:
    house = Told(database_url)
    yield house
    house.store.close()


def test_what_happens_is_told_once_and_can_be_checked(told: Told) -> None:
    told.happens("rma_issued", rma_id="RM-BEFORE")
    told.adds()
    thread = told.happens(
        "rma_issued", rma_id="RM-1", case_id="RC-1", number="RMA-20031", message="words of a person"
    )
    tried = [told.sender.round() for _ in range(3)]

    ((_, headers, body),) = told.there.came
    signing.check(SECRET, headers, body, now=told.at.timestamp())
    facts = {"conversation": thread, "account": OURS, "case": "RC-1", "rma": "RM-1", "number": "RMA-20031"}
    assert tried == [1, 0, 0]
    assert json.loads(body)["data"] == facts
    assert told.there.types == ["rma.issued"]


def test_an_endpoint_hears_what_it_wants_of_its_own_account_alone(told: Told) -> None:
    told.adds("rma.issued", "label.ready", account=OURS)
    told.happens("rma_issued", THEIRS)
    told.happens("message", OURS)
    told.happens("label_ready", OURS, channel="note")
    told.happens("label_ready", OURS)
    told.sender.round()

    assert told.there.types == ["label.ready"]


def test_that_a_person_was_asked_is_for_the_house(told: Told) -> None:
    house, theirs = told.adds(), told.adds(account=OURS)
    told.happens("review_opened", review_id="RV-1")
    told.sender.round()

    assert (told.numbers(house), told.numbers(theirs)) == ({"delivered": 1}, {})
    with pytest.raises(BadInput):
        told.adds("review.opened", account=OURS)
    with pytest.raises(BadInput):
        told.adds("no.such")


def test_what_is_not_taken_comes_again_under_the_same_id_and_is_given_up_in_the_end(told: Told) -> None:
    endpoint = told.adds()
    told.happens("rma_issued", rma_id="RM-1")
    told.there.status = 503
    told.sender.round()
    at_once = told.sender.round()
    for pause in PAUSES:
        told.later(seconds=pause.total_seconds() * 1.3)
        told.sender.round()
    told.later(days=30)

    assert (at_once, told.sender.round()) == (0, 0)
    assert len(told.there.came) == 1 + len(PAUSES)
    assert len({headers["webhook-id"] for _, headers, _ in told.there.came}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in told.there.came}) > 1
    assert told.numbers(endpoint) == {"given_up": 1}


def test_a_receiver_that_comes_back_gets_what_it_missed(told: Told) -> None:
    endpoint = told.adds()
    for number in range(7):
        told.happens("rma_issued", rma_id=f"RM-{number}")
    told.there.status = None
    while told.sender.round():
        pass
    told.there.status = 200
    told.later(minutes=2)
    while told.sender.round():
        pass

    assert told.numbers(endpoint) == {"delivered": 7}


def test_a_worker_that_died_at_it_leaves_the_message_to_another(told: Told) -> None:
    told.adds()
    told.happens("rma_issued")
    with told.store.begin() as uow:
        webhooks.write_messages(uow, told.ids, now=told.at)
        webhooks.take_due(uow, now=told.at, lease=timedelta(minutes=2), at_most=8)

    assert told.sender.round() == 0
    told.later(minutes=3)
    assert told.sender.round() == 1


def test_gone_is_gone(told: Told) -> None:
    endpoint = told.adds()
    told.happens("rma_issued")
    told.happens("rma_closed")
    told.there.status = 410
    told.sender.round()
    told.happens("rma_closed")

    assert told.sender.round() == 0
    assert told.numbers(endpoint) == {"given_up": 2}
    with told.store.begin() as uow, pytest.raises(NotFound):
        webhooks.end(uow, endpoint, why="removed", actor="cli:ann")


def test_an_event_that_was_stored_late_is_told_too(told: Told) -> None:
    told.adds()
    for _ in range(3):
        told.happens("rma_issued")
    told.sender.round()
    with told.store.begin() as uow:
        webhooks.parcels.move_cursor(uow, "webhooks:out", "999")  # as if others had been seen before it
    told.happens("rma_closed")
    while told.sender.round():
        pass

    assert told.there.types.count("rma.closed") == 1


def test_what_was_forgotten_is_not_told_again(told: Told) -> None:
    endpoint = told.adds()
    told.happens("rma_issued")
    told.sender.round()
    told.later(days=40)
    told.sender.round()
    told.happens("message")
    told.later(days=1)
    while told.sender.round():
        pass

    assert told.there.types == ["rma.issued", "conversation.message"]
    assert told.numbers(endpoint) == {"delivered": 2}
