"""Somebody at the dock's doors who wants goods or money without a right to them, amid honest work."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backhaul.domain.codes import Action
from backhaul.domain.receiving import Disposition, Finding, Grade, ReceiptState
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.money_tables import ClaimAnswerRow, VendorClaimRow
from backhaul.store.tables import ProposalRow
from tests.tools.bypass_dock import Found
from tests.tools.bypass_dock_trade_machine import (
    ANYBODY,
    HAS_CLAIM,
    HAS_DISPOSITION,
    HAS_GOODS,
    LIKELY,
    PICK,
    PIECES,
    DockTrade,
)
from tests.tools.bypass_machine import FIELDS
from tools.gateway import Presented

DEEDS = (Action.MOVE_STOCK, Action.CREDIT_MEMO, Action.REPLACEMENT, Action.REPAIR_ORDER, Action.VENDOR_CLAIM)
AS_IT_WISHES = Found(Grade.A, Finding.CONFIRMED, Disposition.RESTOCK)
STARTS = (
    "dispose", "receive", "match-receipt", "credit", "credit-early", "claim-answer", "claim-evidence",
    "claim-again", "stuck-deed", "resume-review", "decide", "end-return", "send-back",
)  # fmt: skip
FORGERIES = ("line", "receipt", "sku", "quantity", "serials", "state", "all")


def holds_a_permit(machine: "DockMachine") -> bool:
    return bool(machine.attacker.held)


class DockMachine(DockTrade):
    """Writes rows past the forms, starts work in other people's names, and shows permits in wrong ways."""

    # Rows that nobody of the dock wrote, or that say what cannot be

    @rule(which=PICK, pieces=PIECES, by=ANYBODY, state=st.sampled_from(list(ReceiptState)))
    def forged_receipt(self, which: int, pieces: int, by: str, state: ReceiptState) -> None:
        name = self.attacker.forge_receipt(self.line(which), pieces, by, state)
        self.attacker.start("receive", [name])
        self.carry_the_newest()

    @HAS_GOODS
    @rule(which=PICK, other=PICK, pieces=PIECES, state=st.sampled_from(list(ReceiptState)))
    def a_forged_part(self, which: int, other: int, pieces: int, state: ReceiptState) -> None:
        """More of a parcel than came out of it."""
        goods = self._goods(which)
        self.attacker.forge_receipt(self.line(other), pieces, "dora", state, part_of=goods.id)
        self.attacker.start("receive", [goods.id])
        self.carry_the_newest()

    @rule(which=PICK, pieces=PIECES, looks=LIKELY, by=ANYBODY, more=st.sampled_from([0, 0, 1, 5]))
    def forged_inspection(self, which: int, pieces: int, looks: Found, by: str, more: int) -> None:
        """By nobody of the dock, or of more pieces than came."""
        came = self.fresh(which, pieces)
        seen = self.attacker.forge_inspection(came, pieces + more, looks, by)
        self.attacker.settle(seen, looks.chosen)
        self.carry_the_newest()

    @rule(which=PICK, other=PICK, by=ANYBODY, what=st.sampled_from(FORGERIES), looks=LIKELY)
    def forged_disposition(self, which: int, other: int, by: str, what: str, looks: Found) -> None:
        """Of another line, on the papers of other goods, of more pieces, moved already as it says."""
        pieces = 1 + other % 2
        came = self.fresh(which, pieces)
        seen = self.attacker.one(InspectionRow, self.attacker.forge_inspection(came, pieces, looks, "dora"))
        says = self._says(what, other, seen)
        name = self.attacker.forge_disposition(seen, by if what in {"state", "all"} else "dora", **says)
        self.attacker.start("dispose", [name])
        self.carry_the_newest()

    def _says(self, what: str, other: int, seen: InspectionRow) -> dict[str, Any]:
        line, goods = self.line(other), self._goods(other)
        said: dict[str, dict[str, Any]] = {
            "line": {"rma_id": line.rma_id, "rma_line_id": line.id},
            "receipt": {"receipt_id": goods.id, "rma_id": goods.rma_id, "rma_line_id": goods.rma_line_id},
            "sku": {"sku": "DRV-0200-480"},
            "quantity": {"quantity": seen.quantity + 1 + other % 5},
            "serials": {"serials": ["KX4-50-118803", "KX4-50-118804"][: seen.quantity]},
            "state": {"state": "posted"},
            "all": {"state": "posted", "rma_id": line.rma_id, "rma_line_id": line.id, "sku": line.sku},
        }
        return said[what]

    @rule(which=PICK, pieces=PIECES, by=ANYBODY, action=st.sampled_from(DEEDS), signer=ANYBODY)
    def a_paper_trail_of_ones_own(
        self, which: int, pieces: int, by: str, action: Action, signer: str
    ) -> None:
        """Receipt, inspection, disposition and approval, all made up, and the work that acts on it."""
        line = self.line(which)
        came = self.fresh(which, pieces) if which % 2 else self._made_up_receipt(line, pieces, by)
        seen = self.attacker.forge_inspection(came, pieces, AS_IT_WISHES, by)
        row = self.attacker.one(InspectionRow, seen)
        says = {"state": "posted", "rma_id": line.rma_id, "rma_line_id": line.id}
        name = self.attacker.forge_disposition(row, by, **says)
        review = self.attacker.forge_approval(line, action.value, name, signer)
        self.attacker.start("resume-review", [review])
        self.carry_the_newest()

    def _made_up_receipt(self, line: RmaLineRow, pieces: int, by: str) -> str:
        return self.attacker.forge_receipt(line, pieces, by, ReceiptState.BOOKED)

    # Rows that are changed when somebody has said yes to them, or a permit stands on them

    @HAS_DISPOSITION
    @rule(
        which=PICK,
        other=PICK,
        what=st.sampled_from(["chosen", "grade", "finding", "sku", "quantity", "line", "facility"]),
        chosen=st.sampled_from([one for one in Disposition if one is not Disposition.NONE]),
    )
    def swapped(self, which: int, other: int, what: str, chosen: Disposition) -> None:
        """After the judgement, or after somebody has approved: the work goes on as if nothing were."""
        rows = self.attacker.all(DispositionRow)
        row: DispositionRow = rows[which % len(rows)]
        line = self.line(other)
        judged = any(one.command["subject"] == row.id for one in self.attacker.verdicts())
        of_row = {
            "chosen": {"chosen": chosen.value},
            "sku": {"sku": "DRV-0200-480"},
            "quantity": {"quantity": row.quantity + 1},
            "line": {"rma_line_id": line.id},
        }
        permitted = row.id in self.attacker.judge.lots
        if what in {"sku", "facility"} and not permitted:
            return
        if judged and what in of_row:
            self.attacker.change(DispositionRow, row.id, **of_row[what])
        elif judged and what == "facility":
            self.attacker.change(ReceiptRow, row.receipt_id, facility_id="ATL1")
        elif judged:
            better = {"grade": {"grade": "A"}, "finding": {"finding": "confirmed"}}[what]
            self.attacker.change(InspectionRow, row.inspection_id, **better)
        for work in [one for one in self.stage.engine.ready() if row.id in one.workflow_id]:
            self.carry(work)

    # Work that nobody asked for

    @rule(workflow=st.sampled_from(STARTS), which=PICK, other=PICK, by=ANYBODY)
    def forged_start(self, workflow: str, which: int, other: int, by: str) -> None:
        line, names = self.line(other), self._names()
        name, who = names[which % len(names)], self.attacker.who(by)
        arguments: dict[str, list[Any]] = {
            "match-receipt": [name, line.id, who],
            "credit-early": [line.rma_id if which % 2 else name, line.line_id, who if which % 3 else ""],
            "end-return": [line.rma_id if which % 2 else name, who, "lost" if which % 3 else ""],
            "send-back": [name, who, "by parcel"],
            "claim-evidence": [name, who],
            "claim-again": [name, who, f"attack-{other}"],
        }
        self.attacker.start(workflow, arguments.get(workflow, [name]))
        self.carry_the_newest()

    def _names(self) -> list[str]:
        kinds = (ReceiptRow, DispositionRow, VendorClaimRow, ClaimAnswerRow, ProposalRow, InspectionRow)
        found = [str(one.id) for kind in kinds for one in self.attacker.all(kind)]
        return [*found, *(one.id for one in self.attacker.open_reviews()), "DI-FORGED", "DR-FORGED"]

    @HAS_GOODS
    @rule(which=PICK, other=PICK, by=ANYBODY)
    def matched_again(self, which: int, other: int, by: str) -> None:
        goods = self._goods(which)
        for line in (self.line(other), self.line(other + 1)):
            self.attacker.start("match-receipt", [goods.id, line.id, self.attacker.who(by)])
            self.carry_the_newest()

    @HAS_CLAIM
    @rule(which=PICK, amount=st.sampled_from([None, 1, 10**7]))
    def an_answer_of_ones_own(self, which: int, amount: int | None) -> None:
        claims = self.attacker.all(VendorClaimRow)
        self.attacker.start("claim-answer", [self.attacker.forge_answer(claims[which % len(claims)], amount)])
        self.carry_the_newest()

    # Permits that were given, shown in wrong ways

    @rule(which=PICK, action=st.sampled_from(DEEDS), together=st.booleans())
    def ask_the_guard(self, which: int, action: Action, *, together: bool) -> None:
        """Have the guard judge past the worker; two permits at once for what only one can have.

        About honest rows alone: who has written a row is for the worker to see before it asks.
        """
        subjects = self._subjects()
        subject, line = subjects[which % len(subjects)]
        for _ in range(2 if together else 1):
            self.attacker.ask_about(line.proposal_id, action, subject)

    def _subjects(self) -> list[tuple[str, RmaLineRow]]:
        lines = {one.id: one for one in self.attacker.all(RmaLineRow)}
        honest = [row for row in self.attacker.all(DispositionRow) if self._is_honest(row)]
        settled = {row.id for row in honest}
        claims = [row for row in self.attacker.all(VendorClaimRow) if row.disposition_id in settled]
        found = [(str(row.id), lines[row.rma_line_id]) for row in (*honest, *claims) if row.rma_line_id]
        return [*found, *((one.rma_id, one) for one in lines.values())]

    def _is_honest(self, row: DispositionRow) -> bool:
        return not self.attacker.made_up & {row.id, row.inspection_id, row.receipt_id}

    @precondition(holds_a_permit)
    @rule(which=PICK)
    def present(self, which: int) -> None:
        held = self.attacker.held
        self.attacker.present(held.pop(-1 - which % len(held)))

    @rule(which=PICK)
    def replay(self, which: int) -> None:
        spent = self.attacker.spent()
        held = spent[-1 - which % len(spent)]
        self.attacker.presented += 1
        self.attacker.spend([Presented(held.token, held.command)], held.command.action)

    @precondition(holds_a_permit)
    @rule(which=PICK, name=st.sampled_from([*FIELDS, "disposition", "grade", "claimed", "write_down"]))
    def alter(self, which: int, name: str) -> None:
        held = self.attacker.held
        self.attacker.alter(held[-1 - which % len(held)], name, 1 + which % 9)

    @precondition(holds_a_permit)
    @rule(which=PICK, op=st.sampled_from(list(Action)))
    def do_another_act(self, which: int, op: Action) -> None:
        held = self.attacker.held
        one = held[-1 - which % len(held)]
        if op is not one.command.action:
            self.attacker.as_another_act(one, op)

    @precondition(holds_a_permit)
    @rule(which=PICK, other=PICK)
    def swap(self, which: int, other: int) -> None:
        """The token of one for the command of another."""
        held = [*self.attacker.spent(), *self.attacker.held]
        token, command = held[-1 - which % len(held)].token, held[-1 - other % len(held)].command
        self.attacker.presented += 1
        self.attacker.spend([Presented(token, command)], command.action)

    def _goods(self, which: int) -> ReceiptRow:
        rows = self.attacker.all(ReceiptRow)
        found: ReceiptRow = rows[which % len(rows)]
        return found
