"""What people of the desk decide, and the seconds in which they can take it back.

A decision is written down at once and posted when its time has come, by the worker, also after a restart of
either process. Until then nothing counts: no approval is given, nobody is told. It is bound to the version of
the review it was made on, so that what changed meanwhile is not decided unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Reason
from backhaul.domain.errors import InvalidTransition, NotAllowed, StalePage
from backhaul.domain.review_reasons import ReviewAct
from backhaul.store import corrections, review_leases, reviews
from backhaul.store.desk_tables import DecisionRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

LAPSED = "changed while it was being decided"
"""Mark of a review that changed between a decision and its posting"""


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decides about a review."""

    act: ReviewAct
    by: str
    reason: str = ""
    note: str = ""
    really: str = ""
    command_digest: str = ""
    is_told: bool = True
    """Whether the worker has to act on it"""


def decide(
    uow: UnitOfWork, ids: Ids, row: ReviewRow, what: Decided, *, undo_seconds: int
) -> tuple[DecisionRow, bool]:
    """Write a decision down; without seconds to undo it, it is posted at once.

    Args:
        uow: The transaction.
        ids: Makes the id of the decision, and of an approval.
        row: The review, locked and at its new version.
        what: The decision.
        undo_seconds: How long it can be taken back.

    Returns:
        The decision, and whether it is posted: then the worker has to be told.

    Raises:
        HeldByAnother: A colleague works on the review.
    """
    review_leases.settle(uow, row, user_id=what.by)
    made = _written(uow, ids, row, what)
    if not undo_seconds:
        post(uow, ids, row, made)
        return made, True
    row.posts_at = made.decided_at + timedelta(seconds=undo_seconds)
    uow.record(
        Tag.REVIEW_DECIDED,
        actor=f"staff:{what.by}",
        subject=row.id,
        case_id=row.case_id,
        facts={"act": what.act.value, "reason": what.reason, "decision": made.id},
    )
    return made, False


def enter(uow: UnitOfWork, ids: Ids, row: ReviewRow, what: Decided) -> DecisionRow:
    """Write down what is done already and cannot be taken back: a question, or a hand over."""
    made = _written(uow, ids, row, what)
    made.posted_at = made.decided_at
    return made


def _written(uow: UnitOfWork, ids: Ids, row: ReviewRow, what: Decided) -> DecisionRow:
    made = DecisionRow(
        id=ids.new("DC"),
        review_id=row.id,
        act=what.act.value,
        reason=what.reason,
        note=what.note,
        really=what.really,
        command_digest=what.command_digest,
        review_version=row.version,
        is_told=what.is_told,
        decided_by=what.by,
        decided_at=uow.clock.now(),
    )
    uow.session.add(made)
    row.reason = what.reason
    return made


def post(uow: UnitOfWork, ids: Ids, row: ReviewRow, made: DecisionRow) -> None:
    """From here on it counts. The review is locked, and is the one that was decided on."""
    made.posted_at, row.posts_at, row.expert = uow.clock.now(), None, None
    if made.act == ReviewAct.APPROVE.value:
        reviews.approve(
            uow,
            ids,
            row,
            user_id=made.decided_by,
            command_digest=made.command_digest,
            note=made.note,
            reason=made.reason,
        )
    else:
        instead = made.act == ReviewAct.CREDIT_INSTEAD.value
        marked = reviews.CREDIT_INSTEAD if instead else None
        reviews.reject(uow, row, user_id=made.decided_by, note=made.note, marked=marked, reason=made.reason)
    if made.really:
        corrections.note_of_review(uow, row, right=Reason(made.really), by=made.decided_by)


def waiting(uow: UnitOfWork, row: ReviewRow) -> DecisionRow | None:
    """The decision about a review that can still be taken back, or `None`."""
    if row.posts_at is None:
        return None
    return uow.session.scalars(
        _of(row.id)
        .where(
            DecisionRow.posted_at.is_(None), DecisionRow.undone_at.is_(None), DecisionRow.lapsed_at.is_(None)
        )
        .limit(1)
    ).first()


def of_review(uow: UnitOfWork, review_id: str) -> Sequence[DecisionRow]:
    """Every decision that was made about a review, newest first."""
    return uow.session.scalars(_of(review_id)).all()


def _of(review_id: str) -> sa.Select[DecisionRow]:
    query = sa.select(DecisionRow).where(DecisionRow.review_id == review_id)
    return query.order_by(DecisionRow.decided_at.desc(), DecisionRow.id.desc())


def undo(uow: UnitOfWork, review_id: str, *, version: int, by: str) -> ReviewRow:
    """Take a decision back before it is posted. The review is locked first, as by who posts it.

    Raises:
        InvalidTransition: It is posted, or was taken back already.
        StalePage: The review changed since the page was made.
        NotAllowed: Somebody else decided.
    """
    row = reviews.review(uow, review_id, lock=True)
    made = waiting(uow, row)
    if made is None:
        raise InvalidTransition(f"decision about {review_id}", state="carried out", event="an undo")
    if row.version != version:
        raise StalePage(f"review {review_id}")
    if made.decided_by != by:
        raise NotAllowed("Only who decided can take it back. Talk to them.")
    made.undone_at, row.posts_at, row.reason = uow.clock.now(), None, None
    row.version += 1
    _tell(uow, Tag.DECISION_UNDONE, row, made, actor=f"staff:{by}")
    return row


def due(uow: UnitOfWork, *, limit: int = 100) -> Sequence[str]:
    """Reviews whose decision is to be posted now, oldest first."""
    query = sa.select(ReviewRow.id).where(ReviewRow.posts_at <= uow.clock.now())
    return uow.session.scalars(query.order_by(ReviewRow.posts_at).limit(limit)).all()


def post_if_due(uow: UnitOfWork, ids: Ids, review_id: str) -> DecisionRow | None:
    """Post the decision about a review, unless it was undone, is not due or has lapsed; None then."""
    row = reviews.review(uow, review_id, lock=True)
    made = waiting(uow, row)
    if made is None or row.posts_at is None or row.posts_at > uow.clock.now():
        return None
    if not _is_still_what_was_decided(uow, row, made):
        made.lapsed_at, row.posts_at, row.reason = uow.clock.now(), None, None
        row.version += 1
        if row.state in reviews.OPEN_STATES:
            row.marked = row.marked or LAPSED
        _tell(uow, Tag.DECISION_LAPSED, row, made, actor="worker:desk")
        return None
    post(uow, ids, row, made)
    return made


def _is_still_what_was_decided(uow: UnitOfWork, row: ReviewRow, made: DecisionRow) -> bool:
    if row.state not in reviews.OPEN_STATES or row.version != made.review_version:
        return False
    verdict = reviews.newest_verdict(uow, row)
    return not made.command_digest or (verdict is not None and verdict.command_digest == made.command_digest)


def _tell(uow: UnitOfWork, tag: Tag, row: ReviewRow, made: DecisionRow, *, actor: str) -> None:
    facts = {"act": made.act, "decision": made.id}
    uow.record(tag, actor=actor, subject=row.id, case_id=row.case_id, facts=facts)


def resume_id(review_id: str, version: int) -> str:
    """The name of the work that follows a decision about a review at that version."""
    return f"resume-review-{review_id}-{version}"
