"""`/api/v1/conversations`: a program speaks for an account, and reads what was said and answered."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.store import api_keys, api_lists, cases, notes
from backhaul.store import conversation as talk
from backhaul.store.api_lists import Place
from backhaul.store.conversation import Speaker
from backhaul.store.tables import MessageRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork
from web.api_access import Program, program_with
from web.api_once import OnceHere, done_once
from web.api_pages import AskedHere, Page, paged
from web.chat import LONGEST_MESSAGE, NewsHere
from web.news import Newsroom
from web.who import DoorsHere
from web.world import Doors

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])
_MOST_MESSAGES = 200
_LARGEST_SEQ = 2**31 - 1

Reader = Annotated[Program, Depends(program_with(api_keys.CONVERSATIONS_READ))]
Writer = Annotated[Program, Depends(program_with(api_keys.CONVERSATIONS_WRITE))]
Words = Annotated[str, Field(min_length=1, max_length=LONGEST_MESSAGE)]


class Opened(BaseModel):
    """A conversation to be opened, with its first message."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    account: str = Field(
        default="",
        max_length=60,
        description="For whom, as the ERP numbers it; not needed with a key of one account",
    )
    text: Words


class Said(BaseModel):
    """A message, in the customer's words."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    text: Words


class Conversation(BaseModel):
    """A conversation of an account."""

    id: str
    account: str
    channel: str = Field(description="How it came in: web, cli, api, note, open_rma")
    opened_at: datetime
    last_seq: int = Field(description="Number of its last message")
    is_answering: bool = Field(description="Whether something was said that is not yet answered")
    cases: list[str]


class Message(BaseModel):
    """One message."""

    seq: int
    author: str = Field(description="customer, technician, agent, reviewer or system")
    text: str
    at: datetime
    outcome: str | None = Field(description="What an answer of the agent is: ask, consent, permitted, ...")
    choices: list[str] = Field(description="What may be sent in answer, where the agent offers a choice")


class Messages(BaseModel):
    """What was said, the oldest first."""

    items: list[Message]
    next: int | None = Field(description="`after` of the page that follows; null at the end")


class Taken(BaseModel):
    """A message that is kept; its answer comes by itself."""

    conversation: str
    seq: int


@router.post("", status_code=201, response_model=Conversation)
def open_conversation(
    program: Writer, asked: OnceHere, opened: Opened, doors: DoorsHere, news: NewsHere
) -> Response:
    """Open a conversation for an account with its first message.

    The agent answers by itself: read its answer under `messages`, or be told by a webhook.
    """
    account_id = program.account_for(opened.account)
    account = doors.desk.erp.account(account_id) if account_id else None
    if account is None:
        raise BadInput("Name the account, as the ERP has it, such as A-1001.", field="account")
    speaks_as = api_keys.speaks_as(program.name, account.account_id)
    speaker = Speaker(account.account_id, account.name, speaks_as)

    def deed(uow: UnitOfWork) -> tuple[int, dict[str, Any]]:
        row = talk.open_thread(uow, doors.desk.ids, speaker, channel="api")
        uow.record(Tag.PROGRAM_SPOKE, actor=speaks_as, subject=row.id)
        _add(uow, doors, news, row, opened.text)
        return 201, _shown(uow, row).model_dump(mode="json")

    return done_once(doors, program, asked, deed)


@router.get("")
def list_conversations(program: Reader, wanted: AskedHere, doors: DoorsHere) -> Page[Conversation]:
    """Conversations, the newest first."""
    with doors.desk.store.read() as uow:
        found = api_lists.threads(uow, wanted.of(program))
        return paged(found, wanted, lambda row: Place(row.created_at, row.id), lambda row: _shown(uow, row))


@router.get("/{conversation_id}")
def read_conversation(program: Reader, conversation_id: str, doors: DoorsHere) -> Conversation:
    """One conversation."""
    with doors.desk.store.read() as uow:
        return _shown(uow, _own(uow, program, conversation_id))


@router.get("/{conversation_id}/messages")
def read_messages(
    program: Reader,
    conversation_id: str,
    doors: DoorsHere,
    after: Annotated[int, Query(ge=0, le=_LARGEST_SEQ, description="Only those after this one")] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST_MESSAGES)] = _MOST_MESSAGES,
) -> Messages:
    """What was said, in order. Ask again with `after` the last `seq` for what has come since."""
    with doors.desk.store.read() as uow:
        _own(uow, program, conversation_id)
        rows = api_lists.messages(uow, conversation_id, after=after, limit=limit + 1)
    shown = [_message(row) for row in rows[:limit]]
    return Messages(items=shown, next=shown[-1].seq if len(rows) > limit else None)


@router.post("/{conversation_id}/messages", status_code=202, response_model=Taken)
def say(
    program: Writer, conversation_id: str, asked: OnceHere, said: Said, doors: DoorsHere, news: NewsHere
) -> Response:
    """Say something in a conversation that this key opened. It is kept at once and answered by itself."""

    def deed(uow: UnitOfWork) -> tuple[int, dict[str, Any]]:
        row = _own(uow, program, conversation_id)
        if row.opened_by != api_keys.speaks_as(program.name, row.account_id):
            raise NotAllowed("Somebody else holds this conversation; open one of your own.")
        seq = _add(uow, doors, news, row, said.text)
        return 202, Taken(conversation=row.id, seq=seq).model_dump()

    return done_once(doors, program, asked, deed)


def _add(uow: UnitOfWork, doors: Doors, news: Newsroom, row: ThreadRow, text: str) -> int:
    kept = talk.add_message(
        uow, doors.desk.ids, row.id, author="customer", body=text, meta={"actor": row.opened_by}
    )
    if kept is None:
        raise BadInput("This was said before.", field="text")
    uow.after_commit.append(lambda: _answer(news, row.id))
    return kept.seq


def _answer(news: Newsroom, thread_id: str) -> None:
    news.answer_later(thread_id)


def _own(uow: UnitOfWork, program: Program, conversation_id: str) -> ThreadRow:
    """The conversation; NotFound for one of another account, and for notes, which customers do not know."""
    row = talk.thread(uow, conversation_id)
    program.own(row.account_id, "conversation", conversation_id)
    if program.account_id is not None and row.channel in notes.CHANNELS:
        raise NotFound("conversation", conversation_id)
    return row


def _shown(uow: UnitOfWork, row: ThreadRow) -> Conversation:
    said = talk.next_from(uow, row.id, "customer", after_seq=row.handled_seq)
    return Conversation(
        id=row.id,
        account=row.account_id,
        channel=row.channel,
        opened_at=row.created_at,
        last_seq=row.last_seq,
        is_answering=said is not None and row.channel not in notes.CHANNELS,
        cases=[case.id for case in cases.cases_of_thread(uow, row.id)],
    )


def _message(row: MessageRow) -> Message:
    outcome = row.meta.get("outcome")
    return Message(
        seq=row.seq,
        author=row.author,
        text=row.body,
        at=row.created_at,
        outcome=str(outcome) if outcome else None,
        choices=[str(one["send"]) for one in row.meta.get("choices") or ()],
    )
