"""The gateway: spends a permit, in one transaction with the ledger entry, the audit event and the outbox row.

Only after that transaction is a connector called, with the permit's id as idempotency key.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest, plain
from backhaul.domain.codes import Action
from backhaul.domain.errors import PermitRefused
from backhaul.domain.returns import Command
from backhaul.store import ledger
from backhaul.store.effect_tables import CommandRow, PermitRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from tools.permits import PermitClaims, read_token

_LEDGER_KIND = {
    Action.CREATE_RMA: ledger.AUTHORISED,
    Action.REPLACEMENT: ledger.REPLACED,
    Action.VENDOR_CLAIM: ledger.CLAIMED,
}

_COMMAND = TypeAdapter(Command)


@dataclass(frozen=True, slots=True)
class Presented:
    """A token and the command it is presented for."""

    token: str
    command: Command


def spend(
    uow: UnitOfWork,
    presented: Sequence[Presented],
    *,
    bundle_hash: str,
    key: str,
    op: str,
    request: dict[str, Any],
) -> CommandRow:
    """Spend permits that together allow one command to the outside, and put it into the outbox.

    Several permits are spent together when several lines go into one RMA; each line has its own.

    Raises:
        PermitRefused: One check failed; the caller's transaction must be given up, and `refused` records it.
    """
    rows = [_checked(uow, one, bundle_hash) for one in presented]
    _unchanged_orders(uow, rows)
    for one, row in zip(presented, rows, strict=True):
        _spend_once(uow, row)
        kind = _LEDGER_KIND.get(one.command.action)
        if kind is not None:
            ledger.post(uow, one.command, kind=kind, permit_id=row.id)
    for number in {row.order_number for row in rows}:
        ledger.raise_version(uow, number)
    return ledger.intend(
        uow,
        key,
        case_id=rows[0].case_id,
        op=op,
        request={**request, "permits": [row.id for row in rows]},
        request_hash=digest(plain(request)),
        permit_id=rows[0].id,
    )


def _checked(uow: UnitOfWork, one: Presented, bundle_hash: str) -> PermitRow:
    claims = authentic(uow, one.token)
    if claims.expires_at() <= uow.clock.now():
        raise PermitRefused(
            "expired", f"permit {claims.permit_id} ended at {claims.expires_at():%H:%M:%S} UTC"
        )
    if claims.command_digest != digest(one.command) or claims.action != one.command.action.value:
        raise PermitRefused("other command", f"permit {claims.permit_id} is for another command")
    if claims.bundle_hash != bundle_hash:
        raise PermitRefused("policy changed", f"permit {claims.permit_id} was given under another policy")
    row = ledger.permit(uow, claims.permit_id, lock=True)
    if row is None or row.token != one.token:
        raise PermitRefused("unknown", f"permit {claims.permit_id} was never issued")
    return row


def authentic(uow: UnitOfWork, token: str) -> PermitClaims:
    """The claims of a token signed by one of this worker's published keys; PermitRefused otherwise."""
    key_id = _claimed_key(token)
    public = ledger.public_key(uow, key_id)
    if public is None:
        raise PermitRefused("key", f"no key {key_id!r} was published")
    return read_token(token, public)


def _claimed_key(token: str) -> str:
    try:
        return PermitClaims.model_validate_json(bytes.fromhex(token.split(".", maxsplit=1)[0])).key_id
    except ValueError as wrong:
        raise PermitRefused("malformed", "the token cannot be read") from wrong


def _unchanged_orders(uow: UnitOfWork, rows: Sequence[PermitRow]) -> None:
    """The order rows are locked in one sequence, so that two gateways cannot wait for one another."""
    for row in sorted(rows, key=lambda row: row.order_number):
        current = ledger.order_version(uow, row.order_number, lock=True)
        if current != row.order_version:
            raise PermitRefused(
                "stale order",
                f"order {row.order_number} moved on from version {row.order_version} to {current}",
            )


def _spend_once(uow: UnitOfWork, row: PermitRow) -> None:
    if not ledger.spend(uow, row.id, uow.clock.now()):
        raise PermitRefused("replayed", f"permit {row.id} was spent before")
    uow.record(
        Tag.PERMIT_SPENT,
        actor="worker:gateway",
        subject=row.id,
        case_id=row.case_id,
        facts={"command": row.command_digest},
    )


def verify_spent(uow: UnitOfWork, permit_id: str, *, action: Action) -> Command:
    """The command of a permit that was truly signed and spent: what an effect checks before anything else.

    Raises:
        PermitRefused: There is no such permit, it was not spent, or its command was altered since.
    """
    row = ledger.permit(uow, permit_id)
    if row is None:
        raise PermitRefused("unknown", f"permit {permit_id} was never issued")
    claims = authentic(uow, row.token)
    if row.spent_at is None:
        raise PermitRefused("unspent", f"permit {permit_id} did not pass the gateway")
    altered = claims.permit_id != permit_id or digest(row.command) != claims.command_digest
    if altered or claims.action != action.value:
        raise PermitRefused("other command", f"permit {permit_id} is for another command")
    return command_of(row.command)


def command_of(record: dict[str, Any]) -> Command:
    """The domain record of a stored command."""
    return _COMMAND.validate_json(json.dumps(record))


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
