"""Steps that tell the ERP what came: in quarantine, under the RMA if there is one that still awaits it."""

from backhaul.connectors.ports import GoodsReceipt
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, ledger, rmas
from backhaul.store.effect_tables import CommandRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import RECEIVE_GOODS, Found, write_in
from backhaul.workflows.receive_steps import has_ended
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import put_to_person
from backhaul.workflows.world import WorkerWorld


def post(world: WorkerWorld, receipt_id: str) -> Json:
    """Put the pieces of a receipt into quarantine in the ERP."""
    with world.store.read() as uow:
        row = dock.receipt(uow, receipt_id)
        is_matched = row.state == ReceiptState.BOOKED.value and row.rma_id is not None
        rma = rmas.rma(uow, row.rma_id) if row.rma_id else None
        loose = f"{receipt_id}:{RECEIVE_GOODS}:{receipt_id}"
        came_loose = rma is None or ledger.command(uow, loose) is not None
    if row.erp_number is not None:
        return {"state": "confirmed", "external_id": row.erp_number}
    if not row.sku:
        # Nobody knows the article yet: it lies in quarantine, and in our ledger, under its description.
        return {"state": "not in the catalogue"}
    goods = GoodsReceipt(
        reference=row.id,
        # What comes after the end came without papers, as the ERP sees it.
        rma_number=rma.erp_number or "" if rma and is_matched and not has_ended(rma) else "",
        facility_id=row.facility_id,
        sku=row.sku,
        quantity=row.quantity,
        serials=tuple(row.serials),
        lots=tuple(row.lots),
    )

    def call(key: str) -> str:
        return world.erp_writes.receive_goods(goods, key=key)

    def confirm(uow: UnitOfWork, command: CommandRow) -> None:
        dock.receipt(uow, receipt_id, lock=True).erp_number = command.external_id

    # Goods that found their RMA since are the same goods: they keep the command they came in with.
    key = loose if rma is None or came_loose else f"{rma.id}:{RECEIVE_GOODS}:{receipt_id}"
    case_id = rma.case_id if rma else ""
    return write_in(world, Found(key, RECEIVE_GOODS, case_id, {"receipt": receipt_id}, call, confirm))


def hand_over(world: WorkerWorld, receipt_id: str, problem: Json) -> Json:
    """The ERP would not take the receipt: our books have it, and a person sees to theirs."""
    with world.store.begin() as uow:
        row = dock.receipt(uow, receipt_id, lock=True)
        row.why = f"not in the ERP: {problem.get('why')}"
        if row.rma_id is not None:
            rma = rmas.rma(uow, row.rma_id)
            put_to_person(world, uow, rma, f"receipt {row.id} is {row.why}.")
    return {"state": "with a person", "why": problem.get("why")}
