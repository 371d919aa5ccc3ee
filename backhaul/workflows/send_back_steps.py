"""Goods that no return claims go back to their sender, when somebody of the desk says so.

They are not ours: nothing is made good for them, and nothing is written down. Who counted them may not send
them off, or goods could come in and leave again on the word of one person.
"""

from backhaul.connectors.ports import StockMove
from backhaul.domain.audit import Tag
from backhaul.domain.codes import QualityStatus
from backhaul.domain.errors import NotFound
from backhaul.domain.money import LEDGER_CURRENCY, Money
from backhaul.domain.receiving import ReceiptState
from backhaul.store import dock, ledger, rmas, tasks
from backhaul.store.dock_tables import ReceiptRow
from backhaul.store.effect_tables import CommandRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.workflows.desk_staff import works_at_the_desk
from backhaul.workflows.effects import SEND_BACK, Found, write_in
from backhaul.workflows.rma_steps import tell
from backhaul.workflows.runner import Json
from backhaul.workflows.stops import forged, put_to_person
from backhaul.workflows.world import WorkerWorld

_LIES_HERE = {ReceiptState.UNMATCHED.value, ReceiptState.HELD.value}
_LONGEST = 200
_NOT = "; not sent back: "


def send_back(world: WorkerWorld, receipt_id: str, staff_id: str, said: str) -> Json:
    """Enter that the pieces of an unmatched or held receipt leave; a second call changes nothing.

    `said` is how they travel, such as a tracking number; the dock and the customer read it.
    """
    try:
        with world.store.begin() as uow:
            row = dock.receipt(uow, receipt_id, lock=True)
            if row.state == ReceiptState.SENT_BACK.value:
                return {"state": "sent back"}
            why = _why_not(uow, row, staff_id)
            if why is None:
                _leave(uow, row, staff_id, said[:_LONGEST])
                return {"state": "sent back"}
            row.why = f"{(row.why or '').partition(_NOT)[0]}{_NOT}{why}"
            # The page that asked waits for the next version.
            row.version += 1
            return {"state": "stays", "why": why}
    except NotFound as missing:
        return forged(world, receipt_id, str(missing))


def _why_not(uow: UnitOfWork, row: ReceiptRow, staff_id: str) -> str | None:
    checks = {
        "the desk decides that": works_at_the_desk(uow, staff_id),
        "who counted goods does not send them off": staff_id != row.counted_by,
        "a return claims them, or they are gone": row.state in _LIES_HERE,
        "nothing lies here": row.quantity > 0,
    }
    return next((why for why, holds in checks.items() if not holds), None)


def _leave(uow: UnitOfWork, row: ReceiptRow, staff_id: str, said: str) -> None:
    gone = ledger.Entry(ledger.DISPOSED, row.quantity, Money(0), cause=row.id, serials=tuple(row.serials))
    ledger.enter(uow, gone)
    row.state, row.why = ReceiptState.SENT_BACK.value, said
    row.version += 1
    rma = rmas.find(uow, row.rma_id) if row.rma_id else None
    if rma is not None:
        tasks.moved_on(uow, rma.case_id, row.id, user_id=staff_id, note=f"sent back: {said}")
    uow.record(
        Tag.GOODS_SENT_BACK,
        actor=f"staff:{staff_id}",
        subject=row.id,
        case_id=rma.case_id if rma else None,
        facts={"sku": row.sku, "quantity": row.quantity},
    )
    if rma is not None:
        tell(uow, rma, "goods_sent_back", {"number": rma.erp_number, "quantity": row.quantity, "how": said})


def take_out(world: WorkerWorld, receipt_id: str) -> Json:
    """The same in the ERP: the pieces leave quarantine, and the house."""
    with world.store.read() as uow:
        row = dock.receipt(uow, receipt_id)
        rma = rmas.find(uow, row.rma_id) if row.rma_id else None
    nothing = Money(0, LEDGER_CURRENCY)
    leaving = StockMove(
        reference=row.id,
        facility_id=row.facility_id,
        sku=row.sku,
        quantity=row.quantity,
        source=QualityStatus.QUARANTINE,
        target=None,
        why="back to the sender, not ours",
        unit_value=nothing,
        write_down=nothing,
        serials=tuple(row.serials),
    )

    def call(key: str) -> str:
        return world.erp_writes.move_stock(leaving, key=key)

    def confirm(_uow: UnitOfWork, _command: CommandRow) -> None:
        """The receipt says already that they are gone."""

    key = f"{rma.id if rma else receipt_id}:{SEND_BACK}:{receipt_id}"
    case_id = rma.case_id if rma else ""
    return write_in(world, Found(key, SEND_BACK, case_id, {"receipt": receipt_id}, call, confirm))


def hand_over(world: WorkerWorld, receipt_id: str, problem: Json) -> Json:
    """The ERP would not let the pieces go: our books say that they left, and a person sees to theirs."""
    with world.store.begin() as uow:
        row = dock.receipt(uow, receipt_id)
        rma = rmas.find(uow, row.rma_id) if row.rma_id else None
        if rma is not None:
            why = f"receipt {row.id} was sent back, and the ERP keeps it: {problem.get('why')}."
            put_to_person(world, uow, rma, why)
    return {"state": "with a person", "why": problem.get("why")}
