"""Workflows that broke off, as the worker found them in its engine."""

import re
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from backhaul.domain.receiving import DISPOSITION_PREFIX, RECEIPT_PREFIX
from backhaul.store import rmas
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.stuck_tables import StuckWorkRow
from backhaul.store.tables import ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

_MOST_WORDS = 500
_NAMED = re.compile(rf"\b({RECEIPT_PREFIX}|{DISPOSITION_PREFIX}|VC|RMA)-[2-9A-Z]+\b")


def known(uow: UnitOfWork) -> frozenset[str]:
    """Names of the work that stands in the list."""
    return frozenset(uow.session.scalars(sa.select(StuckWorkRow.workflow_id)))


def asked_for(uow: UnitOfWork) -> Sequence[str]:
    """Names of the work that somebody asked to go on with."""
    query = sa.select(StuckWorkRow.workflow_id).where(StuckWorkRow.asked_at.is_not(None))
    return uow.session.scalars(query).all()


def keep(uow: UnitOfWork, workflow_id: str, *, name: str, why: str) -> StuckWorkRow:
    """Put work that broke off on the list; no such work may stand there."""
    rma = rma_behind(uow, workflow_id)
    row = StuckWorkRow(
        workflow_id=workflow_id,
        name=name,
        why=why[:_MOST_WORDS],
        case_id=rma.case_id if rma else _case_behind(uow, workflow_id),
        found_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def drop(uow: UnitOfWork, workflow_ids: Collection[str], *, also_asked_for: bool) -> None:
    """Take work off the list, because it goes on or is no more."""
    mine = sa.delete(StuckWorkRow).where(StuckWorkRow.workflow_id.in_(workflow_ids))
    uow.session.execute(mine if also_asked_for else mine.where(StuckWorkRow.asked_at.is_(None)))


def rma_behind(uow: UnitOfWork, workflow_id: str) -> RmaRow | None:
    """The RMA that a workflow is about: the first thing that its name names."""
    named = _NAMED.search(workflow_id)
    subject = named[0] if named else workflow_id.partition("-")[2]
    found = (
        uow.session.get(DispositionRow, subject)
        or uow.session.get(ReceiptRow, subject)
        or uow.session.get(VendorClaimRow, subject)
    )
    rma_id = found.rma_id if found is not None else subject
    return rmas.find(uow, rma_id) if rma_id else None


def _case_behind(uow: UnitOfWork, workflow_id: str) -> str | None:
    """`decide-PR-...` and `resume-review-RV-...-1` belong to a case before there is an RMA."""
    review_id = workflow_id.removeprefix("resume-review-").rpartition("-")[0]
    proposal = uow.session.get(ProposalRow, workflow_id.removeprefix("decide-"))
    review = uow.session.get(ReviewRow, review_id)
    if proposal is not None:
        return proposal.case_id
    return review.case_id if review is not None else None
