"""Corrections of what was read: noted by whoever decided or inspected, looked at by somebody else.

A confirmed one is an exemplar for training. It leaves with its customer: `forget` takes the words of an
account out, and withdraws every head that learnt from them.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Reason, Role
from backhaul.domain.errors import InvalidTransition, NotAllowed
from backhaul.domain.teachable import teachable
from backhaul.store import cases as case_rows
from backhaul.store import conversation
from backhaul.store.dock_tables import InspectionRow
from backhaul.store.reader_tables import CorrectionRow
from backhaul.store.reviews import staff_roles
from backhaul.store.tables import ClaimRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork, existing

NOTED, CONFIRMED, DISMISSED, ERASED = "noted", "confirmed", "dismissed", "erased"
REVIEW, INSPECTION = "review", "inspection"
MAY_LOOK = frozenset({Role.REVIEWER.value, Role.APPROVER.value, Role.POLICY_OWNER.value, Role.ADMIN.value})
"""Who may give a correction its second look"""


def reason_read(claim: ClaimRow) -> Reason | None:
    """What the reader took for the reason of these words; None where it took none."""
    said = claim.payload.get("reason")
    return Reason(said) if said in set(Reason) else None


def note_of_review(uow: UnitOfWork, review: ReviewRow, *, right: Reason, by: str) -> CorrectionRow | None:
    """A reviewer says what the words really say; None where that is what was read, or nothing was."""
    if review.proposal_id is None:
        return None
    return _note(uow, review.proposal_id, right, source=REVIEW, subject=review.id, by=by)


def note_of_inspection(
    uow: UnitOfWork, seen: InspectionRow, proposal_id: str, *, right: Reason
) -> CorrectionRow | None:
    """An inspector found another reason. Whether the words say so too is for the second look to tell."""
    return _note(uow, proposal_id, right, source=INSPECTION, subject=seen.id, by=seen.inspected_by)


def _note(
    uow: UnitOfWork, proposal_id: str, right: Reason, *, source: str, subject: str, by: str
) -> CorrectionRow | None:
    claim = case_rows.claim(uow, case_rows.proposal(uow, proposal_id).claim_id)
    read = reason_read(claim) if claim else None
    if claim is None or read in {None, right}:
        return None
    if uow.session.get(CorrectionRow, f"CX-{subject}") is not None:
        return None
    case = case_rows.case(uow, claim.case_id)
    words = teachable(claim.words, [conversation.thread(uow, case.thread_id).contact_name])
    if not words:
        return None
    row = CorrectionRow(
        id=f"CX-{subject}",
        case_id=case.id,
        claim_id=claim.id,
        account_id=case.account_id,
        words=words,
        reason_read=str(read),
        reason_right=right.value,
        source=source,
        noted_by=by,
        noted_at=uow.clock.now(),
        state=NOTED,
    )
    uow.session.add(row)
    uow.session.flush()
    told = {"read": row.reason_read, "right": row.reason_right, source: subject}
    uow.record(Tag.CORRECTION_NOTED, actor=f"staff:{by}", subject=row.id, case_id=case.id, facts=told)
    return row


def confirm(uow: UnitOfWork, correction_id: str, *, by: str) -> CorrectionRow:
    """A second person agrees: the words are an exemplar from now on.

    Raises:
        NotFound: There is no such correction.
        NotAllowed: They noted it themselves, or have no role for it.
        InvalidTransition: It had its second look, or was erased.
    """
    return _look(uow, correction_id, by=by, state=CONFIRMED, tag=Tag.CORRECTION_CONFIRMED)


def dismiss(uow: UnitOfWork, correction_id: str, *, by: str) -> CorrectionRow:
    """A second person disagrees, or finds words that lead to a person: they are taken out at once.

    Raises:
        As `confirm`.
    """
    row = _look(uow, correction_id, by=by, state=DISMISSED, tag=Tag.CORRECTION_DISMISSED)
    row.words = ""
    return row


def _look(uow: UnitOfWork, correction_id: str, *, by: str, state: str, tag: Tag) -> CorrectionRow:
    row = existing(uow, CorrectionRow, correction_id, "correction", lock=True)
    if not staff_roles(uow, by) & MAY_LOOK:
        raise NotAllowed(f"a second look is for people with one of the roles {', '.join(sorted(MAY_LOOK))}")
    if row.state != NOTED:
        raise InvalidTransition(f"correction {row.id}", state=row.state, event="a second look")
    if row.noted_by == by:
        raise NotAllowed("who noted a correction does not confirm it; somebody else has to")
    row.state, row.looked_by, row.looked_at = state, by, uow.clock.now()
    uow.record(tag, actor=f"staff:{by}", subject=row.id, case_id=row.case_id)
    return row


def in_state(uow: UnitOfWork, state: str) -> Sequence[CorrectionRow]:
    """Corrections in a state, oldest first."""
    query = sa.select(CorrectionRow).where(CorrectionRow.state == state)
    return uow.session.scalars(query.order_by(CorrectionRow.noted_at, CorrectionRow.id)).all()


def named(uow: UnitOfWork, ids: Sequence[str]) -> list[CorrectionRow]:
    """These corrections in that order; what is not there is left out."""
    found = {
        row.id: row for row in uow.session.scalars(sa.select(CorrectionRow).where(CorrectionRow.id.in_(ids)))
    }
    return [found[one] for one in ids if one in found]


def erase_of_account(
    uow: UnitOfWork, account_id: str, *, by: str, cases: Sequence[str] | None = None
) -> list[str]:
    """Take the words of an account out of all its corrections, or of those of some of its cases.

    The ids of those that held any.
    """
    query = sa.select(CorrectionRow).where(CorrectionRow.account_id == account_id, CorrectionRow.words != "")
    if cases is not None:
        query = query.where(CorrectionRow.case_id.in_(cases))
    rows = uow.session.scalars(query.order_by(CorrectionRow.id).with_for_update()).all()
    for row in rows:
        row.words, row.state = "", ERASED
        uow.record(Tag.CORRECTION_ERASED, actor=f"staff:{by}", subject=row.id, case_id=row.case_id)
    return [row.id for row in rows]
