"""The doors' own database role writes down what the dock does, one person at a time, and changes nothing."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import BadInput
from backhaul.domain.receiving import Disposition, Finding, Grade, ReceiptKind
from backhaul.store import dock
from backhaul.store.database import open_engine
from backhaul.store.dock import Counted, Inspected, SettledOn
from backhaul.store.unit_of_work import Store
from tests.store.test_web_role import ROLE, as_web

COUNTED = Counted("DR-22222222", ReceiptKind.UNANNOUNCED, "CMH1", "ST-1", sku="BRG-6205-2RS", quantity=1)
INSPECTED = Inspected("IN-22222222", COUNTED.receipt_id, 1, Grade.B, Finding.NONE, "ST-1")
SETTLED = SettledOn("DI-22222222", INSPECTED.inspection_id, Disposition.SCRAP, Disposition.SCRAP, {}, "ST-1")


@pytest.fixture
def doors(postgres_database_url: str) -> Iterator[Store]:
    """The database as the web process sees it."""
    engine = open_engine(postgres_database_url)

    @sa.event.listens_for(engine, "connect")
    def _as_the_web_role(connection: Any, _: Any) -> None:
        connection.execute(f"SET ROLE {ROLE}")
        connection.commit()

    with as_web(postgres_database_url):
        store = Store(engine, SystemClock())
        yield store
        store.close()


def test_the_doors_count_inspect_and_settle(doors: Store) -> None:
    with doors.begin() as uow:
        dock.count(uow, COUNTED)
        dock.inspect(uow, INSPECTED)
        dock.settle_on(uow, SETTLED)

    with doors.read() as uow:
        (row,) = dock.dispositions(uow, COUNTED.receipt_id)
        assert uow.session.scalar(sa.text("SELECT current_user")) == ROLE
    assert row.quantity == 1


def test_of_eight_who_inspect_the_last_piece_one_wins(doors: Store) -> None:
    with doors.begin() as uow:
        dock.count(uow, COUNTED)
    at_once, won = threading.Barrier(8), []

    def inspects(number: int) -> None:
        try:
            with doors.begin() as uow:
                uow.session.execute(sa.text("SELECT 1"))
                at_once.wait()
                dock.inspect(uow, replace(INSPECTED, inspection_id=f"IN-{number}"))
            won.append(number)
        except BadInput:
            pass

    people = [threading.Thread(target=inspects, args=(number,)) for number in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()

    assert len(won) == 1
