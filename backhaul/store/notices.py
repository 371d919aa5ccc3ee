"""Which news of conversations a letter is still to be written about."""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.store.conversation import thread
from backhaul.store.own_returns import CALLS
from backhaul.store.tables import ThreadEventRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork

CHANNELS = ("web", CALLS)
"""Conversations with somebody who reads letters; notes and made-up trade have nobody"""


def threads_to_write_to(uow: UnitOfWork, kinds: Sequence[str]) -> Sequence[str]:
    """Conversations with news of those kinds that no letter was written about."""
    query = (
        sa.select(ThreadEventRow.thread_id)
        .join(ThreadRow, ThreadRow.id == ThreadEventRow.thread_id)
        .where(
            ThreadEventRow.id > ThreadRow.noticed_event,
            ThreadEventRow.kind.in_(kinds),
            ThreadRow.channel.in_(CHANNELS),
        )
    )
    return uow.session.scalars(query.distinct()).all()


def written(uow: UnitOfWork, thread_id: str, event_id: int) -> None:
    """A letter about that event went out, or is not to be written."""
    row = thread(uow, thread_id, lock=True)
    row.noticed_event = max(row.noticed_event, event_id)
