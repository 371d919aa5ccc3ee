"""Transactions that touch the same things in another order do not end one another."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from backhaul.domain.audit import Tag
from backhaul.domain.clock import MovedClock
from backhaul.store import audit, rmas
from backhaul.store.database import open_engine
from backhaul.store.unit_of_work import Store, UnitOfWork
from tests.store.on_record import add_receipt, add_return

Act = Callable[[UnitOfWork], object]


def at_once(store: Store, *acts: tuple[Act, Act]) -> list[BaseException]:
    """Run transactions of two acts each; all have done their first act before any does its second."""
    ready, failed = threading.Barrier(len(acts), timeout=20), list[BaseException]()

    def run(first: Act, second: Act) -> None:
        try:
            with store.begin() as uow:
                first(uow)
                if store.is_postgres:
                    ready.wait()
                second(uow)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failed.append(error)

    threads = [threading.Thread(target=run, args=two) for two in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return failed


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(open_engine(database_url), MovedClock(datetime(2026, 11, 2, 12, tzinfo=UTC)))
    with opened.begin() as uow:
        add_return(uow, "a", order_number="SO-1", quantity=2)
    yield opened
    opened.close()


def tells(uow: UnitOfWork) -> None:
    uow.record(Tag.CLOCK_MOVED, actor="test", subject="a", case_id="RC-a")


def tells_the_house(uow: UnitOfWork) -> None:
    uow.record(Tag.CLOCK_MOVED, actor="test", subject="a")


def locks(uow: UnitOfWork) -> None:
    rmas.rma(uow, "RMA-a", lock=True)


def refers(uow: UnitOfWork) -> None:
    """Add a row that names the RMA: the database looks whether there is one."""
    add_receipt(uow, "a", of="a", quantity=1, state="counted")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((tells, locks), (locks, tells)),
        ((tells, tells_the_house), (tells_the_house, tells)),
        ((locks, tells), (tells, refers)),
    ],
)
def test_two_orders_of_the_same_acts_both_end_well(
    store: Store, one: tuple[Act, Act], other: tuple[Act, Act]
) -> None:
    failed = at_once(store, one, other)

    assert failed == []
    with store.read() as uow:
        for chain in ("RC-a", "system"):
            assert audit.verify_chain(audit.events(uow, chain=chain)) is None
