"""`/api/v1/cases`: every request with its lines, and where each of them stands."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from backhaul.domain.errors import NotFound
from backhaul.store import api_keys, api_lists, cases, reviews, rmas
from backhaul.store.api_lists import Place
from backhaul.store.tables import CaseRow
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, program_with
from web.api_pages import AskedHere, Page, paged
from web.chat_status import LineStatus, case_status
from web.who import DoorsHere

router = APIRouter(prefix="/api/v1/cases", tags=["cases"])

Reader = Annotated[Program, Depends(program_with(api_keys.CASES_READ))]


class Case(BaseModel):
    """One request of an account."""

    id: str
    account: str
    conversation: str
    opened_at: datetime


class CaseLine(BaseModel):
    """What is asked for of one order line, and where it stands."""

    order: str
    order_line: int
    sku: str
    description: str
    quantity: int
    serials: list[str]
    reason: str
    condition: str
    resolution: str
    state: str = Field(description="pending, permitted, denied, asked, review or withdrawn")
    rma: str | None
    next_step: str
    next_by: date | None = Field(description="By when, where that is promised or asked for")
    replacement: str | None
    credits: list[str] = Field(description="Posted credit memos")


class WholeCase(Case):
    """A case with its lines."""

    lines: list[CaseLine]
    rmas: list[str]
    waits_for_person: bool


@router.get("")
def list_cases(program: Reader, wanted: AskedHere, doors: DoorsHere) -> Page[Case]:
    """Cases, the newest first."""
    with doors.desk.store.read() as uow:
        found = api_lists.cases(uow, wanted.of(program))
    return paged(found, wanted, lambda row: Place(row.opened_at, row.id), _case)


@router.get("/{case_id}")
def read_case(program: Reader, case_id: str, doors: DoorsHere) -> WholeCase:
    """One case with every line of it."""
    with doors.desk.store.read() as uow:
        row = cases.case(uow, case_id)
        program.own(row.account_id, "case", case_id)
        if program.account_id is not None and api_lists.is_only_noted(uow, case_id):
            raise NotFound("case", case_id)
        return _whole(uow, row)


def _case(row: CaseRow) -> Case:
    return Case(id=row.id, account=row.account_id, conversation=row.thread_id, opened_at=row.opened_at)


def _whole(uow: UnitOfWork, row: CaseRow) -> WholeCase:
    waiting = [one for one in reviews.reviews_of_case(uow, row.id) if one.state in reviews.OPEN_STATES]
    return WholeCase(
        **_case(row).model_dump(),
        lines=[_line(one) for one in case_status(uow, row.id, sees_amounts=True)],
        rmas=[one.id for one in rmas.rmas_of_case(uow, row.id)],
        waits_for_person=bool(waiting),
    )


def _line(one: LineStatus) -> CaseLine:
    line = one.line
    return CaseLine(
        order=line.order_number,
        order_line=line.order_line,
        sku=line.sku,
        description=line.description,
        quantity=line.quantity,
        serials=list(line.serials),
        reason=line.reason,
        condition=line.condition,
        resolution=line.resolution,
        state=one.state,
        rma=one.rma.id if one.rma else None,
        next_step=one.next_words,
        next_by=one.next_date,
        replacement=one.replacement,
        credits=list(one.credits),
    )
