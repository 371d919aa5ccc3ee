"""News of the way to the dock: RMA number, label, the parcel's scans, and an end without goods."""

from collections.abc import Mapping
from typing import Any

from agent.news_item import Item, Told, dated
from agent.state import reply
from agent.verdicts import without_amounts

_PARCEL_WORDS = {
    "dropped_off": "The carrier has your parcel",
    "delivered": "Your parcel has arrived at our warehouse",
    "exception": "The carrier reports a delay with your parcel",
    "refused": (
        "Our dock did not take your parcel in, and the carrier brings it back to you; "
        "your return stays open, and I can make you a new label"
    ),
}


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
    return f"{dated(pickup['day'])} between {pickup['opens']} and {pickup['closes']}"


def label_words(payload: Mapping[str, Any]) -> str:
    """RMA number, label, last day and counters; or when the driver comes."""
    if "pickup" in payload:
        return _pickup_words(payload)
    head = (
        f"Your RMA number is {payload['number']} and your label is ready: {payload['carrier']}, "
        f"tracking number {payload['tracking_number']}. {drop_off_by(payload)}."
    )
    places = "\n".join(
        f"- {one['name']}, {one['street']}, {one['city']}" for one in payload.get("drop_offs", [])
    )
    return head + (f"\nYou can hand it in here:\n{places}" if places else "")


def drop_off_by(payload: Mapping[str, Any]) -> str:
    """What the customer does next, and until when."""
    if "pickup" in payload:
        return f"The driver comes on {_visit(payload['pickup'])}"
    return f"Please hand the parcel in by {dated(payload['ship_by'])}"


def issued_words(payload: Mapping[str, Any]) -> str:
    """The number, while its label is still being made."""
    return f"Your RMA number is {payload['number']}. The label follows here."


def label(item: Item) -> Told:
    """The label is there."""
    words = label_words(item.payload)
    more = {
        "labels": [label_card(item.payload)],
        "on_cards": [words],
        "next_step": drop_off_by(item.payload),
    }
    return Told(f"label-{item.payload['label_id']}", reply(words, "done", **more))


def issued(item: Item) -> Told:
    """The RMA has a number."""
    return Told(f"rma-{item.payload['rma_id']}", reply(issued_words(item.payload), "done"))


def parcel(item: Item) -> Told | None:
    """A scan that the customer wants to hear of."""
    words = _PARCEL_WORDS.get(item.payload["status"])
    if words is None:
        return None
    place = f" ({item.payload['place']})" if item.payload.get("place") else ""
    return Told(f"parcel-{item.event}", reply(f"{words}{place}.", "done"))


def cancelled(item: Item) -> Told:
    """The RMA is cancelled."""
    text = f"{item.payload['number']} is cancelled. Its label no longer works, so please do not use it."
    return Told(f"cancelled-{item.payload['rma_id']}", reply(text, "done"))


def cancel_waits(item: Item) -> Told:
    """A person decides whether it can be cancelled."""
    text = (
        f"{item.payload['number']} is still open: something for it is already under way, so a colleague "
        f"decides whether it can be cancelled, by {dated(item.payload['decided_by'])}. "
        "I will tell you here."
    )
    return Told(f"cancel-waits-{item.event}", reply(text, "review"))


def cancel_refused(item: Item) -> Told:
    """It stays as it was, and why."""
    told = without_amounts(item.payload.get("message") or "")
    text = f"{item.payload['number']} is not cancelled. {told}".rstrip()
    return Told(f"cancel-refused-{item.event}", reply(text, "denied"))


def expired(item: Item) -> Told:
    """Nothing came in time."""
    text = (
        f"{item.payload['number']} has expired, because the parcel was not handed in in time. "
        "If you still want to send the goods back, tell me, and we start again."
    )
    return Told(f"expired-{item.payload['rma_id']}", reply(text, "help"))
