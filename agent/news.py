"""News from the worker, told to the customer: each event once, in words of its own or under a verdict."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent import news_desk, news_dock, news_label, news_money, news_replacement
from agent.news_item import Item, Told
from agent.news_replacement import REPLACEMENT_WORDS
from backhaul.store.tables import ThreadEventRow

REPLACEMENT = tuple(REPLACEMENT_WORDS)
TOGETHER = ("rma_issued", "label_ready", "credit_posted", *REPLACEMENT)
"""News that may stand in one message with the verdict it follows from."""


def tell(event: ThreadEventRow, *, sees_amounts: bool) -> Told | None:
    """The message for an event, or `None` when it needs none of its own."""
    speaks = _TELLERS.get(event.kind)
    item = Item(event.payload, event.id, event.created_at.date(), sees_amounts)
    return speaks(item) if speaks else None


def joined_news(events: Sequence[ThreadEventRow], *, sees_amounts: bool) -> tuple[str, dict[str, Any]]:
    """The words and page data of news that stands under a verdict in one message.

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
            words.append(news_label.label_words(payload))
            on_cards.append(words[-1])
            labels.append(news_label.label_card(payload))
            meta["next_step"] = news_label.drop_off_by(payload)
        elif event.kind == "rma_issued" and payload["rma_id"] not in numbered:
            words.append(news_label.issued_words(payload))
        elif event.kind == "credit_posted":
            words.append(news_money.credit_words(payload, sees_amounts=sees_amounts))
        elif event.kind in REPLACEMENT:
            words.append(REPLACEMENT_WORDS[event.kind](payload))
    if labels:
        meta["labels"], meta["on_cards"] = labels, on_cards
    return "\n\n".join(words), meta


_TELLERS: Mapping[str, Callable[[Item], Told | None]] = {
    "label_ready": news_label.label,
    "rma_issued": news_label.issued,
    "parcel": news_label.parcel,
    "rma_cancelled": news_label.cancelled,
    "rma_cancel_waits": news_label.cancel_waits,
    "rma_cancel_refused": news_label.cancel_refused,
    "rma_expired": news_label.expired,
    "replacement_ordered": news_replacement.ordered,
    "replacement_waits": news_replacement.waits,
    "replacement_refused": news_replacement.refused,
    "replacement_stuck": news_replacement.stuck,
    "review_asked": news_desk.review_asked,
    "review_closed": news_desk.review_closed,
    "goods_received": news_dock.received,
    "goods_held": news_dock.held,
    "goods_sent_back": news_dock.sent_back,
    "parcel_refused": news_dock.refused,
    "rest_expired": news_dock.rest_expired,
    "rma_ended": news_dock.ended,
    "rma_closed": news_dock.closed,
    "credit_posted": news_money.credited,
    "credit_waits": news_money.waits("The credit"),
    "credit_refused": news_money.refused("The credit"),
    "instead_waits": news_money.instead_waits,
    "exchange_ordered": news_money.exchanged,
    "exchange_waits": news_money.waits("The exchange"),
    "exchange_refused": news_money.refused("The exchange"),
    "repair_ordered": news_money.repaired,
    "repair_waits": news_money.waits("The repair"),
    "repair_refused": news_money.refused("The repair"),
}
