"""Who may approve what on the desk. The worker checks all of it again before anything happens."""

from backhaul.domain.canonical import digest
from backhaul.store import cases, reviews
from backhaul.store.staff import is_asker
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import Member


def why_may_not_approve(uow: UnitOfWork, who: Member, row: ReviewRow) -> str:
    """In words, why this person cannot approve this; empty when they can. The worker checks again."""
    if row.asked_by == who.user_id:
        return "You asked for this yourself. Somebody else has to approve it."
    proposal = cases.proposal(uow, row.proposal_id) if row.proposal_id else None
    verdict = reviews.newest_verdict(uow, row)
    if proposal is None or verdict is None:
        return "There is nothing to approve here. Write to the customer, or close it."
    if is_own_request(who, proposal.requested_by):
        return "You made this request yourself. Somebody else has to approve it."
    if any(
        given.user_id == who.user_id and given.command_digest == verdict.command_digest
        for given in reviews.approvals(uow, proposal.id)
    ):
        return (
            "You have approved this. It goes on as soon as the worker has acted, or a second person agrees."
        )
    return ""


def is_own_request(who: Member, requested_by: str) -> bool:
    """Whether the request was made by this member of staff, for a customer or for themselves."""
    return is_asker(requested_by, staff_id=who.user_id, email=who.email)


def command_is_still(verdict: VerdictRow, shown_digest: str) -> bool:
    """Whether the command on the page is the one the guard holds now, and is itself what its digest says."""
    return verdict.command_digest == shown_digest == digest(verdict.command)
