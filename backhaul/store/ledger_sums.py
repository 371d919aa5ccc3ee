"""Reading the ledger: pieces and money by kind, and what is at stake on an order."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from backhaul.domain.ledger_laws import (
    AUTHORISED,
    CREDITED,
    DISPOSED,
    MAKES_GOOD,
    RECEIVED,
    RELEASED,
    REPLACED,
    UNMATCHED,
)
from backhaul.domain.money import Money
from backhaul.store.effect_tables import LedgerEntryRow, RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork


def on_rma_line(uow: UnitOfWork, rma_line_id: str) -> Counter[str]:
    """Pieces of one line of an RMA, by kind of entry."""
    query = (
        sa.select(LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity))
        .where(LedgerEntryRow.rma_line_id == rma_line_id)
        .group_by(LedgerEntryRow.kind)
    )
    return Counter({kind: int(pieces) for kind, pieces in uow.session.execute(query)})


def came_with(uow: UnitOfWork, receipt_id: str) -> bool:
    """Whether goods were entered that came with a receipt, on an RMA or without one."""
    query = sa.select(LedgerEntryRow.id).where(
        LedgerEntryRow.cause == receipt_id, LedgerEntryRow.kind.in_([RECEIVED, UNMATCHED])
    )
    return uow.session.scalars(query.limit(1)).first() is not None


def was_moved(uow: UnitOfWork, disposition_id: str) -> bool:
    """Whether a permit was spent on the move of these pieces; their row may say so without one."""
    query = sa.select(LedgerEntryRow.id).where(
        LedgerEntryRow.cause == disposition_id, LedgerEntryRow.kind == DISPOSED
    )
    return uow.session.scalars(query.limit(1)).first() is not None


def authorised_value(uow: UnitOfWork, permit_id: str) -> Money:
    """What a permit authorised, in the ledger currency; nothing when it never passed the gateway."""
    query = sa.select(LedgerEntryRow).where(
        LedgerEntryRow.permit_id == permit_id, LedgerEntryRow.kind == AUTHORISED
    )
    entry = uow.session.scalars(query).first()
    return Money(entry.amount_minor, entry.currency) if entry else Money(0)


def net_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, kind: str, undo: str | None = None
) -> int:
    """Pieces of an order line entered as `kind`, less those entered as `undo`."""
    return sum(
        entry.quantity if entry.kind == kind else -entry.quantity
        for entry in _entries(uow, order_number, (kind,) if undo is None else (kind, undo))
        if entry.order_line == order_line
    )


def settled_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, on: Sequence[RmaLineRow], *, shipped: int | None
) -> int:
    """Pieces already made good: of these lines of RMAs, or of the whole order line when there are none.

    An RMA may have ended without its goods after its replacement was sent. Those pieces were made good too:
    of the lines given, as many count as settled as the order line has no other pieces for.
    """
    place = (LedgerEntryRow.order_number == order_number, LedgerEntryRow.order_line == order_line)
    on_whole_line = _made_good(uow, *place)
    if not on:
        return on_whole_line
    here = _made_good(uow, LedgerEntryRow.rma_line_id.in_([line.id for line in on]))
    if shipped is None:
        return here
    return max(here, sum(line.quantity for line in on) - (shipped - on_whole_line))


def _made_good(uow: UnitOfWork, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(LedgerEntryRow.quantity), 0)).where(*where)
    return int(uow.session.scalar(query.where(LedgerEntryRow.kind.in_(MAKES_GOOD))) or 0)


def paid_out_minor(uow: UnitOfWork, order_number: str) -> int:
    """Value at stake on the order, in cents of the ledger currency.

    What is authorised and not released is at stake, and with it, once, what was replaced or credited for it.
    What was given for pieces that no RMA expects, or expects no longer, is at stake beside it.
    """
    query = (
        sa.select(
            LedgerEntryRow.rma_line_id,
            LedgerEntryRow.kind,
            sa.func.sum(LedgerEntryRow.quantity),
            sa.func.sum(LedgerEntryRow.amount_minor),
        )
        .where(LedgerEntryRow.order_number == order_number, LedgerEntryRow.kind.in_(_AT_STAKE))
        .group_by(LedgerEntryRow.rma_line_id, LedgerEntryRow.kind)
    )
    by_line: dict[str | None, dict[str, _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    for rma_line_id, kind, pieces, cents in uow.session.execute(query):
        by_line[rma_line_id][kind] = _Sum(int(pieces), int(cents))
    return sum(_at_stake(sums, on_rma=line is not None) for line, sums in by_line.items())


_AT_STAKE = (AUTHORISED, RELEASED, REPLACED, CREDITED)


class _Sum(NamedTuple):
    pieces: int = 0
    cents: int = 0


def _at_stake(sums: Mapping[str, _Sum], *, on_rma: bool) -> int:
    """Of one RMA line, or of everything that stands on none."""
    authorised, released, replaced, credited = (sums[kind] for kind in _AT_STAKE)
    expected = authorised.pieces - released.pieces if on_rma else 0
    given, worth = replaced.pieces + credited.pieces, replaced.cents + credited.cents
    for_nothing = max(given - expected, 0)
    beside = -(-worth * for_nothing // given) if given else 0
    return authorised.cents - released.cents + beside


def _entries(uow: UnitOfWork, order_number: str, kinds: Sequence[str]) -> Sequence[LedgerEntryRow]:
    query = sa.select(LedgerEntryRow).where(LedgerEntryRow.order_number == order_number)
    return uow.session.scalars(query.where(LedgerEntryRow.kind.in_(kinds))).all()


def came_late(uow: UnitOfWork, order_number: str, order_line: int) -> int:
    """Pieces that came after they had been released: they are here, whatever else is authorised since."""
    query = (
        sa.select(LedgerEntryRow.rma_line_id, LedgerEntryRow.kind, sa.func.sum(LedgerEntryRow.quantity))
        .where(LedgerEntryRow.order_number == order_number, LedgerEntryRow.order_line == order_line)
        .where(LedgerEntryRow.rma_line_id.is_not(None))
        .group_by(LedgerEntryRow.rma_line_id, LedgerEntryRow.kind)
    )
    by_line: dict[str | None, Counter[str]] = defaultdict(Counter)
    for rma_line_id, kind, pieces in uow.session.execute(query):
        by_line[rma_line_id][kind] += int(pieces)
    return sum(max(one[RECEIVED] - one[AUTHORISED] + one[RELEASED], 0) for one in by_line.values())


def unbooked_quantity(
    uow: UnitOfWork, order_number: str, order_line: int, booked_references: Sequence[str]
) -> int:
    """Pieces on our live RMAs that the ERP has not booked yet: they are authorised all the same."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(RmaLineRow.quantity), 0))
        .join(RmaRow, RmaRow.id == RmaLineRow.rma_id)
        .where(RmaLineRow.order_number == order_number, RmaLineRow.order_line == order_line)
        .where(RmaRow.cancelled_at.is_(None), RmaRow.expired_at.is_(None))
    )
    if booked_references:
        query = query.where(RmaRow.id.not_in(booked_references))
    return uow.session.scalar(query) or 0
