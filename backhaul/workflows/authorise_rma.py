"""What a permit becomes: RMAs, one for each facility, their permits spent in the transaction that decides."""

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


def authorise_rmas(world: WorkerWorld, uow: UnitOfWork, permitted: Sequence[Judged]) -> dict[str, str]:
    """One RMA for each facility; all permits that were given together are spent together."""
    by_facility: dict[str, list[Judged]] = defaultdict(list)
    for one in permitted:
        by_facility[one.command.facility_id].append(one)
    made: dict[str, str] = {}
    intents: list[Intent] = []
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
