"""A browser at the doors of a whole house, agent and worker included."""

import threading
from collections.abc import Iterator
from pathlib import Path

from fastapi.testclient import TestClient

from backhaul.cli.demo import demo_personas
from backhaul.domain.clock import SystemClock
from backhaul.store import staff
from backhaul.store.conversation import Speaker
from tests.house import House, open_house
from tests.web.conftest import Visitor
from web.app import create_app
from web.shield import new_secret
from web.who import COOKIES, LASTS, session_id_of
from web.world import Doors


def shared_house(seeded_home: Path, reader_cache: Path, folder: Path) -> Iterator[House]:
    """A house for a whole module. The reader is loaded before its first test, not beside it."""
    for house in open_house(seeded_home, reader_cache, folder, ""):
        for loading in (one for one in threading.enumerate() if one.name == "warm-up"):
            loading.join()
        yield house


def doors_of(house: House) -> Doors:
    """The doors of a house."""
    return Doors(
        settings=house.settings,
        desk=house.desk,
        conversation=house.conversation(),
        notifier=house.world.notifier,
        personas=demo_personas(house.desk.erp),
    )


def at_the_doors(house: House, speaker: Speaker) -> Visitor:
    """A browser in which that customer is signed in, as they would be by e-mail or by packing slip."""
    client = TestClient(create_app(doors_of(house)), base_url="http://127.0.0.1:8000")
    secret = new_secret()
    subject = speaker.requested_by.removeprefix("contact:")
    who = staff.Claimant("customer", subject, speaker.name, speaker.account_id, speaker.order_scope)
    now = SystemClock().now()
    with house.store.begin() as uow:
        staff.open_session(uow, who, session_id=session_id_of(secret), now=now, lasts=LASTS["customer"])
    client.cookies.set(COOKIES["customer"], secret)
    return Visitor(client)
