"""The deadline of what did not come with the rest: those pieces are given up, and what came goes on."""

from backhaul.domain.audit import Tag
from backhaul.domain.returns import RmaState
from backhaul.store import due, ledger, rmas
from backhaul.store.awaited import made_good_ahead, missing, rest_of
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows import credit_steps
from backhaul.workflows.effects import CLOSE_RMA, Found, write_in
from backhaul.workflows.rma_steps import refresh, tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, put_to_person
from backhaul.workflows.world import WorkerWorld


def give_up_the_rest(world: WorkerWorld, rma_id: str) -> Json:
    """Release the pieces of a return in parts that did not come in time, and close it if all else is settled.

    Pieces that were made good before they came are not released: somebody sees how we get them or their price
    back.
    """
    with world.store.begin() as uow:
        rma = rmas.rma(uow, rma_id, lock=True)
        if rma.state != RmaState.RECEIVED.value or not missing(uow, rma):
            return {"state": rma.state}
        if due.end_of(rma.return_by) > uow.clock.now():
            return forged(world, rma_id, "not due yet")
        _end(world, uow, rma)
    return credit_steps.close(world, rma_id)


def free_in_the_erp(world: WorkerWorld, rma_id: str) -> Json:
    """The ERP counts the pieces that did not come as returnable again.

    Not while pieces are missing that were made good before they came: a person settles those first.
    """
    with world.store.read() as uow:
        rma = rmas.rma(uow, rma_id)
        lines = rmas.rma_lines(uow, rma_id)
        entered = [ledger.on_rma_line(uow, line.id) for line in lines]
        is_open = any(rest_of(uow, line) for line in lines)
    came = sum(one[ledger.RECEIVED] for one in entered)
    released = sum(one[ledger.RELEASED] for one in entered)
    if rmas.has_ended(rma) or is_open or not came or not released:
        return {"state": "nothing to free"}

    def call(key: str) -> str:
        return world.erp_writes.close_rma(rma.erp_number or "", key=key).number

    def confirm(_uow: UnitOfWork, _command: CommandRow) -> None:
        """The ledger has released the pieces already."""

    found = Found(f"{rma_id}:{CLOSE_RMA}:1", CLOSE_RMA, rma.case_id, {"rma": rma_id}, call, confirm)
    return write_in(world, found)


def _end(world: WorkerWorld, uow: UnitOfWork, rma: RmaRow) -> None:
    given_up: dict[str, int] = {}
    for line, rest in missing(uow, rma):
        if made_good_ahead(uow, line):
            why = f"{rest} x {line.sku} were made good before they came, and did not come in time."
            put_to_person(world, uow, rma, why)
        else:
            ledger.release(uow, line.permit_id)
            given_up[line.sku] = given_up.get(line.sku, 0) + rest
    refresh(uow, rma)
    due.drop_due(uow, kind="rma_reminder", subject=rma.id)
    facts = {"given_up": given_up}
    uow.record(Tag.REST_EXPIRED, actor="worker:workflow", subject=rma.id, case_id=rma.case_id, facts=facts)
    if given_up:
        goods = [f"{rest} x {sku}" for sku, rest in given_up.items()]
        tell(uow, rma, "rest_expired", {"number": rma.erp_number, "goods": goods})
