"""What the ERP's own books and the ledger must still say after every call: nothing comes out of nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from backhaul.connectors.ports import (
    CreditRequest,
    GoodsReceipt,
    Mispick,
    RepairRequest,
    StockMove,
    VendorCredit,
)
from tests.tools.bypass_books import Books, Entry
from tests.tools.bypass_dock_merits import Lot
from tests.tools.bypass_dock_peers import DockErp
from tests.tools.bypass_merits import Issued, forbid
from tests.tools.bypass_peers import Place, Told
from tests.tools.bypass_world import Stage

GOES_TO = {
    "restock": "available",
    "b_stock": "b_stock",
    "return_to_vendor": "vendor_staging",
    "scrap": "scrap",
    "repair": "repair",
    "return_to_customer": None,
}
_AT_MOST = {"disposed": "received", "claimed": "received"}


@dataclass
class DockStock:
    """Keeps the quarantine, the memos and the claims as a bookkeeper of the ERP would."""

    stage: Stage
    erp: DockErp
    quarantine: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Pieces by facility and article"""
    units: set[tuple[str, str]] = field(default_factory=set)
    """Serials that lie there, by facility"""
    taken_in: Counter[str] = field(default_factory=Counter)
    """Pieces by article"""
    on_rma: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Pieces taken in by RMA number and article"""
    staged: Counter[str] = field(default_factory=Counter)
    """Pieces that wait for their maker, by RMA line"""
    made_good: Counter[Place] = field(default_factory=Counter)
    settled: set[str] = field(default_factory=set)
    """Subjects for which the customer got something"""
    credited: Counter[Place] = field(default_factory=Counter)
    """Goods and tax given back on an order line, in the coin of the order"""
    tax_back: Counter[Place] = field(default_factory=Counter)
    recovered: Counter[str] = field(default_factory=Counter)

    # Goods

    def check_receiving(self, goods: GoodsReceipt, counted: Mapping[str, int]) -> None:
        self.taken_in[goods.sku] += goods.quantity
        over = self.taken_in[goods.sku] - counted[goods.sku]
        forbid(over > 0, f"{over} more of {goods.sku} were taken in than the dock had counted")
        self.quarantine[goods.facility_id, goods.sku] += goods.quantity
        self.units |= {(goods.facility_id, one) for one in goods.serials}
        if not goods.rma_number:
            return
        (rma,) = [one for one in self.erp.booked if one.number == goods.rma_number]
        self.on_rma[goods.rma_number, goods.sku] += goods.quantity
        let_in = sum(one.quantity for one in rma.lines)
        came = sum(pieces for (number, _), pieces in self.on_rma.items() if number == goods.rma_number)
        forbid(came > let_in, f"{came} pieces came on {goods.rma_number}, which lets in {let_in}")

    def check_mispick(self, mispick: Mispick, lot: Lot | None) -> None:
        forbid(lot is None, f"a mis-pick of {mispick.reference}, which are no goods")
        assert lot is not None
        told = (mispick.sent_sku, mispick.quantity, mispick.facility_id)
        true = (lot.came, lot.quantity, lot.facility_id)
        forbid(told != true, f"put right was {told}, what came was {true}")

    def check_done(self, told: Told, seen: Issued, lot: Lot | None) -> None:
        """A move, a credit memo or a repair order, against its permit and all that went before."""
        if isinstance(told.request, StockMove):
            self._check_moved(told.request, seen, lot)
            return
        subject = f"{seen.command['subject']}/{seen.command['order_number']}/{seen.command['line']}"
        forbid(subject in self.settled, f"{subject} was made good twice")
        self.settled.add(subject)
        if isinstance(told.request, CreditRequest):
            self._check_memo(told.request, seen)
        if isinstance(told.request, RepairRequest):
            asked, command = told.request, seen.command
            told_to = (asked.order_number, asked.line, asked.sku, asked.quantity, list(asked.serials))
            signed = tuple(command[name] for name in ("order_number", "line", "sku", "quantity", "serials"))
            forbid(told_to != signed, f"repaired is {told_to}, permitted was {signed}")
            self._makes_good((asked.order_number, asked.line), asked.quantity)

    def _check_moved(self, move: StockMove, seen: Issued, lot: Lot | None) -> None:
        assert lot is not None
        command, here = seen.command, (move.facility_id, move.sku)
        told = (move.sku, move.quantity, list(move.serials), move.write_down.minor, move.unit_value.minor)
        signed = (
            *(command[name] for name in ("sku", "quantity", "serials")),
            command["write_down"]["minor"],
            command["book_value"]["minor"],
        )
        forbid(told != signed, f"moved was {told}, permitted was {signed}")
        target = move.target.value if move.target else None
        forbid(target != GOES_TO[command["disposition"]], f"{command['disposition']} was moved to {target}")
        self.quarantine[here] -= move.quantity
        forbid(self.quarantine[here] < 0, f"{move.quantity} of {here} were moved, and do not lie there")
        units = {(move.facility_id, one) for one in move.serials}
        forbid(not units <= self.units, f"{sorted(units - self.units)} were moved, and do not lie there")
        self.units -= units
        if target == "vendor_staging":
            self.staged[lot.rma_line_id] += move.quantity

    # Money

    def _check_memo(self, memo: CreditRequest, seen: Issued) -> None:
        command, place = seen.command, (memo.order_number, memo.line)
        told = (memo.account_id, *place, memo.quantity, memo.goods.minor, memo.tax.minor)
        told += (memo.restocking_fee.minor, memo.return_freight.minor)
        signed = tuple(command[name] for name in ("account_id", "order_number", "line", "quantity"))
        amounts = ("value", "tax", "restocking_fee", "return_freight")
        signed += tuple(command[name]["minor"] for name in amounts)
        forbid(told != signed, f"credited was {told}, permitted was {signed}")
        self.credited[place] += memo.goods.minor + memo.tax.minor
        self.tax_back[place] += memo.tax.minor
        most, tax = self.invoiced(place)
        back = self.credited[place]
        forbid(back > most, f"{back} was given back on {place}, invoiced was {most}")
        forbid(self.tax_back[place] > tax, f"{self.tax_back[place]} of tax went back on {place} of {tax}")
        self._makes_good(place, memo.quantity)

    def invoiced(self, place: Place) -> tuple[int, int]:
        """Goods and tax together, and the tax alone, of an order line in the coin of the order."""
        lines = [one for invoice in self.erp.invoices(place[0]) for one in invoice.lines]
        here = [one for one in lines if one.order_line == place[1]]
        return sum((one.amount + one.tax).minor for one in here), sum(one.tax.minor for one in here)

    def check_room(self, books: Books, seen: Issued) -> None:
        """What clerks gave back before counts as well, when a credit is permitted."""
        command = seen.command
        place = (command["order_number"], command["line"])
        by_hand = [one for one in self.erp.short_paid if (one.order_number, one.line) == place]
        ours = [
            one.amount for one in books.entries if (one.order, one.line, one.kind) == (*place, "credited")
        ]
        back = sum(ours) + sum((one.goods + one.tax).minor for one in by_hand)
        back += command["value"]["minor"] + command["tax"]["minor"]
        most = self.invoiced(place)[0]
        forbid(back > most, f"{back} would be back on {place}, by hand as well; invoiced was {most}")

    def check_sending(self, place: Place, pieces: int) -> None:
        """Other goods that went out for those that came."""
        self._makes_good(place, pieces)

    def _makes_good(self, place: Place, pieces: int) -> None:
        self.made_good[place] += pieces
        let_in = sum(
            line.quantity
            for rma in self.erp.booked
            for line in rma.lines
            if (line.order_number, line.line) == place
        )
        made_good = self.made_good[place]
        forbid(made_good > let_in, f"{made_good} pieces of {place} were made good, {let_in} were let in")

    def check_vendor_credit(self, told: Told, seen: Issued, answered: Mapping[str, int]) -> None:
        credit, claim = told.request, seen.command["subject"]
        assert isinstance(credit, VendorCredit)
        self.recovered[claim] += credit.amount.minor
        most = min(seen.command["claimed"]["minor"], answered.get(claim, 0))
        forbid(self.recovered[claim] > most, f"{self.recovered[claim]} came for {claim}, agreed was {most}")

    # The ledger

    def check_entry(self, books: Books, entry: Entry) -> None:
        """The laws of one line of an RMA, and of one cause."""
        causes = [one for one in books.entries if (one.kind, one.cause) == (entry.kind, entry.cause)]
        once = entry.cause is None or entry.kind == "recovered"
        forbid(not once and len(causes) > 1, f"{entry.kind} twice for {entry.cause}")
        if entry.kind == "matched":
            loose = sum(
                one.quantity for one in books.entries if (one.kind, one.cause) == ("unmatched", entry.cause)
            )
            forbid(entry.quantity > loose, f"{entry.quantity} matched of {entry.cause}, {loose} had come")
        if entry.rma_line is None:
            return
        let_in = books.on_line(entry.rma_line, "authorised")
        came = books.on_line(entry.rma_line, "received")
        forbid(came > let_in, f"{came} pieces came on {entry.rma_line}, which lets in {let_in}")
        disposed = books.on_line(entry.rma_line, "disposed")
        forbid(disposed > came, f"{disposed} were disposed of on {entry.rma_line}, {came} came")
        claimed = books.on_line(entry.rma_line, "claimed")
        forbid(claimed > disposed, f"{claimed} are claimed on {entry.rma_line}, {disposed} were disposed of")
        good = sum(books.on_line(entry.rma_line, kind) for kind in ("credited", "replaced", "repaired"))
        forbid(good > let_in, f"{good} made good on {entry.rma_line}, which lets in {let_in}")
        by_cause = [
            one.kind
            for one in books.entries
            if one.cause == entry.cause and one.kind in {"credited", "replaced", "repaired"}
        ]
        forbid(entry.cause is not None and len(by_cause) > 1, f"{entry.cause} was made good as {by_cause}")
