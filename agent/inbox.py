"""Keeping what is said, whoever answers it and whenever. Nothing here needs the graph or a reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from backhaul.store import conversation
from backhaul.store.conversation import Photo
from tools.desk import Desk


def keep(
    desk: Desk,
    thread_id: str,
    text: str,
    *,
    photos: Sequence[Photo] = (),
    author: str = "customer",
    dedupe_key: str | None = None,
    actor: str | None = None,
    picked: Mapping[str, Any] | None = None,
) -> int:
    """Keep a message and return its number in the thread; a repeated `dedupe_key` returns the first one's.

    `actor` names an operator who speaks for the customer, such as `cli:ann for A-1001`.
    `picked` is what was picked from cards or filled in on the form, see agent.picked.
    """
    meta = {name: what for name, what in (("actor", actor), ("picked", dict(picked or {}))) if what}
    with desk.store.begin() as uow:
        row = conversation.add_message(
            uow,
            desk.ids,
            thread_id,
            author=author,
            body=text,
            meta=meta,
            dedupe_key=dedupe_key,
            photos=photos,
        )
        if row is not None:
            return row.seq
        said = conversation.messages(uow, thread_id)
        return next(kept.seq for kept in said if kept.dedupe_key == dedupe_key)
