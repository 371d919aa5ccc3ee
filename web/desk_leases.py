"""Who works on a case: claim, give back, hand over, take over, set aside; each a plain form post."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import JSONResponse, RedirectResponse, Response

from backhaul.domain.errors import BadInput, HeldByAnother
from backhaul.domain.returns import ReviewState
from backhaul.store import review_leases, review_snoozes, reviews
from backhaul.store import staff as people
from backhaul.store.house_tables import StaffRow
from backhaul.store.queue_tables import ReviewLeaseRow, ReviewSnoozeRow
from backhaul.store.review_leases import How
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.who import DESK_ROLES, DeskMember, DoorsHere, Member, staff_form

router = APIRouter(prefix="/desk")
ANOTHER_MOMENT = "another"
_MORNING = time(8, tzinfo=UTC)
_MONDAY = 7
Why = Annotated[str, Form(max_length=400)]
OnlyStaff = [Depends(staff_form)]


@dataclass(frozen=True, slots=True)
class LeaseShown:
    """Who has a case that waits for the desk, as its page shows it."""

    review: ReviewRow
    row: ReviewLeaseRow | None
    holder: str
    """The name of who has it; empty when nobody has"""
    given_by: str
    """Who handed it over, or from whom it was taken"""
    is_mine: bool
    colleagues: Sequence[StaffRow]
    """Whom it can be handed to"""
    snooze: ReviewSnoozeRow | None
    snoozed_by: str
    moments: Sequence[tuple[str, str]]
    """Until when it can be set aside: what the form sends, and its words"""

    @property
    def is_anothers(self) -> bool:
        """Whether a colleague has it, so that a decision would be refused."""
        return self.row is not None and not self.is_mine

    @property
    def opens_by_itself(self) -> bool:
        """Whether looking at the page is enough to have it."""
        return self.row is None and self.snooze is None and self.review.state == ReviewState.OPEN.value


def lease_shown(uow: UnitOfWork, row: ReviewRow, who: Member) -> LeaseShown | None:
    """What the page says of who has it; `None` for what is decided."""
    if row.state not in reviews.OPEN_STATES:
        return None
    lease, snooze = review_leases.held(uow, row.id), review_snoozes.asleep_among(uow, [row.id]).get(row.id)
    return LeaseShown(
        review=row,
        row=lease,
        holder=name_of(uow, lease.holder) if lease else "",
        given_by=name_of(uow, lease.given_by) if lease and lease.given_by else "",
        is_mine=lease is not None and lease.holder == who.user_id,
        colleagues=_colleagues(uow, who),
        snooze=snooze,
        snoozed_by=name_of(uow, snooze.by) if snooze else "",
        moments=[(key, said) for key, said, _ in moments(uow.clock.now())],
    )


def name_of(uow: UnitOfWork, user_id: str) -> str:
    """The name of a member of staff; the id of who is none any more."""
    person = people.staff_by_id(uow, user_id)
    return person.name if person else user_id


def _colleagues(uow: UnitOfWork, who: Member) -> list[StaffRow]:
    return [one for one in people.all_staff(uow) if _is_on_desk(one) and one.id != who.user_id]


def _is_on_desk(person: StaffRow) -> bool:
    return person.active and bool({role.value for role in DESK_ROLES} & set(person.roles))


def moments(now: datetime) -> list[tuple[str, str, datetime]]:
    """Until when a case can be set aside with one choice: a key, words, and the moment."""
    tomorrow = now.date() + timedelta(days=1)
    monday = now.date() + timedelta(days=_MONDAY - now.weekday())
    return [
        ("hour", "For an hour", now + timedelta(hours=1)),
        ("half-day", "For four hours", now + timedelta(hours=4)),
        ("tomorrow", f"Until tomorrow, {_MORNING:%H:%M} UTC", datetime.combine(tomorrow, _MORNING)),
        ("monday", f"Until Monday, {_MORNING:%H:%M} UTC", datetime.combine(monday, _MORNING)),
    ]


@router.post("/{review_id}/claim", dependencies=OnlyStaff)
def claim(review_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Take a case nobody has; one's own is kept for longer."""
    with doors.desk.store.begin() as uow:
        review_leases.claim(uow, review_id, user_id=who.user_id)
    return _back_to(review_id)


@router.post("/{review_id}/working", dependencies=OnlyStaff)
def working(review_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """The page is open and somebody works on it: what nobody has is theirs, what is theirs stays so."""
    with doors.desk.store.begin() as uow:
        row = reviews.review(uow, review_id, lock=True)
        if not _has_work_in_it(uow, row, who):
            return JSONResponse({"mine": False})
        try:
            lease = review_leases.claim(uow, review_id, user_id=who.user_id, how=How.OPENED)
        except HeldByAnother as taken:
            return JSONResponse({"mine": False, "holder": taken.holder, "until": taken.until.isoformat()})
        return JSONResponse({"mine": True, "until": lease.until.isoformat()})


def _has_work_in_it(uow: UnitOfWork, row: ReviewRow, who: Member) -> bool:
    """Looking at what was set aside, asked, decided or approved by oneself takes it from nobody."""
    found = review_leases.held(uow, row.id)
    if found is not None and found.holder == who.user_id:
        return row.state in reviews.OPEN_STATES
    if row.state != ReviewState.OPEN.value or review_snoozes.asleep_among(uow, [row.id]):
        return False
    return all(one.user_id != who.user_id for one in reviews.approvals_of(uow, row))


@router.post("/{review_id}/give-back", dependencies=OnlyStaff)
def give_back(review_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Leave it to the others."""
    with doors.desk.store.begin() as uow:
        review_leases.give_back(uow, review_id, user_id=who.user_id)
    return RedirectResponse("/desk", status_code=303)


@router.post("/{review_id}/hand-over", dependencies=OnlyStaff)
def hand_over(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    to: Annotated[str, Form(max_length=40)] = "",
    why: Why = "",
) -> Response:
    """Give it to a colleague by name."""
    with doors.desk.store.begin() as uow:
        if to not in {one.id for one in _colleagues(uow, who)}:
            raise BadInput("Choose a colleague of the desk.", field="to")
        review_leases.hand_over(uow, review_id, user_id=who.user_id, to=to, said=why.strip())
    return RedirectResponse("/desk", status_code=303)


@router.post("/{review_id}/take-over", dependencies=OnlyStaff)
def take_over(review_id: str, doors: DoorsHere, who: DeskMember, why: Why = "") -> Response:
    """Take it from a colleague, who reads the reason."""
    with doors.desk.store.begin() as uow:
        review_leases.take_over(uow, review_id, user_id=who.user_id, why=why.strip())
    return _back_to(review_id)


@router.post("/{review_id}/snooze", dependencies=OnlyStaff)
def snooze(
    review_id: str,
    doors: DoorsHere,
    who: DeskMember,
    until: Annotated[str, Form(max_length=20)] = "",
    at: Annotated[str, Form(max_length=30)] = "",
) -> Response:
    """Set it aside until a moment; it comes back by itself, earlier when something changes."""
    with doors.desk.store.begin() as uow:
        review_snoozes.snooze(uow, review_id, user_id=who.user_id, until=_moment(uow.clock.now(), until, at))
    return RedirectResponse("/desk", status_code=303)


def _moment(now: datetime, chosen: str, typed: str) -> datetime:
    known = {key: moment for key, _, moment in moments(now)}
    if chosen in known:
        return known[chosen]
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC)
    except ValueError as wrong:
        raise BadInput("Choose until when, or type a day and a time.", field="until") from wrong


@router.post("/{review_id}/wake", dependencies=OnlyStaff)
def wake(review_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Take up again what was set aside."""
    with doors.desk.store.begin() as uow:
        review_snoozes.wake(uow, review_id, user_id=who.user_id)
    return _back_to(review_id)


def _back_to(review_id: str) -> Response:
    return RedirectResponse(f"/desk/{review_id}", status_code=303)
