"""News from people: a reviewer asks, or writes and closes."""

from agent.news_item import Item, Told
from agent.state import reply


def review_asked(item: Item) -> Told:
    """A reviewer wants to know something."""
    text = f'A colleague who is looking at your request would like to know:\n"{item.payload["question"]}"'
    said = reply(text, "ask", asks_for="review", next_step="Answer the question, and the review goes on")
    return Told(f"asked-{item.payload['review_id']}-{item.event}", said)


def review_closed(item: Item) -> Told:
    """A reviewer's words stand as they were written: they speak for themselves, and to this customer."""
    text = (
        f'A colleague has looked at your conversation and writes:\n"{item.payload["message"]}"'
        if item.payload.get("message")
        else "A colleague has looked at your conversation and has closed it on our side."
    )
    said = reply(f"{text}\nIf something is still open, write it here and I help you with it.", "help")
    return Told(f"closed-{item.payload['review_id']}", said)
