# ruff: noqa: F811 - fixtures of another file are asked for by their names
"""Scripts in words: stored in every field that people fill in, and sent with every request."""

import re
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.routing import iter_route_contexts

from backhaul.store.tables import Base, LongText
from tests.web.lived_in import OWNER, LivedIn, door, every_review, let_in, lived_in  # noqa: F401 - fixtures
from tests.web.rights import ROWS, filled
from web.shield import form_token
from web.who import COOKIES, VISITOR

NAMES = {
    "added_by",
    "contact_name",
    "described",
    "description",
    "file_name",
    "found_reason",
    "looked_for",
    "override_reason",
    "received_words",
    "subject",
    "tracking_number",
    "unusable",
}
"""Columns of a usual length in which words of people stand; long ones are all taken"""
NOT_WORDS = {"permit.token", "audit_checkpoint.signature", "review.subject", "audit_event.subject"}
IN_ERP = (("account", "name"), ("contact", "name"), ("item", "description"), ("supplier", "name"))


def payload(marker: str) -> str:
    """Ends an element, an attribute in either quotes and a script, whichever it lands in."""
    return f"\"' onfocus=x-{marker} </textarea></title><script>x-{marker}</script>"


def is_raw(text: str) -> bool:
    return "<script>x-" in text or bool(re.search(r"[\"'] onfocus=x-", text))


def fields() -> list[tuple[str, str]]:
    """Columns of our tables that hold what somebody wrote."""
    found = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LongText) or (column.name in NAMES and not column.foreign_keys)
    ]
    return [one for one in found if ".".join(one) not in NOT_WORDS]


@pytest.fixture(scope="module")
def poisoned(lived_in: LivedIn) -> LivedIn:
    """The house after somebody managed to write markup into every field of words there is."""
    with lived_in.house.store.begin() as uow:
        for table, column in fields():
            where = sa.text(f"UPDATE {table} SET {column} = :said WHERE {column} IS NOT NULL")  # noqa: S608
            if table == "stray_parcel" or (table, column) == ("label", "tracking_number"):
                continue
            uow.session.execute(where, {"said": payload(f"{table}.{column}")})
    with sqlite3.connect(lived_in.house.settings.erp_path) as erp:
        for table, column in IN_ERP:
            erp.execute(f"UPDATE {table} SET {column} = ?", (payload(f"erp.{table}.{column}"),))  # noqa: S608
    return lived_in


def pages(lived: LivedIn) -> list[tuple[str, str]]:
    """The door and the address of everything that can be read, but for streams and files."""
    doors = [
        one for one in ROWS if one.startswith("GET ") and not one.endswith(("/events", ".csv", "{path}"))
    ]
    read = [(one, filled(one.partition(" ")[2], lived.ids)) for one in doors]
    return read + [("GET /desk/{review_id}", f"/desk/{review}") for review in every_review(lived.house)]


def test_what_was_stored_is_shown_as_words_on_every_page(
    poisoned: LivedIn,
    let_in: Any,
) -> None:
    shown: set[str] = set()
    for one, path in pages(poisoned):
        page = let_in(ROWS[one], replace(OWNER, name=payload("session"))).opens(path)
        assert page.status_code < 500, path
        if page.headers.get("content-type", "").startswith("application/pdf"):
            continue
        assert not is_raw(page.text), path
        shown |= set(re.findall(r"&lt;script&gt;x-([\w.]+)&lt;/script&gt;", page.text))

    assert shown >= {
        "message.body",
        "session",
        "return_line.description",
        "review.why",
        "review.question",
        "attachment.file_name",
        "correction.words",
        "inspection.note",
        "letter.body",
        "letter.subject",
        "erp.account.name",
        "erp.item.description",
        "erp.supplier.name",
    }


def strings_of(parameters: Any) -> list[str]:
    return [str(one.alias) for one in parameters]


def test_what_is_sent_along_never_comes_back_as_markup(lived_in: LivedIn, door: Any) -> None:
    """Every parameter of every door that the application knows of, as whoever gets furthest."""
    visitors = {who: door(who) for who in ("reviewer", "admin", "policy owner")} | {"customer": door(OWNER)}
    visitors["customer"].opens("/sign-in")
    sent = 0
    for route in iter_route_contexts(visitors["admin"].client.app.routes):
        dependant = getattr(route, "dependant", None)
        if dependant is None or route.path.endswith("/events"):
            continue
        for method in sorted(route.methods or ()):
            who = next((one for one in visitors if one in ROWS[f"{method} {route.path}"].roles), "customer")
            client = visitors[who].client
            path = filled(route.path, {**lived_in.ids, "carrier": payload("path"), "key": "x"})
            query = dict.fromkeys(strings_of(dependant.query_params), payload("query"))
            typed = dict.fromkeys([*strings_of(dependant.body_params), *FREE], payload("form"))
            typed["token"] = form_token(client.cookies.get(cookie_of(who, method, route.path), ""))
            page = client.request(method, path, params=query, data=typed if method == "POST" else None)
            assert page.status_code < 500, route.path
            assert not is_raw(page.text) or "html" not in page.headers["content-type"], route.path
            sent += 1

    assert sent >= len(ROWS) - 6


FREE = (
    "sku",
    "quantity",
    "note",
    "scan",
    "sender",
    "article",
    "number",
    "how",
    "serials",
    "facility",
    "search",
)
"""Fields of the forms that are read whole"""


def cookie_of(who: str, method: str, path: str) -> str:
    kind = ROWS[f"{method} {path}"].kind
    return VISITOR if kind == "everybody" else COOKIES["customer" if who == "customer" else "staff"]


@pytest.mark.parametrize("script", ["chat.js", "desk.js", "dock.js", "live.js", "policies.js"])
def test_our_scripts_put_in_nothing_but_parts_that_our_templates_made(script: str) -> None:
    """What is set as markup comes from a page or a fragment of ours, which the templates have escaped."""
    from web.pages import STATIC  # noqa: PLC0415 - needed here alone

    text = (STATIC / script).read_text("utf-8")
    put_in = re.findall(r"(?:innerHTML|outerHTML)\s*=\s*([^;=]+);", text)

    assert set(put_in) <= {"news.messages", "fresh.innerHTML", "html"}
    assert not re.findall(r"document\.write|insertAdjacentHTML|\beval\(|new Function", text)
