"""Steps that make the customer good after receipt: credit or repair, and closing the RMA."""

from collections.abc import Sequence
from datetime import date

from backhaul.connectors.ports import CreditRequest, RepairRequest
from backhaul.domain.audit import Tag
from backhaul.domain.canonical import plain
from backhaul.domain.codes import Action, Resolution
from backhaul.domain.ledger_laws import made_good
from backhaul.domain.money import Money
from backhaul.domain.receiving import Disposition
from backhaul.domain.returns import Command, RmaState
from backhaul.domain.settlement import CreditMemo
from backhaul.store import ledger, rmas
from backhaul.store.effect_tables import CommandRow
from backhaul.store.money_tables import CreditMemoRow, RepairRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.dispose_steps import about, ask, disposed, key_of, settle
from backhaul.workflows.effects import Effect, carry_out
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld

_IN_EXCHANGE = {
    Resolution.CREDIT: Action.CREDIT_MEMO,
    Resolution.REPLACEMENT: Action.REPLACEMENT,
    Resolution.REPAIR: Action.REPAIR_ORDER,
}


def owed(world: WorkerWorld, disposition_id: str, approved: str | None = None) -> Json:
    """What the customer gets for these pieces: `{"action"}`, or nothing when they were made good before.

    It is what was wished, unless a person `approved` something else.
    """
    with world.store.begin() as uow:
        found = disposed(uow, disposition_id)
        if not ledger.was_moved(uow, disposition_id):
            return {"action": None, "state": "not moved"}
        entered = ledger.on_rma_line(uow, found.line.id)
        let_in = max(entered[ledger.AUTHORISED] - entered[ledger.RELEASED], entered[ledger.RECEIVED])
        left = let_in - made_good(entered)
        goes_back = found.row.chosen == Disposition.RETURN_TO_CUSTOMER.value
        if found.row.settled_at is not None or goes_back or left <= 0:
            settle(uow, disposition_id)
            return {"action": None}
        return {"action": approved or _IN_EXCHANGE[Resolution(found.told.resolution)].value}


def authorise_credit(world: WorkerWorld, disposition_id: str) -> Json:
    """Ask for the credit of inspected pieces."""
    return ask(world, Action.CREDIT_MEMO, disposition_id, "credit")


def credit(world: WorkerWorld, disposition_id: str) -> Json:
    """Post the credit memo, exactly as its permit says."""
    with world.store.read() as uow:
        found = disposed(uow, disposition_id)
    posted: list[CreditMemo] = []

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        memo = world.erp_writes.post_credit_memo(
            credit_request(commands[0], f"{found.rma.erp_number}/{disposition_id}"), key=permit_id
        )
        posted.append(memo)
        return memo.number, {}

    def confirm(uow: UnitOfWork, _row: CommandRow) -> None:
        keep_credit(
            world,
            uow,
            posted[0],
            proposal_id=found.line.proposal_id,
            line_id=found.line.line_id,
            subject=disposition_id,
            rma_id=found.rma.id,
        )
        settle(uow, disposition_id)
        refresh(uow, rmas.rma(uow, found.rma.id, lock=True))
        tell(uow, found.rma, "credit_posted", {**about(found), **credit_news(posted[0])})

    key = key_of(found, Action.CREDIT_MEMO)
    return carry_out(world, Effect(key, Action.CREDIT_MEMO, frozenset({disposition_id}), call, confirm))


def credit_request(command: Command, reference: str) -> CreditRequest:
    """What the ERP is told: the amounts that were signed."""
    return CreditRequest(
        reference=reference,
        account_id=command.account_id,
        case_id=command.case_id,
        order_number=command.order_number,
        line=command.line,
        quantity=command.quantity,
        goods=command.value,
        tax=command.tax,
        restocking_fee=command.restocking_fee,
        return_freight=_in_currency(command.return_freight, command.value.currency),
        reason=command.reason,
    )


def _in_currency(amount: Money, currency: str) -> Money:
    """No freight is no freight in every currency."""
    return Money(0, currency) if amount.minor == 0 else amount


def credit_news(memo: CreditMemo) -> Json:
    """A credit memo as the thread tells it."""
    return {
        "credit_memo": memo.number,
        "amount": str(memo.amount),
        "shares": [
            {"goes_to": one.goes_to.value, "reference": one.reference, "amount": str(one.amount)}
            for one in memo.shares
        ],
    }


def keep_credit(
    world: WorkerWorld,
    uow: UnitOfWork,
    memo: CreditMemo,
    *,
    proposal_id: str,
    line_id: str,
    subject: str,
    rma_id: str | None,
) -> None:
    """Keep a posted credit memo beside the case, and its audit event."""
    row = CreditMemoRow(
        id=world.ids.new("CM"),
        case_id=memo.case_id,
        rma_id=rma_id,
        line_id=line_id,
        proposal_id=proposal_id,
        subject=subject,
        order_number=memo.order_number,
        order_line=memo.line,
        quantity=memo.quantity,
        goods_minor=memo.goods.minor,
        tax_minor=memo.tax.minor,
        restocking_fee_minor=memo.restocking_fee.minor,
        return_freight_minor=memo.return_freight.minor,
        amount_minor=memo.amount.minor,
        currency=memo.amount.currency,
        erp_number=memo.number,
        shares=plain(list(memo.shares)),
        posted_on=memo.posted_on,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(
        Tag.CREDIT_POSTED,
        actor="worker:workflow",
        subject=row.id,
        case_id=row.case_id,
        facts={"number": row.erp_number, "amount_minor": row.amount_minor, "about": subject},
    )


def authorise_repair(world: WorkerWorld, disposition_id: str) -> Json:
    """Ask for the repair of inspected pieces."""
    return ask(world, Action.REPAIR_ORDER, disposition_id, "repair")


def repair(world: WorkerWorld, disposition_id: str) -> Json:
    """Order the repair; the pieces go back to the customer from there."""
    with world.store.read() as uow:
        found = disposed(uow, disposition_id)

    def call(permit_id: str, commands: Sequence[Command]) -> tuple[str, Json]:
        command = commands[0]
        order = world.erp_writes.order_repair(
            RepairRequest(
                reference=f"{found.rma.erp_number}/{disposition_id}",
                account_id=command.account_id,
                case_id=command.case_id,
                order_number=command.order_number,
                line=command.line,
                sku=command.sku,
                quantity=command.quantity,
                serials=command.serials,
            ),
            key=permit_id,
        )
        return order.number, {"promised_on": order.promised_on.isoformat()}

    def confirm(uow: UnitOfWork, row: CommandRow) -> None:
        _repair_ordered(world, uow, disposition_id, row)

    key = key_of(found, Action.REPAIR_ORDER)
    return carry_out(world, Effect(key, Action.REPAIR_ORDER, frozenset({disposition_id}), call, confirm))


def _repair_ordered(world: WorkerWorld, uow: UnitOfWork, disposition_id: str, command: CommandRow) -> None:
    found = disposed(uow, disposition_id)
    promised = date.fromisoformat(command.result["promised_on"])
    row = RepairRow(
        id=world.ids.new("RP"),
        rma_id=found.rma.id,
        line_id=found.line.line_id,
        disposition_id=disposition_id,
        sku=found.line.sku,
        quantity=found.row.quantity,
        erp_number=command.external_id or "",
        promised_on=promised,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    settle(uow, disposition_id)
    refresh(uow, rmas.rma(uow, found.rma.id, lock=True))
    uow.record(
        Tag.REPAIR_ORDERED,
        actor="worker:workflow",
        subject=row.id,
        case_id=found.rma.case_id,
        facts={"order": row.erp_number, "quantity": row.quantity},
    )
    news = {**about(found), "order_number": row.erp_number, "promised_on": promised.isoformat()}
    tell(uow, found.rma, "repair_ordered", news)


def close(world: WorkerWorld, rma_id: str) -> Json:
    """Close the RMA when all that was awaited came and is settled; its workflow hears of it and ends."""
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        refresh(uow, rma)
        if rma.state != RmaState.CLOSED.value:
            return {"state": rma.state}
        if rma.closed_at is None:
            rma.closed_at = uow.clock.now()
            uow.record(Tag.RMA_CLOSED, actor="worker:workflow", subject=rma_id, case_id=rma.case_id)
            tell(uow, rma, "rma_closed", {"number": rma.erp_number})
            world.starter.send(
                uow,
                workflow_id=f"return-{rma_id}",
                topic="return",
                message={"kind": "closed"},
                key=f"{rma_id}:closed",
            )
    return {"state": "closed"}


def close_of(world: WorkerWorld, disposition_id: str) -> Json:
    """Close the RMA of a disposition, if that was the last of it."""
    with world.store.read() as uow:
        rma_id = disposed(uow, disposition_id).rma.id
    return close(world, rma_id)
