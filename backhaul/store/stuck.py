"""Everything that stands still, from one front: stages, commands without an end, and work that broke off.

The worker writes what its engine could not finish into a table of ours. The doors must not know the engine,
whose tables change with its versions, and on PostgreSQL the web role need not read them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from backhaul.domain.codes import Action, Role
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.domain.returns import OVER
from backhaul.domain.stuck import LIMITS, Stuck, StuckDeed, StuckStage
from backhaul.store import reviews
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.stuck_stages import MOST, standing_still
from backhaul.store.stuck_tables import StuckDeedRow, StuckWorkRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

MAY_ACT = frozenset({Role.REVIEWER.value, Role.ADMIN.value})
"""Whose roles may have something done about what is stuck"""
ISSUED_ANEW = frozenset(one.value for one in Action) | {
    "receive_goods",
    "match_receipt",
    "close_rma",
    "send_back",
}
"""Operations of which a new issue is one new document at the peer, and never half of one"""
_LONGEST_WORDS = 400


def stuck(uow: UnitOfWork) -> list[Stuck]:
    """Everything that stands still, the longest first.

    What was handed over stays on the list, marked, until it moves; a rejected command or work that broke off
    leaves it when the review it was handed over with is decided.
    """
    handed = _handed_over(uow)
    found = [_marked(one, handed) for one in _all(uow)]
    return sorted((one for one in found if one is not None), key=lambda one: (one.since, one.subject))


def find(uow: UnitOfWork, stage: StuckStage, subject: str) -> Stuck | None:
    """That very thing, if it still stands still."""
    return next((one for one in stuck(uow) if (one.stage, one.subject) == (stage, subject)), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants done about something stuck, and why."""

    deed_id: str
    stage: StuckStage
    subject: str
    deed: StuckDeed
    why: str
    staff_id: str


def ask(uow: UnitOfWork, asked: Asked) -> StuckDeedRow:
    """Write down what is asked; the same id again is the same request.

    Raises:
        NotAllowed: Not somebody who may act here.
        BadInput: It is no longer stuck, that deed is not open for it, or a re-issue without a reason.
    """
    before = uow.session.get(StuckDeedRow, asked.deed_id)
    if before is not None:
        return before
    if not reviews.staff_roles(uow, asked.staff_id) & MAY_ACT:
        raise NotAllowed("Only a reviewer or an administrator may do this.")
    if asked.deed is StuckDeed.REISSUE and not asked.why.strip():
        raise BadInput("Say how you know that it was not done.", field="why")
    standing = find(uow, asked.stage, asked.subject)
    if standing is None or asked.deed not in standing.deeds:
        raise BadInput("It has moved on since this page was made; nothing was done.", field="subject")
    row = StuckDeedRow(
        id=asked.deed_id,
        stage=asked.stage.value,
        subject=asked.subject,
        deed=asked.deed.value,
        why=asked.why.strip()[:_LONGEST_WORDS],
        asked_by=asked.staff_id,
        asked_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def deed(uow: UnitOfWork, deed_id: str) -> StuckDeedRow:
    """What was asked, row-locked; NotFound otherwise."""
    query = sa.select(StuckDeedRow).where(StuckDeedRow.id == deed_id).with_for_update(key_share=True)
    row = uow.session.scalars(query).first()
    if row is None:
        raise NotFound("deed", deed_id)
    return row


def recent_deeds(uow: UnitOfWork, *, limit: int = 20) -> Sequence[StuckDeedRow]:
    """What was asked lately, the newest first."""
    query = sa.select(StuckDeedRow).order_by(StuckDeedRow.asked_at.desc(), StuckDeedRow.id)
    return uow.session.scalars(query.limit(limit)).all()


def work(uow: UnitOfWork, workflow_id: str) -> StuckWorkRow | None:
    """The work that broke off under that name, or `None`."""
    return uow.session.get(StuckWorkRow, workflow_id)


def _all(uow: UnitOfWork) -> Iterator[Stuck]:
    yield from standing_still(uow)
    yield from _unanswered(uow)
    yield from _ended_badly(uow)
    yield from _broken(uow)


def _unanswered(uow: UnitOfWork) -> Iterator[Stuck]:
    stage = StuckStage.COMMAND_UNANSWERED
    before = LIMITS[stage].before(uow.clock.now())
    began = sa.func.coalesce(CommandRow.sent_at, CommandRow.created_at)
    query = sa.select(CommandRow).where(CommandRow.state.in_(["intended", "sent"]), began < before)
    for row in uow.session.scalars(query.order_by(CommandRow.created_at).limit(MOST)):
        happened = f"was sent {row.attempts} times and not answered" if row.attempts else "was never sent"
        yield _command(stage, row, happened, (StuckDeed.RETRY, StuckDeed.HAND_OVER))


def _ended_badly(uow: UnitOfWork) -> Iterator[Stuck]:
    """What was rejected matters while its return is open; what was never sent was given up on purpose."""
    unknown = sa.select(CommandRow).where(CommandRow.state == "unknown").order_by(CommandRow.created_at)
    for row in uow.session.scalars(unknown.limit(MOST)):
        happened = f"may have been done or not ({row.error})"
        yield _command(StuckStage.COMMAND_UNKNOWN, row, happened, (StuckDeed.RETRY, StuckDeed.HAND_OVER))
    over = sa.select(RmaRow.id).where(RmaRow.state.in_(OVER), CommandRow.key.startswith(RmaRow.id))
    rejected = sa.select(CommandRow).where(
        CommandRow.state == "rejected", CommandRow.sent_at.is_not(None), ~over.exists()
    )
    for row in uow.session.scalars(rejected.order_by(CommandRow.created_at).limit(MOST)):
        again = (StuckDeed.REISSUE,) if row.op in ISSUED_ANEW else ()
        happened = f"was rejected: {row.error}"
        yield _command(StuckStage.COMMAND_REJECTED, row, happened, (*again, StuckDeed.HAND_OVER))


def _command(stage: StuckStage, row: CommandRow, happened: str, deeds: tuple[StuckDeed, ...]) -> Stuck:
    since = row.sent_at or row.created_at
    possible = deeds if row.case_id else tuple(one for one in deeds if one is not StuckDeed.HAND_OVER)
    what = f"{row.op.replace('_', ' ').capitalize()} {happened}."
    return Stuck(stage, row.key, row.case_id or None, since, what, possible)


def _broken(uow: UnitOfWork) -> Iterator[Stuck]:
    for row in uow.session.scalars(sa.select(StuckWorkRow).order_by(StuckWorkRow.found_at).limit(MOST)):
        what = f"{row.name.replace('-', ' ').capitalize()} broke off: {row.why}"
        deeds = [] if row.asked_at else [StuckDeed.RESUME]
        deeds += [StuckDeed.HAND_OVER] if row.case_id else []
        yield Stuck(StuckStage.WORK_BROKEN, row.workflow_id, row.case_id, row.found_at, what, tuple(deeds))


_Handed = dict[tuple[str, str], tuple[datetime, bool]]
"""When it was handed over and whether that review is still open, by stage and subject"""


def _handed_over(uow: UnitOfWork) -> _Handed:
    query = (
        sa.select(StuckDeedRow.stage, StuckDeedRow.subject, StuckDeedRow.asked_at, ReviewRow.state)
        .join(ReviewRow, ReviewRow.id == StuckDeedRow.review_id)
        .order_by(StuckDeedRow.done_at)
    )
    return {
        (stage, subject): (at, state in reviews.OPEN_STATES)
        for stage, subject, at, state in uow.session.execute(query)
    }


_DECIDED_BY_A_PERSON = frozenset({StuckStage.COMMAND_REJECTED, StuckStage.WORK_BROKEN})


def _marked(one: Stuck, handed: _Handed) -> Stuck | None:
    """What stands still anew since it was handed over counts as new."""
    at, is_open = handed.get((one.stage.value, one.subject), (None, False))
    if at is None or at < one.since:
        return one
    if not is_open:
        return None if one.stage in _DECIDED_BY_A_PERSON else one
    left = tuple(deed for deed in one.deeds if deed is not StuckDeed.HAND_OVER)
    return Stuck(
        one.stage, one.subject, one.case_id, one.since, one.what, left, with_person=True, page=one.page
    )
