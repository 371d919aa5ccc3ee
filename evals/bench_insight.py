"""How long the pages of insight take with 20,000 cases in the books, on both databases.

`python -m evals.bench --only insight`: some 5 minutes; with `--quick` SQLite only. The house is that of
the benchmark of growth: the demo's returns, copied in bulk; up to 1,000 cases of every stage, beyond that
what has ended, spread over four years. The pages come from the real doors in a process of their own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx

from backhaul.analytics.catalogue import CATALOGUE
from backhaul.bootstrap import stores
from backhaul.domain.clock import SystemClock
from backhaul.settings import Settings
from backhaul.simulation.stages import bring_into_stages
from evals.bench_copies import Copies
from evals.bench_figures import Aim, Figure, Row, middle, milliseconds, percentile
from evals.bench_house import BenchmarkBroken, Ground, process
from evals.bench_postgres import empty_database, postgres_server
from evals.bench_processes import free_port, wait_for_page

_ALIVE, _CASES = 1_000, 20_000
_MOST_MS = 500.0
_TIMES, _TIMES_EACH = 15, 3
_P95 = 95
_PATIENCE_SECONDS = 120
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
AUDITOR = "olga.auditor@halden.example"
PAGES: Mapping[str, str] = {
    "overview, 90 days": "/insight?days=90",
    "overview, everything": "/insight?days=0",
    "cash in limbo": "/insight/cash",
    "cases behind a stage": "/insight/cash/cases?part=on_the_way",
    "cases behind everything credited": "/insight/cash/cases?part=credited",
}


def measure(ground: Ground) -> Iterator[Row]:
    """One row for each page and database, and one for the slowest figures."""
    yield from _measured("SQLite", ground.home(port=free_port()))
    if ground.quick:
        return
    with postgres_server() as (server, _), empty_database(server) as url:
        yield from _measured("PostgreSQL", ground.home(database_url=url, port=free_port()))


def _measured(database: str, settings: Settings) -> Iterator[Row]:
    bring_into_stages(settings, SystemClock())
    store = stores.open_store(settings)
    try:
        copies = Copies(store)
        copies.grow(_ALIVE)
        copies.grow_history(_CASES)
    finally:
        store.close()
    about = (f"{copies.cases:,} cases; {_TIMES} times, warm",)
    with _auditor(settings) as browser:
        for name, address in PAGES.items():
            times = _times(browser, address, _TIMES)
            yield _row(f"insight, {name}, {database}", times, about)
        yield _slowest(database, browser)


def _row(name: str, times: Sequence[float], about: tuple[str, ...]) -> Row:
    p95 = percentile(times, _P95)
    figures = (Figure("median", middle(times), "ms"), Figure("p95", p95, "ms"))
    return Row(name, figures, Aim(f"p95 <= {_MOST_MS:g} ms", _MOST_MS, p95), None, about)


def _slowest(database: str, browser: httpx.Client) -> Row:
    """Each figure's own page over everything on record; the slowest three by name."""
    taken = {key: middle(_times(browser, f"/insight/{key}?days=0", _TIMES_EACH)) for key in CATALOGUE}
    worst = sorted(taken.items(), key=lambda one: -one[1])[:3]
    figures = tuple(Figure(key, took, "ms") for key, took in worst)
    about = (f"medians of {_TIMES_EACH}, the slowest three of {len(taken)} pages",)
    return Row(f"insight, pages of single figures, everything, {database}", figures, None, None, about)


def _times(browser: httpx.Client, address: str, times: int) -> list[float]:
    def read() -> None:
        page = browser.get(address, follow_redirects=False)
        if page.status_code != httpx.codes.OK:
            raise BenchmarkBroken(f"{address} answers {page.status_code}")

    read()
    return [milliseconds(read) for _ in range(times)]


@contextmanager
def _auditor(settings: Settings) -> Iterator[httpx.Client]:
    """Somebody signed in at the real doors."""
    with (
        process("web", settings) as web,
        httpx.Client(base_url=f"http://127.0.0.1:{settings.port}", timeout=_PATIENCE_SECONDS) as browser,
    ):
        wait_for_page(settings, web)
        token = _TOKEN.search(browser.get("/").text)
        browser.post(f"/demo/personas/{AUDITOR}", data={"token": token[1] if token else ""})
        yield browser
