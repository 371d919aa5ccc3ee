"""How the report on autonomy is put into words, on the page and in a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backhaul.analytics.autonomy import Line, Report
from backhaul.domain.autonomy import CLOSED

EMPTY = (
    "No decision was drawn to be read blind yet, so that nothing is proved: the floors are a choice. "
    "BACKHAUL_BLIND_SHARE_PERMILLE says how many are drawn; reviewers find them on the desk."
)


def floor_words(floor: int | None) -> str:
    """A floor as people read it: percent of confidence."""
    if floor is None:
        return "varies"
    return "closed" if floor >= CLOSED else f"{floor / 10:g} %"


def coverage_words(line: "Line") -> str:
    """What its floor lets through, of the readings that were labelled; empty when that is not known."""
    return f"{line.covered / line.labels:.0%}" if line.labels and line.floor is not None else ""


def bound_words(line: "Line") -> str:
    """The bound of the share of wrong ones at the floor; empty where nothing is let through."""
    known = line.covered and line.floor is not None and line.floor < CLOSED
    return f"{line.bound:.1%}" if known else ""


def earned_words(line: "Line") -> str:
    """The floor it could have, and by whose labels."""
    return f"{floor_words(line.earned.floor)}, by {line.earned.by.words}" if line.earned else ""


def missing_words(line: "Line", found: "Report") -> str:
    """What it takes until the segment's own labels prove its floor; empty where they do, or it has none."""
    if line.floor is None or line.floor >= CLOSED:
        return ""
    if found.standing.evidence[line.segment].floor(found.plan) <= line.floor:
        return ""
    if line.needs is None:
        return "too many wrong ones for the plan"
    return f"needs {line.needs:,} more labels, all right"


def promise_words(found: "Report") -> str:
    """What is to be proved."""
    sure = 1 - found.plan.delta
    return (
        f"at most {found.plan.alpha:.1%} of the automatic decisions wrong, {sure:.0%} sure for all together"
    )
