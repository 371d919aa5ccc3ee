"""What a chaos run found, as a record that can be kept and compared."""

from typing import Any

from evals.chaos.matrix import Report
from evals.chaos.outcomes import Outcome


def record_of(report: Report) -> dict[str, Any]:
    """The whole run as plain JSON; effects by name."""
    total = report.total
    return {
        "database": report.database,
        "seconds": round(report.seconds, 1),
        "workers_killed": report.deaths["killed"],
        "workers_failed": report.deaths["failed"],
        "cases": total.cases,
        "effects_wanted": total.wanted,
        "effects_found": total.found,
        "lost": total.lost,
        "doubled": total.doubled,
        "ended": total.ended,
        "stuck": total.stuck,
        "untold": total.untold,
        "cells": [_cell(one) for one in report.outcomes],
    }


def _cell(one: Outcome) -> dict[str, Any]:
    point = one.case.doom.point
    return {
        "kind": one.case.kind.name,
        "fault": one.case.doom.fault.value,
        "killed": str(point) if point else "",
        "ended": one.case.ended,
        "waits_for": "" if one.case.ended else one.case.waits_for,
        "stuck": one.why_stuck,
        "lost": dict(one.lost),
        "doubled": dict(one.doubled),
        "audit": list(one.faults),
    }


def trouble_of(report: Report, *, at_most: int = 20) -> list[str]:
    """The cases that must not be, a line each."""
    bad = [one for one in report.outcomes if one.lost or one.doubled or not one.is_accounted_for]
    return [_line(one) for one in bad[:at_most]]


def _line(one: Outcome) -> str:
    point = one.case.doom.point
    what = [f"lost {dict(one.lost)}"] if one.lost else []
    what += [f"doubled {dict(one.doubled)}"] if one.doubled else []
    what += list(one.faults[:1])
    what += [] if one.is_accounted_for else [f"waits for {one.case.waits_for}, and nobody is told"]
    return f"{one.case.kind.name}, {one.case.doom.fault.value}, {point or 'not killed'}: {'; '.join(what)}"
