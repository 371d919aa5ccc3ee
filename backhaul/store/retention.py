"""What is forgotten after a time: personal data in letters, and conversations nobody will go on with."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from backhaul.domain.returns import OVER
from backhaul.store import reviews
from backhaul.store.effect_tables import RmaRow
from backhaul.store.house_tables import LetterRow
from backhaul.store.tables import CaseRow, MessageRow, ReviewRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork


def erase_letters(uow: UnitOfWork, *, before: datetime) -> int:
    """Erase whom letters went to and what they said; the key stays, so that none is ever sent again."""
    old = sa.update(LetterRow).where(LetterRow.created_at < before, LetterRow.recipient != "")
    erased = uow.session.execute(
        old.values(recipient="", subject="", body="", attachments=[]).returning(LetterRow.key)
    )
    return len(erased.all())


def quiet_conversations(uow: UnitOfWork, *, since: datetime, before: datetime) -> Sequence[ThreadRow]:
    """Conversations whose last message lies between the two moments and whose cases are all over."""
    said = _last_said()
    query = _over().where(said >= since, said < before)
    return uow.session.scalars(query.order_by(ThreadRow.id)).all()


def words_to_erase(uow: UnitOfWork, *, before: datetime, at_most: int) -> Sequence[ThreadRow]:
    """Conversations that are over, said nothing since, and still hold their words; the oldest first."""
    said = _last_said()
    query = _over().where(said < before, ThreadRow.erased_at.is_(None))
    return uow.session.scalars(query.order_by(ThreadRow.created_at, ThreadRow.id).limit(at_most)).all()


def _last_said() -> sa.ScalarSelect[datetime]:
    said = sa.select(sa.func.max(MessageRow.created_at)).where(MessageRow.thread_id == ThreadRow.id)
    return said.scalar_subquery()


def _over() -> sa.Select[ThreadRow]:
    """Conversations whose cases are all over."""
    waits = sa.select(ReviewRow.id).where(
        ReviewRow.thread_id == ThreadRow.id, ReviewRow.state.in_(reviews.OPEN_STATES)
    )
    lives = (
        sa.select(RmaRow.id)
        .join(CaseRow, CaseRow.id == RmaRow.case_id)
        .where(CaseRow.thread_id == ThreadRow.id, RmaRow.state.not_in(OVER))
    )
    return sa.select(ThreadRow).where(~waits.exists(), ~lives.exists())
