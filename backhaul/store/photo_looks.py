"""Photos that look alike, found by index: the hashes are made where a photo is uploaded."""

from collections.abc import Mapping, Sequence
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
    """A photo of another conversation; `bits_apart` is None for the very same bytes."""

    other_id: str
    other_thread: str
    other_account: str
    sent_at: datetime
    bits_apart: int | None


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


def alike_elsewhere(uow: UnitOfWork, thread_id: str) -> dict[str, dict[str, int]]:
    """By photo of a conversation: the photos of others that look like it, with the bits they are apart."""
    mine = sa.select(PhotoLookRow).join(AttachmentRow).where(AttachmentRow.thread_id == thread_id)
    found: dict[str, dict[str, int]] = {}
    for row in uow.session.scalars(mine.order_by(PhotoLookRow.id)).all():
        for other in _near(uow, row):
            apart = (int(row.look, 16) ^ int(other.look, 16)).bit_count()
            if apart <= ALIKE_BITS:
                held = found.setdefault(row.attachment_id, {})
                held[other.attachment_id] = min(apart, held.get(other.attachment_id, apart))
    return found


def same_or_alike(uow: UnitOfWork, photo: AttachmentRow, alike: Mapping[str, int]) -> list[LookAlike]:
    """The photos of other conversations that are the same bytes, or are among those that look like it."""
    same = sa.select(AttachmentRow).where(
        AttachmentRow.blob == photo.blob, AttachmentRow.thread_id != photo.thread_id
    )
    found = {row.id: _told(uow, row, None) for row in uow.session.scalars(same)}
    for other_id, apart in alike.items():
        if other_id not in found:
            found[other_id] = _told(uow, uow.session.get_one(AttachmentRow, other_id), apart)
    return list(found.values())


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


def _told(uow: UnitOfWork, other: AttachmentRow, apart: int | None) -> LookAlike:
    account = uow.session.get_one(ThreadRow, other.thread_id).account_id
    return LookAlike(other.id, other.thread_id, account, other.created_at, apart)


def _quarters(look: str) -> tuple[int, ...]:
    return tuple(int(look[at * _QUARTER_DIGITS : (at + 1) * _QUARTER_DIGITS], 16) for at in range(_QUARTERS))


def _within_one_bit(value: int) -> list[int]:
    return [value, *(value ^ (1 << bit) for bit in range(_QUARTER_BITS))]
