"""What the contract tests about returned goods ask of an ERP, and how they look at its books."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backhaul.connectors.ports import (
    CreditRequest,
    GoodsReceipt,
    Mispick,
    RepairRequest,
    RmaLineRequest,
    RmaRequest,
    StockMove,
    VendorCredit,
)
from backhaul.domain.codes import QualityStatus, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.domain.orders import Invoice


def booked_rma(system: Any, owner: tuple[str, str], quantity: int, *, serials: tuple[str, ...] = ()) -> str:
    """The number of an RMA for pieces of line 1."""
    account_id, order_number = owner
    line = RmaLineRequest(order_number, 1, quantity, serials, Reason.DEFECTIVE, Resolution.CREDIT)
    day = system.today + timedelta(days=30)
    request = RmaRequest(f"RA-{order_number}", account_id, system.facility_id, day, (line,))
    return str(system.writes.create_rma(request, key=f"rma {order_number}").number)


def arrival(system: Any, sku: str, quantity: int = 2, **changes: Any) -> GoodsReceipt:
    """A receipt without papers, unless something is changed."""
    return replace(GoodsReceipt("RC-1", "", system.facility_id, sku, quantity), **changes)


def out_of_quarantine(system: Any, sku: str, quantity: int = 2, **changes: Any) -> StockMove:
    """A move from quarantine to B-stock at 5.00 a piece, 1.00 of each written down."""
    move = StockMove(
        reference="DI-1",
        facility_id=system.facility_id,
        sku=sku,
        quantity=quantity,
        source=QualityStatus.QUARANTINE,
        target=QualityStatus.B_STOCK,
        why="b_stock, grade B",
        unit_value=Money(500),
        write_down=Money(100) * quantity,
    )
    return replace(move, **changes)


def mispick(system: Any, quantity: int = 2, **changes: Any) -> Mispick:
    """The article of the open line was ordered, another one was sent."""
    ordered = sku_of(system, system.open_line)
    wrong = Mispick("DI-2", system.facility_id, ordered, system.sent_instead, quantity)
    return replace(wrong, **changes)


def credit_of(system: Any, owner: tuple[str, str], quantity: int = 1, **changes: Any) -> CreditRequest:
    """The full credit of pieces of line 1 with their part of the tax."""
    account_id, order_number = owner
    line = system.reads.order_line(order_number, 1)
    billed = next(one for one in bill_of(system, owner).lines if one.order_line == 1)
    nothing = Money(0, line.unit_price.currency)
    request = CreditRequest(
        reference="RMA/DI-1",
        account_id=account_id,
        case_id="RC-1",
        order_number=order_number,
        line=1,
        quantity=quantity,
        goods=line.unit_price * quantity,
        tax=Money(billed.tax.minor * quantity // billed.quantity, billed.tax.currency),
        restocking_fee=nothing,
        return_freight=nothing,
        reason=Reason.DEFECTIVE,
    )
    return replace(request, **changes)


def repair(system: Any, quantity: int = 1, **changes: Any) -> RepairRequest:
    """A repair of pieces of the open line."""
    account_id, number = system.open_line
    sku = sku_of(system, system.open_line)
    return replace(RepairRequest("DI-3", account_id, "RC-1", number, 1, sku, quantity, ()), **changes)


def vendor_credit(system: Any, quantity: int = 2, **changes: Any) -> VendorCredit:
    """What the supplier of the lot pays for pieces of it, allowance included."""
    line = system.reads.order_line(system.lot_line[1], 1)
    bought = system.reads.purchase_order(system.reads.unit(line.lots[0]).purchase_order)
    allowance = system.reads.supplier(bought.supplier_id).claim_allowance
    amount = bought.unit_cost * quantity + allowance
    credit = VendorCredit("VC-1", bought.supplier_id, bought.number, bought.sku, quantity, amount)
    return replace(credit, **changes)


def sku_of(system: Any, owner: tuple[str, str]) -> str:
    """The article of line 1."""
    return str(system.reads.order_line(owner[1], 1).sku)


def bill_of(system: Any, owner: tuple[str, str]) -> Invoice:
    """The one bill of the order."""
    (bill,) = system.reads.invoices(owner[1])
    assert isinstance(bill, Invoice)
    return bill


def pieces(system: Any, sku: str, status: QualityStatus) -> int:
    """Pieces of an article in a quality status at the facility."""
    return sum(one.quantity for one in _balances(system, sku, status))


def worth(system: Any, sku: str, status: QualityStatus) -> int:
    """What those pieces stand for, in cents."""
    return sum(one.quantity * one.unit_cost.minor for one in _balances(system, sku, status))


def _balances(system: Any, sku: str, status: QualityStatus) -> list[Any]:
    return [
        one
        for one in system.reads.inventory(sku)
        if one.bin.facility_id == system.facility_id and one.bin.quality_status is status
    ]
