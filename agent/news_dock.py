"""News from the dock: what arrived and what is still to come, what is not as agreed, what is finished."""

from collections.abc import Mapping
from typing import Any

from agent.news_item import Item, Told, dated
from agent.state import reply
from agent.wording import day, listed, pieces
from backhaul.domain.codes import Resolution
from backhaul.domain.promises import settled_by

_OWED = {
    Resolution.CREDIT.value: "your credit",
    Resolution.REPLACEMENT.value: "the replacement",
    Resolution.REPAIR.value: "the repair",
}


def received(item: Item) -> Told:
    """Goods are in; what is missing has its day, and the answer about the rest of it too."""
    said = f"{_arrived(item.payload)} {_what_follows(item)}"
    return Told(f"received-{item.event}", reply(said, "done"))


def _arrived(payload: Mapping[str, Any]) -> str:
    came, awaited, goods = payload["came"], payload["awaited"], payload["sku"]
    if not awaited:
        every = "All " if came > 1 else ""
        return f"{every}{pieces(came, goods)} of your return {payload['number']} {_has(came)} arrived."
    until = f" until {dated(payload['until'])}" if payload.get("until") else " yet to come"
    rest = f"the other {awaited} {'has' if awaited == 1 else 'have'}{until}"
    part = f"{came} of {came + awaited} x {goods} of your return {payload['number']}"
    return f"{part} {_has(came)} arrived; {rest}."


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _what_follows(item: Item) -> str:
    if item.payload["made_good"]:
        return "What was agreed for it is done already, so you need do nothing more."
    owed = _OWED.get(item.payload["resolution"], "it")
    if item.payload.get("late"):
        return (
            "It came after your return had ended, so a colleague decides about "
            f"{owed}; you hear here by {day(settled_by(item.on))}."
        )
    return f"We check what came, and you hear here about {owed} by {day(settled_by(item.on))}."


def held(item: Item) -> Told:
    """What came is not what was announced: a person writes."""
    number, by = item.payload["number"], dated(item.payload["answer_by"])
    text = (
        f"A parcel for your return {number} is here, but it is not as agreed: {item.payload['why']}. "
        "We have set it aside, and nothing is decided. "
        f"A colleague looks at it and writes to you here by {by}; until then you need do nothing."
    )
    return Told(f"held-{item.event}", reply(text, "review"))


def sent_back(item: Item) -> Told:
    """What was not as agreed is on its way back; the return itself stands where it stood."""
    number, count, how = item.payload["number"], item.payload["quantity"], item.payload["how"]
    goods = "the piece" if count == 1 else f"the {count} pieces"
    text = (
        f"We send {goods} that did not fit your return {number} back to you: {how}. "
        "Nothing is credited or charged for them. Your return itself stays as it is."
    )
    return Told(f"sent-back-{item.event}", reply(text, "help"))


def refused(item: Item) -> Told:
    """The dock did not take a parcel in. Its note is for colleagues, so a colleague writes why."""
    number, by = item.payload["number"], dated(item.payload["answer_by"])
    text = (
        f"Our warehouse did not take the parcel for your return {number} in, so the carrier takes it back to "
        f"you. Your return stays open. A colleague writes to you here by {by}, why and how it goes on."
    )
    return Told(f"parcel-refused-{item.event}", reply(text, "review"))


def rest_expired(item: Item) -> Told:
    """A part did not come in time; what came is settled as agreed."""
    goods, number = listed(item.payload["goods"]), item.payload["number"]
    text = (
        f"The time for the rest of your return {number} is over: {goods} did not come. What has come is "
        "settled as agreed. If you still want to send the rest, tell me, and we start again."
    )
    return Told(f"rest-expired-{item.payload['rma_id']}", reply(text, "help"))


def ended(item: Item) -> Told:
    """The desk ended the return without its goods, or without the rest of them, and says why."""
    goods, number, why = listed(item.payload["goods"]), item.payload["number"], item.payload["why"]
    more = "nothing more" if item.payload.get("ahead") else "nothing"
    nothing = (
        f"{more} is credited or sent for it" if item.payload["alone"] else "what came is settled as agreed"
    )
    text = (
        f"We have ended your return {number}, because {goods} did not reach us, and {nothing}. "
        f'A colleague writes: "{why}" If this is not so, write to me here, and a colleague looks at it again.'
    )
    return Told(f"rma-ended-{item.payload['rma_id']}", reply(text, "help"))


def closed(item: Item) -> Told:
    """Everything came and is settled."""
    text = f"Your return {item.payload['number']} is finished: all that came is settled. Thank you."
    return Told(f"rma-closed-{item.payload['rma_id']}", reply(text, "done"))
