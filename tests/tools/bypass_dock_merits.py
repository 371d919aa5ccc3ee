"""Whether an act of the dock may be done at all, and by whose yes: the rules a controller would state aloud.

The figures are read off the documents (bypass_annex.py) and the books of the ERP; what the dock said is read
from its own three tables with plain SQL, at the moment when a permit is first seen.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.tools.bypass_merits import APPROVERS, Agreed, Issued, Merits, forbid
from tests.tools.bypass_world import PEOPLE

OF_MONEY = {"credit_memo", "vendor_claim"}
OF_FINANCE = {name for name, roles in PEOPLE.items() if "finance" in roles}
AT_THE_DOCK = {name for name, roles in PEOPLE.items() if "inspector" in roles}
WORTH = {
    ("restock", "A"): 10_000,
    ("restock", "B"): 10_000,
    ("b_stock", "A"): 7_000,
    ("b_stock", "B"): 7_000,
    ("b_stock", "C"): 4_000,
    ("repair", "C"): 5_000,
    ("repair", "D"): 3_000,
}
"""What a piece still stands in the books for, in basis points of its cost, by where it goes and its grade"""
_GOODS = """
    SELECT d.id, d.chosen, d.quantity, d.sku, d.serials, d.chosen_by, d.receipt_id, d.rma_line_id,
           i.grade, i.finding, i.found_reason, i.seal_intact, i.quantity AS inspected, i.inspected_by,
           i.receipt_id AS inspected_receipt, r.sku AS came, r.quantity AS counted, r.serials AS scanned,
           r.counted_by, r.facility_id, r.rma_line_id AS received_on, r.erp_number AS in_erp,
           l.proposal_id, l.order_number, l.order_line, l.rma_id, m.erp_number, m.cancelled_at, m.expired_at
    FROM disposition d JOIN inspection i ON i.id = d.inspection_id JOIN receipt r ON r.id = d.receipt_id
    JOIN rma_line l ON l.id = d.rma_line_id JOIN rma m ON m.id = l.rma_id
    WHERE d.id = coalesce((SELECT disposition_id FROM vendor_claim WHERE id = :subject), :subject)
"""


@dataclass(frozen=True, slots=True)
class Lot:
    """Pieces at the dock as its people wrote them down when a permit for them was first seen."""

    said: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.said[name]

    @property
    def serial_numbers(self) -> list[str]:
        return list(json.loads(self.said["serials"]))


def lot_of(path: Path, subject: str) -> Lot | None:
    """The goods that a disposition or a claim is about; None for a whole RMA."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute(_GOODS, {"subject": subject}).fetchone()
    return Lot(dict(found)) if found else None


@dataclass
class DockMerits(Merits):
    """Judges what is done with goods at the dock, and what is paid out for them."""

    partial: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """By action and subject: who let the return in, or asked for the effect"""
    named: dict[str, set[str]] = field(default_factory=dict)
    """Purchases that somebody who may has named, by disposition"""

    def check_lot(self, seen: Issued, lot: Lot) -> None:
        """The people of the dock have counted, inspected and settled on exactly these pieces."""
        dock = {self.stage.staff[name] for name in AT_THE_DOCK}
        for deed, who in (
            ("counted", lot.counted_by),
            ("inspected", lot.inspected_by),
            ("settled on", lot.chosen_by),
        ):
            forbid(who not in dock, f"{seen.action} of goods that nobody of the dock has {deed}")
        forbid(lot.receipt_id != lot.inspected_receipt, f"{seen.action} on the inspection of other goods")
        forbid(lot.rma_line_id != lot.received_on, f"{seen.action} for another line than the goods came on")
        place = (seen.command["order_number"], seen.command["line"])
        forbid(
            place != (lot.order_number, lot.order_line), f"{seen.action} on {place}: goods of another line"
        )
        pieces = seen.command["quantity"]
        forbid(pieces != lot.quantity, f"{seen.action} of {pieces} pieces, settled was on {lot.quantity}")
        forbid(lot.sku != lot.came, f"{seen.action} of {lot.sku}, what came was {lot.came}")
        strange = sorted({*lot.serial_numbers} - {*json.loads(lot.scanned)})
        forbid(bool(strange), f"{seen.action} of {strange}, which nobody scanned")

    def people(self, seen: Issued) -> frozenset[str]:
        """Those with a right to who have said yes to exactly this command.

        Of a credit they are other people than those who let the return in, or asked for the credit.
        """
        may = APPROVERS | OF_FINANCE if seen.action in OF_MONEY else APPROVERS
        return (seen.yes & may) - self.partial.get((seen.action, seen.command["subject"]), frozenset())

    def check_move(self, seen: Issued, lot: Lot) -> None:
        """What may become of goods of that grade and class, and when a second person looks."""
        command = seen.command
        signed = (command["disposition"], command["grade"], command["serials"])
        forbid(signed != (lot.chosen, lot.grade, lot.serial_numbers), f"moved as {signed}, settled was {lot}")
        item, annex, when = self.stage.erp.item(lot.sku), self.annex(seen), self.when(seen)
        kind = item.product_class.value
        by_grade = annex.cell(when, "by_grade", lot.grade, lot.chosen)
        by_class = annex.cell(when, "by_class", kind, lot.chosen)
        forbid("never" in {by_grade, by_class}, f"{lot.sku} of grade {lot.grade} cannot be {lot.chosen}")
        sold_again = lot.chosen in {"restock", "b_stock"}
        open_ = annex.cell(when, "under_seal", kind) == "sealed" and lot.seal_intact != 1
        forbid(sold_again and open_, f"{lot.sku} is sold again without its seal")
        lost = self.write_down(seen, lot)
        forbid(
            command["write_down"]["minor"] != lost,
            f"{command['write_down']} is written down of {lot}, not {lost}",
        )
        tracked = item.tracking == "serial"
        needs = {
            "a second look": "review" in {by_grade, by_class},
            "the customer is told": lot.chosen == "return_to_customer",
            "dangerous": item.hazmat and (lot.chosen, lot.grade) != ("restock", "A"),
            "a large loss": lost > annex.usd_minor(when, "write_down_limit_usd_minor", kind),
            "serials": len(lot.serial_numbers) != (lot.quantity if tracked else 0),
        }
        self._check_somebody_looked(seen, needs)

    def write_down(self, seen: Issued, lot: Lot) -> int:
        """What a move costs us against the books, in cents: nothing where the goods stay somebody else's."""
        theirs = seen.command["resolution"] == "repair" and lot.chosen == "repair"
        if lot.chosen in {"return_to_vendor", "return_to_customer"} or theirs:
            return 0
        share = WORTH.get((lot.chosen, lot.grade), 0)
        cost = self.cost_of(lot)
        return int((cost - (cost * share + 5_000) // 10_000) * lot.quantity)

    def cost_of(self, lot: Lot) -> int:
        """Of a piece, in cents: by the purchase of its serial, else by its article."""
        units = [self.stage.erp.unit(serial) for serial in lot.serial_numbers]
        bought = [self.stage.erp.purchase_order(one.purchase_order) for one in units if one]
        costs = [one.unit_cost.minor for one in bought if one]
        return min(costs) if costs else int(self.stage.erp.item(lot.sku).cost.minor)

    def check_owed(self, seen: Issued, said: Agreed, lot: Lot | None, *, at_stake: int) -> None:
        """Credit, exchange and repair: for what was found, as it was wished for, once somebody looked."""
        annex, when, action = self.annex(seen), self.when(seen), seen.action
        reason = self.reason_of(said, lot)
        forbid(seen.command["reason"] != reason, f"{action} for {seen.command['reason']}, found was {reason}")
        leads_to = annex.cell(when, "reason_permits", reason, action)
        wish = annex.cell(when, "resolution_permits", said.resolution, action)
        forbid("never" in {leads_to, wish}, f"{reason} and {said.resolution} do not lead to {action}")
        kept = lot is not None and lot.chosen == "return_to_customer"
        forbid(kept and action != "repair_order", f"{action} for goods that go back to the customer")
        elsewhere = lot is not None and lot.chosen != "repair"
        forbid(action == "repair_order" and elsewhere, "a repair of goods that lie elsewhere")
        finding = lot.finding if lot else "none"
        limit = annex.usd_minor(when, "auto_limit_usd_minor", self.tier(said))
        late = lot is not None and bool(lot.cancelled_at or lot.expired_at)
        self._check_somebody_looked(
            seen,
            {
                f"finding {finding}": finding != "confirmed",
                f"for {reason}": leads_to == "review",
                f"{at_stake} cents at stake": action != "repair_order" and at_stake > limit,
                "after the return had ended": late,
            },
        )
        two = action != "repair_order" and at_stake > annex.usd_minor(when, "two_person_limit_usd_minor")
        forbid(two and len(self.people(seen)) < 2, f"{at_stake} cents at stake, seen by one pair of eyes")

    def reason_of(self, said: Agreed, lot: Lot | None) -> str:
        """What the dock found, where that differs from what the customer said."""
        differs = lot is not None and lot.finding == "differs" and lot.found_reason
        return str(lot.found_reason) if lot and differs else said.reason

    def check_kept(self, seen: Issued, said: Agreed, lot: Lot | None, *, first: bool) -> None:
        """What is kept from a credit: the fee of the terms, and the label with the first credit of a line."""
        annex, when, reason = self.annex(seen), self.when(seen), self.reason_of(said, lot)
        account, item = self.stage.erp.account(said.account), self.stage.erp.item(seen.line.sku)
        cells = (item.product_class.value, account.tier.value)
        share, freight = 0, 0
        if annex.cell(when, "restocking_on", reason) == "charged":
            agreed = account.contract.restocking_basis_points
            share = annex.cell(when, "restocking_fee", *cells) if agreed is None else agreed
        borne = annex.has(when, "return_freight_on") and first
        if borne and annex.cell(when, "return_freight_on", reason) == "charged":
            freight = annex.usd_minor(when, "return_freight_usd_minor", *cells)
        value = seen.command["value"]["minor"]
        kept = [seen.command[name]["minor"] for name in ("restocking_fee", "return_freight")]
        wanted = [(value * share + 5_000) // 10_000, freight]
        forbid(kept != wanted, f"{kept} cents were kept from a credit of {value}, the terms keep {wanted}")

    def check_claim(self, seen: Issued, lot: Lot) -> None:
        """Never more than the documented cost and what the supplier agreed to on top."""
        item, annex, when = self.stage.erp.item(lot.sku), self.annex(seen), self.when(seen)
        supplier = self.stage.erp.supplier(item.supplier_id)
        claimed, most = seen.command["claimed"]["minor"], self.documented(seen, lot)
        forbid(claimed > most, f"{claimed} cents are claimed for {lot.id}, documented are {most}")
        forbid(lot.chosen != "return_to_vendor", f"a claim for goods that are {lot.chosen}")
        kind = item.product_class.value
        needs = {
            "where people decide": annex.cell(when, "automation", "vendor_claim", kind) != "live",
            "a large claim": claimed > annex.usd_minor(when, "claim_limit_usd_minor", kind),
            "a number of the supplier's": supplier.terms.rma_required,
        }
        self._check_somebody_looked(seen, needs)

    def documented(self, seen: Issued, lot: Lot) -> int:
        """What the pieces cost by the purchases they came with, in cents, and the supplier's allowance.

        What nothing traces counts as bought with a purchase that somebody entitled to it has named.
        """
        erp, item = self.stage.erp, self.stage.erp.item(lot.sku)
        sold = list(seen.line.lots) if seen.line.sku == lot.sku else []
        units = [erp.unit(number) for number in lot.serial_numbers or sold]
        traced = [one.purchase_order for one in units if one and one.purchase_order]
        bought = [erp.purchase_order(number) for number in traced or self.named.get(lot.id, set()) if number]
        costs = [one.unit_cost.minor for one in bought if one and one.sku == lot.sku]
        whole = sum(costs) if lot.serial_numbers else max(costs, default=0) * lot.quantity
        return int(whole + erp.supplier(item.supplier_id).claim_allowance.minor)

    def _check_somebody_looked(self, seen: Issued, needs: dict[str, bool]) -> None:
        for what, needed in needs.items():
            forbid(needed and not self.people(seen), f"{seen.action}, {what}, and nobody looked")
