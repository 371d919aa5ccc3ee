"""What stands in a house when everybody is done: for the evaluation, whose worlds hold one conversation."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.store import audit
from backhaul.store.effect_tables import CommandRow
from backhaul.store.house_tables import AuditRow
from backhaul.store.leaks import leaks
from backhaul.store.money_tables import CreditMemoRow
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import SYSTEM_CHAIN, UnitOfWork

_NOBODY_IS_LATE = timedelta(days=3_650)
"""A world stops in the middle of things: what is merely under way is no leak of it"""


def confirmed(uow: UnitOfWork) -> Counter[str]:
    """Commands that systems outside confirmed, by what they do."""
    query = sa.select(CommandRow.op, sa.func.count()).where(CommandRow.state == "confirmed")
    rows = uow.session.execute(query.group_by(CommandRow.op))
    return Counter({str(op): int(count) for op, count in rows})


def credited(uow: UnitOfWork) -> dict[str, int]:
    """Credit memos in minor units, by currency."""
    query = sa.select(CreditMemoRow.currency, sa.func.sum(CreditMemoRow.amount_minor))
    rows = uow.session.execute(query.group_by(CreditMemoRow.currency))
    return {currency: int(total) for currency, total in rows}


def leaking(uow: UnitOfWork) -> tuple[str, ...]:
    """Kinds of leaks, apart from what is still under way."""
    found = leaks(uow, patience=_NOBODY_IS_LATE)
    return tuple(sorted(leak.kind.value for leak in found if not leak.under_way))


def audit_fault(uow: UnitOfWork) -> str | None:
    """What is wrong with the log of any case; `None` when all is true and complete."""
    found = [fault for chain in audit.chains(uow) for fault in audit.faults(uow, chain)]
    return "; ".join(found) or None


def is_undecided(uow: UnitOfWork, *, read_back: Collection[str]) -> bool:
    """Whether the worker has a proposal, or a command to a system outside, that it is not done with.

    An effect is done with when it was read back, if it is of one of the operations that are.
    """
    pending = sa.select(ProposalRow.id).where(ProposalRow.state == "pending")
    sent = sa.select(CommandRow.key).where(CommandRow.state.in_(("intended", "sent")))
    unread = sa.select(CommandRow.key).where(
        CommandRow.state == "confirmed",
        CommandRow.attested_at.is_(None),
        CommandRow.op.in_(read_back),
    )
    return any(uow.session.scalars(query.limit(1)).first() is not None for query in (pending, sent, unread))


def audit_tags(uow: UnitOfWork) -> tuple[str, ...]:
    """What the chains of all cases tell, in order, without the ids and moments that differ between runs.

    Read-backs come last: they have a clock of their own, and stand wherever it strikes between the effects.
    """
    query = (
        sa.select(AuditRow.tag).where(AuditRow.chain != SYSTEM_CHAIN).order_by(AuditRow.chain, AuditRow.seq)
    )
    tags = list(uow.session.scalars(query))
    return tuple(sorted(tags, key=lambda tag: tag == Tag.EFFECT_ATTESTED))
