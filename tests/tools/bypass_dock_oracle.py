"""What may happen at the dock, judged from outside: the books of the ERP, the letters, the ledger.

Nobody is asked here whose checks are on trial. Every act is held against the permit behind it, what the dock
wrote down, and what the peers were told before.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from backhaul.domain.codes import Action
from backhaul.store.tables import ReviewRow
from tests.tools.bypass_books import Entry
from tests.tools.bypass_dock_merits import DockMerits, Lot, lot_of
from tests.tools.bypass_dock_peers import CredulousSuppliers, DockErp
from tests.tools.bypass_dock_stock import DockStock
from tests.tools.bypass_merits import Agreed, Issued, forbid
from tests.tools.bypass_oracle import Oracle
from tests.tools.bypass_peers import Told

OF_THE_DOCK = {"move_stock", "credit_memo", "repair_order", "vendor_claim", "replacement"}
FACTS = {"receive_goods", "match_receipt", "close_rma"}
"""What is so needs no permit"""
ENTERED_AS = {
    "move_stock": "disposed",
    "credit_memo": "credited",
    "repair_order": "repaired",
    "vendor_claim": "claimed",
    "replacement": "replaced",
}
MAKES_GOOD = {"credited", "repaired", "replaced"}


@dataclass
class DockOracle(Oracle):
    """Looks after every step at what the dock does as well; raises Unauthorised with a sentence."""

    suppliers: CredulousSuppliers = field(default_factory=CredulousSuppliers)
    counted: Counter[str] = field(default_factory=Counter)
    """Pieces that people of the dock truly counted, by article"""
    asked: dict[str, set[str]] = field(default_factory=dict)
    """Who asked for a credit before receipt, by RMA"""
    said_no: set[tuple[str, str]] = field(default_factory=set)
    """Action and subject that a reviewer turned down"""
    answered: dict[str, int] = field(default_factory=dict)
    """What suppliers truly agreed to, in cents, by claim"""
    lots: dict[str, Lot | None] = field(default_factory=dict)
    """Goods behind a permit when it was first seen"""
    _dock_seen: int = 0
    _letters_seen: int = 0

    def __post_init__(self) -> None:
        self.merits = self.dock = DockMerits(self.stage, self.annexes)
        erp = self.stage.erp
        assert isinstance(erp, DockErp)
        self.erp = erp
        self.stock = DockStock(self.stage, erp)

    def turned_down(self, review: ReviewRow) -> None:
        if review.action in OF_THE_DOCK:
            self.said_no.add((review.action or "", review.subject))
        else:
            super().turned_down(review)

    # Permits

    def _first_sight(self, action: str, command: dict[str, Any]) -> Issued:
        self._note_who_is_partial(command)
        seen = super()._first_sight(action, command)
        if not self._is_of_the_dock(seen):
            return seen
        subject = command["subject"]
        lot = lot_of(self.stage.path, subject)
        self.lots[subject] = lot
        forbid((action, subject) in self.said_no, f"{action} on {subject}, which a reviewer had turned down")
        said = self._said_yes_to_return(command)
        if lot is not None:
            self.dock.check_lot(seen, lot)
        self._judge(seen, said, lot)
        return seen

    def _is_of_the_dock(self, seen: Issued) -> bool:
        of_goods = seen.command["subject"].startswith("DI-")
        return seen.action in OF_THE_DOCK and (seen.action != "replacement" or of_goods)

    def _note_who_is_partial(self, command: dict[str, Any]) -> None:
        if command["action"] != Action.CREDIT_MEMO.value:
            return
        proposal = self._proposal_of(command)
        let_in = {
            one.who
            for one in self.yes
            if (one.command["action"], one.command["subject"]) == ("create_rma", proposal)
        }
        asked = self.asked.get(command["subject"], set())
        alone = asked if len(asked) == 1 else set()
        self.dock.partial["credit_memo", command["subject"]] = frozenset(let_in | alone)

    def _judge(self, seen: Issued, said: Agreed, lot: Lot | None) -> None:
        action = seen.action
        if action == "move_stock":
            forbid(lot is None, f"a move of {seen.command['subject']}, which are no goods")
            assert lot is not None
            self.dock.check_move(seen, lot)
        elif action == "vendor_claim":
            forbid(lot is None, f"a claim for {seen.command['subject']}, which are no goods")
            assert lot is not None
            self.dock.check_claim(seen, lot)
        else:
            self.dock.check_owed(seen, said, lot, at_stake=self._at_stake(said.order))
        if action == "credit_memo":
            first = not any(
                (one.order, one.line, one.kind) == (said.order, said.line, "credited")
                and one.rma_line == self._line_of(seen, lot)
                for one in self.books.entries
            )
            self.dock.check_kept(seen, said, lot, first=first)
            self._check_received(seen, lot)
            self.stock.check_room(self.books, seen)

    def _line_of(self, seen: Issued, lot: Lot | None) -> str | None:
        """The RMA line, by the first entry that let these pieces in."""
        if lot is not None:
            return str(lot.rma_line_id)
        place = (seen.command["order_number"], seen.command["line"])
        behind = {one for one, key in self._stands_on.items() if key.startswith(seen.command["subject"])}
        return next(
            (
                one.rma_line
                for one in self.books.entries
                if (one.order, one.line) == place and one.permit in behind
            ),
            None,
        )

    def _check_received(self, seen: Issued, lot: Lot | None) -> None:
        """Money before the goods needs somebody's yes."""
        line = self._line_of(seen, lot)
        came = self.books.on_line(line, "received")
        settled = sum(self.books.on_line(line, kind) for kind in MAKES_GOOD)
        early = seen.command["quantity"] > came - settled
        forbid(early and not self.dock.people(seen), "a credit before the goods were back, and nobody looked")

    def _said_yes_to_return(self, command: dict[str, Any]) -> Agreed:
        said = self.agreed.get(self._proposal_of(command))
        forbid(said is None, f"{command['subject']} belongs to nothing a customer agreed to")
        assert said is not None
        return said

    # The outbox and the ledger

    def _check_outbox(self, rows: list[tuple[str, str, str, str]]) -> None:
        """A supplier's money rests on the permit of its claim; a fact on none."""
        for key, op, permit, _ in rows:
            if op == "vendor_credit":
                forbid(self._stands_on.get(permit, "").find(":vendor_claim:") < 0, f"{key} rests on no claim")
        super()._check_outbox([row for row in rows if row[1] not in {*FACTS, "vendor_credit"}])

    def _check_entries(self, new: list[Entry]) -> None:
        of_the_dock = [one for one in new if self._is_dock_entry(one)]
        super()._check_entries([one for one in new if one not in of_the_dock])
        for entry in of_the_dock:
            if entry.kind not in {"received", "unmatched", "matched", "refused", "recovered"}:
                self._check_permitted(entry)
            self.books.entries.append(entry)
            self.effects[f"entered {entry.kind}"] += 1
        self.books.entries.sort()
        for entry in of_the_dock:
            self.stock.check_entry(self.books, entry)

    def _is_dock_entry(self, entry: Entry) -> bool:
        kinds = {"authorised", "released"}
        seen = self.issued.get(entry.permit)
        return entry.kind not in kinds and not (
            entry.kind == "replaced" and seen is not None and not self._is_of_the_dock(seen)
        )

    def _check_permitted(self, entry: Entry) -> None:
        forbid(entry.permit not in self.issued, f"{entry.kind} {entry.id} stands on a permit nobody gave")
        again = [one for one in self.books.entries if (one.permit, one.kind) == (entry.permit, entry.kind)]
        forbid(bool(again), f"{entry.permit} was spent twice")
        seen = self.issued[entry.permit]
        command = seen.command
        permitted = (
            ENTERED_AS.get(seen.action),
            command["order_number"],
            command["line"],
            command["quantity"],
        )
        entered = (entry.kind, entry.order, entry.line, entry.quantity)
        forbid(permitted != entered, f"{entry.permit} permits {permitted}, entered was {entered}")
        if seen.action == "credit_memo" and command["value"]["currency"] == "USD":
            money = command["value"]["minor"] + command["tax"]["minor"]
            forbid(entry.amount != money, f"{entry.permit} pays {money}, entered was {entry.amount}")
        if seen.action == "vendor_claim":
            claimed = command["claimed"]["minor"]
            forbid(entry.amount != claimed, f"{entry.permit} claims {claimed}, entered was {entry.amount}")

    # The peers

    def _check_calls(self) -> None:
        for told in self.erp.told[self._erp_seen :]:
            self.note_sent(told)
        super()._check_calls()
        for told in self.erp.dock_told[self._dock_seen :]:
            self._check_told(told)
            self.effects[told.act] += 1
        self._dock_seen = len(self.erp.dock_told)
        for told in self.suppliers.told[self._letters_seen :]:
            permit = told.key.removesuffix(":claim")
            if told.act == "claim" and permit in self.issued:
                self._permitted(permit, "vendor_claim")
                self.effects["vendor_claim"] += 1
        self._letters_seen = len(self.suppliers.told)

    def note_sent(self, told: Told) -> None:
        """Other goods that went out make good what came, or is to come."""
        if told.act == "replacement":
            self.stock.check_sending((told.request.order_number, told.request.line), told.request.quantity)

    def _check_told(self, told: Told) -> None:
        forbid(told.key in self._keys, f"{told.act} was done twice on {told.key}")
        self._keys.add(told.key)
        if told.act == "receive_goods":
            self.stock.check_receiving(told.request, self.counted)
        elif told.act == "mispick":
            subject = told.key.removesuffix(":mispick")
            self.stock.check_mispick(told.request, self.lots.get(subject))
        elif told.act == "vendor_credit":
            seen = self._permitted(told.key.rpartition("-")[0], "vendor_claim", told.key)
            self.stock.check_vendor_credit(told, seen, self.answered)
        elif told.act not in FACTS:
            seen = self._permitted(told.key, told.act)
            self.stock.check_done(told, seen, self.lots.get(seen.command["subject"]))

    def _permitted(self, permit: str, act: str, instead: str = "") -> Issued:
        """The permit an act was done on; a claim that is paid in parts numbers them after it."""
        name = permit if permit in self.spent else instead or permit
        forbid(name not in self.spent, f"{act} was done on {name}, which nobody spent")
        seen = self.issued[name]
        forbid(seen.action != act, f"{name} permits {seen.action}, done was {act}")
        return seen
