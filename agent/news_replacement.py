"""News of the right part that is sent before the other goods are back."""

from collections.abc import Mapping
from typing import Any

from agent.news_item import PERSON_HINT, Item, Told, dated
from agent.state import reply
from agent.verdicts import without_amounts
from agent.wording import pieces


def replacement_words(payload: Mapping[str, Any]) -> str:
    """It is on order."""
    return (
        f"Your replacement, {_goods(payload)}, is on order {payload['order_number']} "
        f"and ships on {dated(payload['ships_on'])}."
    )


def waits_words(payload: Mapping[str, Any]) -> str:
    """The return stands; only its replacement is with a person."""
    return (
        f"The replacement, {_goods(payload)}, is not ordered yet: "
        f"a colleague decides about it by {dated(payload['decided_by'])}. Your return {payload['number']} is "
        "issued and does not wait for that; please send the goods back as described. "
        "I will tell you here as soon as the replacement is decided."
    )


def refused_words(payload: Mapping[str, Any]) -> str:
    """It is not sent, and why."""
    # Who proved only one order sees no amounts; words under a verdict are the same for every reader.
    told = without_amounts(payload.get("message") or "")
    why = f" {told}" if told else ""
    return (
        f"The replacement, {_goods(payload)}, will not be sent.{why} "
        f"Your return {payload['number']} stays as it is. {PERSON_HINT}"
    )


def stuck_words(payload: Mapping[str, Any]) -> str:
    """The policy permits it and the ERP did not take it."""
    return (
        f"The replacement, {_goods(payload)}, is approved, but it could not be "
        f"ordered yet. A colleague is looking into it. Your return {payload['number']} goes on as it is."
    )


def _goods(payload: Mapping[str, Any]) -> str:
    return pieces(payload["quantity"], payload["sku"])


REPLACEMENT_WORDS = {
    "replacement_ordered": replacement_words,
    "replacement_waits": waits_words,
    "replacement_refused": refused_words,
    "replacement_stuck": stuck_words,
}
"""What may become of a replacement: one of these follows every permit of a line that wants one at once."""


def ordered(item: Item) -> Told:
    """It is on order."""
    return Told(f"replacement-{item.payload['line_id']}", reply(replacement_words(item.payload), "done"))


def waits(item: Item) -> Told:
    """A person decides about it."""
    said = reply(waits_words(item.payload), "review")
    return Told(f"replacement-waits-{item.payload['line_id']}", said)


def refused(item: Item) -> Told:
    """It is not sent."""
    said = reply(refused_words(item.payload), "denied")
    return Told(f"replacement-refused-{item.payload['line_id']}", said)


def stuck(item: Item) -> Told:
    """A colleague sees to it."""
    return Told(f"replacement-stuck-{item.payload['line_id']}", reply(stuck_words(item.payload), "review"))
