"""Months of simulated returns in a home of their own, through the real guard, workflows and books."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from backhaul.bootstrap.worker import Replaced
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.embedded.sqlite import without_waiting_for_the_disk
from backhaul.connectors.ports import DROP_OFF
from backhaul.domain.clock import MovedClock, SystemClock
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.simulation import pictures
from backhaul.simulation.acts import Wish
from backhaul.simulation.floor import Floor, open_floor
from backhaul.simulation.life import Cast, Life, life
from backhaul.simulation.luck import World, world_of
from backhaul.simulation.master_data import RememberingErp
from backhaul.simulation.simulated_home import Trial
from backhaul.simulation.wishes import Sold, sold_line, wish_for
from backhaul.store.database import open_engine_without_waiting_for_the_disk, sqlite_url
from backhaul.store.unit_of_work import Store
from backhaul.workflows.sweep import tick

CHANNEL = "simulation"
"""Marks every conversation of a simulation, and with it all that follows from it"""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NoSecondReading:
    """The guard's second reader for words that nobody wrote: what was drawn for the claim holds."""

    def score_permille(self, words: str, reason: Reason) -> int:
        """See tools.signals.ReasonScorer."""
        del words, reason
        return 1_000


@dataclass(slots=True)
class Run:
    """The returns that are under way, by the moment of their next act."""

    floor: Floor
    trial: Trial
    world: World
    until: datetime
    begun: int = 0
    acts: int = 0
    stopped: bool = False
    _queue: list[tuple[datetime, int, Sold | Life]] = field(default_factory=list)

    @property
    def wanted(self) -> int:
        """Returns that were drawn; fewer than asked for where too little was delivered in the months."""
        return self.begun + sum(isinstance(what, Sold) for _, _, what in self._queue)

    def fill(self, orders: Iterator[str]) -> None:
        """Draw which order lines come back, and when their customers write."""
        erp, wanted = self.floor.desk.erp, self.trial.cases
        since = self.until - timedelta(days=self.trial.days)
        for number in orders:
            if len(self._queue) >= wanted:
                return
            sold = sold_line(erp, self.world, number, Random(f"sold {self.trial.seed} {number}"))
            if sold is not None and since <= sold.asks_at < self.until:
                self._queue.append((sold.asks_at, len(self._queue), sold))
        heapq.heapify(self._queue)

    def stop(self) -> None:
        """Let what happens just now be the last."""
        self.stopped = True

    def play(self, tell: Callable[[int, datetime], None]) -> None:
        """Let everything happen in the order of time, until today or until somebody stops it."""
        heapq.heapify(self._queue)
        while self._queue and not self.stopped:
            at, number, what = heapq.heappop(self._queue)
            if at > self.until:
                break
            self._pass_time(at)
            living = self._begin(number, what) if isinstance(what, Sold) else what
            days = next(living, None) if living else None
            self.acts += 1
            if living is not None and days is not None:
                heapq.heappush(self._queue, (self.floor.clock.now() + days * _A_DAY, number, living))
            tell(self.begun, self.floor.clock.now())
        if not self.stopped:
            self._pass_time(self.until)

    def drawn(self) -> Sequence[Sold]:
        """The order lines that will come back and were not asked for yet, by the day of their asking."""
        waiting = (what for _, _, what in self._queue if isinstance(what, Sold))
        return sorted(waiting, key=lambda sold: sold.asks_at)

    def wish(self, number: int, sold: Sold, luck: Random) -> Wish | None:
        """What the customer of an order line wants; `None` when nothing of it is left."""
        name = f"{self.trial.seed} {number}"
        return wish_for(
            self.floor.desk.erp,
            self.world,
            sold,
            luck,
            seed=self.trial.seed,
            photo=lambda: pictures.same_picture(self.floor, name),
        )

    def _begin(self, number: int, sold: Sold) -> Life | None:
        self.begun += 1
        luck = Random(f"life {self.trial.seed} {number}")
        wish = self.wish(number, sold, luck)
        return life(Cast(self.floor, self.world, luck), wish) if wish else None

    def _pass_time(self, at: datetime) -> None:
        clock = self.floor.clock
        while clock.now() < at - _A_DAY:
            clock.advance(days=1)
            tick(self.floor.world)
        if at.date() != clock.now().date():
            clock.at = at
            tick(self.floor.world)
        clock.at = max(clock.at, at)


@contextmanager
def quick_floor(settings: Settings, clock: MovedClock) -> Iterator[Floor]:
    """A floor that spares what nobody looks at: prints, the second reading, and waiting for the disk."""
    with ExitStack() as stack, without_waiting_for_the_disk():
        engine = open_engine_without_waiting_for_the_disk(sqlite_url(settings.sqlite_path))
        store = Store(engine, clock)
        stack.callback(store.close)
        carriers = (
            EmbeddedCarrier(settings.carrier_path, clock, prints=False),
            EmbeddedCarrier(settings.second_carrier_path, clock, name=KESTREL),
        )
        counters = EmbeddedCarrier(settings.drop_off_path, clock, name=DROP_OFF, prints=False)
        for carrier in (*carriers, counters):
            stack.callback(carrier.close)
        erp = RememberingErp(settings.erp_path)
        stack.callback(erp.close)
        spared = Replaced(erp=erp, scorer=NoSecondReading(), drop_off=counters)
        floor = open_floor(settings, store, clock, channel=CHANNEL, carriers=carriers, replaced=spared)
        yield stack.enter_context(floor)


@contextmanager
def begin(settings: Settings, trial: Trial) -> Iterator[Run]:
    """A run over a home that was made for it, with every return drawn and none begun."""
    until = SystemClock().now()
    numbers = [f"SO-{serial}" for serial in range(trial.span.first_order, trial.span.last_order + 1)]
    Random(f"orders {trial.seed}").shuffle(numbers)
    with quick_floor(settings, MovedClock(until - timedelta(days=trial.days))) as floor:
        run = Run(floor, trial, world_of(trial.seed), until)
        run.fill(iter(numbers))
        yield run
