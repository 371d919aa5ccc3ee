"""Rows that the doors may add, and no bench wrote: each is refused, and nothing moves or is paid."""

from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Disposition, Finding, Grade, ReceiptState
from backhaul.store import claims, dock
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import CommandRow
from backhaul.workflows import claim_steps, credit_steps
from tests.claims import goes_back
from tests.dock import counts, line_of, receipt, settles, staff_id
from tests.house import House
from tests.tools.bench import Bench, bench

BEARING, BELT = "BRG-6205-2RS", "VBT-BX54"


def carried_out(house: House, workflow: str, *args: str) -> Any:
    """What comes of work that somebody started."""
    name = f"{workflow}-forged-{'-'.join(args)}"
    with house.store.begin() as uow:
        house.engine.start(uow, workflow=workflow, workflow_id=name, args=list(args))
    return house.engine.results[name]


def moves(house: House, sku: str) -> int:
    return len(house.world.erp.stock_moves(sku))


def written(house: House, row: Any) -> str:
    name = str(row.id)
    with house.store.begin() as uow:
        uow.session.add(row)
    return name


def settled_past_the_form(at: Bench, receipt_id: str, **says: Any) -> str:
    """A disposition of four inspected pieces that says something else than the bench would have written."""
    house, who, now = at.house, staff_id(at.house), at.house.world.clock.now()
    ids = house.desk.ids
    seen = InspectionRow(
        id=ids.new("IN"),
        receipt_id=receipt_id,
        quantity=4,
        serials=[],
        grade=Grade.A.value,
        checklist={},
        finding=Finding.CONFIRMED.value,
        photos=[],
        note="",
        inspected_by=who,
        inspected_at=now,
    )
    written(house, seen)
    row = {
        "sku": BEARING,
        "serials": [],
        "state": "chosen",
        "chosen": Disposition.RESTOCK.value,
        "chosen_by": who,
    }
    return written(
        house,
        DispositionRow(
            id=ids.new("DI"),
            inspection_id=dock_inspection(house, receipt_id),
            receipt_id=receipt_id,
            rma_id=at.rma.id,
            rma_line_id=line_of(house, at.rma).id,
            quantity=4,
            proposed=Disposition.RESTOCK.value,
            arithmetic={},
            override_reason="",
            chosen_at=now,
            **(row | says),
        ),
    )


def dock_inspection(house: House, receipt_id: str) -> str:
    with house.store.read() as uow:
        return dock.inspections(uow, receipt_id)[0].id


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"sku": BELT}, "another article than came"),
        ({"serials": ["KX4-50-118803"]}, "serials that nobody scanned"),
    ],
)
def test_nothing_moves_that_did_not_come_in_this_parcel(
    sqlite_house: House, says: dict[str, Any], why: str
) -> None:
    at = bench(sqlite_house)
    came = counts(sqlite_house, at.rma, 4)
    before = moves(sqlite_house, BELT), moves(sqlite_house, BEARING)

    ended = carried_out(sqlite_house, "dispose", settled_past_the_form(at, came.id, **says))

    assert ended == {"state": "refused", "refused": why}
    assert (moves(sqlite_house, BELT), moves(sqlite_house, BEARING)) == before


def test_a_receipt_that_calls_itself_booked_takes_nothing_in(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    came = counts(sqlite_house, at.rma, 1)
    before = moves(sqlite_house, BEARING)
    forged = _copy(sqlite_house, came, state=ReceiptState.BOOKED.value)
    part = _copy(sqlite_house, came, state=ReceiptState.UNMATCHED.value, part_of=came.id)

    ended = carried_out(sqlite_house, "receive", forged)
    again = carried_out(sqlite_house, "receive", came.id)

    assert ended == {"state": "refused", "refused": "booked past the worker"}
    assert part not in again["receipts"]
    assert moves(sqlite_house, BEARING) == before


def _copy(house: House, came: ReceiptRow, **says: Any) -> str:
    columns = {one.name: getattr(came, one.name) for one in ReceiptRow.__table__.columns}
    name = house.desk.ids.new("DR")
    return written(house, ReceiptRow(**(columns | {"id": name, "quantity": 50, "erp_number": None} | says)))


def test_goods_that_find_their_rma_are_taken_in_once(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    loose = counts(sqlite_house, None, 4, sku=BEARING)
    before = moves(sqlite_house, BEARING)
    line = line_of(sqlite_house, at.rma)

    carried_out(sqlite_house, "match-receipt", loose.id, line.id, staff_id(sqlite_house))
    carried_out(sqlite_house, "receive", loose.id)

    assert receipt(sqlite_house, loose.id).rma_id == at.rma.id
    assert moves(sqlite_house, BEARING) == before
    with sqlite_house.store.read() as uow:
        told = uow.session.scalars(sa.select(CommandRow.key).where(CommandRow.op == "receive_goods")).all()
    assert told == [f"{loose.id}:receive_goods:{loose.id}"]


def test_goods_are_moved_where_they_lie(sqlite_house: House) -> None:
    at = bench(sqlite_house)
    loose = counts(sqlite_house, None, 4, sku=BEARING, facility_id="RNO1")
    line = line_of(sqlite_house, at.rma)
    carried_out(sqlite_house, "match-receipt", loose.id, line.id, staff_id(sqlite_house))

    settled = settles(sqlite_house, receipt(sqlite_house, loose.id), Disposition.RESTOCK)

    newest_move = sqlite_house.world.erp.stock_moves(BEARING)[-1]
    assert at.rma.facility_id != "RNO1"
    assert (settled.state, newest_move.facility_id, newest_move.quantity) == ("posted", "RNO1", 4)


def test_goods_that_only_call_themselves_moved_are_neither_credited_nor_claimed(sqlite_house: House) -> None:
    at = bench(sqlite_house, reason=Reason.DEFECTIVE, words="four of the bearings are defective, they grind")
    came = counts(sqlite_house, at.rma, 4)
    to_the_maker = Disposition.RETURN_TO_VENDOR.value
    forged = settled_past_the_form(at, came.id, state="posted", chosen=to_the_maker, chosen_by="nobody")

    owed = credit_steps.owed(sqlite_house.world, forged)
    compiled = claim_steps.compile_claim(sqlite_house.world, forged)

    assert (owed, compiled) == ({"action": None, "state": "not moved"}, {"state": "none"})


def test_a_purchase_that_nobody_entitled_has_named_documents_nothing(sqlite_house: House) -> None:
    row = goes_back(sqlite_house)
    with sqlite_house.store.begin() as uow:
        for who in ("nobody", staff_id(sqlite_house)):
            added = claims.Added(f"CE-{who}", row.id, who, purchase_order="PO-1", note="please look")
            claims.add_evidence(uow, added)
        assert claims.evidence(uow, row.id) == []
