"""What the signals say of a case, in words, for reviewers only: nothing of it is ever shown to a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backhaul.domain.net_recovery import WORDS
from backhaul.store import facility_advice, fraud_history
from backhaul.store.signal_tables import FraudScoreRow
from backhaul.store.tables import ReturnLineRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.disposition_history import forecast_for
from web.pages import dollars

_FRAUD, _CEILING = "FRAUD", "fraud_ceiling"
_PER_CENT, _PERMILLE, _SECONDS_A_MINUTE, _SECONDS_AN_HOUR = 100, 1_000, 60, 3_600
_FEWEST_PER_CENT = 1


@dataclass(frozen=True, slots=True)
class Signals:
    """The fraud score with its ceiling and reasons, the likely dispositions, the buildings, the priority."""

    score: FraudScoreRow | None
    ceiling: int | None
    forecast: str
    """The likely ways with their shares, and what they rest on; empty while nothing is on record"""
    rests_on: str
    advice: Mapping[str, Any] | None
    worth: str
    """The arithmetic behind the place in the queue; empty where nothing was worked out"""

    @property
    def is_above(self) -> bool:
        """Whether the score sent the case here."""
        return (
            self.score is not None and self.ceiling is not None and self.score.score_permille > self.ceiling
        )


def signals_of(
    uow: UnitOfWork, row: ReviewRow, line: ReturnLineRow | None, verdict: VerdictRow | None
) -> Signals:
    """What is kept with the verdict, and what is on record of such goods by now."""
    expected = forecast_for(uow, line.id, verdict.facts) if line and verdict else None
    advised = facility_advice.of_review(uow, row.id)
    shares = sorted(expected.shares.items(), key=lambda pair: -pair[1]) if expected else []
    likely = [(WORDS[way], round(share * _PER_CENT)) for way, share in shares]
    return Signals(
        score=fraud_history.score_of(uow, verdict.id) if verdict else None,
        ceiling=_ceiling(verdict) if verdict else None,
        forecast=", ".join(f"{way} {share} %" for way, share in likely if share >= _FEWEST_PER_CENT),
        rests_on=expected.why if expected else "",
        advice=advised.advice if advised and advised.advice else None,
        worth=_arithmetic(row.worth) if row.worth else "",
    )


def _ceiling(verdict: VerdictRow) -> int | None:
    """The one that the policy held the score against."""
    for result in verdict.decision["results"]:
        for cell in result.get("cells", ()):
            if result["rule"] == _FRAUD and cell["table"] == _CEILING:
                return int(cell["value"])
    return None


def worth_in_short(row: ReviewRow) -> str:
    """Such as "worth about $310 in 4 min"; empty where nothing was worked out."""
    avoided = row.worth.get("avoided_usd_minor") if row.worth else None
    if row.worth is None or avoided is None:
        return ""
    minutes = max(round(row.worth["seconds"] / _SECONDS_A_MINUTE), 1)
    return f"worth about {_about(avoided)} in {minutes} min"


def _about(minor: int) -> str:
    return f"${round(minor / _PER_CENT):,}"


def _arithmetic(worth: Mapping[str, Any]) -> str:
    minutes = f"{worth['seconds'] / _SECONDS_A_MINUTE:.1f} min"
    hours = f"{worth['head_start_seconds'] / _SECONDS_AN_HOUR:.1f} h ahead of what is worth nothing"
    if worth["avoided_usd_minor"] is None:
        return f"What is at stake is unknown, so it goes first: {hours}."
    stake, waiting = dollars(worth["stake_usd_minor"]), dollars(worth["waiting_usd_minor"])
    share = f"{worth['turned_down_permille'] / (_PERMILLE // _PER_CENT):.0f} %"
    return (
        f"{share} chance of a no times {stake} at stake, and {waiting} for a day of waiting, make "
        f"{dollars(worth['avoided_usd_minor'])}, in {minutes}: {hours}. Of such reviews "
        f"{worth['turned_down']} of {worth['decided']} were turned down."
    )
