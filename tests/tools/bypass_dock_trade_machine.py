"""The dock and the desk at work, honestly and in any order; the oracle looks at each step."""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from backhaul.domain.claims import Answer
from backhaul.domain.codes import Action, Reason
from backhaul.domain.receiving import Disposition, Finding, Grade, ReceiptKind, ReceiptState
from backhaul.store.dock_tables import DispositionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.tables import ReviewRow
from tests.tools.bypass_dock import Found
from tests.tools.bypass_dock_forger import DockHand
from tests.tools.bypass_dock_house import LetIn
from tests.tools.bypass_walk import Walk
from tests.tools.bypass_world import PEOPLE

PICK = st.integers(min_value=0, max_value=30)
PIECES = st.integers(min_value=1, max_value=6)
ANYBODY = st.sampled_from(["nobody", *sorted(PEOPLE)])
FACILITIES = st.sampled_from(["CMH1", "CMH1", "CMH1", "RNO1", "ATL1"])
LOOKS = st.builds(
    Found,
    grade=st.sampled_from(list(Grade)),
    finding=st.sampled_from([Finding.CONFIRMED, Finding.CONFIRMED, Finding.DIFFERS, Finding.UNCLEAR]),
    chosen=st.sampled_from([one for one in Disposition if one is not Disposition.NONE]),
    found_reason=st.sampled_from([None, *(one.value for one in Reason)]),
    seal_intact=st.booleans(),
)
LIKELY = st.sampled_from(
    [
        Found(Grade.A, Finding.CONFIRMED, Disposition.RESTOCK),
        Found(Grade.B, Finding.CONFIRMED, Disposition.B_STOCK),
        Found(Grade.D, Finding.CONFIRMED, Disposition.RETURN_TO_VENDOR),
        Found(Grade.C, Finding.CONFIRMED, Disposition.REPAIR),
        Found(Grade.D, Finding.CONFIRMED, Disposition.SCRAP),
        Found(Grade.A, Finding.DIFFERS, Disposition.RESTOCK, found_reason=Reason.NO_LONGER_NEEDED.value),
        Found(Grade.C, Finding.UNCLEAR, Disposition.RETURN_TO_CUSTOMER),
    ]
)


class DockTrade(Walk):
    """Parcels come, are opened, judged and made good; suppliers answer; people say yes and no."""

    house: ClassVar[LetIn]
    attacker: DockHand

    def set_up(self) -> None:
        self.attacker = self.house.again(self.props, self.annexes)
        self.stage, self.oracle = self.attacker.stage, self.attacker.oracle
        self._before = set(self.oracle.issued)
        self.called = False

    def teardown(self) -> None:
        given = {self.oracle.issued[one].action for one in self.oracle.issued if one not in self._before}
        self.seen.update(f"walks with a permit for {action}" for action in given)
        self.seen["walks"] += 1
        super().teardown()

    # Parcels

    @rule(which=PICK, pieces=PIECES, facility=FACILITIES, kind=st.sampled_from(["expected", "empty_box"]))
    def a_parcel_is_opened(self, which: int, pieces: int, facility: str, kind: str) -> None:
        line = self.line(which)
        is_empty = kind == ReceiptKind.EMPTY_BOX.value and which % 5 == 0
        more: dict[str, Any] = {"kind": ReceiptKind(kind)} if is_empty else {}
        at = facility if which % 7 == 0 else None
        serials = () if is_empty else self._serials(line, pieces)
        sku = "" if is_empty else self.comes(line)
        self.attacker.count(line, sku, 0 if is_empty else pieces, serials=serials, facility=at, **more)
        self.carry_the_newest()

    @rule(which=PICK, pieces=PIECES, facility=FACILITIES, then=PICK)
    def goods_without_papers(self, which: int, pieces: int, facility: str, then: int) -> None:
        """Somebody finds their return, now and then another one's."""
        line = self.line(which)
        receipt_id = self.attacker.count(
            None, self.comes(line), pieces, serials=self._serials(line, pieces), facility=facility
        )
        self.carry_the_newest()
        of = line if then % 3 else self.line(then)
        self._match(receipt_id, of, "dora")

    def _match(self, receipt_id: str, line: RmaLineRow, by: str) -> None:
        self.attacker.start("match-receipt", [receipt_id, line.id, self.attacker.who(by)])
        self.carry_the_newest()

    @precondition(lambda machine: bool(machine.attacker.written[ReceiptRow]))
    @rule(which=PICK, pieces=PIECES, looks=LOOKS, at_once=st.booleans())
    def inspected(self, which: int, pieces: int, looks: Found, *, at_once: bool) -> None:
        received = self.attacker.all(ReceiptRow)
        if received:
            self.attacker.inspect(received[which % len(received)].id, pieces, looks)
            if at_once:
                self.carry_the_newest()

    @initialize(which=PICK, pieces=PIECES, looks=LIKELY)
    def a_first_parcel(self, which: int, pieces: int, looks: Found) -> None:
        """Every walk has goods on the bench, and somebody has said yes to what became of them."""
        self.the_whole_way(which=which, pieces=pieces, looks=looks, who="rita", yes=True)

    @rule(which=PICK, pieces=PIECES, looks=LIKELY, yes=st.booleans(), who=st.sampled_from(["arne", "rita"]))
    def the_whole_way(self, which: int, pieces: int, looks: Found, who: str, *, yes: bool) -> None:
        """Counted, inspected, moved, made good and claimed, with the yes of somebody where that is needed."""
        line = self.line(which)
        came = self.attacker.count(line, self.comes(line), pieces, serials=self._serials(line, pieces))
        self.carry_the_newest()
        goods = self.attacker.one(ReceiptRow, came)
        if goods.state == ReceiptState.BOOKED.value and goods.quantity:
            self.attacker.inspect(came, goods.quantity, looks)
            self.carry_the_newest()
            for _ in range(2):
                self._somebody_decides(line, who, yes=yes)

    def _somebody_decides(self, line: RmaLineRow, who: str, *, yes: bool) -> None:
        for row in self._waiting(line)[-1:]:
            shown = self.attacker.verdict_on(row)
            self.attacker.decide(row, who, yes=yes, command_of=shown, resume=True)
            self.carry_the_newest()

    def _waiting(self, line: RmaLineRow) -> list[ReviewRow]:
        return [one for one in self.attacker.open_reviews() if one.proposal_id == line.proposal_id]

    @rule(which=PICK, steps=st.sampled_from([1, 2, 30]))
    def the_worker_acts(self, which: int, steps: int) -> None:
        ready = self.stage.engine.ready()
        if ready:
            self.carry(ready[which % len(ready)], steps)

    # The desk

    @rule(which=PICK, who=ANYBODY.filter(lambda one: one != "nobody"), yes=st.booleans(), other=PICK)
    def review(self, which: int, who: str, other: int, *, yes: bool) -> None:
        """Somebody decides; now and then the yes is for the command of another verdict."""
        waiting, verdicts = self.attacker.open_reviews(), self.attacker.verdicts()
        if not waiting:
            return
        row: ReviewRow = waiting[which % len(waiting)]
        shown = verdicts[other % len(verdicts)] if other % 6 == 5 else self.attacker.verdict_on(row)
        self.attacker.decide(row, who, yes=yes, command_of=shown, resume=True)
        self.carry_the_newest()

    @rule(which=PICK, asker=ANYBODY, approver=ANYBODY.filter(lambda one: one != "nobody"), yes=st.booleans())
    def credit_before_the_goods(self, which: int, asker: str, approver: str, *, yes: bool) -> None:
        """Somebody asks for the credit of a line at once, and somebody, perhaps the same, approves it."""
        line = self.line(which)
        if asker in {"arne", "rita", "finn"}:
            self.attacker.judge.asked.setdefault(line.rma_id, set()).add(asker)
        self.attacker.start("credit-early", [line.rma_id, line.line_id, self.attacker.who(asker)])
        self.carry_the_newest()
        at_once = [one for one in self._waiting(line) if one.action == Action.CREDIT_MEMO.value]
        for row in [one for one in at_once if not one.subject]:
            shown = self.attacker.verdict_on(row)
            self.attacker.decide(row, approver, yes=yes, command_of=shown, resume=True)
            self.carry_the_newest()

    @precondition(lambda machine: bool(machine.attacker.judge.stock.staged))
    @rule(which=PICK, answer=st.sampled_from(list(Answer)), amount=st.sampled_from([None, 1, 900, 10**7]))
    def a_supplier_answers(self, which: int, answer: Answer, amount: int | None) -> None:
        filed = [one for one in self.attacker.all(VendorClaimRow) if one.link_digest]
        if filed:
            self.attacker.answer(filed[which % len(filed)], answer, amount)
            self.carry_the_newest()

    @precondition(lambda machine: bool(machine.attacker.judge.stock.staged))
    @rule(which=PICK, by=ANYBODY, purchase=st.sampled_from(["", "PO-1", "dearest"]))
    def somebody_adds_to_a_claim(self, which: int, by: str, purchase: str) -> None:
        compiled = self.attacker.all(VendorClaimRow)
        if compiled:
            claim: VendorClaimRow = compiled[which % len(compiled)]
            self.attacker.add_evidence(claim, by, purchase)
            self.attacker.start("claim-evidence", [claim.id, self.attacker.who(by)])
            self.carry_the_newest()

    # The world around

    @rule(seconds=st.sampled_from([20, 61, 86_400, 31 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.stage.clock.advance(seconds=seconds)
        self.stage.erp.today = self.stage.clock.now().date()

    @rule(edition=st.sampled_from(["shipped", "halved", "doubled", "watched"]))
    def publish(self, edition: str) -> None:
        self.oracle.changes += edition != self.stage.policy.edition
        self.stage.policy.edition = edition

    @rule(which=PICK, pieces=PIECES)
    def a_clerk_credits(self, which: int, pieces: int) -> None:
        """In the ERP directly, past us, as far as nothing was credited there before."""
        line = self.line(which)
        rma = self.attacker.rma_of(line)
        assert rma is not None
        if which % 4 == 0:
            self.attacker.judge.erp.clerk_credits(
                (line.order_number, line.order_line), rma.account_id, pieces
            )

    @precondition(lambda machine: not machine.called)
    @rule(which=PICK)
    def called_off(self, which: int) -> None:
        """Once in a walk is enough: it takes the time of five other steps."""
        self.called = True
        rma = self.attacker.rma_of(self.line(which))
        assert rma is not None
        self.oracle.may_cancel.add(rma.id)
        self.attacker.start("cancel-rma", [rma.id, f"cli:olga for {rma.account_id}"])
        self.carry_the_newest()

    # What there is

    def fresh(self, which: int, pieces: int) -> str:
        """Goods that have just come in, on a line that still awaits some if there is one; the receipt."""
        line = self.line(which)
        came = self.attacker.count(line, self.comes(line), pieces, serials=self._serials(line, pieces))
        self.carry_the_newest()
        return came

    def line(self, which: int) -> RmaLineRow:
        lines = self.attacker.all(RmaLineRow)
        found: RmaLineRow = lines[which % len(lines)]
        return found

    def comes(self, line: RmaLineRow) -> str:
        """The article that is in the parcel: after a wrong delivery not the one of the order line."""
        return self.attacker.announced_sku(line)

    def _serials(self, line: RmaLineRow, pieces: int) -> tuple[str, ...]:
        sold = self.stage.erp.order_line(line.order_number, line.order_line)
        assert sold is not None
        came = {serial for one in self.attacker.all(ReceiptRow) for serial in one.serials}
        return tuple(one for one in sold.serials if one not in came)[:pieces]


def wrote(kind: type[Any]) -> Any:
    """Whether one of those was written in this walk."""
    return precondition(lambda machine: bool(machine.attacker.written[kind]))


HAS_GOODS, HAS_DISPOSITION = wrote(ReceiptRow), wrote(DispositionRow)
HAS_CLAIM = precondition(lambda machine: bool(machine.attacker.judge.stock.staged))
