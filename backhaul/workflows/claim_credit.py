"""What a supplier agreed to pay, booked in the ERP.

It needs no verdict of its own: the claim was permitted with its amount, and a supplier's yes can only stay
below it. The permit of the claim is verified again, and bounds what is booked, as the ledger does.
"""

from collections.abc import Sequence
from itertools import count

from backhaul.connectors.ports import VendorCredit
from backhaul.domain.audit import Tag
from backhaul.domain.canonical import digest
from backhaul.domain.claims import ClaimState, parts_of_credit
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.returns import Command
from backhaul.store import claims, ledger, rmas
from backhaul.store.effect_tables import CommandRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import Effect, carry_out
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld

VENDOR_CREDIT = "vendor_credit"
_PEER = "ledger"


def intend_credit(uow: UnitOfWork, row: VendorClaimRow, permit_id: str) -> None:
    """Put the booking into the outbox, in the transaction that takes the supplier's yes."""
    request = {"claim": row.id, "amount_minor": row.approved_minor}
    ledger.intend(
        uow,
        _key_of(row),
        case_id=row.case_id,
        op=VENDOR_CREDIT,
        request=request,
        request_hash=digest(request),
        permit_id=permit_id,
    )


def _key_of(row: VendorClaimRow) -> str:
    return f"{row.rma_id}:{VENDOR_CREDIT}:{row.id}"


def credit(world: WorkerWorld, claim_id: str) -> Json:
    """Book what the supplier approved, on each purchase its part; the ledger says recovered."""
    with world.store.read() as uow:
        row = claims.claim(uow, claim_id)

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        approved = Money(row.approved_minor or 0, LEDGER_CURRENCY)
        if commands[0].claimed < approved:
            raise ConnectorRejected(_PEER, f"{approved} approved, {commands[0].claimed} were claimed")
        numbers = _book(world, row, permit_id)
        return numbers[0], {"numbers": numbers}

    def confirm(uow: UnitOfWork, command: CommandRow) -> None:
        _recovered(uow, claims.claim(uow, claim_id, lock=True), command)

    effect = Effect(_key_of(row), Action.VENDOR_CLAIM, frozenset({claim_id}), call, confirm)
    return {**carry_out(world, effect), "claim_id": claim_id, "rma_id": row.rma_id}


def _book(world: WorkerWorld, row: VendorClaimRow, permit_id: str) -> list[str]:
    """Each part under a key and a reference of its own, which only the first shares with the claim."""
    purchases = claims.bought(row)
    parts = parts_of_credit(row.approved_minor or 0, purchases, row.allowance_minor)
    booked = [(one, part) for one, part in zip(purchases, parts, strict=True) if part]
    return [
        world.erp_writes.post_vendor_credit(
            VendorCredit(
                reference=_numbered(row.id, at),
                supplier_id=row.supplier_id,
                purchase_order=one.number,
                sku=row.sku,
                quantity=one.quantity,
                amount=Money(part, LEDGER_CURRENCY),
            ),
            key=_numbered(permit_id, at),
        )
        for at, (one, part) in zip(count(1), booked, strict=False)
    ]


def _numbered(name: str, at: int) -> str:
    return name if at == 1 else f"{name}-{at}"


def _recovered(uow: UnitOfWork, row: VendorClaimRow, command: CommandRow) -> None:
    line = rmas.rma_line(uow, row.rma_line_id)
    entry = ledger.Entry(
        ledger.RECOVERED,
        row.quantity,
        Money(row.approved_minor or 0, LEDGER_CURRENCY),
        case_id=row.case_id,
        order_number=line.order_number,
        order_line=line.order_line,
        rma_line_id=line.id,
        permit_id=command.permit_id or "",
        cause=row.id,
        serials=tuple(row.serials),
    )
    ledger.enter(uow, entry)
    row.state, row.credit_number = ClaimState.CREDITED.value, ", ".join(command.result["numbers"])
    row.version += 1
    facts = {"number": row.credit_number, "amount_minor": row.approved_minor}
    uow.record(Tag.CLAIM_CREDITED, actor="worker:claims", subject=row.id, case_id=row.case_id, facts=facts)
