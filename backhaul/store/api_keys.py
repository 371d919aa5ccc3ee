"""Programs that may send things in, by keys of which only the hash is kept; and what they were answered.

Answers are kept on the machine's time, which callers pass in, as sessions are.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import BadInput, NotFound
from backhaul.store.note_tables import ApiAnswerRow, ApiKeyRow
from backhaul.store.unit_of_work import UnitOfWork, in_turn

NOTES_WRITE = "notes:write"
CONVERSATIONS_READ = "conversations:read"
CONVERSATIONS_WRITE = "conversations:write"
CASES_READ = "cases:read"
REVIEWS_READ = "reviews:read"
RMAS_READ = "rmas:read"
RMAS_WRITE = "rmas:write"
LABELS_READ = "labels:read"
EVENTS_WRITE = "events:write"
SCOPES = (
    NOTES_WRITE,
    CONVERSATIONS_READ,
    CONVERSATIONS_WRITE,
    CASES_READ,
    REVIEWS_READ,
    RMAS_READ,
    RMAS_WRITE,
    LABELS_READ,
    EVENTS_WRITE,
)
OF_THE_HOUSE = frozenset({REVIEWS_READ, EVENTS_WRITE})
"""For programs of the house alone: why a person looks is not for customers, and goods are ours to count"""
PREFIX = "bhk_"
"""So that a key is known for what it is when it turns up where none should be"""
_SECRET_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


def add(
    uow: UnitOfWork, *, name: str, scopes: Collection[str], actor: str, account_id: str | None = None
) -> str:
    """A new key; its secret, which is shown this once and stored nowhere.

    With an `account_id` nothing of other accounts exists for it.

    Raises:
        BadInput: The name is taken or is none, or a scope does not exist or is not for customers.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is no name: small letters, digits and hyphens, 2 to 40", field="name")
    if uow.session.get(ApiKeyRow, name) is not None:
        raise BadInput(f"there is a key {name} already, or was one; take another name", field="name")
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise BadInput(f"no scope {', '.join(unknown)}; there are: {', '.join(SCOPES)}", field="scope")
    if account_id and (ours := sorted(set(scopes) & OF_THE_HOUSE)):
        raise BadInput(f"{', '.join(ours)} is not for a key of one account", field="scope")
    secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiKeyRow(
        name=name,
        secret_sha256=_hashed(secret),
        scopes=sorted(scopes),
        account_id=account_id,
        added_by=actor,
        added_at=uow.clock.now(),
        revoked_at=None,
    )
    uow.session.add(row)
    facts = {"scopes": row.scopes, "account": account_id}
    uow.record(Tag.API_KEY_ADDED, actor=actor, subject=name, facts=facts)
    return secret


def revoke(uow: UnitOfWork, name: str, *, actor: str) -> None:
    """End a key at once; its name stays taken. NotFound when there is no such key in use."""
    row = uow.session.get(ApiKeyRow, name)
    if row is None or row.revoked_at is not None:
        raise NotFound("API key in use", name)
    row.revoked_at = uow.clock.now()
    uow.record(Tag.API_KEY_REVOKED, actor=actor, subject=name)


def all_keys(uow: UnitOfWork) -> Sequence[ApiKeyRow]:
    """Every key, revoked or not, by name."""
    return uow.session.scalars(sa.select(ApiKeyRow).order_by(ApiKeyRow.name)).all()


def key_of(uow: UnitOfWork, secret: str) -> ApiKeyRow | None:
    """The key in use with that secret, or `None`. It is looked up by its hash, which gives nothing away."""
    query = sa.select(ApiKeyRow).where(
        ApiKeyRow.secret_sha256 == _hashed(secret), ApiKeyRow.revoked_at.is_(None)
    )
    return uow.session.scalars(query).first()


def speaks_as(name: str, account_id: str) -> str:
    """How a program that speaks for an account stands in the records."""
    return f"key:{name} for {account_id}"


def may_speak(uow: UnitOfWork, requested_by: str, account_id: str) -> bool:
    """Whether that is a program with a key in use, and the key is one for the account."""
    name = requested_by.partition(" for ")[0].removeprefix("key:")
    row = uow.session.get(ApiKeyRow, name)
    if row is None or row.revoked_at is not None or row.account_id not in {None, account_id}:
        return False
    return requested_by == speaks_as(name, account_id)


def may_do(uow: UnitOfWork, actor: str, scope: str) -> bool:
    """Whether `key:NAME` is a program of the house with a key in use that has the scope."""
    row = uow.session.get(ApiKeyRow, actor.removeprefix("key:")) if actor.startswith("key:") else None
    if row is None or row.revoked_at is not None or row.account_id is not None:
        return False
    return scope in row.scopes


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def answered_before(uow: UnitOfWork, key_name: str, idempotency_key: str) -> ApiAnswerRow | None:
    """What this request was answered, or `None`; until the transaction ends nobody else answers it."""
    in_turn(uow, f"answer-{key_name}-{idempotency_key}")
    return uow.session.get(ApiAnswerRow, (key_name, idempotency_key))


def keep_answer(
    uow: UnitOfWork,
    key_name: str,
    idempotency_key: str,
    *,
    body_digest: str,
    status: int,
    answer: dict[str, Any],
    now: datetime,
) -> None:
    """Keep what a request was answered, in the transaction that did what it asked."""
    uow.session.add(
        ApiAnswerRow(
            key_name=key_name,
            idempotency_key=idempotency_key,
            body_digest=body_digest,
            status=status,
            answer=answer,
            given_at=now,
        )
    )


def forget_answers(uow: UnitOfWork, *, before: datetime) -> None:
    """A request that old is a new one when it comes again."""
    uow.session.execute(sa.delete(ApiAnswerRow).where(ApiAnswerRow.given_at < before))
