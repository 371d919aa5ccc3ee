import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from backhaul.store import reviews
from tests.web.dock_goods import announced, inspected
from web import (
    autonomy,
    chat,
    claims,
    corrections,
    desk,
    desk_blind,
    desk_credit,
    desk_ending,
    desk_notes,
    dock,
    dock_inspect,
    dock_outcomes,
    dock_receive,
    dock_settle,
    dock_unannounced,
    finance,
    insight,
    notes_api,
    operator,
    policies,
    policies_try,
    pulse,
    sign_in,
    start,
    stuck,
    supplier,
)

WHO = ("nobody", "customer", "reviewer", "approver", "dock", "auditor", "policy owner")
OPEN, SIGN_IN, STAFF_DOOR = "open", "/sign-in", "/staff/sign-in"
REFUSED, HIDDEN, STALE, UNUSABLE = 403, 404, 409, 422

READS = {
    "/claims": (STAFF_DOOR, STAFF_DOOR, OPEN, REFUSED, REFUSED, OPEN, REFUSED),
    "/claims/VC-1": (STAFF_DOOR, STAFF_DOOR, HIDDEN, REFUSED, REFUSED, HIDDEN, REFUSED),
    "/claims/VC-1/packet.pdf": (STAFF_DOOR, STAFF_DOOR, HIDDEN, REFUSED, REFUSED, HIDDEN, REFUSED),
    "/claims/VC-1/pictures/0": (STAFF_DOOR, STAFF_DOOR, HIDDEN, REFUSED, REFUSED, HIDDEN, REFUSED),
    "/stuck": (STAFF_DOOR, STAFF_DOOR, OPEN, REFUSED, REFUSED, REFUSED, REFUSED),
    "/finance": (STAFF_DOOR, STAFF_DOOR, REFUSED, OPEN, REFUSED, OPEN, REFUSED),
    "/finance/credits.csv": (STAFF_DOOR, STAFF_DOOR, REFUSED, OPEN, REFUSED, OPEN, REFUSED),
    "/insight": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/insight/cash": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/insight/cash.csv": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/insight/cash/cases": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/insight/cash/cases.csv": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/insight/case/RC-1": (STAFF_DOOR, STAFF_DOOR, HIDDEN, HIDDEN, REFUSED, HIDDEN, HIDDEN),
    "/supplier/x": (HIDDEN,) * 7,
    "/supplier/x/packet.pdf": (HIDDEN,) * 7,
    "/": (OPEN,) * 7,
    "/sign-in": (OPEN,) * 7,
    "/staff/sign-in": (OPEN,) * 7,
    "/healthz": (OPEN,) * 7,
    "/readyz": (OPEN,) * 7,
    "/metrics": (OPEN,) * 7,
    "/mailbox": (OPEN,) * 7,
    "/chat": (SIGN_IN, OPEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/chat/{thread}": (SIGN_IN, HIDDEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/chat/{thread}/live": (SIGN_IN, HIDDEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/chat/{thread}/events": (SIGN_IN, HIDDEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/chat/{thread}/photos/AT-1": (SIGN_IN, HIDDEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/chat/{thread}/labels/LB-1/pdf": (SIGN_IN, HIDDEN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN),
    "/desk": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, REFUSED, REFUSED),
    "/desk/{review}": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/photos/AT-1": (STAFF_DOOR, STAFF_DOOR, HIDDEN, HIDDEN, REFUSED, REFUSED, REFUSED),
    "/corrections": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, REFUSED, REFUSED),
    "/dock": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, OPEN, REFUSED, REFUSED),
    "/dock/rma/{rma}": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, OPEN, REFUSED, REFUSED),
    "/dock/receipt/{receipt}": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, OPEN, REFUSED, REFUSED),
    "/dock/receipt/{receipt}/photos/0": (STAFF_DOOR, STAFF_DOOR, HIDDEN, HIDDEN, HIDDEN, REFUSED, REFUSED),
    "/dock/inspection/{inspection}/photos/0": (
        STAFF_DOOR,
        STAFF_DOOR,
        HIDDEN,
        HIDDEN,
        HIDDEN,
        REFUSED,
        REFUSED,
    ),
    "/dock/inspection/{inspection}": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, OPEN, REFUSED, REFUSED),
    "/dock/unannounced": (STAFF_DOOR, STAFF_DOOR, REFUSED, REFUSED, OPEN, REFUSED, REFUSED),
    "/dock/unmatched/{receipt}": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, OPEN, REFUSED, REFUSED),
    "/policies": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/policies/editions": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/policies/decisions/VD-1": (STAFF_DOOR, STAFF_DOOR, HIDDEN, HIDDEN, REFUSED, HIDDEN, HIDDEN),
    "/policies/autonomy": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/policies/try": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
    "/policies/try/window_days": (STAFF_DOOR, STAFF_DOOR, OPEN, OPEN, REFUSED, OPEN, OPEN),
}
WRITES = {
    "/stuck": (401, 401, UNUSABLE, REFUSED, REFUSED, REFUSED, REFUSED),
    "/claims/VC-1/evidence": (401, 401, UNUSABLE, REFUSED, REFUSED, REFUSED, REFUSED),
    "/claims/VC-1/send": (401, 401, UNUSABLE, REFUSED, REFUSED, REFUSED, REFUSED),
    "/supplier/x": (HIDDEN,) * 7,
    "/chat": (401, 303, 401, 401, 401, 401, 401),
    "/chat/{thread}/messages": (401, HIDDEN, 401, 401, 401, 401, 401),
    "/chat/{thread}/person": (401, HIDDEN, 401, 401, 401, 401, 401),
    "/desk/{review}/reject": (401, 401, STALE, STALE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/ask": (401, 401, STALE, STALE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/credit-instead": (401, 401, STALE, STALE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/blind": (401, 401, UNUSABLE, UNUSABLE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/approve": (401, 401, STALE, STALE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/credit-early": (401, 401, UNUSABLE, UNUSABLE, REFUSED, REFUSED, REFUSED),
    "/desk/{review}/request": (401, 401, UNUSABLE, UNUSABLE, REFUSED, REFUSED, REFUSED),
    "/api/v1/notes": (401,) * 7,
    "/desk/{review}/end-return": (401, 401, UNUSABLE, UNUSABLE, REFUSED, REFUSED, REFUSED),
    "/corrections/CX-1/confirm": (401, 401, HIDDEN, HIDDEN, REFUSED, REFUSED, REFUSED),
    "/corrections/CX-1/dismiss": (401, 401, HIDDEN, HIDDEN, REFUSED, REFUSED, REFUSED),
    "/dock/rma/{rma}": (401, 401, REFUSED, REFUSED, STALE, REFUSED, REFUSED),
    "/dock/receipt/{receipt}/inspect": (401, 401, REFUSED, REFUSED, UNUSABLE, REFUSED, REFUSED),
    "/dock/inspection/{inspection}": (401, 401, REFUSED, REFUSED, UNUSABLE, REFUSED, REFUSED),
    "/dock/unannounced": (401, 401, REFUSED, REFUSED, UNUSABLE, REFUSED, REFUSED),
    "/dock/unmatched/{receipt}": (401, 401, REFUSED, REFUSED, STALE, REFUSED, REFUSED),
    "/dock/unmatched/{receipt}/send-back": (401, 401, UNUSABLE, UNUSABLE, REFUSED, REFUSED, REFUSED),
    "/desk/outcomes/OC-1/seen": (401, 401, HIDDEN, HIDDEN, REFUSED, REFUSED, REFUSED),
    "/policies/try": (401, 401, UNUSABLE, UNUSABLE, REFUSED, UNUSABLE, UNUSABLE),
    "/policies/try/window_days": (401, 401, UNUSABLE, UNUSABLE, REFUSED, UNUSABLE, UNUSABLE),
    "/policies/try/window_days/edition": (401, 401, UNUSABLE, UNUSABLE, REFUSED, UNUSABLE, UNUSABLE),
    "/cli/chat": (REFUSED,) * 7,
}


def pattern_of(path: str) -> str:
    """The shape of an address: ids of every kind look the same."""
    ids = r"\{[^}]+\}|AT-1|LB-1|pdf$|window_days|VD-1|OC-1|VC-1|CX-1|RC-1"
    return re.sub(
        rf"{ids}|(?<=/photos/)0|(?<=/pictures/)0|(?<=/supplier/)x|(?<=/finance/)credits|(?<=/insight/)cash",
        "*",
        path,
    )


def routes() -> list[str]:
    at_the_dock = (dock, dock_receive, dock_inspect, dock_settle, dock_unannounced, dock_outcomes)
    recovery = (claims, supplier, finance, insight, stuck)
    at_the_desk, the_rules = (
        (desk, desk_blind, desk_credit, desk_ending, desk_notes, corrections),
        (policies, policies_try, autonomy),
    )
    rooms = (
        start,
        sign_in,
        chat,
        *at_the_desk,
        *at_the_dock,
        *recovery,
        *the_rules,
        pulse,
        operator,
        notes_api,
    )
    return [route.path for room in rooms for route in room.router.routes if isinstance(route, APIRoute)]


@pytest.fixture
def someone(visitor: Any, house: Any) -> Any:
    """Signs in as that role, and fills paths with a thread of somebody else and an open review."""
    review = house.review()
    goods = {"rma": announced(house)}
    goods["receipt"], goods["inspection"] = inspected(house, goods["rma"])
    with house.store.read() as uow:
        thread = reviews.review(uow, review).thread_id

    def come(who: str) -> Any:
        if who == "customer":
            stranger = next(one for one in house.doors.personas if one.account_id == "A-1003")
            visitor.is_customer(stranger.key)
        elif who != "nobody":
            visitor.is_staff(who)
        return visitor, lambda path: path.format(thread=thread, review=review, **goods)

    return come


def outcome_of(page: Any, path: str) -> Any:
    if page.status_code != 200:
        return page.status_code
    return OPEN if page.url.path == path else page.url.path


@pytest.mark.parametrize("who", WHO)
def test_who_may_read_what(someone: Any, who: str) -> None:
    visitor, fill = someone(who)
    seen = {path: outcome_of(visitor.opens(fill(path)), fill(path)) for path in READS}

    assert seen == {path: row[WHO.index(who)] for path, row in READS.items()}


@pytest.mark.parametrize("who", WHO)
def test_who_may_do_what(someone: Any, who: str) -> None:
    visitor, fill = someone(who)
    visitor.opens("/chat" if who == "customer" else "/desk")
    # The version is an old one: whoever may act is told that the page is stale, and nothing changes.
    fields = {"token": visitor.token, "text": "hello", "version": "7", "note": "why", "command_digest": "x"}
    done = {
        path: visitor.client.post(fill(path), data=fields, follow_redirects=False).status_code
        for path in WRITES
    }

    assert done == {path: row[WHO.index(who)] for path, row in WRITES.items()}


def test_every_route_of_customers_and_staff_stands_in_the_matrix() -> None:
    in_matrix = {pattern_of(path) for path in (*READS, *WRITES)}

    missing = {path for path in routes() if pattern_of(path) not in in_matrix}

    assert missing == {
        "/demo/stories/{key}",
        "/demo/personas/{key}",
        "/demo/advance",
        "/mailbox/{key}/{position}",
        "/sign-in/code",
        "/sign-in/code/check",
        "/sign-in/order",
        "/sign-out",
        "/staff/sign-out",
        "/desk/events",
        "/cli/threads/{thread_id}/turns",
        "/cli/home",
    }, "open to all by design, or tested where they belong"
