"""Photos that look alike, found by index: the hashes are made where a photo is uploaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backhaul.store.signal_tables import PhotoLookRow
from backhaul.store.tables import AttachmentRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork

ALIKE_BITS = 7
"""Most bits in which two photos that look alike differ, of 64; see docs/decisions/0012"""
_QUARTERS, _QUARTER_DIGITS, _QUARTER_BITS = 4, 4, 16
_WHOLE = 0
_COLUMNS = (
    PhotoLookRow.quarter_1,
    PhotoLookRow.quarter_2,
    PhotoLookRow.quarter_3,
    PhotoLookRow.quarter_4,
)


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A photo of this conversation, and one of another conversation that looks like it."""

    attachment_id: str
    other_id: str
    other_thread: str
    other_account: str
    sent_at: datetime
    bits_apart: int


def add(uow: UnitOfWork, attachment: AttachmentRow, looks: Sequence[str]) -> None:
    """Keep the hashes of a photo; the first is that of the whole."""
    for variant, look in enumerate(looks):
        first, second, third, fourth = _quarters(look)
        uow.session.add(
            PhotoLookRow(
                attachment_id=attachment.id,
                thread_id=attachment.thread_id,
                variant=variant,
                look=look,
                quarter_1=first,
                quarter_2=second,
                quarter_3=third,
                quarter_4=fourth,
            )
        )


def alike_elsewhere(uow: UnitOfWork, thread_id: str) -> list[LookAlike]:
    """For each photo of a conversation the most alike of other conversations, where there is one."""
    mine = sa.select(PhotoLookRow).join(AttachmentRow).where(AttachmentRow.thread_id == thread_id)
    nearest: dict[str, tuple[int, PhotoLookRow]] = {}
    for row in uow.session.scalars(mine.order_by(PhotoLookRow.id)).all():
        for other in _near(uow, row):
            apart = (int(row.look, 16) ^ int(other.look, 16)).bit_count()
            known = nearest.get(row.attachment_id)
            if apart <= ALIKE_BITS and (known is None or (apart, other.id) < (known[0], known[1].id)):
                nearest[row.attachment_id] = (apart, other)
    return [_told(uow, attachment_id, apart, row) for attachment_id, (apart, row) in nearest.items()]


def _near(uow: UnitOfWork, row: PhotoLookRow) -> Sequence[PhotoLookRow]:
    """Hashes of other conversations of which a quarter differs in at most one bit, found by index."""
    query = sa.select(PhotoLookRow).where(
        sa.or_(
            *(
                column.in_(_within_one_bit(value))
                for column, value in zip(_COLUMNS, _quarters(row.look), strict=True)
            )
        ),
        PhotoLookRow.thread_id != row.thread_id,
    )
    # A part is only held against wholes: two photos that share a part show no more than the same wall.
    if row.variant != _WHOLE:
        query = query.where(PhotoLookRow.variant == _WHOLE)
    return uow.session.scalars(query).all()


def _told(uow: UnitOfWork, attachment_id: str, apart: int, row: PhotoLookRow) -> LookAlike:
    other = uow.session.get_one(AttachmentRow, row.attachment_id)
    account = uow.session.get_one(ThreadRow, other.thread_id).account_id
    return LookAlike(attachment_id, other.id, other.thread_id, account, other.created_at, apart)


def _quarters(look: str) -> tuple[int, ...]:
    return tuple(int(look[at * _QUARTER_DIGITS : (at + 1) * _QUARTER_DIGITS], 16) for at in range(_QUARTERS))


def _within_one_bit(value: int) -> list[int]:
    return [value, *(value ^ (1 << bit) for bit in range(_QUARTER_BITS))]
