"""Three ways to run the same returns: what each would take in days, cash, leakage and hours.

The stream is that of a simulated house. Backhaul's figures are its books; the two other ways are reckoned on
the same requests, parcels and decisions, by the assumptions of `three_ways.yaml`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from math import exp, log
from random import Random
from statistics import fmean, median
from typing import Any

import yaml

from backhaul.store.insight_played import Played

_DAY, _MINUTES_AN_HOUR, _CENTS = 86_400.0, 60.0, 100.0
_LEAST_HOUSE_DAYS = 0.05
MANUAL, RULES_ONLY, BACKHAUL = "manual", "rules only", "Backhaul"
Ways = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the stream, with its value in cents of the ledger currency."""

    played: Played
    value_minor: int

    @property
    def days(self) -> float:
        """From the yes to the credit, replacement or repair, in the played house."""
        at = self.played.made_good_at
        return (at - self.played.asked_at).total_seconds() / _DAY if at else 0.0

    @property
    def parcel_days(self) -> float:
        """Of these, on the way to the dock: no house can do anything about them."""
        return self.played.parcel_seconds / _DAY


@dataclass(frozen=True, slots=True)
class Stream:
    """The requests of one world. `leaked_minor` is what its leak report found lost."""

    seed: int
    days: int
    requests: Sequence[Request]
    leaked_minor: int

    @property
    def made_good(self) -> list[Request]:
        """Those that were."""
        return [one for one in self.requests if one.played.made_good_at]

    @property
    def denied_minor(self) -> int:
        """Value of what was not let in."""
        return sum(one.value_minor for one in self.requests if one.played.state == "denied")

    def sum_of(self, name: str) -> int:
        """A column of the rows, added up."""
        return sum(getattr(one.played, name) for one in self.requests)


@dataclass(frozen=True, slots=True)
class Result:
    """What one way comes to in one world."""

    cycle_days: float
    """Median of the returns that were made good"""
    house_days: float
    """Median of that, without the parcel's way"""
    cash_usd: float
    """Owed to customers on an average day"""
    lost_usd: dict[str, float]
    """For a thousand requests, by what it was lost with"""
    hours: float
    """Of reviewers and clerks, for a thousand requests"""

    @property
    def leakage_usd(self) -> float:
        """All of it."""
        return sum(self.lost_usd.values())


def assumptions() -> Ways:
    """The sheet beside this file."""
    text = resources.files("evals").joinpath("three_ways.yaml").read_text(encoding="utf-8")
    loaded: Ways = yaml.safe_load(text)
    return loaded


def run(stream: Stream, ways: Ways) -> dict[str, Result]:
    """All three ways over one stream."""
    arms: dict[str, Callable[[Stream, Ways, Random], Result]] = {
        MANUAL: _manual,
        RULES_ONLY: _rules_only,
        BACKHAUL: _backhaul,
    }
    sheet = {MANUAL: "manual", RULES_ONLY: "rules_only", BACKHAUL: "backhaul"}
    return {
        name: arm(stream, ways[sheet[name]], Random(f"{name} {stream.seed}")) for name, arm in arms.items()
    }


def _manual(stream: Stream, way: Ways, luck: Random) -> Result:
    """Every request and every credit passes through hands; the house takes its days whatever was asked."""
    spread = way["house_days_spread"]
    # A log-normal number of days with this mean has its median a little below it.
    middle = way["house_days"] / exp(spread * spread / 2)
    house = [exp(luck.gauss(log(middle), spread)) for _ in stream.made_good]
    minutes = len(stream.requests) * _drawn(way["minutes_a_request"], luck)
    minutes += len(stream.made_good) * _drawn(way["minutes_a_credit"], luck)
    let_in = stream.denied_minor * _drawn(way["let_in_against_policy"], luck) * (1 - way["recovered_of_it"])
    return _result(stream, house, minutes, {_WRONG: let_in, **_lost_by_hand(stream, way, luck)})


def _rules_only(stream: Stream, way: Ways, luck: Random) -> Result:
    """The same policy behind a form that somebody fills in, and a batch of credits at the end."""
    keying, crediting = way["keying_days"], way["credit_days"]
    house = [
        max(one.days - one.parcel_days, 0) + _days(keying, luck) + _days(crediting, luck)
        for one in stream.made_good
    ]
    minutes = len(stream.requests) * _drawn(way["minutes_keying"], luck)
    minutes += len(stream.made_good) * _drawn(way["minutes_a_credit"], luck)
    minutes += stream.sum_of("reviews") * _drawn(way["minutes_a_review"], luck)
    value = sum(one.value_minor for one in stream.requests)
    wrong = value * _drawn(way["keyed_wrong"], luck) * (1 - way["recovered_of_it"])
    return _result(stream, house, minutes, {_WRONG: wrong, **_lost_by_hand(stream, way, luck)})


def _backhaul(stream: Stream, way: Ways, luck: Random) -> Result:
    """What the books of the played house say; only what nobody plays there is assumed."""
    house = [max(one.days - one.parcel_days, 0) for one in stream.made_good]
    minutes = stream.sum_of("reviews") * _drawn(way["minutes_a_review"], luck)
    touchless = sum(one.value_minor for one in stream.requests if not one.played.reviews)
    wrong = touchless * _drawn(way["read_wrong"], luck) * (1 - way["recovered_of_it"])
    return _result(stream, house, minutes, {_WRONG: wrong, "leaks of the books": stream.leaked_minor})


_WRONG = "wrong decisions"


def _lost_by_hand(stream: Stream, way: Ways, luck: Random) -> dict[str, float]:
    """Fees forgotten, credits too high, and claims that nobody made, in cents."""
    return {
        "fees forgotten": stream.sum_of("fees_minor") * _drawn(way["fees_forgotten"], luck),
        "credited too much": stream.sum_of("credited_minor") * _drawn(way["credited_too_much"], luck),
        "claims not made": stream.sum_of("recovered_minor") * _drawn(way["claims_not_made"], luck),
    }


def _result(
    stream: Stream, house_days: Sequence[float], minutes: float, lost_minor: dict[str, float]
) -> Result:
    whole = [one.parcel_days + days for one, days in zip(stream.made_good, house_days, strict=True)]
    tied = sum(one.value_minor * days for one, days in zip(stream.made_good, whole, strict=True))
    thousand = 1_000 / len(stream.requests)
    return Result(
        cycle_days=median(whole),
        house_days=median(house_days),
        cash_usd=tied / stream.days / _CENTS,
        lost_usd={name: minor / _CENTS * thousand for name, minor in lost_minor.items()},
        hours=minutes / _MINUTES_AN_HOUR * thousand,
    )


def in_all(stream: Stream, ways: Ways) -> Ways:
    """The same assumptions, with the manual days counted from the yes to the end, parcel included."""
    parcel = fmean(one.parcel_days for one in stream.made_good)
    left = max(ways["manual"]["house_days"] - parcel, _LEAST_HOUSE_DAYS)
    return {**ways, "manual": {**ways["manual"], "house_days": left}}


def _drawn(between: Sequence[float], luck: Random) -> float:
    return luck.uniform(between[0], between[1])


def _days(given: dict[str, float], luck: Random) -> float:
    return exp(luck.gauss(log(given["median"]), given["spread"]))
