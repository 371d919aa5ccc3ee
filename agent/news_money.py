"""News of what the customer gets for goods: a credit and where it went, an exchange, a repair."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.news_item import PERSON_HINT, Item, Told, dated
from agent.state import reply
from agent.verdicts import without_amounts
from agent.wording import listed, pieces
from backhaul.domain.codes import Action
from backhaul.domain.settlement import CreditGoesTo

_WISHED: Mapping[str, str] = {
    Action.REPLACEMENT.value: "an exchange",
    Action.REPAIR_ORDER.value: "a repair",
}
_WENT: Mapping[str, str] = {
    CreditGoesTo.INVOICE.value: "{amount} was taken off invoice {reference}",
    CreditGoesTo.STORE_CREDIT.value: "{amount} stays on your account for a later order",
    CreditGoesTo.REFUND.value: "{amount} is paid back to you the way you paid",
    CreditGoesTo.DEDUCTION.value: "{amount} covers deduction {reference}, which you had made already",
}


def credit_words(payload: Mapping[str, Any], *, sees_amounts: bool) -> str:
    """Which credit was posted, where each part of it went, and whether goods are still to come."""
    head = f"Your credit for {_goods(payload)} is posted"
    if not sees_amounts:
        money = f"{head}. I tell amounts only to people who are signed in for the account."
    else:
        went = [_WENT[one["goes_to"]].format(**one) for one in payload["shares"]]
        parts = f" {listed(went)}." if went else ""
        money = f"{head}: credit memo {payload['credit_memo']} of {payload['amount']}.{parts}"
    return f"{money}{_goods_after(payload)}"


def _goods_after(payload: Mapping[str, Any]) -> str:
    """Where the goods of a credit that did not wait for them belong."""
    if payload["number"] is None:
        return " You keep the goods; nothing needs to be sent back."
    if payload.get("still_to_come"):
        return f" Please send the goods of your return {payload['number']} back all the same."
    return ""


def credited(item: Item) -> Told:
    """A credit is posted."""
    words = credit_words(item.payload, sees_amounts=item.sees_amounts)
    return Told(f"credited-{item.event}", reply(words, "done"))


def exchanged(item: Item) -> Told:
    """The right goods are on order for those that came back."""
    text = (
        f"In exchange for what you sent back, {_goods(item.payload)} is on order "
        f"{item.payload['order_number']} and ships on {dated(item.payload['ships_on'])}."
    )
    return Told(f"exchanged-{item.event}", reply(text, "done"))


def repaired(item: Item) -> Told:
    """A repair is ordered."""
    text = (
        f"The repair of {_goods(item.payload)} is ordered, number {item.payload['order_number']}. "
        f"It is promised for {dated(item.payload['promised_on'])}."
    )
    return Told(f"repair-{item.event}", reply(text, "done"))


def waits(what: str) -> Callable[[Item], Told]:
    """Something is with a person; `what` is how it is named."""

    def told(item: Item) -> Told:
        text = (
            f"{what} for {_goods(item.payload)} of your return {item.payload['number']} is with a colleague, "
            f"who decides by {dated(item.payload['decided_by'])}. I will tell you here."
        )
        return Told(f"waits-{item.event}", reply(text, "review"))

    return told


def instead_waits(item: Item) -> Told:
    """What was wished is not given, and why; a person decides about a credit in its place."""
    payload = item.payload
    why = payload["refused"] if item.sees_amounts else without_amounts(payload["refused"])
    wished, number = _WISHED[payload["wished"]], payload["number"]
    text = (
        f"You do not get {wished} for {_goods(payload)} of your return {number}. {why} "
        f"A colleague decides by {dated(payload['decided_by'])} whether you get a credit instead. "
        "I will tell you here."
    )
    return Told(f"instead-{item.event}", reply(text, "review"))


def refused(what: str) -> Callable[[Item], Told]:
    """Something is not given, and why; `what` is how it is named."""

    def told(item: Item) -> Told:
        message = item.payload.get("message") or ""
        why = message if item.sees_amounts else without_amounts(message)
        head = f"{what} for {_goods(item.payload)} of your return {item.payload['number']} was refused."
        said = " ".join(part for part in (head, why, PERSON_HINT) if part)
        return Told(f"refused-{item.event}", reply(said, "denied"))

    return told


def _goods(payload: Mapping[str, Any]) -> str:
    return pieces(payload["quantity"], payload["sku"])
