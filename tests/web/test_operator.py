import base64
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.store import conversation as talk
from backhaul.store.house_tables import AuditRow

KEY = {"authorization": "Bearer operator key of the tests"}


def say(visitor: Any, headers: dict[str, str] = KEY, **more: Any) -> Any:
    return visitor.client.post(
        "/cli/chat", json={"account": "A-1001", "user": "ann", **more}, headers=headers
    )


def test_an_operator_speaks_for_an_account_and_hears_every_turn(visitor: Any, house: Any) -> None:
    answer = say(visitor, messages=["first", "second"]).json()

    assert [turn["reply"] for turn in answer["turns"]] == ["You said: first", "You said: second"]
    with house.store.read() as uow:
        assert talk.thread(uow, answer["thread"]).opened_by == "cli:ann for A-1001"


def test_a_conversation_goes_on_under_its_number(visitor: Any) -> None:
    thread = say(visitor, messages=["first"]).json()["thread"]

    assert say(visitor, messages=["second"], thread=thread).json()["thread"] == thread


def test_what_an_operator_does_is_on_record_as_theirs(visitor: Any, house: Any) -> None:
    thread = say(visitor, messages=["first"]).json()["thread"]

    with house.store.read() as uow:
        (row,) = uow.session.scalars(sa.select(AuditRow).where(AuditRow.tag == "cli:thread:spoken_for")).all()
    assert (row.actor, row.subject) == ("cli:ann for A-1001", thread)


def test_a_thread_of_another_account_is_not_found(visitor: Any) -> None:
    thread = say(visitor, messages=["first"]).json()["thread"]

    answer = visitor.client.post(
        "/cli/chat",
        json={"account": "A-1002", "user": "ann", "thread": thread, "messages": ["x"]},
        headers=KEY,
    )

    assert answer.status_code == 404


def test_an_account_that_does_not_exist_is_named(visitor: Any) -> None:
    answer = visitor.client.post(
        "/cli/chat", json={"account": "A-9999", "user": "ann", "messages": ["hello"]}, headers=KEY
    )

    assert (answer.status_code, answer.json()["detail"]) == (404, "no account A-9999")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer "}, {"authorization": "Bearer guess"}])
def test_without_the_key_the_door_is_closed(visitor: Any, headers: dict[str, str]) -> None:
    assert say(visitor, headers=headers, messages=["first"]).status_code == 403


def test_a_photo_that_is_none_is_refused_with_its_name(visitor: Any) -> None:
    photo = {"file_name": "invoice.pdf", "content_base64": base64.b64encode(b"%PDF").decode()}

    answer = say(visitor, messages=["first"], photos=[photo])

    assert answer.status_code == 422
    assert "invoice.pdf" in answer.json()["detail"]


def test_a_field_nobody_knows_is_refused(visitor: Any) -> None:
    assert say(visitor, messages=["first"], admin=True).status_code == 422


def test_the_command_line_can_ask_whose_home_this_is_without_showing_its_key(visitor: Any) -> None:
    assert visitor.client.get("/cli/home", params={"nonce": "n1"}).json() == {"proof": "proof of n1"}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer guess"}])
def test_late_turns_are_told_only_with_the_key(visitor: Any, headers: dict[str, str]) -> None:
    thread = say(visitor, messages=["first"]).json()["thread"]

    assert visitor.client.post(f"/cli/threads/{thread}/turns", headers=headers).status_code == 403
    assert visitor.client.post(f"/cli/threads/{thread}/turns", headers=KEY).json()["turns"] == []
