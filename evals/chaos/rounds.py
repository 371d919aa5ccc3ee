"""One round: a home, its workers, the cases in it, and what happens to all of them at once."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from backhaul.settings import Settings
from evals.chaos.cells import Cell
from evals.chaos.driving import Case, Pauses, carry
from evals.chaos.ground import Ground, open_ground
from evals.chaos.kinds import End
from evals.chaos.notebook import Notebook
from evals.chaos.outages import take_the_database_away
from evals.chaos.outcomes import Outcome, outcome_of
from evals.chaos.supervising import Crew, crew
from evals.chaos.trade import enter_orders
from evals.chaos.working import Orders

Tell = Callable[[int], None]
"""Hears of each case that ended or was given up"""

_LOOK_SECONDS = 0.15
_DAYS_UNTIL_EXPIRY = 40
_DOUBT_SECONDS = 120
_SETTLE_SECONDS = 4.0
_STUCK_AFTER_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How a round is run. `kill_every` is in seconds, 0 for no random kills; so is `cut_every`."""

    seed: int = 1
    workers: int = 1
    at_once: int = 40
    patience_seconds: float = 90.0
    """How long all cases may stand still before they are given up"""
    kill_every: float = 0.0
    cut_every: float = 0.0
    skews: tuple[int, ...] = ()
    """Seconds by which the clock of each worker's machine is off; empty means all are right"""
    forgets_keys: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a round."""

    outcomes: list[Outcome]
    deaths: Counter[str]
    seconds: float


@dataclass(slots=True, eq=False)
class _Drive:
    case: Case
    pauses: Pauses
    stood: str = ""
    since: float = 0.0

    def goes_on(self) -> bool:
        """One look at the case; False once it has ended."""
        if next(self.pauses, self) is self:
            return False
        if self.case.waits_for != self.stood:
            self.stood, self.since = self.case.waits_for, time.monotonic()
        return True


def play(settings: Settings, cells: Sequence[Cell], rules: Rules, tell: Tell = lambda _: None) -> Played:
    """Drive one case for each cell and count what stands in the books afterwards."""
    began = time.monotonic()
    goods = enter_orders(settings.erp_path, {at: one.kind.template for at, one in enumerate(cells)})
    cases = [Case(cell.kind, goods[at], cell.doom) for at, cell in enumerate(cells)]
    notes = Notebook(settings.home / "chaos.db")
    with open_ground(settings, notes) as ground, crew(settings, _orders(settings, rules)) as hands:
        _Round(ground, hands, rules, tell).drive(cases)
        outcomes = [outcome_of(ground, case) for case in cases]
    return Played(outcomes, hands.deaths, time.monotonic() - began)


def _orders(settings: Settings, rules: Rules) -> list[Orders]:
    plain = Orders(rules.seed, settings.home, settings.home / "chaos.db", forgets_keys=rules.forgets_keys)
    skews = rules.skews or (0,) * rules.workers
    return [
        replace(plain, log=settings.home / f"worker-{at}.log", skew_seconds=skew)
        for at, skew in enumerate(skews)
    ]


def _only_time_helps(case: Case) -> bool:
    return case.kind.ends is End.EXPIRED and case.waits_for == End.EXPIRED.value


@dataclass(slots=True)
class _Round:
    ground: Ground
    hands: Crew
    rules: Rules
    tell: Tell
    _killed_at: float = field(default_factory=time.monotonic)
    _given_up: list[_Drive] = field(default_factory=list)
    _began_at: float = field(default_factory=time.monotonic)
    _cut_at: float = field(default_factory=time.monotonic)
    _moved_at: float = 0.0
    """When any case last went on or ended"""

    def drive(self, cases: Sequence[Case]) -> None:
        """First all that people do; then those end that only time ends."""
        parked = self._drive_all([_Drive(one, carry(self.ground, one)) for one in cases], _only_time_helps)
        parked += self._look_again(_only_time_helps)
        if parked:
            self.ground.move_on(days=_DAYS_UNTIL_EXPIRY)
            self._began_at = time.monotonic()
            self._drive_all(parked, lambda _: False)
            self._look_again(lambda _: False)
        self._clear_doubts()

    def _look_again(self, parks: Callable[[Case], bool]) -> list[_Drive]:
        """On a busy machine some only stood in a queue for long, and were on the list of what is stuck."""
        again, self._given_up = self._given_up, []
        self._began_at = time.monotonic()
        return self._drive_all(again, parks)

    def _drive_all(self, drives: Sequence[_Drive], parks: Callable[[Case], bool]) -> list[_Drive]:
        """Drive all, some at a time, until each has ended, is given up or parks; those that park."""
        to_do, under_way, parked = list(reversed(drives)), list[_Drive](), list[_Drive]()
        while to_do or under_way:
            while to_do and len(under_way) < self.rules.at_once:
                under_way.append(to_do.pop())
            alive = [one for one in under_way if one.goes_on()]
            ended_at = time.monotonic() if len(alive) < len(under_way) else 0.0
            self._moved_at = max([self._moved_at, ended_at, *(one.since for one in alive)])
            given_up = [one for one in alive if self._is_given_up(one)]
            self._given_up += given_up
            going_on = [one for one in alive if one not in given_up]
            self.tell(len(under_way) - len(going_on))
            parked += [one for one in going_on if parks(one.case)]
            under_way = [one for one in going_on if not parks(one.case)]
            self._disturb()
            time.sleep(_LOOK_SECONDS)
        return parked

    def _is_given_up(self, drive: _Drive) -> bool:
        # While others move on it may only stand in a queue behind them.
        if time.monotonic() - max(self._moved_at, self._began_at) > self.rules.patience_seconds:
            return True
        stood_for = time.monotonic() - max(drive.since, self._began_at)
        return stood_for > _STUCK_AFTER_SECONDS and bool(self.ground.why_stuck(drive.case.case_id))

    def _disturb(self) -> None:
        """What strikes everybody, and the supervisor's own work."""
        now, rules = time.monotonic(), self.rules
        if rules.kill_every and now - self._killed_at > rules.kill_every:
            self._killed_at = now
            self.hands.kill_one(Random(f"{rules.seed}:{self.hands.deaths.total()}"))
        if rules.cut_every and now - self._cut_at > rules.cut_every:
            take_the_database_away(self.ground.settings)
            self._cut_at = time.monotonic()
        self.hands.look_after()

    def _clear_doubts(self) -> None:
        """Carriers that were silent are asked again after a while what they sold."""
        self.ground.move_on(seconds=_DOUBT_SECONDS)
        quiet_from = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < quiet_from:
            self.hands.look_after()
            time.sleep(_LOOK_SECONDS)
