"""`/api/v1/reviews`: what waits for a person, for programs of the house. Deciding is left to people."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from backhaul.domain.returns import ReviewState
from backhaul.store import api_keys, api_lists, cases, reviews
from backhaul.store.api_lists import Place
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, program_with
from web.api_pages import AskedHere, Page, paged
from web.who import DoorsHere

router = APIRouter(prefix="/api/v1/reviews", tags=["reviews"])

Reader = Annotated[Program, Depends(program_with(api_keys.REVIEWS_READ))]


class Amount(BaseModel):
    """Money in minor units of a currency, such as cents."""

    minor: int
    currency: str = Field(description="ISO 4217")


class Review(BaseModel):
    """A decision that waits, or waited, for a person."""

    id: str
    case: str
    conversation: str
    account: str
    state: ReviewState
    action: str | None = Field(description="The effect that waits; null when a person was asked for")
    why: str | None = Field(description="Null while it is to be read blind: nobody is to know the reading")
    to_be_read_blind: bool
    value: Amount
    priority: int = Field(description="Highest first")
    opened_at: datetime
    due_at: datetime
    question: str | None = Field(description="What the customer was asked")
    answer: str | None
    marked: str | None = Field(description="Why it came back")
    decided_at: datetime | None
    version: int


@router.get("")
def list_reviews(
    program: Reader,
    wanted: AskedHere,
    doors: DoorsHere,
    state: Annotated[ReviewState | None, Query(description="Only those in this state")] = None,
) -> Page[Review]:
    """Reviews, the newest first; the order of the desk is by `priority`, then `due_at`."""
    with doors.desk.store.read() as uow:
        found = api_lists.reviews(uow, wanted.of(program, state.value if state else None))
        return paged(found, wanted, lambda row: Place(row.opened_at, row.id), lambda row: _shown(uow, row))


@router.get("/{review_id}")
def read_review(program: Reader, review_id: str, doors: DoorsHere) -> Review:
    """One review."""
    with doors.desk.store.read() as uow:
        shown = _shown(uow, reviews.review(uow, review_id))
    program.own(shown.account, "review", review_id)
    return shown


def _shown(uow: UnitOfWork, row: ReviewRow) -> Review:
    blind = reviews.waits_to_be_read(uow, row)
    return Review(
        id=row.id,
        case=row.case_id,
        conversation=row.thread_id,
        account=cases.case(uow, row.case_id).account_id,
        state=ReviewState(row.state),
        action=row.action,
        why=None if blind else row.why,
        to_be_read_blind=blind,
        value=Amount(minor=row.value_minor, currency=row.currency),
        priority=row.priority,
        opened_at=row.opened_at,
        due_at=row.due_at,
        question=row.question,
        answer=row.answer,
        marked=row.marked,
        decided_at=row.decided_at,
        version=row.version,
    )
