"""The demo distributor's exchange rates: one for each working day, as its bank sends them.

Fictitious, and the same whatever the rest of the seed does. In one fortnight of the second year the bank's
file did not arrive: orders of those days stand on an older rate, as happens.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from backhaul.connectors.embedded.seed_purchases import Row
from backhaul.connectors.embedded.seed_trade import HISTORY_DAYS

CURRENCY = "CAD"

_FIRST_MILLIONTHS = 731_000
_DRIFT, _PULL_BACK = 2_400, 40
"""How far a day can move the rate, and which part of its distance to the first one it comes back."""
_BEFORE_THE_FIRST_ORDER = 10
_SILENCE = range(250, 264)
"""Days before the founding on which no rate was entered."""
_SATURDAY = 5


def daily_rates(today: date, seed: int) -> Iterator[Row]:
    """Rates of two years up to that day, without weekends and without the silent fortnight."""
    random, millionths = Random(f"rates {seed}"), _FIRST_MILLIONTHS
    for days_ago in range(HISTORY_DAYS + _BEFORE_THE_FIRST_ORDER, -1, -1):
        day = today - timedelta(days=days_ago)
        if day.weekday() >= _SATURDAY:
            continue
        millionths += random.randint(-_DRIFT, _DRIFT) - (millionths - _FIRST_MILLIONTHS) // _PULL_BACK
        if days_ago not in _SILENCE:
            yield {"currency": CURRENCY, "on": day, "millionths": millionths}
