"""One call to the outside, safely: intent, call, confirm. Every effect goes through `carry_out`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest
from backhaul.domain.codes import Action, Outcome
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable, PermitRefused
from backhaul.domain.returns import Command
from backhaul.store import ledger
from backhaul.store.effect_tables import CommandRow
from backhaul.store.unit_of_work import UnitOfWork, in_turn
from backhaul.workflows.runner import Json
from backhaul.workflows.standing import decided_anew
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.gateway import Intent, Presented
from tools.guard import Judged
from tools.verdicts import ground_of


@dataclass(frozen=True, slots=True)
class Effect:
    """A command in the outbox and how it is done.

    `subjects` are what it is about (see `gateway.verify_spent`). `call` takes the idempotency key (see
    `ledger.peer_key`) and the commands as they were signed, and returns the external id, with the answer
    as JSON. What it tells the peer comes from these commands: the rows beside them may have changed since.
    `confirm` stores what follows from it, in the transaction that confirms the command.
    """

    key: str
    action: Action
    subjects: frozenset[str]
    call: Callable[[str, Sequence[Command]], tuple[str, Json]]
    confirm: Callable[[UnitOfWork, CommandRow], None]


def carry_out(world: WorkerWorld, effect: Effect) -> Json:
    """Call once and confirm once, however often it is repeated.

    The permit in the outbox row is verified before the call: a row that no permit stands behind does nothing.

    Raises:
        ConnectorUnavailable: The peer did not answer; the engine tries again with the same key.
    """
    with world.store.begin() as uow:
        row = ledger.command(uow, effect.key, lock=True)
        if row is None:
            return {"state": "refused", "why": f"no command {effect.key} was ever authorised"}
        if row.state in {"confirmed", "rejected"}:
            return {"state": row.state, "external_id": row.external_id, "why": row.error}
        try:
            permit_ids = [str(one) for one in row.request.get("permits", [])] or [row.permit_id or ""]
            commands = [
                gateway.verify_spent(uow, permit_id, action=effect.action, subjects=effect.subjects)
                for permit_id in permit_ids
            ]
        except PermitRefused as error:
            row.state, row.error = "rejected", str(error)
            _note(uow, row, Tag.PERMIT_REFUSED, {"check": error.check})
            return {"state": "refused", "why": str(error)}
        row.state, row.attempts, row.sent_at = "sent", row.attempts + 1, uow.clock.now()
        key = ledger.peer_key(row)
    try:
        external_id, answer = effect.call(key, commands)
    except ConnectorRejected as no:
        return _reject(world, effect.key, str(no))
    _must_be_a_number(effect.action.value, external_id)
    return _confirm(world, effect, external_id, answer)


_DOCUMENT_NUMBER = re.compile(r"[\w .,/#:+()-]{1,80}")


def _must_be_a_number(op: str, external_id: object) -> None:
    """A proxy's error page is no answer: whether it was done is open, and the same key finds out.

    Raises:
        ConnectorUnavailable: What came back cannot be the number of a document.
    """
    if not isinstance(external_id, str) or not _DOCUMENT_NUMBER.fullmatch(external_id):
        raise ConnectorUnavailable(op, "the peer answered with something that is no document number")


@dataclass(frozen=True, slots=True)
class Found:
    """A fact to be entered in the ERP, such as goods that stand on the dock: no permit can forbid what is so.

    `call` and `confirm` as in `Effect`; the key of the command is the idempotency key.
    """

    key: str
    op: str
    case_id: str
    request: Json
    call: Callable[[str], str]
    confirm: Callable[[UnitOfWork, CommandRow], None]


RECEIVE_GOODS = "receive_goods"
MATCH_RECEIPT = "match_receipt"
"""Whose goods they are that the ERP took in without papers"""
CLOSE_RMA = "close_rma"
"""The rest of a return did not come in time: nothing is given out, and the pieces can be returned again"""
SEND_BACK = "send_back"
"""Goods that no return claims go back to their sender: they were never ours"""
_FACTS = frozenset({RECEIVE_GOODS, MATCH_RECEIPT, CLOSE_RMA, SEND_BACK})
"""All that is entered without a permit; whatever moves money or goods stands in domain Action."""


def write_in(world: WorkerWorld, found: Found) -> Json:
    """Enter a fact once, however often it is repeated.

    Raises:
        ConnectorUnavailable: The peer did not answer; the engine tries again with the same key.
        ValueError: The operation is none of the facts.
    """
    if found.op not in _FACTS:
        raise ValueError(f"{found.op} needs a permit")
    with world.store.begin() as uow:
        row = ledger.intend(
            uow,
            found.key,
            case_id=found.case_id,
            op=found.op,
            request=found.request,
            request_hash=digest(found.request),
            permit_id=None,
        )
        if row.state in {"confirmed", "rejected"}:
            return {"state": row.state, "external_id": row.external_id, "why": row.error}
        row.state, row.attempts, row.sent_at = "sent", row.attempts + 1, uow.clock.now()
        key = ledger.peer_key(row)
    try:
        number = found.call(key)
    except ConnectorRejected as no:
        return _reject(world, found.key, str(no))
    _must_be_a_number(found.op, number)
    return _confirm(world, found, number, {})


def _reject(world: WorkerWorld, key: str, why: str) -> Json:
    """What another worker at the same step has heard a yes to stays done, whatever this one heard."""
    with world.store.begin() as uow:
        row = ledger.command(uow, key, lock=True)
        if row is not None and row.state == "confirmed":
            return {"state": "confirmed", "external_id": row.external_id}
        if row is not None:
            row.state, row.error = "rejected", why
            _note(uow, row, Tag.COMMAND_REJECTED, {})
    return {"state": "rejected", "why": why}


def _confirm(world: WorkerWorld, effect: Effect | Found, external_id: str, answer: Json) -> Json:
    with world.store.begin() as uow:
        row = ledger.command(uow, effect.key, lock=True)
        if row is None or row.state == "confirmed":
            return {"state": "confirmed", "external_id": external_id}
        row.state, row.external_id, row.result = "confirmed", external_id, answer
        row.confirmed_at = uow.clock.now()
        effect.confirm(uow, row)
        _note(uow, row, Tag.COMMAND_CONFIRMED, {"external": external_id})
    return {"state": "confirmed", "external_id": external_id}


def give_up_intended(world: WorkerWorld, key: str, why: str) -> None:
    """A command that stands in the outbox and was never sent is not to be done any more."""
    with world.store.begin() as uow:
        row = ledger.command(uow, key, lock=True)
        if row is not None and row.state == "intended":
            row.state, row.error = "rejected", why
            _note(uow, row, Tag.COMMAND_REJECTED, {})


def mark_unknown(uow: UnitOfWork, case_id: str, about: str, why: str) -> None:
    """The peer stayed silent through all tries: whether it was done is unknown, and a person has to look."""
    for row in ledger.sent_commands(uow, case_id, about=about):
        row.state, row.error = "unknown", why
        _note(uow, row, Tag.COMMAND_UNKNOWN, {})


def _note(uow: UnitOfWork, row: CommandRow, tag: Tag, facts: Json) -> None:
    uow.record(
        tag, actor="worker:effects", subject=row.key, case_id=row.case_id, facts={"op": row.op, **facts}
    )


@decided_anew
def authorise(
    world: WorkerWorld, *, action: Action, proposal_id: str, subject: str, key: str, request: dict[str, Any]
) -> Judged | None:
    """Ask the guard afresh for a later effect and spend its permit into the outbox.

    An effect on a whole RMA is judged for every line of it, whichever proposal of it is named.

    Returns:
        The judgement when it does not permit; `None` when the command stands in the outbox.
    """
    with world.store.read() as uow:
        if ledger.command(uow, key) is not None:
            return None
    prepared = world.guard.prepare(proposal_id, action=action, subject=subject)
    with world.store.begin() as uow:
        # A worker that was taken for dead may be at the same step: whoever is second must find the command of
        # the first, and not be told that nothing is left to give.
        in_turn(uow, f"command:{key}")
        if ledger.command(uow, key) is not None:
            return None
        judged = world.guard.judge(uow, prepared)
        if judged.permit is None:
            return judged
        intent = Intent(key, action, request, [Presented(judged.permit.token, judged.command)])
        gateway.spend(uow, [intent], bundle_hash=world.guard.book().bundle_hash)
    return None


def not_permitted(judged: Judged) -> Json:
    """How a workflow hears that an effect was not permitted, and by which line."""
    state, command = "denied" if judged.outcome is Outcome.DENY else "review", judged.command
    why = f"{command.order_number}/{command.line} {command.sku}: {ground_of(judged.verdict)}"
    return {"state": state, "why": why, "verdict": judged.verdict.id}
