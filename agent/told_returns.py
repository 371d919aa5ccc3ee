"""How a return on record is told: number, state, next dated step."""

from collections.abc import Sequence

from agent.state import Choice
from agent.wording import PARCEL_WORDS, STATE_WORDS, day, listed
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState
from tools.returns_found import ReturnFound

ENDED = frozenset({"cancelled", "expired", "closed"})
"""States in which nothing more is expected of the customer."""

_NAMED = 6
"""Returns named in one sentence; more would not be read."""

ALL = Choice("All of them", "all of them", "all")


def told(one: ReturnFound) -> str:
    """An RMA with its goods, so that one is not taken for another."""
    return f"{one.rma} ({listed(one.lines)} from {listed(one.orders)})"


def chosen_by_number(one: ReturnFound) -> Choice:
    """A return among several to choose from."""
    return Choice(told(one), one.rma, one.rma_id)


def where(one: ReturnFound) -> str:
    """Where one return stands, and what comes next for the customer."""
    goods = listed(one.lines)
    if one.state == "review":
        question = f' They would like to know: "{one.question}"' if one.question else ""
        due = f" by {day(one.review_due)}" if one.review_due else ""
        return f"{goods}: a colleague is looking at it and decides{due}.{question}"
    if one.state == "person":
        due = f" by {day(one.review_due)}" if one.review_due else ""
        return f"A colleague answers you here{due}."
    if one.state == "pending":
        return f"{goods}: the request is in and being decided."
    number = one.rma or "Your return"
    sent = f" Replacement: {listed(one.replacements)}." if one.replacements else ""
    tracking = f" Tracking number {one.tracking_number}." if one.tracking_number else ""
    stands = STATE_WORDS[one.state]
    sent_back = one.state == RmaState.LABELLED.value and one.parcel == ParcelStatus.REFUSED.value
    if one.state == RmaState.IN_TRANSIT.value or sent_back:
        # The return is under way until the dock has counted it; the customer asks after the parcel.
        since = f" (last scan on {day(one.scanned_on)})" if one.scanned_on else ""
        stands = PARCEL_WORDS.get(one.parcel, stands) + since
    return f"{number} ({goods}) {stands}.{tracking} {hand_in_by(one)}{sent}".strip()


def hand_in_by(one: ReturnFound) -> str:
    """Until when the parcel must be handed in, while that is what is waited for."""
    return (
        f"Please hand the parcel in by {day(one.ship_by)}." if one.ship_by and one.state == "labelled" else ""
    )


def left_out(rest: Sequence[ReturnFound]) -> str:
    """How many more there are, and by what to ask for each; empty when all were told."""
    if not rest:
        return ""
    head = "There is 1 more" if len(rest) == 1 else f"There are {len(rest)} more"
    names = [one.rma or f"the request for {listed(one.orders)}" for one in rest if one.rma or one.orders]
    if not names:
        return f"{head}."
    among = ":" if len(rest) == len(names) <= _NAMED else ", among them"
    return f"{head}{among} {listed(names[:_NAMED])}. Ask me for any of them by its number."


def label_cards(found: Sequence[ReturnFound]) -> list[dict[str, str]]:
    """Labels that can still be used, as the page shows them."""
    return [
        {
            "label_id": one.label_id,
            "rma_id": one.rma_id,
            "rma": one.rma,
            "tracking_number": one.tracking_number,
            "ship_by": one.ship_by.isoformat() if one.ship_by else "",
        }
        for one in found
        if one.label_id and one.state == RmaState.LABELLED.value
    ]
