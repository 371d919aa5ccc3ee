"""`POST /api/v1/notes`: field service systems send technicians' notes; each becomes a case on the desk."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backhaul.domain.errors import BadInput, NotFound
from backhaul.intake.accounts import Accounts, OneAccount
from backhaul.intake.entering import Outcome, Ready, State
from backhaul.intake.notes import LONGEST_FIELD, LONGEST_NOTE, Note, NotesIntake, bad_outcome
from backhaul.intake.problems import BadRow
from backhaul.intake.values import day_of
from backhaul.store import api_keys, notes
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, Sent, SentOnce, program_with
from web.api_once import answered, kept, replayed
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/api/v1")
MOST_NOTES = 100

Line = Annotated[str, Field(max_length=LONGEST_FIELD)]


class SentNote(BaseModel):
    """One note. `note` and something that says whose it is are needed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    note: str = Field(min_length=1, max_length=LONGEST_NOTE)
    account: Line = ""
    contact: Line = ""
    order: Line = ""
    serial: Line = ""
    external_id: Line = ""
    author: Line = ""
    noted_on: Line = ""


class NoteTaken(BaseModel):
    """What became of one note. A `bad` one says in `to_do` what mends it."""

    index: int
    state: State
    why: str
    case: str | None = None
    review: str | None = None
    things: int | None = None
    clear: int | None = None
    urgent: bool | None = None
    field: str | None = None
    to_do: str | None = None


class Results(BaseModel):
    """What became of each note, in the order in which they came."""

    results: list[NoteTaken]


_NOTE = SentNote.model_json_schema()
_LIST = {"type": "array", "items": _NOTE, "minItems": 1, "maxItems": MOST_NOTES}
_BODY = {"required": True, "content": {"application/json": {"schema": {"anyOf": [_NOTE, _LIST]}}}}


@router.post(
    "/notes",
    status_code=201,
    tags=["notes"],
    response_model=Results,
    responses={207: {"model": Results, "description": "Some could not be taken in"}},
    openapi_extra={"requestBody": _BODY},
)
def take_notes(
    program: Annotated[Program, Depends(program_with(api_keys.NOTES_WRITE))], sent: SentOnce, doors: DoorsHere
) -> Response:
    """Take in a note, or up to a hundred of them as a list.

    201 when each is in, now or before; 207 when some could not be taken in; 422 when none could. All of a
    request is entered in one transaction with its answer: repeated under the same key, it changes nothing and
    is answered the same.
    """
    if known := _answered(doors, program, sent):
        return known
    if doors.reader is None:
        raise NotFound("page", "notes")
    erp = doors.desk.erp
    accounts = Accounts(erp) if program.account_id is None else OneAccount(erp, only=program.account_id)
    intake = NotesIntake(doors.desk, doors.reader(), program.actor, accounts)
    read = [_read(intake, one) for one in _listed(sent.body)]
    with doors.desk.store.begin() as uow:
        row = api_keys.answered_before(uow, program.name, sent.idempotency_key)
        return replayed(row, sent.digest) if row else _entered(uow, intake, read, program, sent)


def _answered(doors: Doors, program: Program, sent: Sent) -> Response | None:
    with doors.desk.store.read() as uow:
        row = api_keys.answered_before(uow, program.name, sent.idempotency_key)
    return replayed(row, sent.digest) if row else None


def _listed(body: Any) -> list[Any]:
    given = body if isinstance(body, list) else [body]
    if not 1 <= len(given) <= MOST_NOTES:
        raise BadInput(f"Send one note, or a list of 1 to {MOST_NOTES}.", field="body")
    return given


def _read(intake: NotesIntake, given: Any) -> Ready | Outcome:
    try:
        note = SentNote.model_validate(given)
        return intake.read(_note(note))
    except ValidationError as problem:
        first = problem.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "body"
        return bad_outcome(BadRow(str(first["msg"]), field=name, to_do="see the fields in docs/intake.md"))
    except BadRow as bad:
        return bad_outcome(bad)


def _note(sent: SentNote) -> Note:
    return Note(
        text=sent.note,
        account=sent.account,
        contact=sent.contact,
        order=sent.order,
        serial=sent.serial,
        external_id=sent.external_id,
        author=sent.author,
        noted_on=day_of(sent.noted_on, "noted_on"),
    )


def _entered(
    uow: UnitOfWork, intake: NotesIntake, read: list[Ready | Outcome], program: Program, sent: Sent
) -> Response:
    notes.one_at_a_time(uow)
    outcomes = [intake.enter(uow, one) if isinstance(one, Ready) else one for one in read]
    bad = sum(one.state is State.BAD for one in outcomes)
    status = HTTPStatus.CREATED if not bad else HTTPStatus.MULTI_STATUS
    if bad == len(outcomes):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    answer = _answer([_discreet(one, program) for one in outcomes], status)
    kept(uow, program, sent.idempotency_key, sent.digest, int(status), answer)
    return answered(int(status), answer)


def _discreet(one: Outcome, program: Program) -> Outcome:
    """A number that another account's note has is told to the house alone, with whose it is."""
    if program.account_id is None or one.field != "external_id":
        return one
    return replace(one, why="this number cannot be used for another note")


def _answer(outcomes: list[Outcome], status: HTTPStatus) -> dict[str, Any]:
    """What became of each note, in the order they came; a problem as in RFC 9457 when none is in."""
    results = [_result(at, one) for at, one in enumerate(outcomes)]
    if status is not HTTPStatus.UNPROCESSABLE_ENTITY:
        return {"results": results}
    return {
        "type": "about:blank",
        "title": "No note could be taken in",
        "status": int(status),
        "detail": outcomes[0].why,
        "code": BadRow.code,
        "results": results,
    }


def _result(at: int, one: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"index": at, "state": one.state.value, "why": one.why}
    if one.state is State.BAD:
        return {**told, "field": one.field, "to_do": one.to_do}
    told["case"] = one.case_id
    if one.state is State.CREATED:
        told |= {"review": one.review_id, "things": one.items, "clear": one.clear, "urgent": one.urgent}
    return told
