"""Endpoints that are told of news, and the messages to them: the outbox of what leaves by webhook.

Messages are made from thread events, whoever wrote those, and are due on the machine's time, which callers
pass in.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.webhook_news import OF_THE_HOUSE, TOLD_KINDS, TYPES, facts_of, type_of
from backhaul.store import parcels
from backhaul.store.conversation import newest_event_id
from backhaul.store.notes import CHANNELS
from backhaul.store.tables import ThreadEventRow, ThreadRow
from backhaul.store.unit_of_work import UnitOfWork, insert_unless_there, row_of
from backhaul.store.webhook_tables import WebhookDeliveryRow, WebhookEndpointRow

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
_SOURCE = "webhooks:out"
_LOOKED_AT_AGAIN = 1_000
"""Events of one thread commit in order, those of two threads may not: what came late is found all the same"""
_AT_A_TIME = 3_000
_DUE_AT_A_TIME, _OF_ONE_ENDPOINT = 200, 5


def add(
    uow: UnitOfWork, ids: Ids, *, url: str, types: Collection[str], account_id: str | None, actor: str
) -> WebhookEndpointRow:
    """An endpoint that is told of everything from now on, or of some types. `url` was checked by the caller.

    Raises:
        BadInput: A type does not exist, or is not for customers.
    """
    if unknown := sorted(set(types) - set(TYPES)):
        raise BadInput(f"no type {', '.join(unknown)}; there are: {', '.join(TYPES)}", field="type")
    if account_id and (ours := sorted(set(types) & OF_THE_HOUSE)):
        raise BadInput(f"{', '.join(ours)} is not for an endpoint of one account", field="type")
    row = WebhookEndpointRow(
        id=ids.new("WE", 12),
        url=url,
        types=sorted(types),
        account_id=account_id,
        since_event=newest_event_id(uow),
        added_by=actor,
        added_at=uow.clock.now(),
        ended_why="",
    )
    uow.session.add(row)
    facts = {"types": row.types, "account": account_id}
    uow.record(Tag.WEBHOOK_ADDED, actor=actor, subject=row.id, facts=facts)
    return row


def end(uow: UnitOfWork, endpoint_id: str, *, why: str, actor: str) -> None:
    """Tell it nothing more; what still waits is given up. NotFound when there is no such endpoint in use."""
    row = row_of(uow, WebhookEndpointRow, endpoint_id, lock=True)
    if row is None or row.ended_at is not None:
        raise NotFound("webhook in use", endpoint_id)
    row.ended_at, row.ended_why = uow.clock.now(), why
    uow.session.execute(
        sa.update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.endpoint_id == endpoint_id, WebhookDeliveryRow.state == WAITING)
        .values(state=GIVEN_UP, ended_at=uow.clock.now(), answer=why)
    )
    uow.record(Tag.WEBHOOK_ENDED, actor=actor, subject=endpoint_id, facts={"why": why})


def endpoint(uow: UnitOfWork, endpoint_id: str) -> WebhookEndpointRow:
    """The endpoint, in use or ended; NotFound otherwise."""
    row = uow.session.get(WebhookEndpointRow, endpoint_id)
    if row is None:
        raise NotFound("webhook", endpoint_id)
    return row


def endpoints(uow: UnitOfWork, *, in_use: bool) -> Sequence[WebhookEndpointRow]:
    """All endpoints, or those in use, the oldest first."""
    query = sa.select(WebhookEndpointRow).order_by(WebhookEndpointRow.added_at, WebhookEndpointRow.id)
    return uow.session.scalars(query.where(WebhookEndpointRow.ended_at.is_(None)) if in_use else query).all()


def counts(uow: UnitOfWork) -> dict[tuple[str, str], int]:
    """How many messages of each endpoint are in each state."""
    query = sa.select(WebhookDeliveryRow.endpoint_id, WebhookDeliveryRow.state, sa.func.count()).group_by(
        WebhookDeliveryRow.endpoint_id, WebhookDeliveryRow.state
    )
    return {(endpoint_id, state): number for endpoint_id, state, number in uow.session.execute(query)}


def last_answers(uow: UnitOfWork) -> dict[str, str]:
    """What the last try at each endpoint came to."""
    tried = sa.select(WebhookDeliveryRow).where(WebhookDeliveryRow.answer != "")
    rows = uow.session.scalars(tried.order_by(WebhookDeliveryRow.next_at)).all()
    return {row.endpoint_id: row.answer for row in rows}


def write_messages(uow: UnitOfWork, ids: Ids, *, now: datetime) -> int:
    """Make the messages about what happened since the last look; each is made once. Returns how many."""
    told = endpoints(uow, in_use=True)
    if not told:
        return 0
    newest = newest_event_id(uow)
    seen = parcels.cursor(uow, _SOURCE)
    low = int(seen) if seen else min(one.since_event for one in told)
    low = max(low - _LOOKED_AT_AGAIN, min(one.since_event for one in told))
    events = _events(uow, low)
    known = _made(uow, low)
    made = 0
    for event, home in events:
        for one in told:
            if (one.id, event.id) not in known and _is_for(one, event, home):
                _write(uow, ids, one, event, home, now)
                made += 1
    up_to = events[-1][0].id if len(events) == _AT_A_TIME else newest
    if str(up_to) != seen:
        parcels.move_cursor(uow, _SOURCE, str(up_to))
    return made


def _events(uow: UnitOfWork, low: int) -> list[tuple[ThreadEventRow, ThreadRow]]:
    query = (
        sa.select(ThreadEventRow, ThreadRow)
        .join(ThreadRow, ThreadRow.id == ThreadEventRow.thread_id)
        .where(ThreadEventRow.id > low, ThreadEventRow.kind.in_(TOLD_KINDS))
        .order_by(ThreadEventRow.id)
        .limit(_AT_A_TIME)
    )
    return [(event, home) for event, home in uow.session.execute(query)]


def _made(uow: UnitOfWork, low: int) -> set[tuple[str, int | None]]:
    query = sa.select(WebhookDeliveryRow.endpoint_id, WebhookDeliveryRow.event_id).where(
        WebhookDeliveryRow.event_id > low
    )
    return {(endpoint_id, event_id) for endpoint_id, event_id in uow.session.execute(query)}


def _is_for(one: WebhookEndpointRow, event: ThreadEventRow, home: ThreadRow) -> bool:
    name = type_of(event.kind)
    wanted = event.id > one.since_event and (not one.types or name in one.types)
    if one.account_id is None:
        return wanted
    is_theirs = home.account_id == one.account_id and home.channel not in CHANNELS
    return wanted and is_theirs and name not in OF_THE_HOUSE


def _write(
    uow: UnitOfWork,
    ids: Ids,
    one: WebhookEndpointRow,
    event: ThreadEventRow,
    home: ThreadRow,
    now: datetime,
) -> None:
    data = {"conversation": home.id, "account": home.account_id, **facts_of(event.payload)}
    values = {
        "id": ids.new("WM", 16),
        "endpoint_id": one.id,
        "event_id": event.id,
        "type": type_of(event.kind),
        "body": body_of(type_of(event.kind), event.created_at, data),
        "state": WAITING,
        "attempts": 0,
        "made_at": now,
        "next_at": now,
        "answer": "",
    }
    uow.session.execute(insert_unless_there(uow, WebhookDeliveryRow).values(values))


def body_of(name: str, at: datetime, data: dict[str, Any]) -> str:
    """A message as Standard Webhooks has it: type, when it happened, and the facts."""
    return json.dumps({"type": name, "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ToSend:
    """One try at one message."""

    message_id: str
    endpoint_id: str
    url: str
    body: str
    attempt: int


def take_due(uow: UnitOfWork, *, now: datetime, lease: timedelta, at_most: int) -> list[ToSend]:
    """Messages that are due, few of any one endpoint. Nobody else takes them until the lease is over."""
    query = (
        sa.select(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.state == WAITING, WebhookDeliveryRow.next_at <= now)
        .order_by(WebhookDeliveryRow.next_at, WebhookDeliveryRow.event_id)
        .limit(_DUE_AT_A_TIME)
        .with_for_update(key_share=True, skip_locked=True)
    )
    taken: dict[str, list[ToSend]] = {}
    for row in uow.session.scalars(query).all():
        of_endpoint = taken.setdefault(row.endpoint_id, [])
        if len(of_endpoint) >= _OF_ONE_ENDPOINT or sum(map(len, taken.values())) >= at_most:
            continue
        row.attempts, row.next_at = row.attempts + 1, now + lease
        url = endpoint(uow, row.endpoint_id).url
        of_endpoint.append(ToSend(row.id, row.endpoint_id, url, row.body, row.attempts))
    return [one for of_endpoint in taken.values() for one in of_endpoint]


def delivered(uow: UnitOfWork, message_id: str, *, answer: str, now: datetime) -> None:
    """The endpoint took it."""
    row = _waiting(uow, message_id)
    if row is not None:
        row.state, row.answer, row.ended_at = DELIVERED, answer, now


def failed(
    uow: UnitOfWork, message_id: str, *, answer: str, now: datetime, again_at: datetime | None
) -> None:
    """It was not taken: to be tried again then, or given up."""
    row = _waiting(uow, message_id)
    if row is None:
        return
    row.answer = answer
    if again_at is None:
        row.state, row.ended_at = GIVEN_UP, now
        facts = {"endpoint": row.endpoint_id, "attempts": row.attempts}
        uow.record(Tag.WEBHOOK_GIVEN_UP, actor="worker:webhooks", subject=row.id, facts=facts)
    else:
        row.next_at = again_at


def _waiting(uow: UnitOfWork, message_id: str) -> WebhookDeliveryRow | None:
    row = uow.session.get(WebhookDeliveryRow, message_id)
    return row if row is not None and row.state == WAITING else None


def forget(uow: UnitOfWork, *, before: datetime) -> None:
    """Drop messages that were taken or given up before then, but none whose event is still looked at."""
    over = int(parcels.cursor(uow, _SOURCE) or 0) - _LOOKED_AT_AGAIN
    uow.session.execute(
        sa.delete(WebhookDeliveryRow).where(
            WebhookDeliveryRow.ended_at < before, WebhookDeliveryRow.event_id <= over
        )
    )
