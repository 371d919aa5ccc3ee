from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import SystemClock
from backhaul.store import audit
from backhaul.store.database import open_engine
from backhaul.store.house_tables import AuditRow
from backhaul.store.unit_of_work import Store


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(open_engine(database_url), SystemClock())
    with opened.begin() as uow:
        for number in range(3):
            uow.record(Tag.PARCEL_MOVED, actor="carrier:x", subject=f"BHL{number}", case_id="RC-1")
    yield opened
    opened.close()


def first_false(store: Store) -> int | None:
    with store.read() as uow:
        found = audit.verify_chain(audit.events(uow, chain="RC-1"))
    return found.seq if found else None


def test_a_chain_nobody_touched_is_true(store: Store) -> None:
    assert first_false(store) is None


def test_an_event_that_was_altered_is_found(store: Store) -> None:
    with store.begin() as uow:
        uow.session.execute(sa.update(AuditRow).where(AuditRow.seq == 2).values(actor="carrier:y"))

    assert first_false(store) == 2


def test_an_event_that_was_taken_out_is_missed(store: Store) -> None:
    with store.begin() as uow:
        uow.session.execute(sa.delete(AuditRow).where(AuditRow.seq == 2))

    assert first_false(store) == 3


def change_and_fail(store: Store) -> None:
    with store.begin() as uow:
        uow.record(Tag.PARCEL_MOVED, actor="carrier:x", subject="BHL9", case_id="RC-1")
        raise RuntimeError("changed my mind")


def test_what_is_rolled_back_leaves_no_event(store: Store) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"):
        change_and_fail(store)

    with store.read() as uow:
        assert len(audit.events(uow, chain="RC-1")) == 3
