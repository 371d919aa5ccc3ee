"""Events in: a scan and a count are kept for the worker once, and the worker books what a program counted."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backhaul.store import api_keys, dock, rmas
from backhaul.workflows import receive_steps
from tests.web.api_programs import ProgramOutside, program
from tests.web.dock_goods import announced
from web.app import create_app

SCAN = {
    "carrier": "overland-parcel",
    "event_id": "BHL1-4",
    "tracking_number": "1Z-TRACK",
    "status": "delivered",
    "at": "2026-05-28T20:00:00Z",
    "place": "Columbus",
}


@pytest.fixture
def client(house: Any) -> Iterator[TestClient]:
    with TestClient(create_app(house.doors), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def warehouse(house: Any, client: TestClient) -> ProgramOutside:
    return program(house, client, name="wms", scopes=["events:write"])


def counts(warehouse: ProgramOutside, **what: Any) -> Any:
    return warehouse.sends("/events/receipts", {"event_id": f"W-{len(warehouse.sent)}", **what})


def test_a_scan_starts_the_workers_work_under_the_carriers_own_name(
    warehouse: ProgramOutside, house: Any
) -> None:
    answer = warehouse.sends("/events/parcels", SCAN)

    (started,) = house.later.started
    assert (answer.status_code, answer.json()["event"]) == (202, "BHL1-4")
    assert started[:2] == ("carrier-event", "event-overland-parcel-BHL1-4")
    assert started[2][1]["tracking_number"] == "1Z-TRACK"


@pytest.mark.parametrize("wrong", [{"status": "lost"}, {"at": "2026-05-28T20:00:00"}, {"carrier": "A B"}])
def test_what_is_no_scan_is_refused(warehouse: ProgramOutside, house: Any, wrong: Any) -> None:
    assert warehouse.sends("/events/parcels", SCAN | wrong).status_code == 422
    assert house.later.started == []


def test_the_worker_books_what_the_warehouse_counted(warehouse: ProgramOutside, house: Any) -> None:
    rma = announced(house)
    with house.store.read() as uow:
        sku = rmas.rma_lines(uow, rma)[0].sku
    first = counts(warehouse, rma=rma, sku=sku, quantity=1)
    by_label = counts(warehouse, tracking_number="1Z-TRACK", sku=sku, quantity=1)

    booked = [receive_steps.book(house.worker, one.json()["receipt"])["state"] for one in (first, by_label)]
    with house.store.read() as uow:
        rows = dock.receipts_of(uow, rma)
        assert {row.counted_by for row in rows} == {"key:wms"}
        assert {row.kind for row in rows} == {"expected"}
    assert (first.status_code, booked) == (202, ["booked", "booked"])


def test_another_article_is_held_and_goods_without_papers_are_kept(
    warehouse: ProgramOutside, house: Any
) -> None:
    rma = announced(house)
    other = counts(warehouse, rma=rma, sku="CTR-025-024", quantity=1).json()["receipt"]
    strange = counts(warehouse, facility="CMH1", sku="CTR-025-024", quantity=1).json()["receipt"]
    empty = counts(warehouse, rma=rma, came="empty_box").json()["receipt"]

    stood = [receive_steps.book(house.worker, one)["state"] for one in (other, strange, empty)]
    assert stood == ["held", "unmatched", "held"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "BRG-6205-2RS"},
        {"sku": "BRG-6205-2RS", "quantity": 1},
        {"sku": "BRG-6205-2RS", "quantity": 1, "rma": "RM-NONE"},
        {"sku": "BRG-6205-2RS", "quantity": 1, "facility": "CMH1", "serials": ["A", "B"]},
        {"came": "empty_box"},
    ],
)
def test_what_cannot_have_been_counted_is_told(warehouse: ProgramOutside, house: Any, wrong: Any) -> None:
    assert counts(warehouse, **wrong).status_code == 422
    assert house.later.started == []


def test_a_count_under_a_key_that_was_revoked_is_not_booked(warehouse: ProgramOutside, house: Any) -> None:
    receipt = counts(warehouse, facility="CMH1", sku="CTR-025-024", quantity=1).json()["receipt"]
    with house.store.begin() as uow:
        api_keys.revoke(uow, "wms", actor="cli:ann")

    assert receive_steps.book(house.worker, receipt)["state"] == "refused"
