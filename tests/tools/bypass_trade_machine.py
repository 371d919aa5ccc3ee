"""Honest trade in any order, and attacks on the rows it leaves; the oracle looks at each step."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow, VerdictRow
from tests.tools.bypass_walk import Walk
from tests.tools.bypass_wishes import (
    BY_ARNE,
    HARBOR,
    HARDER,
    LIKELY,
    MAPLECREST,
    MIXED,
    PRAIRIE,
    SILENT,
    SUNDOWN,
    Wish,
)
from tests.tools.bypass_world import PEOPLE

PIECES = st.integers(min_value=0, max_value=9)
PICK = st.integers(min_value=0, max_value=30)
STAFF = st.sampled_from(sorted(PEOPLE))


def has_rma(machine: "TradeMachine") -> bool:
    return bool(machine.stage.erp.by_key)


def has_verdict(machine: "TradeMachine") -> bool:
    return bool(machine.judged)


def has_no_return_of_two_lines(machine: "TradeMachine") -> bool:
    """Once in a walk is enough: it takes the time of a dozen other steps."""
    return not machine.two_at_once


class TradeMachine(Walk):
    """Customers, reviewers, clerks and the worker, with somebody among them who rewrites and forges."""

    def __init__(self) -> None:
        super().__init__()
        self.two_at_once = False

    # Honest trade

    @initialize(which=PICK)
    def a_first_return(self, which: int) -> None:
        """Every house has seen one return, or somebody holds a permit for one."""
        if which % 2:
            self.likely(which, 0, at_once=True)
        else:
            self.hold_a_permit(which, 0)

    @rule(which=PICK, pieces=PIECES, at_once=st.booleans())
    def likely(self, which: int, pieces: int, *, at_once: bool) -> None:
        speaker, wish = LIKELY[which % len(LIKELY)]
        self.attacker.propose(speaker, [_pieces(wish, pieces)])
        if at_once:
            self.carry_the_newest()

    @rule(which=PICK, pieces=PIECES)
    def hold_a_permit(self, which: int, pieces: int) -> None:
        """A fresh proposal that the guard is asked about before the worker comes to it."""
        self.likely(which, pieces, at_once=False)
        self.attacker.ask(self.attacker.proposals()[-1:], Action.CREATE_RMA)

    @rule(which=PICK, other=PICK, one_consent=st.booleans())
    def split(self, which: int, other: int, *, one_consent: bool) -> None:
        """A quantity over two cases, or two proposals of one consent."""
        speaker, wish = LIKELY[which % len(LIKELY)]
        second = LIKELY[other % len(LIKELY)][1] if LIKELY[other % len(LIKELY)][0] is speaker else wish
        for group in [[wish, second]] if one_consent else [[wish], [second]]:
            self.attacker.propose(speaker, group)

    @precondition(has_no_return_of_two_lines)
    @rule(which=PICK, turned=st.booleans(), then=st.sampled_from(["wait", "cancel-rma", "reprint-label"]))
    def two_lines(self, which: int, *, turned: bool, then: str) -> None:
        """Two goods for two reasons on one RMA; now and then it is called off at once, or labelled anew."""
        self.two_at_once = True
        speaker, wishes = MIXED[which % len(MIXED)]
        before = {one.id for one in self.attacker.rmas()}
        self.attacker.propose(speaker, wishes[::-1] if turned else wishes)
        for _ in ("decided", "issued"):
            self.carry_the_newest()
        for rma in self.attacker.rmas():
            if rma.id not in before and then != "wait":
                self._asks(then, rma)

    @rule(which=PICK, steps=st.sampled_from([1, 30]))
    def the_worker_acts(self, which: int, steps: int) -> None:
        """One step of something, or as many as it takes until it waits or ends."""
        ready = self.stage.engine.ready()
        if ready:
            self.carry(ready[which % len(ready)], steps)

    def _carry_the_return(self, rma_id: str) -> None:
        for work in [one for one in self.stage.engine.ready() if one.workflow_id == f"return-{rma_id}"]:
            self.carry(work)

    @rule(which=PICK, who=STAFF, yes=st.booleans(), resume=st.booleans(), other=PICK)
    def review(self, which: int, who: str, *, yes: bool, resume: bool, other: int) -> None:
        """Somebody approves or turns down; now and then it is another verdict's command that is approved."""
        waiting, verdicts = self.attacker.open_reviews(), self.attacker.verdicts()
        if waiting:
            row = waiting[which % len(waiting)]
            command_of = verdicts[other % len(verdicts)] if other % 6 == 5 else self._verdict_on(row)
            self.attacker.decide(row, who, yes=yes, command_of=command_of, resume=resume)

    @rule(which=PICK, approvals=st.integers(min_value=0, max_value=2))
    def pursue_what_is_hard(self, which: int, approvals: int) -> None:
        """Something that a person has to see: people approve in turn, and the worker acts on each yes."""
        speaker, wish = HARDER[which % len(HARDER)]
        self.attacker.propose(speaker, [wish])
        self.carry_the_newest()
        for who in ("arne", "rita")[:approvals]:
            for row in self.attacker.open_reviews()[-1:]:
                self.attacker.decide(row, who, yes=True, command_of=self._verdict_on(row), resume=True)
            for work in self.stage.engine.ready():
                self.carry(work)

    def _verdict_on(self, row: ReviewRow) -> VerdictRow:
        of_it = (row.proposal_id, row.action)
        return [one for one in self.attacker.verdicts() if (one.proposal_id, one.action) == of_it][-1]

    @rule(seconds=st.sampled_from([20, 59, 60, 61, 86_400, 31 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.stage.clock.advance(seconds=seconds)
        self.stage.erp.today = self.stage.clock.now().date()

    @rule(edition=st.sampled_from(["shipped", "halved", "doubled", "watched"]))
    def publish(self, edition: str) -> None:
        self.oracle.changes += edition != self.stage.policy.edition
        self.stage.policy.edition = edition

    @rule(which=PICK, pieces=PIECES, cents=st.sampled_from([None, 100, 20_000, 90_000]))
    def a_clerk_changes_the_order(self, which: int, pieces: int, cents: int | None) -> None:
        """In the ERP directly: a return is booked, or the price is corrected."""
        self.oracle.changes += 1
        wish = LIKELY[which % len(LIKELY)][1]
        line = self.stage.erp.order_line(wish.order, wish.line)
        assert line is not None
        if cents is None:
            self.attacker.clerk_books(_pieces(wish, pieces))
        else:
            price = Money(cents, line.unit_price.currency)
            self.stage.erp.clerk_reprices((wish.order, wish.line), price)

    # Attacks on the proposals and the rows

    @rule(
        speaker=st.sampled_from([HARBOR, PRAIRIE, SUNDOWN, MAPLECREST, SILENT, BY_ARNE]),
        order=st.sampled_from(["SO-15086", "SO-15122", "SO-15093", "SO-15100", "SO-15114", "SO-99999"]),
        line=st.integers(min_value=1, max_value=4),
        pieces=st.integers(min_value=0, max_value=30),
        reason=st.sampled_from(list(Reason)),
        resolution=st.sampled_from(list(Resolution)),
    )
    def anything(
        self, speaker: Speaker, order: str, line: int, pieces: int, reason: Reason, resolution: Resolution
    ) -> None:
        self.attacker.propose(speaker, [Wish(order, line, pieces, reason, resolution)])

    @rule(which=PICK, pieces=PIECES)
    def more_than_agreed(self, which: int, pieces: int) -> None:
        speaker, wish = LIKELY[which % len(LIKELY)]
        self.attacker.propose(speaker, [_pieces(wish, pieces)], agreed=[_pieces(wish, 1)])

    @precondition(has_rma)
    @rule(
        what=st.sampled_from(["proposal", "line", "both", "serials", "reason", "state"]),
        at=PICK,
        pieces=PIECES,
    )
    def rewrite_rows(self, what: str, at: int, pieces: int) -> None:
        self.attacker.rewrite(what, at, pieces)

    @precondition(has_verdict)
    @rule(what=st.sampled_from(["version", "bundle", "time", "command", "action"]), at=PICK)
    def rewrite_a_permit(self, what: str, at: int) -> None:
        self.attacker.rewrite_permit(at, what)

    @precondition(has_rma)
    @rule(which=PICK, workflow=st.sampled_from(["cancel-rma", "reprint-label"]), stranger=st.booleans())
    def cancel_or_reprint(self, which: int, workflow: str, *, stranger: bool) -> None:
        """By an operator for the account, or by a customer who may be of another one."""
        found = self.attacker.rmas()
        rma = found[which % len(found)]
        asker = "contact:C-1003-1" if stranger else f"cli:olga for {rma.account_id}"
        self._asks(workflow, rma, asker)

    def _asks(self, workflow: str, rma: RmaRow, asker: str = "contact:C-1001-1") -> None:
        own = "contact:C-1003-1" if rma.account_id == "A-1003" else "contact:C-1001-1"
        if workflow == "cancel-rma" and (asker.startswith("cli:") or asker == own):
            self.oracle.may_cancel.add(rma.id)
        self.attacker.start(workflow, [rma.id, asker])
        self.carry_the_newest()

    @precondition(has_rma)
    @rule(workflow=st.sampled_from(["decide", "resume-review", "return"]), which=PICK, other=PICK)
    def forged_start(self, workflow: str, which: int, other: int) -> None:
        found, proposals = self.attacker.rmas(), self.attacker.proposals()
        permits, waiting = sorted(self.oracle.spent), self.attacker.open_reviews()
        arguments: dict[str, list[Any]] = {
            "decide": [proposals[other % len(proposals)]],
            "resume-review": [waiting[other % len(waiting)].id if waiting else "RV-FORGED"],
            "return": [found[which % len(found)].id, [permits[other % len(permits)]]],
        }
        self.attacker.start(workflow, arguments[workflow])
        self.carry_the_newest()

    @precondition(has_rma)
    @rule(
        kind=st.sampled_from(["delivered", "closed", "expired"]),
        which=PICK,
    )
    def forged_message(self, kind: str, which: int) -> None:
        found = self.attacker.rmas()
        rma = found[which % len(found)]
        self.attacker.send(rma.id, {"kind": kind})
        self._carry_the_return(rma.id)


def _pieces(wish: Wish, pieces: int) -> Wish:
    return replace(wish, quantity=pieces or wish.quantity)
