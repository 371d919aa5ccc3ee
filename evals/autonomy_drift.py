"""How soon a shift closes a segment, and how often one is closed in error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from backhaul.analytics.drift import RECENT, REFERENCE, Reading, labels_alarm, watch_readings
from backhaul.domain.autonomy import EVERYTHING
from backhaul.domain.codes import Reason
from evals.scoring.intervals import clopper_pearson

_ALPHA = 0.01
_STATIONARY = 10_000
_BEFORE, _AFTER = 300, 3_000
_SHIFTED = (0.03, 0.05, 0.10, 0.20)
_GOOD = 0.004
_LOOKS = 60
_A_DAY = 20
"""Readings between two looks"""
_MIX = np.array([0.18, 0.12, 0.14, 0.08, 0.14, 0.08, 0.06, 0.07, 0.04, 0.04, 0.03, 0.01, 0.01])
_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Closing:
    """Runs of one watch under one kind of traffic. The share comes with an exact 95 % interval."""

    what: str
    runs: int
    closed: tuple[float, float, float]
    median_delay: float | None
    most_delay: float | None
    """Of the runs that closed, nine in ten within"""
    unit: str


def closings(runs: int, *, each: Callable[..., Any]) -> list[Closing]:
    """The watch over labels and the one over readings, on traffic that stays and on traffic that shifts."""
    found = [
        _closing(
            f"labels, {rate:.1%} wrong throughout",
            [_stationary(rate, seed) for seed in each(range(runs), description=f"stays at {rate:.1%}")],
            f"labels, of {_STATIONARY:,}",
        )
        for rate in (_GOOD, _ALPHA)
    ]
    for rate in _SHIFTED:
        told = each(range(runs), description=f"shifts to {rate:.0%}")
        delays = [_shift(rate, seed) for seed in told]
        found.append(
            _closing(f"labels, {_GOOD:.1%} wrong, then {rate:.0%}", delays, "labels after the shift")
        )
    for what, shift in (("stay", 0.0), ("are less sure", 0.7), ("have other reasons", -1.0)):
        told = each(range(runs), description=f"readings {what}")
        unit = f"looks, of {_LOOKS}, {_A_DAY} readings apart"
        found.append(_closing(f"readings that {what}", [_read(shift, seed) for seed in told], unit))
    return found


def _closing(what: str, delays: Sequence[int | None], unit: str) -> Closing:
    closed = [delay for delay in delays if delay is not None]
    share = (len(closed) / len(delays), *clopper_pearson(len(closed), len(delays)))
    middle, most = (float(np.quantile(closed, part)) if closed else None for part in (0.5, 0.9))
    return Closing(what, len(delays), share, middle, most, unit)


def _stationary(rate: float, seed: int) -> int | None:
    return labels_alarm(list(np.random.default_rng(seed).random(_STATIONARY) < rate), _ALPHA)


def _shift(rate: float, seed: int) -> int | None:
    luck = np.random.default_rng(seed)
    before, after = luck.random(_BEFORE) < _GOOD, luck.random(_AFTER) < rate
    at = labels_alarm([*before, *after], _ALPHA)
    return None if at is None or at <= _BEFORE else at - _BEFORE


def _read(shift: float, seed: int) -> int | None:
    """After how many daily looks the watch over readings alarms, where all new ones are shifted."""
    luck = np.random.default_rng(seed)
    read = _readings(luck, REFERENCE + RECENT, 0.0) + _readings(luck, _LOOKS * _A_DAY, shift)
    ends = range(REFERENCE + RECENT, len(read) + 1, _A_DAY)
    looks = (look for look, end in enumerate(ends) if watch_readings(EVERYTHING, read[:end]))
    return next(looks, None)


def _readings(luck: np.random.Generator, size: int, shift: float) -> list[Reading]:
    """Above zero `shift` makes them less sure, as a power of ten; below, one reason comes thrice as often."""
    mix = _MIX * np.where((np.arange(_MIX.size) == 1) & (shift < 0), 3.0, 1.0)
    reasons = luck.choice(list(Reason), size, p=mix / mix.sum())
    unsure = 10 ** (luck.normal(-2.3, 0.8, size) + max(shift, 0.0))
    sure = np.clip(1_000 * (1 - unsure), 0, 999).astype(int)
    return [Reading(_AT, "", int(one), str(reason)) for one, reason in zip(sure, reasons, strict=True)]
