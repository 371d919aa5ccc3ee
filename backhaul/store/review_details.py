"""What a list of reviews shows of each, looked up for all of them at once."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from backhaul.store import reviews
from backhaul.store.autonomy_tables import BlindDrawRow, BlindLabelRow
from backhaul.store.house_tables import StaffRow
from backhaul.store.tables import ApprovalRow, ProposalRow, ReturnLineRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork


def lines_among(uow: UnitOfWork, rows: Sequence[ReviewRow]) -> Mapping[str, ReturnLineRow]:
    """The line that each proposal is about, by proposal."""
    query = (
        sa.select(ProposalRow.id, ReturnLineRow)
        .join(ReturnLineRow, ReturnLineRow.id == ProposalRow.line_id)
        .where(ProposalRow.id.in_(_proposals(rows)))
    )
    return {row[0]: row[1] for row in uow.session.execute(query)}


def approved_among(uow: UnitOfWork, rows: Sequence[ReviewRow]) -> frozenset[str]:
    """Proposals with an approval that was not voided."""
    query = sa.select(ApprovalRow.proposal_id).where(
        ApprovalRow.proposal_id.in_(_proposals(rows)), ApprovalRow.void_at.is_(None)
    )
    return frozenset(uow.session.scalars(query))


def to_read_among(uow: UnitOfWork, rows: Sequence[ReviewRow]) -> frozenset[str]:
    """Proposals that somebody has to read blind first; see `reviews.waits_to_be_read`."""
    waiting = [row for row in rows if row.action in reviews.FIRST_ACTS and row.state in reviews.OPEN_STATES]
    query = (
        sa.select(BlindDrawRow.proposal_id)
        .outerjoin(BlindLabelRow, BlindLabelRow.proposal_id == BlindDrawRow.proposal_id)
        .where(BlindDrawRow.proposal_id.in_(_proposals(waiting)), BlindLabelRow.proposal_id.is_(None))
    )
    return frozenset(uow.session.scalars(query))


def names_of(uow: UnitOfWork, user_ids: Sequence[str]) -> Mapping[str, str]:
    """Names of members of staff, by id."""
    query = sa.select(StaffRow.id, StaffRow.name).where(StaffRow.id.in_(set(user_ids)))
    return {row.id: row.name for row in uow.session.execute(query)}


def _proposals(rows: Sequence[ReviewRow]) -> list[str]:
    return [row.proposal_id for row in rows if row.proposal_id]
