"""Permits that were issued and spent, and the public halves of the keys that signed them."""

from datetime import datetime

import sqlalchemy as sa

from backhaul.store.effect_tables import PermitRow, SigningKeyRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there, row_of


def permit(uow: UnitOfWork, permit_id: str, *, lock: bool = False) -> PermitRow | None:
    """The permit, row-locked when asked, or `None`."""
    return row_of(uow, PermitRow, permit_id, lock=lock)


def add_permit(uow: UnitOfWork, row: PermitRow) -> None:
    """Store an issued permit."""
    uow.session.add(row)
    uow.session.flush()


def spend(uow: UnitOfWork, permit_id: str, at: datetime) -> bool:
    """Mark a permit as spent in one statement, so that two spenders cannot both win; False when it was."""
    spent = uow.session.execute(
        sa.update(PermitRow)
        .where(PermitRow.id == permit_id, PermitRow.spent_at.is_(None))
        .values(spent_at=at)
    )
    return bool(getattr(spent, "rowcount", 0) == 1)


def public_key(uow: UnitOfWork, key_id: str) -> str | None:
    """Public half of a worker's key as hex, or `None` when that key is unknown."""
    row = uow.session.get(SigningKeyRow, key_id)
    return row.public_key if row else None


def publish_key(uow: UnitOfWork, key_id: str, public_hex: str) -> None:
    """Store the public half of the worker's key once, also when several workers start together."""
    row = {"id": key_id, "public_key": public_hex, "created_at": uow.clock.now()}
    uow.session.execute(insert_unless_there(uow, SigningKeyRow).values(row))
