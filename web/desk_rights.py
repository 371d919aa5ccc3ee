"""Who may approve what on the desk. The worker checks all of it again before anything happens."""

from backhaul.domain.canonical import digest
from backhaul.domain.codes import Role
from backhaul.store import cases, reviews
from backhaul.store.tables import ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import Member
from web.world import Doors


def why_may_not_approve(uow: UnitOfWork, doors: Doors, who: Member, row: ReviewRow) -> str:
    """In words, why this person cannot approve this; empty when they can. The worker checks again."""
    proposal = cases.proposal(uow, row.proposal_id) if row.proposal_id else None
    verdict = cases.newest_verdict(uow, proposal.id) if proposal else None
    if proposal is None or verdict is None:
        return "There is nothing to approve: a person was asked for. Write to the customer, or close it."
    if is_own_request(who, proposal.requested_by):
        return "You made this request yourself. Somebody else has to approve it."
    if any(
        given.user_id == who.user_id and given.command_digest == verdict.command_digest
        for given in reviews.approvals(uow, proposal.id)
    ):
        return (
            "You have approved this. It goes on as soon as the worker has acted, or a second person agrees."
        )
    limit = doors.reviewer_limit() if doors.reviewer_limit else None
    if limit is None or Role.APPROVER in who.roles:
        return ""
    if row.currency != limit.currency or row.value_minor > limit.minor:
        return f"Above {limit} an approver decides. You can reject it or ask the customer."
    return ""


def is_own_request(who: Member, requested_by: str) -> bool:
    """Whether the request was made by this member of staff, for a customer or for themselves."""
    asker = requested_by.partition(" for ")[0].partition(":")[2].lower()
    return asker in {who.user_id.lower(), who.email.lower(), who.email.partition("@")[0].lower()}


def command_is_still(verdict: VerdictRow, shown_digest: str) -> bool:
    """Whether the command on the page is the one the guard holds now, and is itself what its digest says."""
    return verdict.command_digest == shown_digest == digest(verdict.command)
