"""Lines that were drawn to be read blind and that nobody has read yet: nothing read in them may be shown."""

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from backhaul.store.autonomy_tables import BlindDrawRow, BlindLabelRow
from backhaul.store.reviews import FIRST_ACTS, OPEN_STATES
from backhaul.store.tables import CaseRow, ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork


def _waiting(column: InstrumentedAttribute[str]) -> sa.Select[str]:
    """The same as `reviews.waits_to_be_read`, for many at once."""
    return (
        sa.select(column)
        .select_from(ReviewRow)
        .join(BlindDrawRow, BlindDrawRow.proposal_id == ReviewRow.proposal_id)
        .join(BlindLabelRow, BlindLabelRow.proposal_id == ReviewRow.proposal_id, isouter=True)
        .join(ProposalRow, ProposalRow.id == ReviewRow.proposal_id)
        .where(
            BlindLabelRow.proposal_id.is_(None),
            ReviewRow.state.in_(OPEN_STATES),
            ReviewRow.action.in_(FIRST_ACTS),
        )
    )


def lines_of_account(uow: UnitOfWork, account_id: str) -> frozenset[str]:
    """Lines of an account's cases that still wait to be read blind."""
    query = _waiting(ProposalRow.line_id).join(CaseRow, CaseRow.id == ReviewRow.case_id)
    return frozenset(uow.session.scalars(query.where(CaseRow.account_id == account_id)))


def reviews_of_thread(uow: UnitOfWork, thread_id: str) -> frozenset[str]:
    """Reviews of a conversation that still wait to be read blind."""
    return frozenset(uow.session.scalars(_waiting(ReviewRow.id).where(ReviewRow.thread_id == thread_id)))


def proposals_of_case(uow: UnitOfWork, case_id: str) -> frozenset[str]:
    """Proposals of a case that still wait to be read blind."""
    return frozenset(uow.session.scalars(_waiting(ProposalRow.id).where(ReviewRow.case_id == case_id)))


def cases(uow: UnitOfWork) -> frozenset[str]:
    """Every case with a line that still waits to be read blind, and the other cases of the same words."""
    threads = _waiting(ReviewRow.thread_id)
    return frozenset(uow.session.scalars(sa.select(CaseRow.id).where(CaseRow.thread_id.in_(threads))))
