"""On PostgreSQL the doors have a role of their own, and with it every write of the API can be done."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import make_url

from backhaul.domain.clock import SystemClock
from backhaul.store import rmas
from backhaul.store.database import open_engine
from backhaul.store.unit_of_work import Store
from tests.store.test_web_role import ROLE, as_web
from tests.web.api_programs import ProgramOutside, program
from tests.web.dock_goods import announced
from web.app import create_app


@pytest.fixture
def restricted(make_house: Any, postgres_database_url: str) -> Iterator[tuple[Any, str, ProgramOutside]]:
    house = make_house(postgres_database_url)
    rma = announced(house)
    with house.store.begin() as uow:
        rmas.rma(uow, rma).state = "labelled"
    with as_web(postgres_database_url):
        pass
    url = make_url(postgres_database_url).update_query_dict({"options": f"-crole={ROLE}"})
    store = Store(open_engine(url.render_as_string(hide_password=False)), SystemClock())
    doors = replace(house.doors, desk=replace(house.doors.desk, store=store))
    with TestClient(create_app(doors), base_url="http://127.0.0.1:8000") as client:
        yield house, rma, program(house, client)
    store.close()


def test_every_write_can_be_done_by_the_web_role(restricted: tuple[Any, str, ProgramOutside]) -> None:
    house, rma, ours = restricted
    opened = ours.sends("/conversations", {"account": "A-1001", "text": "SO-15093 back please"})
    thread = opened.json()["id"]
    sent = {
        f"/conversations/{thread}/messages": {"text": "yes"},
        f"/rmas/{rma}/labels": None,
        f"/rmas/{rma}/cancel": None,
        "/events/receipts": {"event_id": "1", "facility": "CMH1", "sku": "CTR-025-024", "quantity": 1},
        "/events/parcels": {
            "carrier": "overland-parcel",
            "event_id": "1",
            "tracking_number": "1Z",
            "status": "delivered",
            "at": "2026-05-28T20:00:00Z",
        },
    }
    answers = {path: ours.sends(path, body).status_code for path, body in sent.items()}

    assert opened.status_code == 201
    assert answers == dict.fromkeys(sent, 202)
    assert [name for name, *_ in house.later.started][1:] == [
        "reprint-label",
        "cancel-rma",
        "receive",
        "carrier-event",
    ]
