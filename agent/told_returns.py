"""How a return on record is told: number, state, next dated step."""

from collections.abc import Sequence

from agent.state import Choice
from agent.wording import PARCEL_WORDS, STATE_WORDS, day, listed
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState
from tools.progress import Progress
from tools.returns_found import ELSEWHERE, KEPT, ReturnFound

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
    if one.state == ELSEWHERE:
        return f"{told(one)} is open in our former system; a colleague sees to it."
    if one.state == "pending":
        return f"{goods}: the request is in and being decided."
    if one.state == KEPT:
        credited = f"{_posted(one)}." if one.credits else "your credit is being posted."
        return f"{goods}: you keep it, and {credited}"
    number = one.rma or "Your return"
    sent = f" Replacement: {listed(one.replacements)}." if one.replacements else ""
    tracking = f" Tracking number {one.tracking_number}." if one.tracking_number else ""
    stands = STATE_WORDS[one.state]
    sent_back = one.state == RmaState.LABELLED.value and one.parcel == ParcelStatus.REFUSED.value
    if one.state == RmaState.IN_TRANSIT.value or sent_back:
        # The return is under way until the dock has counted it; the customer asks after the parcel.
        since = f" (last scan on {day(one.scanned_on)})" if one.scanned_on else ""
        stands = PARCEL_WORDS.get(one.parcel, stands) + since
    posted = f"C{_posted(one)[1:]}." if one.credits else ""
    after = [hand_in_by(one), *_since_it_came(one), posted, sent.strip()]
    return " ".join(part for part in (f"{number} ({goods}) {stands}.{tracking}", *after) if part)


def _posted(one: ReturnFound) -> str:
    memos = "credit memos" if len(one.credits) > 1 else "credit memo"
    return f"{memos} {listed(one.credits)} {'are' if len(one.credits) > 1 else 'is'} posted"


def _since_it_came(one: ReturnFound) -> list[str]:
    """How much came, how far it is, and by when the customer was promised to hear."""
    found = one.progress
    if found is None:
        return []
    said = []
    if found.awaited and one.state not in ENDED:
        have = "has" if found.awaited == 1 else "have"
        said.append(
            f"{found.came} of {found.came + found.awaited} pieces came; the other {found.awaited} {have} "
            f"until {day(found.until)}."
        )
    if found.repairs:
        said.append(f"Repair order: {listed(found.repairs)}.")
    if found.refused:
        pieces = "1 piece" if found.refused == 1 else f"{found.refused} pieces"
        said.append(f"For {pieces} nothing is given; the reason stands in this conversation.")
    if found.promised_by is not None:
        said.append(_promise(found))
    return said


def _promise(found: Progress) -> str:
    """What is being done with what came; a promise that was missed is called so."""
    doing = "It is checked, and what you get for it is being settled" if found.is_inspected else "We check it"
    by = day(found.promised_by) if found.promised_by else ""
    if found.is_late:
        return (
            f"{doing}. That was promised by {by}, so we are late, and I am sorry. "
            'Say "talk to a person" and a colleague takes it up.'
        )
    return f"{doing}; it is expected to be done by {by}."


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
