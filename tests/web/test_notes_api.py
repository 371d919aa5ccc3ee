"""Field service systems send notes: with a key, once each, and every note is answered for itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from agent.understanding.offline import OfflineReader
from backhaul.intake.accounts import Accounts
from backhaul.intake.entering import State
from backhaul.intake.notes import Note, NotesIntake
from backhaul.store import api_keys, notes, reviews
from backhaul.store.note_tables import ServiceNoteRow
from web import api_access
from web.app import create_app
from web.throttle import API

BEARINGS = {"note": "SO-15086: 3 ea 6205 brgs noisy after 1 wk, credit pls", "external_id": "T-1"}
DRIVE = {"note": "VFD 50hp tripping on pwrup, line down!! SO-15093", "account": "A-1001", "author": "K. Ode"}


class Sender:
    """A program with a key."""

    def __init__(self, client: TestClient, secret: str) -> None:
        self.client, self.secret, self.sent = client, secret, 0

    def sends(self, body: Any, *, once: str = "", **headers: str) -> Any:
        self.sent += 1
        told = {
            "authorization": f"Bearer {self.secret}",
            "idempotency-key": once or f"request-{self.sent:04}",
            **headers,
        }
        return self.client.post("/api/v1/notes", json=body, headers=told)


@pytest.fixture
def reading_house(make_house: Any, sqlite_database_url: str, reader_cache: Path) -> Any:
    reader = OfflineReader(reader_cache)
    return make_house(sqlite_database_url, reader=lambda: reader)


@pytest.fixture
def sender(reading_house: Any) -> Iterator[Sender]:
    with reading_house.store.begin() as uow:
        secret = api_keys.add(uow, name="field-service", scopes=["notes:write"], actor="cli:ann")
    with TestClient(create_app(reading_house.doors), base_url="http://127.0.0.1:8000") as client:
        yield Sender(client, secret)


def kept(house: Any) -> int:
    with house.store.read() as uow:
        return uow.session.scalar(sa.select(sa.func.count()).select_from(ServiceNoteRow)) or 0


def test_a_note_becomes_a_case_at_the_head_of_the_desk(sender: Sender, reading_house: Any) -> None:
    usual, urgent = sender.sends(BEARINGS), sender.sends(DRIVE)

    (told,) = urgent.json()["results"]
    assert (usual.status_code, urgent.status_code) == (201, 201)
    assert (told["state"], told["things"], told["urgent"]) == ("created", 1, True)
    with reading_house.store.read() as uow:
        assert next(row.id for row in reviews.queue(uow)) == told["review"]
        note = notes.of_case(uow, told["case"])
        assert note is not None
        assert note.taken_in_by == "key:field-service"


def test_each_note_of_a_list_is_answered_for_itself(sender: Sender) -> None:
    answer = sender.sends([BEARINGS, {"note": "relay dead", "account": "A-9999"}, BEARINGS, {"note": ""}])

    told = answer.json()["results"]
    assert answer.status_code == 207
    assert [one["state"] for one in told] == ["created", "bad", "duplicate", "bad"]
    assert told[2]["case"] == told[0]["case"]
    assert (told[1]["field"], told[1]["why"]) == ("account", "no account A-9999")
    assert told[1]["to_do"]
    assert told[3]["field"] == "note"


def test_when_none_can_be_taken_in_it_is_a_problem_with_each_reason(
    sender: Sender, reading_house: Any
) -> None:
    answer = sender.sends([{"note": "relay dead"}, {"note": "x", "colour": "red"}, "just words"])

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (422, "bad_row", 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in problem["results"]] == ["account", "colour", "body"]
    assert kept(reading_house) == 0


def test_the_same_request_again_changes_nothing_and_is_answered_the_same(
    sender: Sender, reading_house: Any
) -> None:
    first = sender.sends(DRIVE, once="request-of-monday")
    again = sender.sends(DRIVE, once="request-of-monday")

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert kept(reading_house) == 1


def test_one_key_for_two_requests_is_refused(sender: Sender, reading_house: Any) -> None:
    sender.sends(DRIVE, once="request-of-monday")
    other = sender.sends(BEARINGS, once="request-of-monday")

    assert (other.status_code, other.json()["code"]) == (422, "bad_input")
    assert kept(reading_house) == 1


def test_what_the_command_line_took_in_is_a_duplicate_here(sender: Sender, reading_house: Any) -> None:
    desk, reader = reading_house.doors.desk, reading_house.doors.reader()
    typed = NotesIntake(desk, reader, "cli:ann", Accounts(desk.erp))
    by_hand = typed.take(Note(BEARINGS["note"], external_id="T-1"))
    sent = sender.sends({"note": BEARINGS["note"], "external_id": "T-1"}).json()["results"][0]
    back = typed.take(Note(DRIVE["note"], account="A-1001"))
    after = sender.sends(DRIVE).json()["results"][0]

    assert (by_hand.state, back.state) == (State.CREATED, State.CREATED)
    assert [(one["state"], one["case"]) for one in (sent, after)] == [
        ("duplicate", by_hand.case_id),
        ("duplicate", back.case_id),
    ]


@pytest.mark.parametrize("authorization", ["", "Bearer bhk_wrong", "Basic bhk_wrong"])
def test_without_a_key_in_use_the_door_is_closed(
    sender: Sender, reading_house: Any, authorization: str
) -> None:
    answer = sender.sends(DRIVE, authorization=authorization)

    assert (answer.status_code, answer.json()["code"]) == (401, "no_api_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert kept(reading_house) == 0


def test_a_revoked_key_opens_nothing(sender: Sender, reading_house: Any) -> None:
    with reading_house.store.begin() as uow:
        api_keys.revoke(uow, "field-service", actor="cli:ann")

    assert sender.sends(DRIVE).status_code == 401


def test_a_key_without_the_scope_may_not_send_notes(sender: Sender, reading_house: Any) -> None:
    with reading_house.store.begin() as uow:
        sender.secret = api_keys.add(uow, name="reader-only", scopes=[], actor="cli:ann")

    answer = sender.sends(DRIVE)

    assert (answer.status_code, kept(reading_house)) == (403, 0)
    assert "notes:write" in answer.json()["detail"]


@pytest.mark.parametrize("once", ["short", "x" * 201, "with\ttab12"])
def test_a_request_needs_a_key_that_makes_it_one(sender: Sender, once: str) -> None:
    answer = sender.sends(DRIVE, once=once)

    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize(("body", "told"), [([], "1 to 100"), ([DRIVE] * 101, "1 to 100")])
def test_a_list_holds_one_to_a_hundred_notes(sender: Sender, body: Any, told: str) -> None:
    answer = sender.sends(body)

    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_what_is_no_json_is_told(sender: Sender) -> None:
    answer = sender.client.post(
        "/api/v1/notes",
        content=b"{note:",
        headers={"authorization": f"Bearer {sender.secret}", "idempotency-key": "request-1"},
    )

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_too_much_at_once_is_a_problem_too(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_access, "BODY_BYTES", 50)
    answer = sender.sends(DRIVE)

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert "at once" in answer.json()["detail"] or "too large" in answer.json()["detail"]


def test_a_program_that_sends_without_end_is_slowed_down(sender: Sender) -> None:
    answers = [sender.sends([]).status_code for _ in range(API.amount + 1)]

    assert answers[-1] == 429
    assert set(answers[:-1]) == {422}


def test_nothing_a_note_says_gets_into_an_answer_for_another_key(sender: Sender, reading_house: Any) -> None:
    sender.sends(DRIVE, once="request-of-monday")
    with reading_house.store.begin() as uow:
        other = api_keys.add(uow, name="another", scopes=["notes:write"], actor="cli:ann")

    answer = Sender(sender.client, other).sends(BEARINGS, once="request-of-monday")

    assert (answer.status_code, answer.json()["results"][0]["state"]) == (201, "created")


def test_a_key_of_one_account_sends_notes_of_it_alone_and_learns_nothing_of_others(
    sender: Sender, reading_house: Any
) -> None:
    sender.sends(DRIVE | {"external_id": "V-1"})
    with reading_house.store.begin() as uow:
        secret = api_keys.add(
            uow, name="of-1003", scopes=["notes:write"], actor="cli:ann", account_id="A-1003"
        )
    bound = Sender(sender.client, secret)
    other_orders = {"note": "3 bearings noisy", "order": "SO-15086"}
    foreign = bound.sends([other_orders, {"note": "relay dead", "account": "A-1001"}])
    same_number = bound.sends({"note": "relay dead on site", "external_id": "V-1"})
    own = bound.sends({"note": "relay dead again, swap it"})

    assert (foreign.status_code, same_number.status_code, own.status_code) == (422, 422, 201)
    assert "A-1001" not in foreign.text + same_number.text
