"""What stands beside the facts of a case: what can be done and why, notes, other lines, places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.wording import pieces
from backhaul.domain.review_reasons import ReviewAct, said
from backhaul.store import case_notes, cases, desk_decisions, review_places, reviews
from backhaul.store import staff as people
from backhaul.store.desk_tables import CaseNoteRow, DecisionRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.desk_replies import Act, act_of, hears_of_a_no
from web.desk_undo import Undo, undo_of
from web.desk_view import CasePage, stands
from web.who import Member
from web.world import Doors


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note for colleagues, and whose it is."""

    row: CaseNoteRow
    by: str


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """A decision of a person, with its reason in words."""

    row: DecisionRow
    by: str
    reason: str

    @property
    def became(self) -> str:
        """What came of it where that is not plain."""
        if self.row.undone_at is not None:
            return "taken back"
        return "not carried out, because the case changed" if self.row.lapsed_at is not None else ""


@dataclass(frozen=True, slots=True)
class LineShown:
    """One of several decisions of a case."""

    review: ReviewRow
    what: str
    stands: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The cases before and after this one in the queue."""

    before: str | None
    after: str | None


def places_of(uow: UnitOfWork, row: ReviewRow) -> Places:
    """Where a reviewer may go on to from this case without a decision."""
    return Places(*review_places.beside(uow, row))


@dataclass(frozen=True, slots=True)
class Beside:
    """What a reviewer can do with the case, and what colleagues did."""

    acts: dict[str, Act]
    notes: tuple[NoteShown, ...]
    decisions: tuple[DecisionShown, ...]
    lines: tuple[LineShown, ...]
    before: str | None
    after: str | None
    undo: Undo | None
    open_act: str
    """The act whose form stands open because its text was asked for; empty otherwise"""
    hears_of_a_no: bool
    """Whether the customer is told when it is turned down"""
    expert: str
    """What an expert is asked for, in words"""


def beside_the_case(
    uow: UnitOfWork, doors: Doors, who: Member, page: CasePage, *, reply: str = ""
) -> dict[str, Any]:
    """The context of the case page beside its facts. `reply` is `act.code` of a text to begin with."""
    del doors
    row = page.review
    no = ReviewAct.REJECT if page.proposal else ReviewAct.CLOSE
    before, after = review_places.beside(uow, row)
    return {
        "beside": Beside(
            acts={
                "approve": act_of(ReviewAct.APPROVE, page),
                "reject": act_of(no, page, reply=reply),
                "ask": act_of(ReviewAct.ASK, page, reply=reply),
                "expert": act_of(ReviewAct.EXPERT, page),
                "instead": act_of(ReviewAct.CREDIT_INSTEAD, page),
            },
            notes=tuple(NoteShown(one, _name(uow, one.written_by)) for one in _notes(uow, row)),
            decisions=_decisions(uow, row),
            lines=_lines(uow, row),
            before=before,
            after=after,
            undo=undo_of(uow, who, row),
            open_act=reply.partition(".")[0].replace("close", "reject"),
            hears_of_a_no=hears_of_a_no(row),
            expert=said(ReviewAct.EXPERT, row.expert) if row.expert else "",
        )
    }


def _notes(uow: UnitOfWork, row: ReviewRow) -> Sequence[CaseNoteRow]:
    return case_notes.of_case(uow, row.case_id)


def _decisions(uow: UnitOfWork, row: ReviewRow) -> tuple[DecisionShown, ...]:
    made = desk_decisions.of_review(uow, row.id)
    return tuple(DecisionShown(one, _name(uow, one.decided_by), said(one.act, one.reason)) for one in made)


def _lines(uow: UnitOfWork, row: ReviewRow) -> tuple[LineShown, ...]:
    """The reviews of the case, where there are several: each line is decided by itself."""
    found = reviews.reviews_of_case(uow, row.case_id)
    if len(found) == 1:
        return ()
    return tuple(LineShown(one, _what(uow, one), stands(one), one.id == row.id) for one in found)


def _what(uow: UnitOfWork, row: ReviewRow) -> str:
    if reviews.waits_to_be_read(uow, row):
        return "Say first what you read in it"
    if row.proposal_id is None:
        return "A person is needed"
    line = cases.return_line(uow, cases.proposal(uow, row.proposal_id).line_id)
    act = "" if row.action in reviews.FIRST_ACTS else f": {(row.action or '').replace('_', ' ')}"
    return f"{pieces(line.quantity, line.description)}{act}"


def _name(uow: UnitOfWork, user_id: str) -> str:
    person = people.staff_by_id(uow, user_id)
    return person.name if person else user_id
