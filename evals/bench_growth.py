"""How long the reads of a day's work take with 1,000, 20,000 and 200,000 cases in the books.

`python -m evals.bench --only growth`: some 15 minutes, and 5 GB of disk for each database; with `--quick`
up to 20,000 cases, 3 minutes. The demo's returns are brought into their stages by commands and copied in
bulk, see bench_copies. Up to 1,000 cases all of them are copied, so that some hundreds wait at each place;
beyond that only what has ended: a house that grows older has more history, and not more work before it. The
ERP keeps its size; what is read is always one of the demo's own returns among all the others.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import sqlalchemy as sa

from backhaul.bootstrap import stores
from backhaul.domain.audit import Tag
from backhaul.domain.clock import SystemClock
from backhaul.domain.codes import Action
from backhaul.settings import Settings
from backhaul.simulation.stages import bring_into_stages
from backhaul.store import audit, due, leaks, ledger, rmas
from backhaul.store.checkpoints import sign_checkpoint
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.money_tables import CreditMemoRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from evals.bench_copies import Copies
from evals.bench_figures import Aim, Figure, Row, middle, milliseconds, times_as_long
from evals.bench_house import BenchmarkBroken, Ground, process
from evals.bench_postgres import empty_database, postgres_server
from evals.bench_processes import free_port, wait_for_page
from tools.permits import Signer, load_signer
from tools.progress import progress_of

SIZES, _QUICK_SIZES = (1_000, 20_000, 200_000), (1_000, 20_000)
_FLAT = 2.0
_TIMES = 7
_HARDLY_MS = 3.0
"""What takes no longer than this is not called slow because it doubled"""
REVIEWER, INSPECTOR, FINANCE = (
    f"{name}@halden.example" for name in ("rita.reviewer", "dora.dock", "fay.finance")
)
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_SHOWN = {200, 303}
_PATIENCE_SECONDS = 120
_Read = Callable[[], object]


def measure(ground: Ground) -> Iterator[Row]:
    """One row for each read and database; flat is what takes at most twice as long at the largest size."""
    yield from _grown(ground, "SQLite", ground.home(port=free_port()))
    with postgres_server() as (server, _), empty_database(server) as url:
        yield from _grown(ground, "PostgreSQL", ground.home(database_url=url, port=free_port()))


def _grown(ground: Ground, database: str, settings: Settings) -> Iterator[Row]:
    sizes = _QUICK_SIZES if ground.quick else SIZES
    bring_into_stages(settings, SystemClock())
    found: dict[str, list[float]] = {}
    with _open_house(settings) as house:
        copies = Copies(house.store)
        for size in sizes:
            grow = copies.grow if size == sizes[0] else copies.grow_history
            grow(size)
            for name, read in house.reads().items():
                found.setdefault(name, []).append(_time_of(read))
    for name, times in found.items():
        yield _row(f"{name}, {database}", sizes, times)


def _time_of(read: _Read) -> float:
    """The median in milliseconds, after once to warm up."""
    read()
    return middle([milliseconds(read) for _ in range(_TIMES)])


def _row(name: str, sizes: tuple[int, ...], times: list[float]) -> Row:
    most = max(_FLAT * times[0], _HARDLY_MS)
    return Row(
        name,
        tuple(Figure(f"{size:,}", took, "ms", 1) for size, took in zip(sizes, times, strict=True)),
        Aim(
            f"flat: {sizes[-1]:,} cases <= {_FLAT:g}x of {sizes[0]:,}, or {_HARDLY_MS:g} ms", most, times[-1]
        ),
        times_as_long(f"{sizes[-1]:,} / {sizes[0]:,} cases", times[-1], times[0]),
        (f"medians of {_TIMES}, warm",),
    )


@dataclass(frozen=True, slots=True)
class _Own:
    """What is looked at: returns of the demo itself, at the places where they stand."""

    review: str
    case: str
    rma: str
    tracking_number: str
    sku: str
    receipt: str


@dataclass(frozen=True, slots=True)
class _House:
    store: Store
    pages: Mapping[str, httpx.Client]
    """A browser for each person, signed in"""
    signer: Signer
    own: _Own

    def reads(self) -> dict[str, _Read]:
        """Everything that is measured, by what the table calls it."""
        own, case_id = self.own, self.own.case
        return {
            "desk queue": self._page(REVIEWER, "/desk"),
            "desk, decided": self._page(REVIEWER, "/desk?show=decided"),
            "desk case": self._page(REVIEWER, f"/desk/{own.review}"),
            "dock, expected": self._page(INSPECTOR, "/dock"),
            "dock, to inspect": self._page(INSPECTOR, "/dock?show=inspect"),
            "dock, to settle": self._page(INSPECTOR, "/dock?show=settle"),
            "scan of a label": self._page(INSPECTOR, f"/dock?scan={own.tracking_number}"),
            "scan of an article": self._page(INSPECTOR, f"/dock?scan={own.sku}"),
            "announced return": self._page(INSPECTOR, f"/dock/rma/{own.rma}"),
            "receipt": self._page(INSPECTOR, f"/dock/receipt/{own.receipt}"),
            "claims, open": self._page(FINANCE, "/claims"),
            "claims, paid": self._page(FINANCE, "/claims?show=credited"),
            "what is stuck": self._page(REVIEWER, "/stuck"),
            "finance, credits": self._page(FINANCE, "/finance"),
            "progress of a return": self._read(lambda uow: _progress(uow, case_id)),
            "leaks of a case": self._read(lambda uow: leaks.leaks(uow, case_id=case_id)),
            "audit faults of a case": self._read(lambda uow: audit.faults(uow, case_id)),
            "unattested commands": self._read(
                lambda uow: ledger.unattested(uow, Action.CREDIT_MEMO.value, limit=50)
            ),
            "deadlines passed": self._read(lambda uow: due.passed(uow, "rma_expiry")),
            "append to the audit log": self._append,
            "checkpoint of the audit log": self._checkpoint,
        }

    def _page(self, person: str, address: str) -> _Read:
        def read() -> None:
            page = self.pages[person].get(address, follow_redirects=False)
            if page.status_code not in _SHOWN:
                raise BenchmarkBroken(f"{address} answers {page.status_code}")

        return read

    def _read(self, look: Callable[[UnitOfWork], object]) -> _Read:
        def read() -> None:
            with self.store.read() as uow:
                look(uow)

        return read

    def _append(self) -> None:
        with self.store.begin() as uow:
            uow.record(Tag.CLOCK_MOVED, actor="bench", subject="bench", case_id=self.own.case)

    def _checkpoint(self) -> None:
        self._append()
        with self.store.begin() as uow:
            sign_checkpoint(uow, self.signer)


def _progress(uow: UnitOfWork, case_id: str) -> None:
    for rma in rmas.rmas_of_case(uow, case_id):
        progress_of(uow, rma, rmas.rma_lines(uow, rma.id))


@contextmanager
def _open_house(settings: Settings) -> Iterator[_House]:
    """With the real doors in a process of their own."""
    store = stores.open_store(settings)
    people = (REVIEWER, INSPECTOR, FINANCE)
    try:
        with store.read() as uow:
            own = _own(uow)
        with process("web", settings) as web, ExitStack() as stack:
            wait_for_page(settings, web)
            pages = {person: stack.enter_context(browser_of(settings)) for person in people}
            for person, browser in pages.items():
                sign_in(browser, person)
            yield _House(store, pages, load_signer(settings.home / "worker"), own)
    finally:
        store.close()


def browser_of(settings: Settings) -> httpx.Client:
    """A browser at the doors of a house."""
    return httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=_PATIENCE_SECONDS)


def sign_in(browser: httpx.Client, person: str) -> None:
    """As the demo lets anybody play anybody."""
    token = _TOKEN.search(browser.get("/").text)
    browser.post(f"/demo/personas/{person}", data={"token": token[1] if token else ""})


def _own(uow: UnitOfWork) -> _Own:
    one = uow.session.scalar
    review = one(sa.select(ReviewRow).where(ReviewRow.state == "open", ReviewRow.proposal_id.is_not(None)))
    memo = one(sa.select(CreditMemoRow).where(CreditMemoRow.rma_id.is_not(None)))
    label = one(
        sa.select(LabelRow).join(RmaRow, RmaRow.id == LabelRow.rma_id).where(RmaRow.state == "in_transit")
    )
    receipt = one(sa.select(ReceiptRow).where(ReceiptRow.rma_id == memo.rma_id)) if memo else None
    if not (review and memo and label and receipt):
        raise BenchmarkBroken("the demo has no return at some place; see backhaul/simulation/stage_plan.py")
    return _Own(review.id, memo.case_id, label.rma_id, label.tracking_number, receipt.sku, receipt.id)
