"""The page "Autonomy": what decides by itself, from which confidence on, and what that rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backhaul.domain.autonomy import CLOSED
from backhaul.store import autonomy
from backhaul.store.autonomy_tables import AutonomyHoldRow
from web.autonomy_words import (
    bound_words,
    coverage_words,
    earned_words,
    floor_words,
    missing_words,
    promise_words,
)
from web.pages import render
from web.policies import frame
from web.who import DoorsHere, PolicyReader

if TYPE_CHECKING:
    from backhaul.analytics.autonomy import Line, Report

router = APIRouter(prefix="/policies/autonomy")


@dataclass(frozen=True, slots=True)
class LineShown:
    """A segment as the page shows it."""

    line: "Line"
    floor: str
    coverage: str
    bound: str
    earned: str
    missing: str
    bands: tuple["LineShown", ...] = ()

    @property
    def dial(self) -> int:
        """The floor on the dial; a closed segment stands at its end."""
        return CLOSED if self.line.floor is None else self.line.floor


@dataclass(frozen=True, slots=True)
class HoldShown:
    """A segment that was closed by itself."""

    row: AutonomyHoldRow
    segment: str


@router.get("")
def page(request: Request, doors: DoorsHere, who: PolicyReader) -> Response:
    """The dial, the bound and what it lets through, by segment."""
    from backhaul.analytics.on_record import report_of  # noqa: PLC0415 - loads what the first page must not wait for

    with doors.desk.store.read() as uow:
        permille = doors.settings.wrong_automatic_permille
        found = report_of(uow, doors.desk.policies().bundle, wrong_permille=permille)
        holds = [HoldShown(row, autonomy.segment_of(row).words) for row in autonomy.holds(uow)]
    context = {
        **frame(doors, who, "autonomy"),
        "found": found,
        "promise": promise_words(found),
        "lines": _lines(found),
        "holds": holds,
        "changes": len(found.changes),
    }
    return render(request, "policies_autonomy.html", context)


def _lines(found: "Report") -> Sequence[LineShown]:
    """Everything and the classes; the value bands stand under their class."""
    shown = {line.segment: _shown(line, found) for line in found.lines}
    wide = [one for one in shown.values() if not one.line.segment.band]
    return [
        _shown(one.line, found, tuple(shown[band] for band in one.line.segment.children if band.band))
        for one in wide
    ]


def _shown(line: "Line", found: "Report", bands: tuple[LineShown, ...] = ()) -> LineShown:
    return LineShown(
        line,
        floor_words(line.floor),
        coverage_words(line),
        bound_words(line),
        earned_words(line),
        missing_words(line, found),
        bands,
    )
