"""What a review is about, as the queue is filtered by it: whose, why, and what kind of goods."""

import sqlalchemy as sa

from backhaul.store import cases
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork

PERSON_NEEDED = "person"
"""Kind of a review without a proposal, see tools.review_worth"""
_CLASS = "product_class"


def describe(uow: UnitOfWork, row: ReviewRow) -> None:
    """Write down what a review that was opened or brought up to date is about."""
    row.account_id = cases.case(uow, row.case_id).account_id
    row.kind = str((row.worth or {}).get("kind") or row.action or PERSON_NEEDED)
    row.product_class = _class_of(uow, row)


def _class_of(uow: UnitOfWork, row: ReviewRow) -> str:
    """The class of the very goods, or that of all goods of the case; empty where it is not one."""
    if row.verdict_id is not None:
        verdict = uow.session.get(VerdictRow, row.verdict_id)
        return str((verdict.facts if verdict else {}).get(_CLASS) or "")
    query = sa.select(VerdictRow.facts).where(VerdictRow.case_id == row.case_id)
    found = {str(facts.get(_CLASS) or "") for facts in uow.session.scalars(query)}
    return found.pop() if len(found) == 1 else ""
