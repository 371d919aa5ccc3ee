"""Steps that tell the ERP what came: in quarantine, under the RMA if there is one that still awaits it."""

from backhaul.connectors.ports import GoodsReceipt
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, ledger, rmas
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import CommandRow, RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.effects import MATCH_RECEIPT, RECEIVE_GOODS, Found, write_in
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import put_to_person
from backhaul.workflows.world import WorkerWorld


def post(world: WorkerWorld, receipt_id: str) -> Json:
    """Put the pieces of a receipt into quarantine in the ERP.

    What it was told first it is told again, also when the goods have found another RMA since: they are the
    same goods, and came once.
    """
    key = _key(receipt_id)
    with world.store.read() as uow:
        row = dock.receipt(uow, receipt_id)
        rma = rmas.rma(uow, row.rma_id) if row.rma_id else None
        before = ledger.command(uow, key)
    if row.erp_number is not None:
        return _posted(world, receipt_id, {"state": "confirmed", "external_id": row.erp_number})
    if not row.sku:
        # Nobody knows the article yet: it lies in quarantine, and in our ledger, under its description.
        return {"state": "not in the catalogue"}
    under = str(before.request["rma_number"]) if before else _expects(row, rma)
    goods = GoodsReceipt(
        reference=row.id,
        rma_number=under,
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

    case_id = before.case_id if before else rma.case_id if rma else ""
    request = {"receipt": receipt_id, "rma_number": under}
    return _posted(
        world, receipt_id, write_in(world, Found(key, RECEIVE_GOODS, case_id, request, call, confirm))
    )


def _posted(world: WorkerWorld, receipt_id: str, answer: Json) -> Json:
    """Says too whether somebody has matched it while the ERP did not answer: that one had no number yet."""
    with world.store.read() as uow:
        return {**answer, "found_its_rma": _to_tell(uow, receipt_id) is not None}


def _to_tell(uow: UnitOfWork, receipt_id: str) -> tuple[str, RmaRow] | None:
    """The ERP's receipt and the RMA that it does not know it by; `None` when there is nothing to tell."""
    row = dock.receipt(uow, receipt_id)
    rma = rmas.rma(uow, row.rma_id) if row.rma_id else None
    came = ledger.command(uow, _key(receipt_id))
    if rma is None or row.erp_number is None or came is None:
        return None
    return None if _expects(row, rma) in {"", came.request["rma_number"]} else (row.erp_number, rma)


def put_under(world: WorkerWorld, receipt_id: str) -> Json:
    """Tell the ERP whose goods they are that it took in without papers; nothing when it knows."""
    with world.store.read() as uow:
        found = _to_tell(uow, receipt_id)
    if found is None:
        return {"state": "nothing to tell"}
    number, rma = found

    def call(key: str) -> str:
        return world.erp_writes.match_receipt(number, rma.erp_number or "", key=key)

    def confirm(_uow: UnitOfWork, _command: CommandRow) -> None:
        """The receipt says already whose it is."""

    key = f"{rma.id}:{MATCH_RECEIPT}:{receipt_id}"
    return write_in(world, Found(key, MATCH_RECEIPT, rma.case_id, {"receipt": receipt_id}, call, confirm))


def _expects(row: ReceiptRow, rma: RmaRow | None) -> str:
    """The RMA that the ERP expects these goods under; what comes after its end came without papers there."""
    is_matched = rma is not None and row.state == ReceiptState.BOOKED.value and not rmas.has_ended(rma)
    return (rma.erp_number or "") if rma is not None and is_matched else ""


def _key(receipt_id: str) -> str:
    """Of the receipt alone, and never of an RMA: it may belong to another one when it is asked again."""
    return f"{receipt_id}:{RECEIVE_GOODS}:{receipt_id}"


def hand_over(world: WorkerWorld, receipt_id: str, problem: Json) -> Json:
    """The ERP would not take the receipt: our books have it, and a person sees to theirs."""
    with world.store.begin() as uow:
        row = dock.receipt(uow, receipt_id, lock=True)
        row.why = f"not in the ERP: {problem.get('why')}"
        if row.rma_id is not None:
            rma = rmas.rma(uow, row.rma_id)
            put_to_person(world, uow, rma, f"receipt {row.id} is {row.why}.")
    return {"state": "with a person", "why": problem.get("why")}


def hand_match_over(world: WorkerWorld, receipt_id: str, problem: Json) -> Json:
    """The ERP would not put the goods under their RMA: ours are, and a person sees to theirs."""
    with world.store.begin() as uow:
        row = dock.receipt(uow, receipt_id)
        if row.rma_id is not None:
            rma = rmas.rma(uow, row.rma_id)
            why = f"receipt {row.id} is not under it in the ERP: {problem.get('why')}."
            put_to_person(world, uow, rma, why)
    return {"state": "with a person", "why": problem.get("why")}
