# ruff: noqa: F811 - fixtures of another file are asked for by their names
"""What is tried at the doors by whoever has no business behind them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.connectors.ports import Letter
from backhaul.domain.errors import ConnectorRejected
from backhaul.store.effect_tables import LabelRow
from backhaul.store.house_tables import SessionRow
from backhaul.store.tables import MessageRow
from tests.web.conftest import PASSWORD, STAFF
from tests.web.lived_in import COLLEAGUE, OWNER, STRANGER, LivedIn, door, let_in, lived_in  # noqa: F401 - fixtures
from tests.web.rights import ROWS, filled
from web.files import called
from web.shield import form_token
from web.who import COOKIES, VISITOR

OWN = [one for one in ROWS if "{" in one and one.partition(" ")[2].startswith("/chat/")]
"""Doors that lead to something of one customer"""
GUEST_OF_ANOTHER_ORDER = replace(OWNER, requested_by="contact:order-SO-15089", order_scope="SO-15089")
ELSEWHERE = ("//evil.example/", "https://evil.example/")
UP = ("../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/pyproject.toml", "/etc/passwd")
BREAK = "x\r\nSet-Cookie: backhaul_staff=planted\r\n\r\n<html>"


def ask(visitor: Any, door: str, path: str, **fields: str) -> Any:
    method = door.partition(" ")[0]
    token = form_token(visitor.client.cookies.get(COOKIES["customer"], ""))
    data = {"token": token, "text": "hello", **fields} if method == "POST" else None
    return visitor.client.request(method, path, data=data, follow_redirects=False)


@pytest.mark.parametrize(
    "who", [STRANGER, COLLEAGUE, GUEST_OF_ANOTHER_ORDER], ids=["account", "contact", "order"]
)
def test_nothing_of_one_customer_opens_for_another(lived_in: LivedIn, door: Any, who: Any) -> None:
    visitor = door(who)
    own = ask(visitor, "POST", "/chat", text="mine").headers["location"].rpartition("/")[2]
    before = said(lived_in)
    seen = {}
    for one in OWN:
        path = one.partition(" ")[2]
        seen[one] = ask(visitor, one, path.format(**lived_in.ids)).status_code
        if path.count("{") > 1 and not (who is COLLEAGUE and "label" in path):
            # One's own conversation, with the photo or the label of somebody else in it.
            mixed = path.format(**{**lived_in.ids, "thread_id": own})
            seen[f"{one}, from one's own"] = ask(visitor, one, mixed).status_code

    assert set(seen.values()) == {404}, seen
    assert said(lived_in) == before


def said(lived: LivedIn) -> int:
    with lived.house.store.read() as uow:
        return uow.session.scalar(sa.select(sa.func.count()).select_from(MessageRow)) or 0


def test_its_owner_opens_all_of_it(lived_in: LivedIn, door: Any) -> None:
    """Without this the test above would pass over ids that lead nowhere."""
    visitor = door(OWNER)
    reads = [one for one in OWN if one.startswith("GET ") and not one.endswith("/events")]

    seen = {one: ask(visitor, one, one.partition(" ")[2].format(**lived_in.ids)).status_code for one in reads}

    assert set(seen.values()) == {200}, seen


def test_a_key_of_a_form_that_somebody_else_used_starts_a_conversation_of_ones_own(door: Any) -> None:
    first = ask(door(OWNER), "POST", "/chat", once="ON-THE-SAME").headers["location"]
    second = ask(door(STRANGER), "POST", "/chat", once="ON-THE-SAME").headers["location"]

    assert first != second


def test_a_session_planted_before_signing_in_is_worth_nothing_after_it(lived_in: LivedIn, door: Any) -> None:
    victim, attacker = door(), door()
    planted = "planted-by-somebody-who-knows-it"
    for browser in (victim, attacker):
        browser.client.cookies.set(COOKIES["staff"], planted)
        browser.client.cookies.set(VISITOR, planted)
    victim.opens("/staff/sign-in")
    victim.sends("/staff/sign-in", email=STAFF["reviewer"][0], password=PASSWORD)

    assert victim.opens("/desk").url.path == "/desk"
    assert attacker.opens("/desk").url.path == "/staff/sign-in"
    given = [cookie.value for cookie in victim.client.cookies.jar if cookie.name == COOKIES["staff"]]
    assert [one for one in given if one != planted]
    with lived_in.house.store.read() as uow:
        names = set(uow.session.scalars(sa.select(SessionRow.id)))
    assert not names & {planted, *given}, "what a browser holds is stored nowhere"


def test_two_sign_ins_share_no_secret(door: Any) -> None:
    held = [door("reviewer").client.cookies[COOKIES["staff"]] for _ in range(2)]

    assert held[0] != held[1]


@pytest.mark.parametrize("away", ELSEWHERE)
def test_nobody_is_sent_to_another_site(
    lived_in: LivedIn,
    let_in: Any,
    away: str,
) -> None:
    names = ("next", "to", "return_to", "url", "redirect", "done", "story", "show", "asked", "scan")
    led = []
    for one, row in ROWS.items():
        method, _, path = one.partition(" ")
        if path.endswith("/events") or "sign-out" in path:
            continue
        client = let_in(row).client
        held = {"customer": COOKIES["customer"], "staff": COOKIES["staff"]}.get(row.kind, VISITOR)
        token = form_token(client.cookies.get(held, ""))
        answer = client.request(
            method,
            filled(path, lived_in.ids),
            params=dict.fromkeys(names, away) if method == "GET" else None,
            data={**dict.fromkeys(names, away), "token": token} if method == "POST" else None,
            follow_redirects=False,
        )
        led.append(answer.headers.get("location", "/"))

    assert [one for one in led if not re.match(r"/(?![/\\])", one)] == []


def test_no_redirect_repeats_the_host_that_a_request_names(door: Any) -> None:
    visitor = door()
    for path in ("/chat", "/chat/", "/desk/", "//evil.example/desk/", "/staff/sign-in/"):
        answer = visitor.client.get(path, headers={"host": "evil.example"}, follow_redirects=False)
        assert "evil.example" not in answer.headers.get("location", ""), path


def test_no_path_leads_out_of_the_house(lived_in: LivedIn, let_in: Any) -> None:
    tried = 0
    for one, row in ROWS.items():
        path = one.partition(" ")[2]
        for name in (
            re.findall(r"\{(\w+)\}", path) if one.startswith("GET ") and "/events" not in path else ()
        ):
            for up in UP:
                answer = let_in(row).client.get(filled(path, {**lived_in.ids, name: up}))
                assert answer.status_code < 500, path
                assert "root:x:" not in answer.text
                assert "[build-system]" not in answer.text
                tried += 1

    assert tried > 100


def test_a_photo_kept_by_a_form_is_named_by_its_content_and_by_nothing_else(lived_in: LivedIn) -> None:
    from web.dock_photos import taken  # noqa: PLC0415 - needed here alone

    class Form(dict[str, list[str]]):
        def getlist(self, name: str) -> list[str]:
            return self.get(name, [])

    held = lived_in.house.desk.blobs.put(b"a photo")
    form: Any = Form(kept=[*UP, held, "a" * 64, "\u0661" * 64])

    assert taken(lived_in.house.desk, form) == (held,)


@pytest.mark.parametrize(
    "name", [BREAK, 'a"; filename="evil.html', "../../up.pdf", "Pr\u00fcfbericht.pdf", "\x00.", ""]
)
def test_a_file_name_stays_inside_its_header(name: str) -> None:
    header = called(name)["Content-Disposition"]

    assert re.fullmatch(
        r"attachment; filename=\"[\w.() -]+\"(; filename\*=UTF-8''[\w.%-]+)?", header, re.ASCII
    )


def test_what_a_carrier_calls_a_label_sets_no_header(lived_in: LivedIn, door: Any) -> None:
    with lived_in.house.store.begin() as uow:
        row = uow.session.get(LabelRow, lived_in.ids["label_id"])
        assert row is not None
        before, row.tracking_number = row.tracking_number, BREAK
    path = "/chat/{thread_id}/labels/{label_id}/{kind}".format(**lived_in.ids)
    answer = door(OWNER).opens(path)
    with lived_in.house.store.begin() as uow:
        uow.session.get_one(LabelRow, lived_in.ids["label_id"]).tracking_number = before

    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "\n" not in answer.headers["content-disposition"]


@pytest.mark.parametrize("field", ["to", "subject"])
def test_no_line_break_gets_into_the_head_of_a_letter(field: str) -> None:
    from backhaul.connectors import notify  # noqa: PLC0415 - needed here alone

    parts = {"to": "dana@example.org", "subject": "Your return", "body": "Hello"}
    letter = Letter(**{**parts, field: f"{parts[field]}\r\nBcc: everybody@example.org"})

    with pytest.raises(ConnectorRejected, match="line break"):
        notify._message(letter, "returns@example.org", "key")  # noqa: SLF001 - what is sent is made here


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/order", "/staff/sign-in", "/sign-in/code/check"])
def test_line_breaks_in_a_field_set_no_header(door: Any, path: str) -> None:
    visitor = door()
    visitor.opens("/sign-in")
    typed: Mapping[str, str] = dict.fromkeys(("email", "order", "postal_code", "password", "code"), BREAK)

    answer = visitor.sends(path, **typed)

    assert answer.status_code in {200, 422}
    assert "planted" not in str(answer.headers)
