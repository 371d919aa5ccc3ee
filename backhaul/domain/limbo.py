"""Cash in limbo: where every cent that a return was let in for stands, from the RMA to its end.

A line of an RMA holds the value it was authorised at. Its pieces are spread over stages, the farthest first,
and each stage gets its share of the cents: the stages of a line always add up to what was authorised.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from backhaul.domain.returns import OVER, RmaState


class Stage(StrEnum):
    """Where the value of a piece stands."""

    NO_LABEL = "no_label"
    WITH_CUSTOMER = "with_customer"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    REST = "rest"
    ADVANCED = "advanced"
    TO_INSPECT = "to_inspect"
    TO_SETTLE = "to_settle"
    TO_MAKE_GOOD = "to_make_good"
    UNACCOUNTED = "unaccounted"
    CREDITED = "credited"
    REPLACED = "replaced"
    REPAIRED = "repaired"
    NOTHING_OWED = "nothing_owed"
    RELEASED = "released"


ENDED = (Stage.CREDITED, Stage.REPLACED, Stage.REPAIRED, Stage.NOTHING_OWED, Stage.RELEASED)
"""Nothing waits for it any more; everything else is in limbo"""


@dataclass(frozen=True, slots=True)
class LinePieces:
    """All that decides where a line's pieces stand. Pieces, and cents of the ledger currency."""

    authorised: int
    authorised_minor: int
    state: str
    """Of its RMA"""
    released: int = 0
    released_minor: int = 0
    received: int = 0
    inspected: int = 0
    disposed: int = 0
    credited: int = 0
    replaced: int = 0
    repaired: int = 0
    nothing_owed: int = 0
    is_delivered: bool = False
    """The carrier says that its parcel is at the dock"""


@dataclass(frozen=True, slots=True)
class Share:
    """Pieces of a line in one stage, and their part of its value in cents of the ledger currency."""

    stage: Stage
    pieces: int
    minor: int


def shares_of(line: LinePieces) -> list[Share]:
    """The line spread over its stages; pieces and cents add up to what was authorised, always.

    What was released keeps the cents that the ledger released; every other stage gets its share of the rest,
    rounded on running totals.
    """
    pieces = Counter[Stage]()
    for stage, number in (*_came(line), *_still_out(line)):
        pieces[stage] += number
    shares, left, cents = list[Share](), line.authorised, line.authorised_minor
    if pieces[Stage.RELEASED] == line.released:
        released = pieces.pop(Stage.RELEASED)
        shares += [Share(Stage.RELEASED, released, line.released_minor)] if released else []
        left, cents = left - released, cents - line.released_minor
    done = given = 0
    for stage in (one for one in Stage if pieces[one]):
        done += pieces[stage]
        until = cents * done // left
        shares.append(Share(stage, pieces[stage], until - given))
        given = until
    return shares


def _came(line: LinePieces) -> Iterator[tuple[Stage, int]]:
    """What is here: made good or not, from the farthest stage back to quarantine."""
    came = left = min(line.received, line.authorised)
    for stage, number in _given(line):
        here = min(number, left)
        yield stage, here
        left -= here
    moved = max(min(line.disposed, came) - (came - left), 0)
    looked_at = max(min(line.inspected, came) - (came - left) - moved, 0)
    yield Stage.TO_MAKE_GOOD, moved
    yield Stage.TO_SETTLE, looked_at
    yield Stage.TO_INSPECT, left - moved - looked_at


def _still_out(line: LinePieces) -> Iterator[tuple[Stage, int]]:
    """What did not come: made good all the same, released, or awaited."""
    left = line.authorised - min(line.received, line.authorised)
    given = sum(number for _, number in _given(line))
    advanced = min(max(given - line.received, 0), left)
    is_over = line.state in OVER
    yield Stage.UNACCOUNTED if is_over else Stage.ADVANCED, advanced
    released = min(line.released, left - advanced)
    yield Stage.RELEASED, released
    yield Stage.UNACCOUNTED if is_over else _waits_in(line), left - advanced - released


def _given(line: LinePieces) -> tuple[tuple[Stage, int], ...]:
    return (
        (Stage.CREDITED, line.credited),
        (Stage.REPLACED, line.replaced),
        (Stage.REPAIRED, line.repaired),
        (Stage.NOTHING_OWED, line.nothing_owed),
    )


def _waits_in(line: LinePieces) -> Stage:
    if line.received:
        return Stage.REST
    if line.state == RmaState.IN_TRANSIT.value:
        return Stage.DELIVERED if line.is_delivered else Stage.ON_THE_WAY
    return Stage.WITH_CUSTOMER if line.state == RmaState.LABELLED.value else Stage.NO_LABEL
