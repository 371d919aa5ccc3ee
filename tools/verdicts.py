"""What the guard writes down: its verdict with everything it rests on, and the permit for one command."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest, plain
from backhaul.domain.clock import Ids
from backhaul.domain.returns import Command
from backhaul.store import ledger
from backhaul.store.effect_tables import PermitRow
from backhaul.store.tables import VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from policies.decision import PolicyDecision
from tools.permits import PermitClaims, Signer


def store_verdict(
    uow: UnitOfWork,
    ids: Ids,
    decision: PolicyDecision,
    command: Command,
    *,
    proposal_id: str,
    release: str | None,
) -> VerdictRow:
    """Keep the verdict with all it rests on, the hash of the release that gave it, and its audit event."""
    answer = decision.for_customer()
    row = VerdictRow(
        id=ids.new("VD"),
        proposal_id=proposal_id,
        case_id=command.case_id,
        action=command.action.value,
        outcome=decision.outcome.value,
        message=" ".join(reason.message for reason in answer.reasons),
        would_change=answer.would_change,
        facts=decision.facts.record(),
        decision=decision_record(decision),
        command=plain(command),
        command_digest=digest(command),
        bundle_hash=decision.bundle_hash,
        order_date=decision.order_date,
        decision_date=decision.decision_date,
        facility=decision.facility,
        release=release,
        decided_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.VERDICT_GIVEN,
        actor="worker:guard",
        subject=row.id,
        case_id=row.case_id,
        facts={"proposal": row.proposal_id, "action": row.action, "outcome": row.outcome},
    )
    return row


def issue_permit(
    uow: UnitOfWork,
    signer: Signer,
    ids: Ids,
    *,
    verdict: VerdictRow,
    command: Command,
    seen: Mapping[str, int | str | bool],
    order_version: int,
    seconds: int,
) -> PermitRow:
    """Sign a permit for exactly that command, on that state of the order; it ends after `seconds`.

    `seen` are the facts that the policy decided on: the gateway holds the ledger to their amounts.
    """
    now = uow.clock.now()
    claims = PermitClaims(
        permit_id=ids.new("PM", 12),
        key_id=signer.key_id,
        action=command.action.value,
        command_digest=verdict.command_digest,
        case_id=command.case_id,
        order_number=command.order_number,
        order_line=command.line,
        order_version=order_version,
        bundle_hash=verdict.bundle_hash,
        verdict_id=verdict.id,
        issued=int(now.timestamp()),
        expires=int((now + timedelta(seconds=seconds)).timestamp()),
        amount_minor=_whole(seen.get("amount_usd_minor")),
        exposure_minor=_whole(seen.get("order_exposure_usd_minor")),
        shipped_pieces=_whole(seen.get("quantity_shipped")),
        invoiced_minor=_whole(seen.get("line_invoiced_usd_minor")),
        credit_minor=_whole(seen.get("credit_usd_minor")),
    )
    row = PermitRow(
        id=claims.permit_id,
        verdict_id=verdict.id,
        case_id=claims.case_id,
        action=claims.action,
        command=verdict.command,
        command_digest=claims.command_digest,
        order_number=claims.order_number,
        order_version=order_version,
        bundle_hash=claims.bundle_hash,
        key_id=claims.key_id,
        token=signer.sign(claims),
        issued_at=now,
        expires_at=claims.expires_at(),
    )
    ledger.add_permit(uow, row)
    uow.record(
        Tag.PERMIT_ISSUED,
        actor="worker:guard",
        subject=row.id,
        case_id=row.case_id,
        facts={"verdict": verdict.id, "command": row.command_digest},
    )
    return row


def _whole(value: int | str | bool | None) -> int | None:
    return value if isinstance(value, int) else None


def ground_of(verdict: VerdictRow) -> str:
    """Why it was decided so, in full: for colleagues. What a customer may read is the verdict's `message`."""
    decided = [one for one in verdict.decision["results"] if one["effect"] == verdict.outcome]
    return " ".join(dict.fromkeys(one["message"] for one in decided if one["message"])) or verdict.message


def decision_record(decision: PolicyDecision) -> dict[str, Any]:
    """The decision as stored and shown: every rule with inputs and sources, cells used, counterfactual."""
    record: dict[str, Any] = plain(
        {
            "outcome": decision.outcome,
            "shadowed": decision.shadowed,
            "facility": decision.facility,
            "results": decision.results,
            "outputs": decision.outputs,
            "editions": decision.editions,
            "counterfactual": decision.counterfactual,
            "asks_for": decision.asks_for,
        }
    )
    return record
