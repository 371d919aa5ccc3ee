"""News from the worker, told to the customer: RMA and label, replacement, cancellation, the parcel's way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.state import ReplyOut, reply
from agent.verdicts import without_amounts
from agent.wording import day, pieces
from backhaul.store.tables import ThreadEventRow

REPLACEMENT = ("replacement_ordered", "replacement_waits", "replacement_refused", "replacement_stuck")
"""What may become of a replacement: one of these follows every permit of a line that wants one at once."""

TOGETHER = ("rma_issued", "label_ready", *REPLACEMENT)
"""News that may stand in one message with the verdict it follows from."""

_PARCEL_WORDS = {
    "dropped_off": "The carrier has your parcel",
    "delivered": "Your parcel has arrived at our warehouse",
    "exception": "The carrier reports a delay with your parcel",
    "refused": (
        "Our dock did not take your parcel in, and the carrier brings it back to you; "
        "your return stays open, and I can make you a new label"
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A message about an event; `key` makes it one message however often the event is read."""

    key: str
    said: ReplyOut


def tell(event: ThreadEventRow) -> Told | None:
    """The message for an event, or `None` when it needs none of its own."""
    speaks = _TELLERS.get(event.kind)
    return speaks(event.payload, event.id) if speaks else None


def joined_news(events: Sequence[ThreadEventRow]) -> tuple[str, dict[str, Any]]:
    """The words and page data of RMA, label and replacement news, to stand under a verdict in one message.

    `on_cards` are the paragraphs that the label's card says again, for a page that shows the card.
    """
    words: list[str] = []
    meta: dict[str, Any] = {}
    labels: list[dict[str, Any]] = []
    on_cards: list[str] = []
    numbered = {event.payload["rma_id"] for event in events if event.kind == "label_ready"}
    for event in events:
        payload = event.payload
        if event.kind == "label_ready":
            words.append(_label_words(payload))
            on_cards.append(words[-1])
            labels.append(label_card(payload))
            meta["next_step"] = _drop_off_by(payload)
        elif event.kind == "rma_issued" and payload["rma_id"] not in numbered:
            words.append(f"Your RMA number is {payload['number']}. The label follows here.")
        elif event.kind in REPLACEMENT:
            words.append(_REPLACEMENT_WORDS[event.kind](payload))
    if labels:
        meta["labels"], meta["on_cards"] = labels, on_cards
    return "\n\n".join(words), meta


def label_card(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A label as the page shows it."""
    return {
        "label_id": payload["label_id"],
        "rma": payload["number"],
        "rma_id": payload["rma_id"],
        "tracking_number": payload["tracking_number"],
        "carrier": payload.get("carrier", ""),
        "ship_by": payload["ship_by"],
        "drop_offs": payload.get("drop_offs", []),
        "pickup": _visit(payload["pickup"]) if "pickup" in payload else "",
    }


def _pickup_words(payload: Mapping[str, Any]) -> str:
    pickup = payload["pickup"]
    number = len(pickup["handling_units"])
    pallets = "a pallet" if number == 1 else f"{number} pallets"
    return (
        f"Your RMA number is {payload['number']}, and {payload['carrier']} fetches the goods on "
        f"{_visit(pickup)}. Please have them ready on {pallets}. Print the bill of lading "
        f"{pickup['bill_of_lading']} twice and fix the labels that come with it; the tracking number is "
        f"{payload['tracking_number']}."
    )


def _visit(pickup: Mapping[str, Any]) -> str:
    return f"{day(date.fromisoformat(pickup['day']))} between {pickup['opens']} and {pickup['closes']}"


def _label_words(payload: Mapping[str, Any]) -> str:
    if "pickup" in payload:
        return _pickup_words(payload)
    head = (
        f"Your RMA number is {payload['number']} and your label is ready: {payload['carrier']}, "
        f"tracking number {payload['tracking_number']}. {_drop_off_by(payload)}."
    )
    places = "\n".join(
        f"- {one['name']}, {one['street']}, {one['city']}" for one in payload.get("drop_offs", [])
    )
    return head + (f"\nYou can hand it in here:\n{places}" if places else "")


def _drop_off_by(payload: Mapping[str, Any]) -> str:
    if "pickup" in payload:
        return f"The driver comes on {_visit(payload['pickup'])}"
    return f"Please hand the parcel in by {day(date.fromisoformat(payload['ship_by']))}"


def _replacement_words(payload: Mapping[str, Any]) -> str:
    goods = pieces(payload["quantity"], payload["sku"])
    ships = day(date.fromisoformat(payload["ships_on"]))
    return f"Your replacement, {goods}, is on order {payload['order_number']} and ships on {ships}."


def _waits_words(payload: Mapping[str, Any]) -> str:
    """The return stands; only its replacement is with a person."""
    by = day(date.fromisoformat(payload["decided_by"]))
    return (
        f"The replacement, {pieces(payload['quantity'], payload['sku'])}, is not ordered yet: "
        f"a colleague decides about it by {by}. Your return {payload['number']} is issued and does not wait "
        "for that; please send the goods back as described. "
        "I will tell you here as soon as the replacement is decided."
    )


def _refused_words(payload: Mapping[str, Any]) -> str:
    # Who proved only one order sees no amounts, and news does not know who reads it.
    told = without_amounts(payload.get("message") or "")
    why = f" {told}" if told else ""
    return (
        f"The replacement, {pieces(payload['quantity'], payload['sku'])}, will not be sent.{why} "
        f'Your return {payload["number"]} stays as it is. Say "talk to a person" if you want to discuss it.'
    )


def _stuck_words(payload: Mapping[str, Any]) -> str:
    return (
        f"The replacement, {pieces(payload['quantity'], payload['sku'])}, is approved, but it could not be "
        f"ordered yet. A colleague is looking into it. Your return {payload['number']} goes on as it is."
    )


def _label(payload: Mapping[str, Any], _event: int) -> Told:
    words = _label_words(payload)
    more = {"labels": [label_card(payload)], "on_cards": [words], "next_step": _drop_off_by(payload)}
    return Told(f"label-{payload['label_id']}", reply(words, "done", **more))


def _issued(payload: Mapping[str, Any], _event: int) -> Told:
    text = f"Your RMA number is {payload['number']}. The label follows here."
    return Told(f"rma-{payload['rma_id']}", reply(text, "done"))


def _replacement(payload: Mapping[str, Any], _event: int) -> Told:
    return Told(f"replacement-{payload['line_id']}", reply(_replacement_words(payload), "done"))


def _replacement_waits(payload: Mapping[str, Any], _event: int) -> Told:
    said = reply(_waits_words(payload), "review")
    return Told(f"replacement-waits-{payload['line_id']}", said)


def _replacement_refused(payload: Mapping[str, Any], _event: int) -> Told:
    return Told(f"replacement-refused-{payload['line_id']}", reply(_refused_words(payload), "denied"))


def _replacement_stuck(payload: Mapping[str, Any], _event: int) -> Told:
    return Told(f"replacement-stuck-{payload['line_id']}", reply(_stuck_words(payload), "review"))


def _cancelled(payload: Mapping[str, Any], _event: int) -> Told:
    text = f"{payload['number']} is cancelled. Its label no longer works, so please do not use it."
    return Told(f"cancelled-{payload['rma_id']}", reply(text, "done"))


def _cancel_waits(payload: Mapping[str, Any], event: int) -> Told:
    text = (
        f"{payload['number']} is still open: something for it is already under way, so a colleague decides "
        f"whether it can be cancelled, by {day(date.fromisoformat(payload['decided_by']))}. "
        "I will tell you here."
    )
    return Told(f"cancel-waits-{event}", reply(text, "review"))


def _cancel_refused(payload: Mapping[str, Any], event: int) -> Told:
    told = without_amounts(payload.get("message") or "")
    text = f"{payload['number']} is not cancelled. {told}".rstrip()
    return Told(f"cancel-refused-{event}", reply(text, "denied"))


def _expired(payload: Mapping[str, Any], _event: int) -> Told:
    text = (
        f"{payload['number']} has expired, because the parcel was not handed in in time. "
        "If you still want to send the goods back, tell me, and we start again."
    )
    return Told(f"expired-{payload['rma_id']}", reply(text, "help"))


def _review_asked(payload: Mapping[str, Any], event: int) -> Told:
    text = f'A colleague who is looking at your request would like to know:\n"{payload["question"]}"'
    said = reply(text, "ask", asks_for="review", next_step="Answer the question, and the review goes on")
    return Told(f"asked-{payload['review_id']}-{event}", said)


def _review_closed(payload: Mapping[str, Any], _event: int) -> Told:
    """A reviewer's words stand as they were written: they speak for themselves, and to this customer."""
    text = (
        f'A colleague has looked at your conversation and writes:\n"{payload["message"]}"'
        if payload.get("message")
        else "A colleague has looked at your conversation and has closed it on our side."
    )
    said = reply(f"{text}\nIf something is still open, write it here and I help you with it.", "help")
    return Told(f"closed-{payload['review_id']}", said)


def _parcel(payload: Mapping[str, Any], event: int) -> Told | None:
    words = _PARCEL_WORDS.get(payload["status"])
    if words is None:
        return None
    place = f" ({payload['place']})" if payload.get("place") else ""
    return Told(f"parcel-{event}", reply(f"{words}{place}.", "done"))


_REPLACEMENT_WORDS = {
    "replacement_ordered": _replacement_words,
    "replacement_waits": _waits_words,
    "replacement_refused": _refused_words,
    "replacement_stuck": _stuck_words,
}
_TELLERS = {
    "label_ready": _label,
    "rma_issued": _issued,
    "replacement_ordered": _replacement,
    "replacement_waits": _replacement_waits,
    "replacement_refused": _replacement_refused,
    "replacement_stuck": _replacement_stuck,
    "rma_cancelled": _cancelled,
    "rma_cancel_waits": _cancel_waits,
    "rma_cancel_refused": _cancel_refused,
    "rma_expired": _expired,
    "review_asked": _review_asked,
    "review_closed": _review_closed,
    "parcel": _parcel,
}
