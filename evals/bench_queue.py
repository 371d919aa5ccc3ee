"""How long the pages of the desk take with 1,000 and with 100,000 cases, and half of them waiting.

`python -m evals.bench --only queue`: some ten minutes; with `--quick` fewer repetitions. The demo's returns
are brought into their stages by commands; those that wait for a person are then copied in bulk, see
bench_copies, with what the desk looks at: conversation, words, lines, proposals, verdicts, reviews. Of the
copies half wait for the desk, a twentieth for the customer, the others are decided; each has a place of its
own in the queue. The ERP keeps its size, and so do the accounts: in the end each has thousands of cases.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import sqlalchemy as sa

from backhaul.bootstrap import stores
from backhaul.domain.clock import SystemClock
from backhaul.domain.returns import ReviewState
from backhaul.settings import Settings
from backhaul.simulation.stages import bring_into_stages
from backhaul.store.queue_tables import ThreadWordRow
from backhaul.store.signal_tables import FraudScoreRow, SerialAskedRow
from backhaul.store.tables import (
    CaseRow,
    ClaimRow,
    ConsentRow,
    MessageRow,
    ProposalRow,
    ReturnLineRow,
    ReviewRow,
    ThreadRow,
    VerdictRow,
)
from backhaul.store.unit_of_work import Store
from evals.bench_copies import Copies
from evals.bench_figures import Aim, Figure, Row, middle, milliseconds, percentile, times_as_long
from evals.bench_growth import REVIEWER, browser_of, sign_in
from evals.bench_house import BenchmarkBroken, Ground, process
from evals.bench_postgres import empty_database, postgres_server
from evals.bench_processes import free_port, wait_for_page

SIZES = (1_000, 100_000)
_QUEUE_MS, _CASE_MS, _FLAT = 150.0, 200.0, 2.0
_TIMES, _QUICK_TIMES = 200, 40
_MOST = 95
# Not the photos: all copies would share one, and each page would list all the others.
_LOOKED_AT = frozenset(
    str(row.__tablename__)
    for row in (
        ThreadRow,
        MessageRow,
        CaseRow,
        ReturnLineRow,
        ClaimRow,
        ConsentRow,
        ProposalRow,
        VerdictRow,
        ReviewRow,
        FraudScoreRow,
        SerialAskedRow,
        ThreadWordRow,
    )
)
_ONWARD = re.compile(r'rel="next" href="([^"]+)"')
_OF_TWENTY, _DECIDED, _APART_SECONDS = 20, 9, 37
_ACCOUNT_LENGTH, _REVIEW_LENGTH = len("A-1001"), len("RV-7KQ2M9XA:")
_Page = Callable[[], httpx.Response]


def measure(ground: Ground) -> Iterator[Row]:
    """Rows for each page and database."""
    yield from _measured(ground, "SQLite", ground.home(port=free_port()))
    with postgres_server() as (server, _), empty_database(server) as url:
        yield from _measured(ground, "PostgreSQL", ground.home(database_url=url, port=free_port()))


def _measured(ground: Ground, database: str, settings: Settings) -> Iterator[Row]:
    times = _QUICK_TIMES if ground.quick else _TIMES
    bring_into_stages(settings, SystemClock())
    taken: dict[str, list[list[float]]] = {}
    with _open_desk(settings) as desk:
        copies = WaitingCopies(desk.store)
        for size in SIZES:
            copies.grow_waiting(size)
            for name, page in desk.pages().items():
                page()
                taken.setdefault(name, []).append([milliseconds(page) for _ in range(times)])
    for name, (few, many) in taken.items():
        yield _row(f"{name}, {database}", few, many, _CASE_MS if name == "desk, a case" else _QUEUE_MS)
    few, many = taken["desk, the queue"]
    yield Row(
        f"desk, the queue as it grows, {database}",
        tuple(
            Figure(f"median {size:,}", middle(one), "ms")
            for size, one in zip(SIZES, (few, many), strict=True)
        ),
        Aim(f"{SIZES[1]:,} cases <= {_FLAT:g}x of {SIZES[0]:,}", _FLAT * middle(few), middle(many)),
        times_as_long("medians", middle(many), middle(few)),
    )


def _row(name: str, few: list[float], many: list[float], most: float) -> Row:
    found = [percentile(one, _MOST) for one in (few, many)]
    return Row(
        name,
        tuple(Figure(f"p95 {size:,}", took, "ms") for size, took in zip(SIZES, found, strict=True)),
        Aim(f"p95 <= {most:g} ms with {SIZES[1]:,} cases", most, found[1]),
        times_as_long("p95", found[1], found[0]),
        (f"{len(many)} pages one after the other, with the whole way through the doors",),
    )


class WaitingCopies(Copies):
    """Copies of the cases that wait for a person, with what the desk looks at and nothing else."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._tables = [one for one in self._tables if one.name in _LOOKED_AT]
        with store.engine.connect() as connection:
            waiting = set(connection.scalars(sa.select(ReviewRow.case_id).where(ReviewRow.state == "open")))
        self._waiting = {
            name: [row for row in rows if self._case_in(name, row) in waiting]
            for name, rows in self._first.items()
        }
        self._reviews = len(self._waiting[ReviewRow.__tablename__])
        if not self._reviews:
            raise BenchmarkBroken("nothing of the demo waits for a person; see simulation/stage_plan.py")

    def grow_waiting(self, to: int) -> None:
        """Copy until there are so many cases with a review, or one round more."""
        self._copy(self._waiting, -(-to // self._reviews) - self._next, years=0)
        with self._store.engine.connect() as connection, connection.begin():
            _spread(connection)
        _tidy(self._store.engine)


def _spread(connection: sa.Connection) -> None:
    """Copies belong to the accounts that there are, and are worked on at different times."""
    for row in (ThreadRow, CaseRow, ReviewRow):
        account = sa.func.substr(row.account_id, 1, _ACCOUNT_LENGTH)
        connection.execute(sa.update(row).where(row.id.contains(":")).values(account_id=account))
    # What was said in copies is answered: the doors would else answer them for hours.
    connection.execute(sa.update(ThreadRow).values(handled_seq=ThreadRow.last_seq))
    number = sa.cast(sa.func.substr(ReviewRow.id, _REVIEW_LENGTH + 1), sa.Integer)
    turn = number % _OF_TWENTY
    stands = sa.case(
        (turn < _DECIDED, ReviewState.REJECTED.value),
        (turn == _DECIDED, ReviewState.WAITING_FOR_CUSTOMER.value),
        else_=ReviewState.OPEN.value,
    )
    connection.execute(
        sa.update(ReviewRow)
        .where(ReviewRow.id.contains(":"))
        .values(
            place=ReviewRow.place + _APART_SECONDS * number,
            state=stands,
            decided_at=sa.case((turn < _DECIDED, ReviewRow.opened_at)),
        )
    )


def _tidy(engine: sa.Engine) -> None:
    """What PostgreSQL does by itself after a while; SQLite does nothing of the kind, and is not helped."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


@dataclass(frozen=True, slots=True)
class _Desk:
    store: Store
    browser: httpx.Client
    asked: Mapping[str, str]
    """Addresses by what the table calls them"""

    def pages(self) -> dict[str, _Page]:
        """Everything that is looked at; the second page is where the first one leads to."""
        onward = _ONWARD.search(self._get("/desk").text)
        if onward is None:
            raise BenchmarkBroken("the queue has no second page")
        asked = {**self.asked, "desk, the second page": html.unescape(onward[1])}
        return {name: self._opener(address) for name, address in asked.items()}

    def _opener(self, address: str) -> _Page:
        return lambda: self._get(address)

    def _get(self, address: str) -> httpx.Response:
        page = self.browser.get(address)
        if page.status_code != httpx.codes.OK:
            raise BenchmarkBroken(f"{address} answers {page.status_code}")
        return page


@contextmanager
def _open_desk(settings: Settings) -> Iterator[_Desk]:
    """With the real doors in a process of their own."""
    store = stores.open_store(settings)
    try:
        asked = _addresses(store)
        with process("web", settings) as web, ExitStack() as stack:
            wait_for_page(settings, web)
            browser = stack.enter_context(browser_of(settings))
            sign_in(browser, REVIEWER)
            yield _Desk(store, browser, asked)
    finally:
        store.close()


def _addresses(store: Store) -> Mapping[str, str]:
    query = (
        sa.select(ReviewRow, ReturnLineRow.order_number, ThreadWordRow.word)
        .join(ReturnLineRow, ReturnLineRow.case_id == ReviewRow.case_id)
        .join(ThreadWordRow, ThreadWordRow.thread_id == ReviewRow.thread_id)
        .where(ReviewRow.state == "open", ReviewRow.product_class != "")
        .order_by(ReviewRow.id, sa.func.length(ThreadWordRow.word).desc())
    )
    with store.read() as uow:
        found = uow.session.execute(query).first()
    if found is None:
        raise BenchmarkBroken("no review of the demo is about goods; see simulation/stage_plan.py")
    review, order_number, word = found
    return {
        "desk, the queue": "/desk",
        "desk, of one reason": f"/desk?why={review.kind}",
        "desk, of one class": f"/desk?goods={review.product_class}",
        "desk, of one customer": f"/desk?account={review.account_id}",
        "desk, nobody's and late": "/desk?who=free&due=late",
        "desk, mine": "/desk?who=mine",
        "desk, decided": "/desk?show=decided",
        "desk, searched by order": f"/desk?q={order_number}",
        "desk, searched by a common word": f"/desk?q={word}",
        "desk, searched by customer and word": f"/desk?q={review.account_id}+{word}",
        "desk, a case": f"/desk/{review.id}",
    }
