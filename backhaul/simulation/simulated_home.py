"""The home of a simulation: nothing else is ever in it, and a file says what it is."""

import json
from dataclasses import asdict, dataclass

from backhaul.bootstrap import stores
from backhaul.bootstrap.setup import ensure_ready
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.seed_trade import Span
from backhaul.domain.clock import SystemClock, today
from backhaul.domain.errors import BadInput
from backhaul.settings import Settings

FIRST_ORDER = 100_001
_DAYS_A_MONTH = 730 / 24
_BEFORE_DAYS = 45
"""Orders of the days before the first return, so that somebody has something to send back"""
_ORDERS_A_CASE = 1.6
_CASES_A_SHELF = 200
"""Replacements and mispicks take from the shelves, and nobody buys anything new"""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is simulated."""

    months: int
    cases: int
    seed: int

    @property
    def days(self) -> int:
        """How long it lasts."""
        return round(self.months * _DAYS_A_MONTH)

    @property
    def span(self) -> Span:
        """The trade behind it."""
        last = FIRST_ORDER + round(self.cases * _ORDERS_A_CASE) + 20
        stock = 2 + self.cases // _CASES_A_SHELF
        return Span(FIRST_ORDER, last, self.days + _BEFORE_DAYS, returned=0, stock=stock)


def make_home(settings: Settings, trial: Trial) -> None:
    """Tables, people and a trade of its own, in a home that held nothing.

    Raises:
        BadInput: There is something in the home, or it would be on a shared database.
    """
    if settings.database_url:
        raise BadInput("a simulation stays on SQLite; unset BACKHAUL_DATABASE_URL", field="home")
    if settings.home.exists() and any(settings.home.iterdir()):
        what = (
            "a simulation already" if settings.simulated_mark.exists() else "something that was not simulated"
        )
        raise BadInput(f"{settings.home} holds {what}; name a folder that is empty or missing", field="home")
    stores.make_home(settings)
    settings.simulated_mark.write_text(json.dumps(asdict(trial)) + "\n", encoding="utf-8")
    seed_erp(settings.erp_path, today(SystemClock()), trial.seed, trial.span)
    ensure_ready(settings)
