"""What the embedded ERP promises beyond the port: races, two processes, the read-only side."""

import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from backhaul.connectors.embedded import erp_schema
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.erp_writes import EmbeddedErpWrites
from backhaul.connectors.embedded.sqlite import reading_engine, writing_engine
from backhaul.connectors.ports import RmaLineRequest, RmaRequest
from backhaul.domain.clock import MovedClock
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.domain.trade import warranty_end

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)
RACERS = 8


def last_piece(number: int, quantity: int = 1) -> RmaRequest:
    line = RmaLineRequest("SO-15122", 3, quantity, (), Reason.DEFECTIVE, Resolution.CREDIT)
    return RmaRequest(f"RA-{number}", "A-1001", "CMH1", NOW.date() + timedelta(days=30), (line,))


def try_for_it(path: Path, number: int, key: str) -> str:
    """Book the single drive of SO-15122 line 3; in a process of its own or in a thread."""
    writes = EmbeddedErpWrites(path, MovedClock(NOW))
    try:
        return writes.create_rma(last_piece(number), key=key).number
    except ConnectorRejected:
        return "rejected"
    finally:
        writes.close()


def test_of_many_threads_exactly_one_gets_the_last_piece(erp_path: Path, erp: EmbeddedErpReads) -> None:
    with ThreadPoolExecutor(RACERS) as racers:
        results = list(racers.map(lambda number: try_for_it(erp_path, number, f"k{number}"), range(RACERS)))

    assert results.count("rejected") == RACERS - 1
    assert len(erp.returns_on("SO-15122")) == 1
    line = erp.order_line("SO-15122", 3)
    assert line is not None
    assert line.quantity_returnable == 0


def test_of_two_processes_exactly_one_gets_the_last_piece(erp_path: Path, erp: EmbeddedErpReads) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as racers:
        tries = [racers.submit(try_for_it, erp_path, number, f"k{number}") for number in range(2)]
        results = [attempt.result(timeout=60) for attempt in tries]

    assert sorted(result == "rejected" for result in results) == [False, True]
    assert len(erp.returns_on("SO-15122")) == 1


def test_many_threads_with_one_key_share_one_rma(erp_path: Path) -> None:
    with ThreadPoolExecutor(RACERS) as racers:
        results = set(racers.map(lambda _: try_for_it(erp_path, 1, "k"), range(RACERS)))

    assert len(results) == 1
    assert results != {"rejected"}


def test_reading_goes_on_while_somebody_writes(erp_path: Path, erp: EmbeddedErpReads) -> None:
    engine = writing_engine(erp_path)
    with engine.begin() as writer:
        writer.execute(
            sa.update(erp_schema.order_line)
            .where(erp_schema.order_line.c.order_number == "SO-15122")
            .values(quantity_returned=1)
        )
        during = erp.order("SO-15122")
    engine.dispose()
    after = erp.order("SO-15122")

    assert during is not None
    assert after is not None
    assert [line.quantity_returned for line in during.lines] == [0, 0, 0]
    assert [line.quantity_returned for line in after.lines] == [1, 1, 1]


def test_the_reading_side_cannot_change_a_thing(erp_path: Path) -> None:
    engine = reading_engine(erp_path)
    with pytest.raises(sa.exc.OperationalError, match="readonly"), engine.begin() as connection:
        connection.execute(sa.delete(erp_schema.sales_order))
    engine.dispose()


def test_the_books_refuse_an_over_return_even_without_the_code_above_them(erp_path: Path) -> None:
    engine = writing_engine(erp_path)
    with pytest.raises(IntegrityError, match="not_more_than_shipped"), engine.begin() as connection:
        connection.execute(sa.update(erp_schema.order_line).values(quantity_returned=1_000))
    engine.dispose()


def test_a_file_that_is_not_there_is_unavailable_and_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    erp = EmbeddedErpReads(path)

    with pytest.raises(ConnectorUnavailable, match="embedded ERP"):
        erp.account("A-1001")

    assert not path.exists()


def test_a_return_booked_by_a_clerk_counts_like_ours(
    erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites
) -> None:
    clerk = erp_writes.book_return_directly("A-1001", last_piece(0).lines[0])

    assert erp.returns_on("SO-15122") == (clerk,)
    with pytest.raises(ConnectorRejected, match="0 returnable"):
        erp_writes.create_rma(last_piece(1), key="k1")


def test_a_return_by_a_day_that_is_past_is_rejected(erp_writes: EmbeddedErpWrites, clock: MovedClock) -> None:
    clock.advance(days=31)

    with pytest.raises(ConnectorRejected, match="which is past"):
        erp_writes.create_rma(last_piece(1), key="k1")


def test_pieces_never_shipped_cannot_come_back(erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites) -> None:
    line = erp.order_line("SO-15072", 1)
    assert line is not None
    asked = RmaLineRequest("SO-15072", 1, 9, (), Reason.NO_LONGER_NEEDED, Resolution.CREDIT)

    assert (line.quantity_ordered, line.quantity_shipped) == (10, 8)
    with pytest.raises(ConnectorRejected, match="9 asked back, 8 returnable"):
        erp_writes.book_return_directly("A-1003", asked)


def test_two_hundred_orders_take_two_queries(seeded: Path) -> None:
    statements = count_statements(EmbeddedErpReads(seeded), "A-1057")

    assert len(statements) == 2


def count_statements(erp: EmbeddedErpReads, account_id: str) -> Sequence[str]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            heard.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        orders = erp.orders_of(account_id)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
        erp.close()
    assert len(orders) > 100
    return heard


def test_orders_read_before_are_given_again_until_somebody_writes(
    erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites
) -> None:
    def returned() -> int:
        (line,) = (
            one
            for order in erp.orders_of("A-1001")
            for one in order.lines
            if (one.order_number, one.line) == ("SO-15122", 3)
        )
        return line.quantity_returned

    first = erp.orders_of("A-1001")
    assert erp.orders_of("A-1001") is first

    booked = erp_writes.create_rma(last_piece(1), key="k1")
    after_booking = returned()
    erp_writes.cancel_rma(booked.number, key="k2")

    assert (after_booking, returned()) == (1, 0)


def test_finding_an_order_scans_no_table_of_orders(seeded: Path) -> None:
    erp = EmbeddedErpReads(seeded)
    engine = reading_engine(seeded)
    plans: list[str] = []

    def explain(
        connection: sa.Connection, _cursor: object, statement: str, parameters: object, *_: object
    ) -> None:
        if statement.startswith("SELECT"):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            plans.extend(row.detail for row in plan)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        erp.find_orders("A-1001", "HM-7704")
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
        engine.dispose()
        erp.close()

    assert plans
    large = ("order_line", "sales_order", "shipment", "shipped_unit", "invoice")
    assert not [step for step in plans if step.startswith(tuple(f"SCAN {table}" for table in large))]


def test_readers_in_many_threads_share_one_connection_object(seeded: Path) -> None:
    erp = EmbeddedErpReads(seeded)
    start = threading.Barrier(RACERS)

    def read(_: int) -> int:
        start.wait()
        return len(erp.orders_of("A-1001"))

    with ThreadPoolExecutor(RACERS) as readers:
        counts = set(readers.map(read, range(RACERS)))
    erp.close()

    assert len(counts) == 1


@pytest.mark.parametrize(
    ("delivered_on", "months", "until"),
    [
        pytest.param(date(2025, 1, 31), 1, date(2025, 2, 28), id="into a shorter month"),
        pytest.param(date(2024, 2, 29), 12, date(2025, 2, 28), id="from a leap day"),
        pytest.param(date(2025, 11, 15), 24, date(2027, 11, 15), id="over two new years"),
        pytest.param(date(2025, 12, 1), 12, date(2026, 12, 1), id="from December to December"),
        pytest.param(date(2025, 1, 1), 0, None, id="no warranty"),
        pytest.param(None, 12, None, id="not delivered"),
    ],
)
def test_a_warranty_ends_on_the_same_day_of_a_later_month(
    delivered_on: date | None, months: int, until: date | None
) -> None:
    assert warranty_end(delivered_on, months) == until
