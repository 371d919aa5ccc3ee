"""What permits become: RMAs and credits, the permits spent in the transaction that decides."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Action
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.world import WorkerWorld
from tools import gateway
from tools.gateway import Intent, Presented
from tools.guard import Judged


def authorise_permitted(world: WorkerWorld, uow: UnitOfWork, permitted: Sequence[Judged]) -> dict[str, str]:
    """Spend all permits that were given together; returns the RMA of each proposal that led to one.

    What comes back becomes one RMA for each facility; a credit without goods becomes a workflow of its own.
    """
    by_facility: dict[str, list[Judged]] = defaultdict(list)
    intents: list[Intent] = []
    for one in permitted:
        if one.command.action is Action.CREATE_RMA:
            by_facility[one.command.facility_id].append(one)
        else:
            intents.append(_credit(world, uow, one))
    made: dict[str, str] = {}
    for facility_id, group in by_facility.items():
        rma_id = world.ids.new("RMA")
        _add_rma(world, uow, rma_id, facility_id, group)
        intents.append(_intent(rma_id, facility_id, group))
        permits = [one.permit.id for one in group if one.permit]
        world.starter.start(uow, workflow="return", workflow_id=f"return-{rma_id}", args=[rma_id, permits])
        made.update({one.verdict.proposal_id: rma_id for one in group})
    if intents:
        gateway.spend(uow, intents, bundle_hash=world.guard.book().bundle_hash)
    return made


def _credit(world: WorkerWorld, uow: UnitOfWork, one: Judged) -> Intent:
    """A credit for goods that stay with the customer."""
    proposal_id = one.verdict.proposal_id
    world.starter.start(uow, workflow="credit", workflow_id=f"credit-{proposal_id}", args=[proposal_id])
    return Intent(
        key=f"{proposal_id}:{one.command.action.value}:1",
        op=one.command.action,
        request={"proposal": proposal_id},
        presented=[Presented(one.permit.token, one.command)] if one.permit else [],
    )


def _intent(rma_id: str, facility_id: str, group: Sequence[Judged]) -> Intent:
    return Intent(
        key=f"{rma_id}:create_rma:1",
        op=Action.CREATE_RMA,
        request={"rma": rma_id, "facility": facility_id},
        presented=[Presented(one.permit.token, one.command) for one in group if one.permit],
    )


def _add_rma(
    world: WorkerWorld, uow: UnitOfWork, rma_id: str, facility_id: str, group: Sequence[Judged]
) -> None:
    now = uow.clock.now()
    first = group[0].command
    uow.session.add(
        RmaRow(
            id=rma_id,
            case_id=first.case_id,
            account_id=first.account_id,
            facility_id=facility_id,
            state="authorised",
            return_by=(now + timedelta(days=min(one.command.ship_within_days for one in group))).date(),
            created_at=now,
            version=1,
        )
    )
    uow.session.flush()
    for one in group:
        line = RmaLineRow(
            id=world.ids.new("RN"),
            rma_id=rma_id,
            line_id=one.prepared.proposal.line_id,
            proposal_id=one.verdict.proposal_id,
            permit_id=one.permit.id if one.permit else "",
            order_number=one.command.order_number,
            order_line=one.command.line,
            sku=one.command.sku,
            quantity=one.command.quantity,
        )
        uow.session.add(line)
    uow.session.flush()
    uow.record(Tag.RMA_AUTHORISED, actor="worker:gateway", subject=rma_id, case_id=first.case_id)
