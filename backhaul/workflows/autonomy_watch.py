"""The daily watch over autonomy: it closes segments by itself, and never opens one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from backhaul.analytics.drift import Alarm, Reading, watch_labels, watch_readings
from backhaul.domain.autonomy import CLASSES, EVERYTHING, Segment, Stratum, is_held
from backhaul.store import autonomy
from backhaul.store.autonomy_tables import AutonomyHoldRow
from backhaul.workflows.world import WorkerWorld

DUE = "autonomy_watch"
_MOST_READINGS = 20_000
"""How far back the readings are looked at; what the watch began with is then of those"""

log = structlog.get_logger("backhaul.autonomy")


def watch(world: WorkerWorld, *, wrong_share: float) -> list[AutonomyHoldRow]:
    """Close every segment whose labels or readings are no longer what they were; returns the new holds.

    A label counts once it is answered. A segment that was closed and lifted is watched from its lifting on.
    """
    with world.store.read() as uow:
        labels, lifted = autonomy.labels(uow), autonomy.past_holds(uow)
        read = autonomy.readings(uow, most=_MOST_READINGS)
        held = [autonomy.segment_of(one) for one in autonomy.holds(uow)]
    answered = [one for one in labels if one.stratum is Stratum.AUTOMATIC and one.person is not None]
    labels = [one for one in answered if _counts(one.segment, one.drawn_at, lifted)]
    readings = [one for one in map(_reading, read) if _counts(Segment(one.product_class), one.at, lifted)]
    alarms: list[Alarm] = []
    # The classes first: where one of them is at fault, the others go on deciding.
    for segment in (*CLASSES, EVERYTHING):
        closed = (*held, *(one.segment for one in alarms))
        wrong = [one.is_wrong for one in labels if _is_in(segment, one.segment, closed)]
        seen = [one for one in readings if _is_in(segment, Segment(one.product_class), closed)]
        alarm = watch_labels(segment, wrong, wrong_share) or watch_readings(segment, seen)
        alarms += [alarm] if alarm else []
    if not alarms:
        return []
    with world.store.begin() as uow:
        made = [autonomy.hold(uow, one.segment, why=one.why, figures=one.figures) for one in alarms]
    new = [one for one in made if one is not None]
    for one in new:
        log.warning("a segment decides nothing by itself any more", hold=one.id, why=one.why)
    return new


def _is_in(segment: Segment, other: Segment, closed: Sequence[Segment]) -> bool:
    """Whether a segment is watched over it; what is closed already says nothing of the rest."""
    return segment.holds(other) and not is_held(closed, other)


def _counts(segment: Segment, at: datetime, lifted: Sequence[AutonomyHoldRow]) -> bool:
    """Whether the watch over it had begun: it begins anew where a hold is lifted."""
    of_it = [one.lifted_at for one in lifted if autonomy.segment_of(one).holds(segment) and one.lifted_at]
    return not of_it or at > max(of_it)


def _reading(read: tuple[datetime, Mapping[str, Any]]) -> Reading:
    at, facts = read
    confidence, product_class = int(facts["confidence_permille"]), str(facts.get("product_class", ""))
    return Reading(at, product_class, confidence, str(facts["reason"]))
