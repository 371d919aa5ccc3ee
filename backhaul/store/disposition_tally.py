"""How often goods of a kind went which way: counted when a disposition is posted, read as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.store.signal_tables import DispositionTallyRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there

_KEY = ("product_class", "reason", "condition", "age", "worth", "chosen")


def add(uow: UnitOfWork, key: Mapping[str, Any]) -> None:
    """One more went that way."""
    uow.session.execute(insert_unless_there(uow, DispositionTallyRow).values(**key, times=0))
    same = [getattr(DispositionTallyRow, name) == key[name] for name in _KEY]
    raised = sa.update(DispositionTallyRow).where(*same).values(times=DispositionTallyRow.times + 1)
    uow.session.execute(raised.execution_options(synchronize_session=False))


def tallies(uow: UnitOfWork, reason: str) -> Sequence[DispositionTallyRow]:
    """Every count with that reason."""
    same = sa.select(DispositionTallyRow).where(DispositionTallyRow.reason == reason)
    return uow.session.scalars(same).all()


def of_other_reasons(uow: UnitOfWork, reason: str) -> dict[str, int]:
    """How many went which way of all that had another reason."""
    query = (
        sa.select(DispositionTallyRow.chosen, sa.func.sum(DispositionTallyRow.times))
        .where(DispositionTallyRow.reason != reason)
        .group_by(DispositionTallyRow.chosen)
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}
