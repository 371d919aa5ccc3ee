"""The peers of a house with a dock: stock, credits, repairs and suppliers that believe all they are told."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from backhaul.connectors.ports import (
    BookedRma,
    CreditRequest,
    GoodsReceipt,
    Letter,
    Mispick,
    RepairRequest,
    StockMove,
    VendorCredit,
)
from backhaul.domain.codes import Reason
from backhaul.domain.errors import NotFound
from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditMemo, RepairOrder
from tests.tools.bypass_peers import CredulousErp, Place, Told


@dataclass
class DockErp(CredulousErp):
    """Takes in goods, moves them, and pays out, whatever it is told and as often; it keeps every call."""

    dock_told: list[Told] = field(default_factory=list)
    memos: list[CreditMemo] = field(default_factory=list)
    short_paid: list[CreditMemo] = field(default_factory=list)
    """What clerks credited in the ERP directly"""
    dearest: Mapping[str, str] = field(default_factory=dict)
    """The purchase that cost most for each piece, by article"""

    def credit_memos(self, order_number: str) -> Sequence[CreditMemo]:
        return [one for one in (*self.memos, *self.short_paid) if one.order_number == order_number]

    def receive_goods(self, receipt: GoodsReceipt, *, key: str) -> str:
        return self._keep("receive_goods", key, receipt, "GR")

    def match_receipt(self, receipt_number: str, rma_number: str, *, key: str) -> str:
        return self._keep("match_receipt", key, (receipt_number, rma_number), "GR")

    def move_stock(self, move: StockMove, *, key: str) -> str:
        return self._keep("move_stock", key, move, "ST")

    def correct_mispick(self, mispick: Mispick, *, key: str) -> str:
        return self._keep("mispick", key, mispick, "MP")

    def post_credit_memo(self, request: CreditRequest, *, key: str) -> CreditMemo:
        memo = _memo(self._keep("credit_memo", key, request, "CM"), request, self)
        self.memos.append(memo)
        return memo

    def order_repair(self, request: RepairRequest, *, key: str) -> RepairOrder:
        number = self._keep("repair_order", key, request, "RO")
        return RepairOrder(
            number, request.reference, request.sku, request.quantity, request.serials, self.today
        )

    def post_vendor_credit(self, credit: VendorCredit, *, key: str) -> str:
        return self._keep("vendor_credit", key, credit, "VCR")

    def close_rma(self, number: str, *, key: str) -> BookedRma:
        self._keep("close_rma", key, number, "CL")
        return next(one for one in self.booked if one.number == number)

    def clerk_credits(self, place: Place, account_id: str, pieces: int) -> None:
        """Somebody posts a credit in the ERP directly."""
        line = self.order_line(*place)
        assert line is not None
        nothing = Money(0, line.unit_price.currency)
        goods = line.unit_price * pieces
        request = CreditRequest(
            "", account_id, "", *place, pieces, goods, nothing, nothing, nothing, Reason.OTHER
        )
        self.short_paid.append(_memo(f"BY-HAND-{len(self.short_paid)}", request, self))

    def _keep(self, act: str, key: str, request: object, prefix: str) -> str:
        number = f"{prefix}-{len(self.dock_told)}"
        self.dock_told.append(Told(act, key, request, number))
        return number


def _memo(number: str, request: CreditRequest, erp: DockErp) -> CreditMemo:
    return CreditMemo(
        number,
        request.reference,
        request.account_id,
        request.case_id,
        request.order_number,
        request.line,
        request.quantity,
        request.goods,
        request.tax,
        request.restocking_fee,
        request.return_freight,
        request.goods + request.tax - request.restocking_fee - request.return_freight,
        erp.today,
        (),
    )


@dataclass
class CredulousSuppliers:
    """Give every request a number and keep every letter."""

    told: list[Told] = field(default_factory=list)

    def request_return(self, supplier_id: str, sku: str, quantity: int, *, key: str) -> str:
        number = f"{supplier_id}-R{len(self.told)}"
        self.told.append(Told("number", key, (supplier_id, sku, quantity), number))
        return number

    def send(self, letter: Letter, *, key: str) -> None:
        if key.endswith(":claim"):
            self.told.append(Told("claim", key, letter, ""))


@dataclass
class KeptBlobs:
    """Prints and pictures in memory."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        self.kept[name] = content
        return name

    def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise NotFound("blob", key)
        return self.kept[key]


def a_picture() -> bytes:
    """The smallest photo there is."""
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    return out.getvalue()
