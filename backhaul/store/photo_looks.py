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
_ANY_VARIANT = 1_000
_PROBES = ("first", "second", "third", "fourth")
# Put together once: building a statement of many values takes SQLAlchemy longer than SQLite takes to answer.
_OF_THREAD = (
    sa.select(PhotoLookRow.attachment_id, PhotoLookRow.variant, PhotoLookRow.look)
    .join(AttachmentRow)
    .where(AttachmentRow.thread_id == sa.bindparam("thread_id"))
    .order_by(PhotoLookRow.id)
)
_NEAR = sa.select(PhotoLookRow.attachment_id, PhotoLookRow.look).where(
    sa.or_(
        *(
            column.in_(sa.bindparam(name, expanding=True))
            for column, name in zip(_COLUMNS, _PROBES, strict=True)
        )
    ),
    PhotoLookRow.thread_id != sa.bindparam("thread_id"),
    PhotoLookRow.variant <= sa.bindparam("most"),
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
    mine = uow.session.execute(_OF_THREAD, {"thread_id": thread_id}).all()
    wholes, parts = ([row for row in mine if (row.variant == _WHOLE) is whole] for whole in (True, False))
    found: dict[str, dict[str, int]] = {}
    # A part is only held against wholes: two photos that share a part show no more than the same wall.
    for ours, most in ((wholes, _ANY_VARIANT), (parts, _WHOLE)):
        for other in _near(uow, thread_id, [row.look for row in ours], most):
            for row in ours:
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


def _near(
    uow: UnitOfWork, thread_id: str, looks: Sequence[str], most_variant: int
) -> Sequence[sa.Row[str, str]]:
    """Hashes of other conversations of which a quarter differs in at most one bit, found by index."""
    if not looks:
        return ()
    by_quarter = zip(*map(_quarters, looks), strict=True)
    probes = [sorted({near for value in values for near in _within_one_bit(value)}) for values in by_quarter]
    wanted = dict(zip(_PROBES, probes, strict=True))
    return uow.session.execute(_NEAR, {**wanted, "thread_id": thread_id, "most": most_variant}).all()


def _told(uow: UnitOfWork, other: AttachmentRow, apart: int | None) -> LookAlike:
    account = uow.session.get_one(ThreadRow, other.thread_id).account_id
    return LookAlike(other.id, other.thread_id, account, other.created_at, apart)


def _quarters(look: str) -> tuple[int, ...]:
    return tuple(int(look[at * _QUARTER_DIGITS : (at + 1) * _QUARTER_DIGITS], 16) for at in range(_QUARTERS))


def _within_one_bit(value: int) -> list[int]:
    return [value, *(value ^ (1 << bit) for bit in range(_QUARTER_BITS))]
