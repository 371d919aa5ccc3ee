# ruff: noqa: F811 - fixtures of another file are asked for by their names
from typing import Any

import pytest

from backhaul.store import api_keys, reviews
from tests.web.conftest import Visitor
from tests.web.dock_goods import announced, inspected
from tests.web.rights import CALLERS, ROWS, Row, filled, routes_of
from tests.web.shared_house import shared_house  # noqa: F401 - a fixture
from web.shield import form_token
from web.who import COOKIES, VISITOR

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LEAVES = ("POST /sign-out", "POST /staff/sign-out")
NO_FORM = ("/api/", "/cli/", "/hooks/")
"""Doors of programs: they ask for a key or a signature, which no browser sends by itself"""
FIELDS = {
    "text": "hello",
    # An old one: whoever may act is told that the page is stale, and nothing changes.
    "version": "7",
    "note": "why",
    "command_digest": "x",
    "email": "nobody@nowhere.example",
    "password": "no",
    "code": "000000",
    "order": "SO-1",
    "postal_code": "1",
}


@pytest.fixture(scope="module")
def ids(shared_house: Any) -> dict[str, str]:
    """What stands for the ids in paths: a thread of somebody else, an open review, goods at the dock."""
    review = shared_house.review()
    rma = announced(shared_house)
    receipt, inspection = inspected(shared_house, rma)
    with shared_house.store.read() as uow:
        thread = reviews.review(uow, review).thread_id
    goods = {"rma_id": rma, "receipt_id": receipt, "inspection_id": inspection}
    words = {
        "path": "app.css",
        "table": "window_days",
        "name": "credits",
        "key": "cash",
        "kind": "pdf",
        "position": "0",
    }
    return {"thread_id": thread, "review_id": review, **goods, **words}


@pytest.fixture
def comes(shared_house: Any, at_the_doors_of: Any) -> Any:
    def come(caller: str) -> Visitor:
        visitor: Visitor = at_the_doors_of(shared_house)
        shared_house.beat()
        visitor.opens("/sign-in")
        if caller == "customer":
            stranger = next(one for one in shared_house.doors.personas if one.account_id == "A-1003")
            visitor.is_customer(stranger.key)
        elif caller == "api key":
            with shared_house.store.begin() as uow:
                key = api_keys.add(uow, name="all-scopes", scopes=api_keys.SCOPES, actor="test")
            visitor.client.headers["Authorization"] = f"Bearer {key}"
        elif caller != "nobody":
            visitor.is_staff(caller)
        return visitor

    return come


def token_for(visitor: Visitor, row: Row) -> str:
    name = {"customer": COOKIES["customer"], "staff": COOKIES["staff"]}.get(row.kind, VISITOR)
    return form_token(visitor.client.cookies.get(name, ""))


def outcome(visitor: Visitor, door: str, row: Row, ids: dict[str, str]) -> int | str:
    method, _, path = door.partition(" ")
    fields = {**FIELDS, "token": token_for(visitor, row)} if method == "POST" else None
    answer = visitor.client.request(method, filled(path, ids), data=fields, follow_redirects=False)
    if method != "POST" and answer.status_code == 303:
        return str(answer.headers["location"])
    return int(answer.status_code)


@pytest.mark.parametrize("caller", CALLERS)
def test_everybody_gets_in_at_their_own_doors_and_at_no_other(
    comes: Any, ids: dict[str, str], caller: str
) -> None:
    visitor = comes(caller)
    streams = [door for door in ROWS if door.endswith("/events")]
    rest = [door for door in ROWS if door not in {*streams, *LEAVES}]
    seen = {door: outcome(visitor, door, ROWS[door], ids) for door in rest}
    # Whoever may listen would listen for ever.
    visitor.client.app.state.newsroom.stop()
    seen |= {door: outcome(visitor, door, ROWS[door], ids) for door in (*streams, *LEAVES)}

    expected = {door: row.expected(door.partition(" ")[0], caller) for door, row in ROWS.items()}
    assert {door: (got, expected[door]) for door, got in seen.items() if got != expected[door]} == {}


def test_every_door_of_the_application_has_a_row_and_every_row_a_door(comes: Any) -> None:
    doors = routes_of(comes("nobody").client.app)

    assert sorted(doors) == sorted(ROWS)


def test_no_door_opens_in_a_way_that_has_no_row(comes: Any, ids: dict[str, str]) -> None:
    visitor = comes("admin")
    paths = {door.partition(" ")[2] for door in ROWS}
    others = [(way, path) for path in sorted(paths) for way in METHODS if f"{way} {path}" not in ROWS]
    seen = {
        (way, path): visitor.client.request(way, filled(path, ids), follow_redirects=False).status_code
        for way, path in others
    }

    assert {place: status for place, status in seen.items() if status not in {404, 405}} == {}


@pytest.mark.parametrize("forged", ["no token", "token of another session", "from another site"])
def test_no_form_is_taken_that_is_not_our_own_and_of_this_session(
    comes: Any, ids: dict[str, str], forged: str
) -> None:
    """Also for new doors: the forms are those of the application, whatever it is by now."""
    taken = {}
    for caller in ("nobody", "customer", "reviewer", "admin"):
        visitor = comes(caller)
        for door, row in ROWS.items():
            method, _, path = door.partition(" ")
            if method == "POST" and not path.startswith(NO_FORM):
                status = posted(visitor, filled(path, ids), token_for(visitor, row), forged)
                taken[caller, door] = status

    # What is not theirs is hidden or refused before its form is looked at.
    assert {door: status for door, status in taken.items() if status not in {401, 403, 404}} == {}
    assert {taken[caller, "POST /sign-in/order"] for caller in ("nobody", "customer", "admin")} == {403}


def posted(visitor: Visitor, path: str, good: str, forged: str) -> int:
    headers = {"origin": "https://elsewhere.example"} if forged == "from another site" else {}
    token = good if headers else form_token(forged)
    fields = FIELDS if forged == "no token" else {**FIELDS, "token": token}
    return int(visitor.client.post(path, data=fields, headers=headers, follow_redirects=False).status_code)
