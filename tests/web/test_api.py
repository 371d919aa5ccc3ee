"""The API: keys see their account and nothing else, writes happen once, lists go on where they ended."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backhaul.store import cases, reviews, rmas
from backhaul.store.autonomy_tables import BlindDrawRow
from backhaul.store.tables import ThreadRow
from tests.web.api_programs import ProgramOutside, program
from tests.web.dock_goods import announced
from web.app import create_app
from web.throttle import API, API_TRIES

WORDS = {"account": "A-1001", "text": "SO-15093: both drives are not needed, credit please."}
STRANGER = "A-1003"


@pytest.fixture
def client(house: Any) -> Iterator[TestClient]:
    with TestClient(create_app(house.doors), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def ours(house: Any, client: TestClient) -> ProgramOutside:
    return program(house, client)


def case_of(house: Any, review: str) -> str:
    with house.store.read() as uow:
        return str(reviews.review(uow, review).case_id)


def test_a_conversation_is_opened_and_answered(ours: ProgramOutside, house: Any) -> None:
    opened = ours.sends("/conversations", WORDS)
    thread = opened.json()["id"]
    house.doors.conversation.run_pending(thread)

    said = ours.reads(f"/conversations/{thread}/messages").json()
    assert (opened.status_code, opened.json()["account"], opened.json()["channel"]) == (201, "A-1001", "api")
    assert [one["author"] for one in said["items"]] == ["customer", "agent"]
    assert said["next"] is None
    with house.store.read() as uow:
        row = uow.session.get(ThreadRow, thread)
        assert row.opened_by == "key:storefront for A-1001"


def test_what_is_said_twice_under_one_key_is_said_once(ours: ProgramOutside) -> None:
    thread = ours.sends("/conversations", WORDS, once="order-4711").json()["id"]
    again = ours.sends("/conversations", WORDS, once="order-4711")
    first = ours.sends(f"/conversations/{thread}/messages", {"text": "yes"}, once="order-4711-yes")
    second = ours.sends(f"/conversations/{thread}/messages", {"text": "yes"}, once="order-4711-yes")

    said = [one["text"] for one in ours.reads(f"/conversations/{thread}/messages").json()["items"]]
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (thread, "true")
    assert (first.status_code, second.json()) == (202, first.json())
    assert said.count("yes") == 1


@pytest.mark.parametrize(
    "other", [{"path": "/conversations", "text": "other"}, {"path": None, "text": "yes"}]
)
def test_one_key_for_two_requests_is_refused_whatever_differs(ours: ProgramOutside, other: Any) -> None:
    thread = ours.sends("/conversations", WORDS, once="order-4711").json()["id"]
    body = {"text": other["text"]} | ({"account": "A-1001"} if other["path"] else {})

    refused = ours.sends(other["path"] or f"/conversations/{thread}/messages", body, once="order-4711")

    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_conversation_that_somebody_else_holds_is_read_and_not_spoken_in(
    ours: ProgramOutside, house: Any, client: TestClient
) -> None:
    thread = ours.sends("/conversations", WORDS).json()["id"]
    second = program(house, client, name="helpdesk")

    refused = second.sends(f"/conversations/{thread}/messages", {"text": "yes"})

    assert second.reads(f"/conversations/{thread}").status_code == 200
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_for_a_key_of_another_account_nothing_of_it_exists(
    ours: ProgramOutside, house: Any, client: TestClient
) -> None:
    rma = announced(house)
    thread = ours.sends("/conversations", WORDS).json()["id"]
    with house.store.read() as uow:
        case = rmas.rma(uow, rma).case_id
        owner = cases.case(uow, case).account_id
    stranger = program(house, client, name="stranger", account=STRANGER)
    paths = [
        f"/conversations/{thread}",
        f"/conversations/{thread}/messages",
        f"/cases/{case}",
        f"/rmas/{rma}",
        "/labels/LB-1Z-TRACK",
        "/labels/LB-1Z-TRACK/pdf",
    ]

    assert owner != STRANGER
    assert [stranger.reads(path).status_code for path in paths] == [404] * 6
    assert [ours.reads(path).status_code for path in paths[:5]] == [200] * 5
    for listed in ("/conversations", "/cases", "/rmas"):
        assert stranger.reads(listed).json() == {"items": [], "next": None}
        assert stranger.reads(listed, account=owner).status_code == 404
    for sent, body in (
        (f"/rmas/{rma}/cancel", None),
        (f"/rmas/{rma}/labels", None),
        (f"/conversations/{thread}/messages", {"text": "yes"}),
        ("/conversations", WORDS),
    ):
        assert stranger.sends(sent, body).status_code == 404
    assert [name for name, *_ in house.later.started if name != "return"] == []


def test_notes_that_nobody_has_asked_for_are_not_for_the_account_itself(
    house: Any, client: TestClient
) -> None:
    review = house.review()
    case = case_of(house, review)
    with house.store.begin() as uow:
        thread = cases.case(uow, case).thread_id
        uow.session.get(ThreadRow, thread).channel = "note"
        account = cases.case(uow, case).account_id
    customer = program(house, client, name="customer", account=account)

    assert customer.reads(f"/conversations/{thread}").status_code == 404
    assert customer.reads("/conversations").json()["items"] == []
    assert customer.reads(f"/cases/{case}").status_code == 200  # somebody has asked for it


def test_reviews_are_for_the_house_and_hide_a_reading_that_is_to_be_made_blind(
    ours: ProgramOutside, house: Any, client: TestClient
) -> None:
    review = house.review()
    shown = ours.reads(f"/reviews/{review}").json()
    listed = ours.reads("/reviews", state="open").json()["items"]
    with house.store.begin() as uow:
        uow.session.add(drawn(reviews.review(uow, review).proposal_id or "", uow.clock.now()))
    blind = ours.reads(f"/reviews/{review}").json()
    customer = program(house, client, name="customer", account="A-1001", scopes=["cases:read"])

    assert (shown["state"], shown["to_be_read_blind"], bool(shown["why"])) == ("open", False, True)
    assert [one["id"] for one in listed] == [review]
    assert (blind["to_be_read_blind"], blind["why"]) == (True, None)
    assert customer.reads(f"/reviews/{review}").status_code == 403


def drawn(proposal: str, now: datetime) -> BlindDrawRow:
    return BlindDrawRow(
        proposal_id=proposal,
        unit="SO-15093/1",
        draw=1,
        share_permille=50,
        stratum="automatic",
        product_class="drive",
        value_band="high",
        confidence_permille=900,
        floor_permille=800,
        order_line=1,
        quantity=2,
        reason="no_longer_needed",
        outcome="permit",
        reader="offline",
        release="",
        drawn_at=now,
    )


def test_a_list_goes_on_where_its_page_ended(ours: ProgramOutside) -> None:
    made = [ours.sends("/conversations", WORDS).json()["id"] for _ in range(5)]
    pages, cursor = [], ""
    while cursor is not None:
        page = ours.reads("/conversations", limit=2, cursor=cursor).json()
        pages.append([one["id"] for one in page["items"]])
        cursor = page["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(one for page in pages for one in page) == sorted(made)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNi0wMS0wMSB4", "é"])
def test_a_cursor_that_is_none_of_ours_is_told(ours: ProgramOutside, cursor: str) -> None:
    answer = ours.reads("/cases", cursor=cursor)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_input")


def test_a_cancellation_is_handed_to_the_worker_once(ours: ProgramOutside, house: Any) -> None:
    rma = announced(house)
    asked = ours.sends(f"/rmas/{rma}/cancel", once="cancel-it-please")
    again = ours.sends(f"/rmas/{rma}/cancel", once="cancel-it-please")
    with house.store.begin() as uow:
        account = rmas.rma(uow, rma).account_id
        rmas.rma(uow, rma).state = "in_transit"
    late = ours.sends(f"/rmas/{rma}/cancel")

    assert (asked.status_code, again.json()) == (202, asked.json())
    assert house.later.started[1:] == [
        ("cancel-rma", f"cancel-{rma}", [rma, f"key:storefront for {account}"])
    ]
    assert (late.status_code, late.json()["code"]) == (409, "invalid_transition")


def test_every_print_of_a_label_can_be_fetched(ours: ProgramOutside, house: Any) -> None:
    announced(house)
    with house.store.begin() as uow:
        row = rmas.label(uow, "LB-1Z-TRACK")
        row.pdf_blob = house.doors.desk.blobs.put(b"%PDF-1.7")
        row.zpl_blob = house.doors.desk.blobs.put(b"^XA^XZ")

    pdf, zpl = (ours.reads(f"/labels/LB-1Z-TRACK/{kind}") for kind in ("pdf", "zpl"))
    assert (pdf.content, pdf.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
    assert (zpl.content, zpl.headers["content-type"]) == (b"^XA^XZ", "application/zpl")
    assert ours.reads("/labels/LB-1Z-TRACK/png").status_code == 404
    assert ours.reads("/labels/LB-1Z-TRACK/exe").status_code == 422


def test_what_is_left_of_the_quota_is_told_with_every_answer(ours: ProgramOutside) -> None:
    first, second = ours.reads("/cases"), ours.reads("/cases/RC-NONE")

    assert first.headers["ratelimit-policy"] == f'"key";q={API.amount};w=60'
    assert first.headers["ratelimit"].startswith(f'"key";r={API.amount - 1};t=')
    assert second.headers["ratelimit"].startswith(f'"key";r={API.amount - 2};t=')


def test_whoever_guesses_keys_does_not_shut_out_who_has_one(ours: ProgramOutside, client: TestClient) -> None:
    guesser = ProgramOutside(client, "bhk_guessed")
    answers = [guesser.reads("/cases").status_code for _ in range(API_TRIES.amount + 1)]

    assert (answers[0], answers[-1]) == (401, 429)
    assert ours.reads("/cases").status_code == 200


def test_what_is_no_address_or_no_json_is_a_problem_too(ours: ProgramOutside, client: TestClient) -> None:
    nowhere = ours.reads("/nowhere")
    wrong_way = client.delete("/api/v1/cases")
    headers = {
        "authorization": f"Bearer {ours.secret}",
        "idempotency-key": "request-x",
        "content-type": "application/json",
    }
    no_json = client.post("/api/v1/conversations", content=b'{"text": ', headers=headers)
    strange = client.post("/api/v1/conversations", content=b'{"text": "x", "\\ud800": 1}', headers=headers)

    told = [(one.status_code, one.headers["content-type"]) for one in (nowhere, wrong_way, no_json, strange)]
    assert told == [(status, "application/problem+json") for status in (404, 405, 422, 422)]
