"""The world of a scenario: a home copied from a template, with books of its own, on a clock that stands."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.bootstrap.rereading import OfflineScorer
from backhaul.bootstrap.setup import ensure_ready
from backhaul.bootstrap.teaching import HeadsAtStart, heads_at_start
from backhaul.bootstrap.worker import Replaced
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.seed_told import Otherwise, found_for
from backhaul.connectors.embedded.sqlite import without_waiting_for_the_disk
from backhaul.connectors.ports import DROP_OFF
from backhaul.domain.clock import Ids, MovedClock
from backhaul.settings import Settings
from backhaul.simulation.floor import Floor, open_floor
from backhaul.store.database import open_engine_without_waiting_for_the_disk, sqlite_url
from backhaul.store.unit_of_work import Store
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.world import WorkerWorld
from evals.scenario import World
from evals.watched import Reads, WatchedStarter, watched
from tools.signals import ReasonScorer

_A_MOMENT = 5
"""Seconds between two messages"""
_TRIES = 10
"""Of a step, as with the durable engine"""
CHANNEL = "evaluation"
"""Marks every conversation of a scenario, and with it all that follows from it"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A world that is set up: the floor people act on, and what the agent looked up so far."""

    settings: Settings
    floor: Floor
    reads: Reads
    settle: Callable[[], None] = lambda: None
    """Returns when nothing is under way any more"""
    passes: Callable[[], None] = lambda: None
    """Lets the moment between two messages pass, so that what comes later is later on record, too"""
    verdict_seconds: float = 1.0
    """How long the agent waits for a verdict, where the worker does not act within the turn"""


@cache
def promoted() -> HeadsAtStart:
    """The heads that are promoted where the examination runs: they are read with in every world."""
    return heads_at_start(Settings())


@cache
def reader() -> OfflineReader:
    """One for a process: it is the same in every world."""
    made = OfflineReader(stores.cache_folder(Settings()), promoted())
    made.warm_up()
    return made


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Where the worlds of this process stand; it goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="backhaul-eval-")


@cache
def _template() -> Path:
    # One for each process, so that two of them do not wait for one another.
    home = Path(_folder().name) / "template"
    settings = _settings(home)
    stores.make_home(settings)
    found_for(settings.erp_path, datetime.now(UTC).date(), (), Otherwise())
    ensure_ready(settings)
    settings.erp_path.unlink()
    return home


def _settings(home: Path) -> Settings:
    # A house that is set up in this environment lends a world neither its mail server nor its databases, and
    # its releases are examined here, not asked for. Nothing is drawn: two plays must be the same.
    return Settings(
        home=home,
        database_url="",
        web_database_url="",
        smtp_host="",
        demo=True,
        release_control="off",
        blind_share_permille=0,
        blind_escalated_permille=0,
    )


@contextmanager
def home_of(world: World, *, policies: Path | None = None) -> Iterator[Settings]:
    """Copy the template and enter the books of a world; the home is gone afterwards.

    Raises:
        BadInput: An order or a change names what the distributor does not have.
    """
    with tempfile.TemporaryDirectory(prefix="world-", dir=_template().parent) as folder:
        home = Path(folder) / "home"
        shutil.copytree(_template(), home)
        settings = _settings(home)
        if policies is not None:
            settings = settings.model_copy(update={"policies": policies})
        changed = {name: _columns(row.model_dump(exclude_none=True)) for name, row in world.accounts.items()}
        otherwise = Otherwise(changed, world.descriptions, world.stock)
        found_for(settings.erp_path, world.as_of, world.orders, otherwise)
        yield settings


@contextmanager
def set_up(
    world: World, *, seed: int = 0, policies: Path | None = None, scorer: ReasonScorer | None = None
) -> Iterator[Stage]:
    """A world in this process: what the worker would do is done at once. BadInput as for its home.

    `scorer` reads the customer's words again for the guard; the offline reader does unless another is given.
    """
    with home_of(world, policies=policies) as settings, _open(settings, world, seed, scorer) as stage:
        yield stage


def _columns(row: dict[str, object]) -> dict[str, object]:
    """As the books call them."""
    names = {"contract": "contract_known", "window_days": "return_window_days"}
    return {
        names.get(name, name): value == "known" if name == "contract" else value
        for name, value in row.items()
    }


def moment_of(world: World) -> datetime:
    """When the customer begins to write."""
    return datetime.combine(world.as_of, world.at, UTC)


@contextmanager
def _open(settings: Settings, world: World, seed: int, scorer: ReasonScorer | None) -> Iterator[Stage]:
    clock = MovedClock(moment_of(world))
    silent = {fault.system: fault.times for fault in world.faults}
    with ExitStack() as stack, without_waiting_for_the_disk():
        engine = open_engine_without_waiting_for_the_disk(sqlite_url(settings.sqlite_path))
        store = Store(engine, clock)
        stack.callback(store.close)
        own = EmbeddedCarrier(settings.carrier_path, clock, prints=False)
        other = EmbeddedCarrier(settings.second_carrier_path, clock, name=KESTREL)
        counters = EmbeddedCarrier(settings.drop_off_path, clock, name=DROP_OFF, prints=False)
        erp = EmbeddedErpReads(settings.erp_path)
        for opened in (own, other, counters, erp):
            stack.callback(opened.close)
        replaced = Replaced(
            erp=watched(erp, Reads(), failing=silent.get("erp", 0)),
            scorer=scorer or OfflineScorer(reader()),
            drop_off=counters,
        )
        first = watched(own, Reads(), failing=silent.get("carrier", 0), system="carrier")
        floor = stack.enter_context(
            open_floor(settings, store, clock, channel=CHANNEL, carriers=(first, other), replaced=replaced)
        )
        floor.engine.tries = _TRIES
        reads = Reads()
        starter = WatchedStarter(floor.desk.starter, reads)
        desk = replace(floor.desk, erp=watched(erp, reads), ids=Ids(seed=seed), starter=starter)
        yield Stage(
            settings,
            replace(floor, desk=desk),
            reads,
            lambda: _settle(floor.world),
            lambda: clock.advance(seconds=_A_MOMENT),
        )


def _settle(world: WorkerWorld) -> None:
    """What a worker does beside its workflows, whenever it has a moment."""
    attest_confirmed(world)
