"""Whose yes counts for a command, and where its review stands."""

from dataclasses import replace

from backhaul.domain.codes import Action, Role
from backhaul.store import reviews, staff
from backhaul.store.tables import ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tools.facts import Evidence

_MAY_APPROVE = frozenset({Role.APPROVER.value, Role.REVIEWER.value, Role.ADMIN.value})
_MONEY = {Action.CREDIT_MEMO, Action.RETURNLESS_REFUND, Action.VENDOR_CLAIM}


def may_approve(action: Action) -> frozenset[str]:
    """The roles whose approval counts: where money is all that moves, finance decides as well."""
    return _MAY_APPROVE | {Role.FINANCE.value} if action in _MONEY else _MAY_APPROVE


def approvers(uow: UnitOfWork, row: ProposalRow, action: Action, command_digest: str) -> frozenset[str]:
    """Members of staff whose approval is for exactly this command and who still may approve.

    Who asked for the effect does not approve it.
    """
    return frozenset(
        approval.user_id
        for approval in reviews.approvals(uow, row.id)
        if approval.command_digest == command_digest
        and reviews.review(uow, approval.review_id).asked_by != approval.user_id
        and reviews.staff_roles(uow, approval.user_id) & may_approve(action)
    )


def authorisers(uow: UnitOfWork, row: ProposalRow) -> frozenset[str]:
    """Members of staff who let the return in that this proposal asked for."""
    return frozenset(
        approval.user_id
        for approval in reviews.approvals(uow, row.id)
        if reviews.review(uow, approval.review_id).action == Action.CREATE_RMA.value
    )


def status_of(review: ReviewRow | None) -> str:
    """Where a review stands, as rules read it."""
    if review is None:
        return "none"
    return review.state if review.state in {"approved", "rejected"} else "pending"


def with_approvers(
    uow: UnitOfWork, evidence: Evidence, row: ProposalRow, action: Action, said_yes: frozenset[str]
) -> Evidence:
    """The evidence with those who approved. A rejection stays one, whoever said yes before it.

    The yes to a credit of somebody who let the return in counts only until somebody else has said yes, and
    until then the policy is told so: two different people are behind every credit that a person approves.
    """
    others = said_yes
    if action is Action.CREDIT_MEMO:
        others = said_yes - authorisers(uow, row)
    counted = others or said_yes
    people = [person for one in counted if (person := staff.staff_by_id(uow, one)) is not None]
    return replace(
        evidence,
        approvers=counted,
        approver_is_requester=any(staff.asked_for_it(person, row.requested_by) for person in people),
        approver_is_authoriser=bool(counted) and not others,
        review_status=evidence.review_status if evidence.review_status == "rejected" else "approved",
    )
