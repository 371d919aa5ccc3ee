"""The gateway: spends permits, in one transaction with the ledger entry, the audit event and the outbox row.

Only after that transaction is a connector called, with the permit's id as idempotency key. What a permit
says is read from its signed token, never from the columns beside it: whoever can write to the database can
alter those.

Every refusal is raised by a function named `check_...`, here and in `entering.py`: the tests take away one
at a time and see it missed.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest, plain
from backhaul.domain.codes import Action
from backhaul.domain.errors import PermitRefused
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from backhaul.domain.returns import Command
from backhaul.store import ledger
from backhaul.store.effect_tables import PermitRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from tools import entering
from tools.entering import Accepted
from tools.permits import PermitClaims, read_token

_COMMAND = TypeAdapter(Command)
_NOT_NAMED_AT_FIRST = {
    "return_freight": plain(Money(0)),
    "ship_within_days": 30,
    "tax": plain(Money(0)),
    "disposition": Disposition.NONE.value,
    "grade": None,
    "claimed": plain(Money(0)),
    "book_value": plain(Money(0)),
    "write_down": plain(Money(0)),
}

MOVED_ON = frozenset({"policy changed", "stale order"})
"""Refusals of a permit that was good when it was given: the same may be decided anew."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A token and the command it is presented for."""

    token: str
    command: Command


@dataclass(frozen=True, slots=True)
class Intent:
    """One command to the outside, and the permits that together allow it: one for each line of an RMA.

    `key` names the outbox row, `op` is the action asked of the connector, `request` what it is told.
    """

    key: str
    op: Action
    request: dict[str, Any]
    presented: Sequence[Presented]


def spend(uow: UnitOfWork, intents: Sequence[Intent], *, bundle_hash: str) -> None:
    """Spend the permits of some intents and put the intents into the outbox, all or nothing.

    What was decided together is spent together: the first of two calls would make the permits of the second
    stale. The order rows are locked, so that of two gateways one waits and then sees what the other did.

    Raises:
        PermitRefused: One check failed; the caller's transaction must be given up, and `refused` records it.
    """
    accepted = [[_accept(uow, one, intent.op, bundle_hash) for one in intent.presented] for intent in intents]
    _check_each_has_a_permit(accepted)
    permits = [permit for group in accepted for permit in group]
    orders = sorted({permit.claims.order_number for permit in permits})
    versions = {number: ledger.order_version(uow, number, lock=True) for number in orders}
    for permit in permits:
        _check_order_unchanged(permit.claims, versions[permit.claims.order_number])
        _check_spent_once(uow, permit.claims)
        entering.enter(uow, permit)
    for number in orders:
        entering.check_exposure(uow, number, permits)
        ledger.raise_version(uow, number)
    for intent, group in zip(intents, accepted, strict=True):
        _intend(uow, intent, group)


def _check_each_has_a_permit(accepted: Sequence[Sequence[Accepted]]) -> None:
    if not accepted or not all(accepted):
        raise PermitRefused("no permit", "a command was presented without any permit")


def _accept(uow: UnitOfWork, one: Presented, op: Action, bundle_hash: str) -> Accepted:
    claims = authentic(uow, one.token)
    _check_not_expired(uow, claims)
    _check_command(claims, digest(one.command))
    _check_action(claims, op)
    _check_policy(claims, bundle_hash)
    _check_issued(ledger.permit(uow, claims.permit_id, lock=True), claims, one.token)
    return Accepted(claims, one.command)


def authentic(uow: UnitOfWork, token: str) -> PermitClaims:
    """The claims of a token signed by one of this worker's published keys; PermitRefused otherwise."""
    return _check_signature(token, _check_key(uow, _check_readable(token)))


def _check_readable(token: str) -> str:
    """The id of the key that the token names."""
    try:
        return PermitClaims.model_validate_json(bytes.fromhex(token.split(".", maxsplit=1)[0])).key_id
    except ValueError as wrong:
        raise PermitRefused("malformed", "the token cannot be read") from wrong


def _check_key(uow: UnitOfWork, key_id: str) -> str:
    public = ledger.public_key(uow, key_id)
    if public is None:
        raise PermitRefused("key", f"no key {key_id!r} was published")
    return public


def _check_signature(token: str, public_hex: str) -> PermitClaims:
    return read_token(token, public_hex)


def _check_not_expired(uow: UnitOfWork, claims: PermitClaims) -> None:
    if claims.expires_at() <= uow.clock.now():
        ended = f"permit {claims.permit_id} ended at {claims.expires_at():%H:%M:%S} UTC"
        raise PermitRefused("expired", ended)


def _check_command(claims: PermitClaims, command_digest: str) -> None:
    if claims.command_digest != command_digest:
        raise PermitRefused("other command", f"permit {claims.permit_id} is for another command")


def _check_action(claims: PermitClaims, op: Action) -> None:
    if claims.action != op.value:
        allowed = f"permit {claims.permit_id} allows {claims.action}, not {op.value}"
        raise PermitRefused("other action", allowed)


def _check_policy(claims: PermitClaims, bundle_hash: str) -> None:
    if claims.bundle_hash != bundle_hash:
        raise PermitRefused("policy changed", f"permit {claims.permit_id} was given under another policy")


def _check_issued(row: PermitRow | None, claims: PermitClaims, token: str) -> None:
    """A permit whose transaction was given up was signed all the same, and was never issued."""
    if row is None or row.token != token:
        raise PermitRefused("unknown", f"permit {claims.permit_id} was never issued")


def _check_order_unchanged(claims: PermitClaims, current: int) -> None:
    if current != claims.order_version:
        moved = f"order {claims.order_number} moved on from version {claims.order_version} to {current}"
        raise PermitRefused("stale order", moved)


def _check_spent_once(uow: UnitOfWork, claims: PermitClaims) -> None:
    if not ledger.spend(uow, claims.permit_id, uow.clock.now()):
        raise PermitRefused("replayed", f"permit {claims.permit_id} was spent before")


def _intend(uow: UnitOfWork, intent: Intent, permits: Sequence[Accepted]) -> None:
    ids = [permit.claims.permit_id for permit in permits]
    ledger.intend(
        uow,
        intent.key,
        case_id=permits[0].claims.case_id,
        op=intent.op.value,
        request={**intent.request, "permits": ids},
        request_hash=digest(plain(intent.request)),
        permit_id=ids[0],
    )


def verify_spent(uow: UnitOfWork, permit_id: str, *, action: Action, subjects: Collection[str]) -> Command:
    """The command of a permit that was truly signed and spent: what an effect checks before anything else.

    Whoever acts on it tells the connector what this command says, and nothing that stands elsewhere.

    `subjects` is what is about to be acted on: the proposals of an RMA, or the RMA of a later effect.

    Raises:
        PermitRefused: There is no such permit, it was not spent, its command was altered since, or is about
            something else.
    """
    row = _check_known(ledger.permit(uow, permit_id), permit_id)
    claims = authentic(uow, row.token)
    _check_own_token(claims, permit_id)
    _check_spent(row)
    _check_command(claims, digest(row.command))
    _check_action(claims, action)
    command = command_of(row.command)
    _check_subject(claims, command, subjects)
    return command


def _check_known(row: PermitRow | None, permit_id: str) -> PermitRow:
    if row is None:
        raise PermitRefused("unknown", f"permit {permit_id} was never issued")
    return row


def _check_own_token(claims: PermitClaims, permit_id: str) -> None:
    if claims.permit_id != permit_id:
        raise PermitRefused("other permit", f"permit {permit_id} carries the token of {claims.permit_id}")


def _check_subject(claims: PermitClaims, command: Command, subjects: Collection[str]) -> None:
    if command.subject not in subjects:
        raise PermitRefused("other subject", f"permit {claims.permit_id} is about {command.subject}")


def _check_spent(row: PermitRow) -> None:
    if row.spent_at is None:
        raise PermitRefused("unspent", f"permit {row.id} did not pass the gateway")


def command_of(record: dict[str, Any]) -> Command:
    """The domain record of a stored command; the first ones named fewer things."""
    return _COMMAND.validate_json(json.dumps({**_NOT_NAMED_AT_FIRST, **record}))


def refused(store: Store, error: PermitRefused, *, case_id: str | None, subject: str) -> None:
    """Write down that a permit was not accepted, in a transaction of its own."""
    with store.begin() as uow:
        uow.record(
            Tag.PERMIT_REFUSED,
            actor="worker:gateway",
            subject=subject,
            case_id=case_id,
            facts={"check": error.check},
        )
