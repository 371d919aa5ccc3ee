"""The state machine: forty steps of honest trade and of attack in any order, each looked at by the oracle."""

from collections import Counter
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.money import Money
from backhaul.store.conversation import Speaker
from backhaul.store.tables import ReviewRow, VerdictRow
from tests.tools.bypass_annex import Annex
from tests.tools.bypass_attacker import Attacker, Wish
from tests.tools.bypass_oracle import Oracle
from tests.tools.bypass_world import PEOPLE, Props, Work, raise_stage
from tools.gateway import Presented

HARBOR = Speaker("A-1001", "Harbor Mechanical", "contact:C-1001-1")
PRAIRIE = Speaker("A-1002", "Prairie State Conveyor", "contact:C-1002-1")
SUNDOWN = Speaker("A-1003", "Sundown Water District", "contact:C-1003-1")
MAPLECREST = Speaker("A-1060", "Maplecrest Conveyors", "contact:C-1060-1")
SILENT = Speaker("A-1008", "An account whose contract nobody knows", "contact:C-1008-1")
BY_ARNE = Speaker("A-1001", "Harbor Mechanical", "cli:arne for A-1001")

CREDIT, EXCHANGE = Resolution.CREDIT, Resolution.REPLACEMENT
UNUSED, WRONG, SIZE = Reason.NO_LONGER_NEEDED, Reason.WRONG_ITEM, Reason.WRONG_SIZE
OTHER_COIL = "a contactor with a 120 V coil"

LIKELY: tuple[tuple[Speaker, Wish], ...] = (
    (HARBOR, Wish("SO-15086", 1, 4, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15086", 2, 6, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15122", 1, 2, WRONG, EXCHANGE, other_side=OTHER_COIL)),
    (PRAIRIE, Wish("SO-15100", 1, 5, UNUSED, CREDIT)),
    (SUNDOWN, Wish("SO-15072", 1, 4, UNUSED, CREDIT)),
    (MAPLECREST, Wish("SO-15106", 1, 1, UNUSED, CREDIT)),
)
"""What goes through by itself, at least the first time"""
HARDER: tuple[tuple[Speaker, Wish], ...] = (
    (HARBOR, Wish("SO-15122", 1, 2, SIZE, EXCHANGE)),
    (HARBOR, Wish("SO-15093", 1, 2, UNUSED, CREDIT, ("KX4-50-118803", "KX4-50-118804"))),
    (HARBOR, Wish("SO-15093", 1, 1, WRONG, EXCHANGE, ("KX4-50-118803",), other_side="a smaller drive")),
    (BY_ARNE, Wish("SO-15093", 1, 1, UNUSED, CREDIT, ("KX4-50-118803",))),
    (HARBOR, Wish("SO-12792", 1, 1, Reason.WARRANTY_FAILURE, EXCHANGE, ("C20H-220871",))),
    (HARBOR, Wish("SO-14174", 1, 1, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15086", 1, 1, UNUSED, CREDIT, ("A-SERIAL",))),
    (HARBOR, Wish("SO-15086", 1, 3, UNUSED, CREDIT, words="mumble mumble")),
    (PRAIRIE, Wish("SO-15100", 2, 1, UNUSED, CREDIT, ("T15A-660412",))),
    (PRAIRIE, Wish("SO-15100", 2, 2, UNUSED, CREDIT, ("T15A-660412", "T15A-660412"))),
    (PRAIRIE, Wish("SO-14915", 1, 1, UNUSED, CREDIT)),
    (PRAIRIE, Wish("SO-15122", 1, 1, UNUSED, CREDIT)),
    (PRAIRIE, Wish("SO-15150", 1, 1, Reason.DAMAGED_IN_TRANSIT, EXCHANGE)),
    (SUNDOWN, Wish("SO-15114", 1, 1, Reason.DEFECTIVE, CREDIT)),
    (SUNDOWN, Wish("SO-15114", 2, 1, UNUSED, CREDIT)),
    (SUNDOWN, Wish("SO-15107", 1, 1, Reason.NOT_AS_DESCRIBED, CREDIT, ("TAC4-771206",))),
    (SUNDOWN, Wish("SO-15107", 2, 2, Reason.LATE_OR_MISSING, CREDIT)),
    (SUNDOWN, Wish("SO-15072", 1, 8, Reason.OTHER, CREDIT)),
    (SILENT, Wish("SO-15078", 1, 1, UNUSED, CREDIT)),
    (HARBOR, Wish("SO-15036", 1, 2, Reason.RECALL, CREDIT)),
)
"""What a person has to see, or what never goes through"""

PIECES = st.integers(min_value=0, max_value=9)
PICK = st.integers(min_value=0, max_value=30)
STAFF = st.sampled_from(sorted(PEOPLE))
LATER = (Action.CREATE_LABEL, Action.REPLACEMENT, Action.CANCEL_RMA, Action.VOID_LABEL)
FIELDS = (
    "quantity", "line", "value", "restocking_fee", "serials", "order_number", "account_id", "case_id", "sku",
    "facility_id", "reason", "resolution", "requester", "subject", "action",
)  # fmt: skip


def holds_a_permit(machine: "BypassMachine") -> bool:
    return bool(machine.attacker.held)


def has_spent(machine: "BypassMachine") -> bool:
    return bool(machine.oracle.spent)


def has_rma(machine: "BypassMachine") -> bool:
    return bool(machine.stage.erp.by_key)


def has_verdict(machine: "BypassMachine") -> bool:
    return bool(machine.judged)


class BypassMachine(RuleBasedStateMachine):
    """Tries to get an effect past the guard."""

    props: ClassVar[Props]
    annexes: ClassVar[dict[str, Annex]]
    seen: ClassVar[Counter[str]]
    """What all examples of a run came to: steps, steps that reached a permit, effects, refusals"""

    def __init__(self) -> None:
        super().__init__()
        self.stage = raise_stage(self.props)
        self.oracle = Oracle(self.stage, self.annexes)
        self.attacker = Attacker(self.stage, self.oracle)
        self.judged = False
        self.moved = 0
        """Permits issued or spent in this step"""

    def teardown(self) -> None:
        self.seen.update({f"effect {name}": times for name, times in self.oracle.effects.items()})
        self.seen.update({f"refused {name}": times for name, times in self.attacker.refusals.items()})
        self.stage.close()

    @invariant()
    def nothing_happened_that_nobody_was_entitled_to(self) -> None:
        shown = self.attacker.presented
        moved = self.moved + self.oracle.look()
        self.judged = self.judged or bool(self.oracle.issued)
        self.seen["steps"] += 1
        self.seen["steps that issued or spent a permit"] += bool(moved)
        self.seen["steps that reached a permit"] += bool(moved or shown)
        self.attacker.presented = self.moved = 0

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
            self._carry_the_newest()

    @rule(which=PICK, other=PICK, one_consent=st.booleans())
    def split(self, which: int, other: int, *, one_consent: bool) -> None:
        """A quantity over two cases, or two proposals of one consent."""
        speaker, wish = LIKELY[which % len(LIKELY)]
        second = LIKELY[other % len(LIKELY)][1] if LIKELY[other % len(LIKELY)][0] is speaker else wish
        for group in [[wish, second]] if one_consent else [[wish], [second]]:
            self.attacker.propose(speaker, group)

    @rule(which=PICK, steps=st.sampled_from([1, 30]))
    def the_worker_acts(self, which: int, steps: int) -> None:
        """One step of something, or as many as it takes until it waits or ends."""
        ready = self.stage.engine.ready()
        if ready:
            self._carry(ready[which % len(ready)], steps)

    def _carry(self, work: Work, steps: int = 30) -> None:
        while steps and work in self.stage.engine.ready():
            self.stage.engine.advance(work)
            self.moved += self.oracle.look()
            steps -= 1

    def _carry_the_return(self, rma_id: str) -> None:
        for work in [one for one in self.stage.engine.ready() if one.workflow_id == f"return-{rma_id}"]:
            self._carry(work)

    def _carry_the_newest(self) -> None:
        for work in self.stage.engine.ready()[-1:]:
            self._carry(work)

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
        self._carry_the_newest()
        for who in ("arne", "rita")[:approvals]:
            for row in self.attacker.open_reviews()[-1:]:
                self.attacker.decide(row, who, yes=True, command_of=self._verdict_on(row), resume=True)
            for work in self.stage.engine.ready():
                self._carry(work)

    def _verdict_on(self, row: ReviewRow) -> VerdictRow:
        of_it = (row.proposal_id, row.action)
        return [one for one in self.attacker.verdicts() if (one.proposal_id, one.action) == of_it][-1]

    @rule(seconds=st.sampled_from([20, 59, 60, 61, 86_400, 31 * 86_400]))
    def wait(self, seconds: int) -> None:
        self.stage.clock.advance(seconds=seconds)
        self.stage.erp.today = self.stage.clock.now().date()

    @rule(edition=st.sampled_from(["shipped", "halved", "doubled"]))
    def publish(self, edition: str) -> None:
        self.stage.policy.edition = edition

    @rule(which=PICK, pieces=PIECES, cents=st.sampled_from([None, 100, 20_000, 90_000]))
    def a_clerk_changes_the_order(self, which: int, pieces: int, cents: int | None) -> None:
        """In the ERP directly: a return is booked, or the price is corrected."""
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
        if workflow == "cancel-rma" and (not stranger or rma.account_id == "A-1003"):
            self.oracle.may_cancel.add(rma.id)
        self.attacker.start(workflow, [rma.id, asker])
        self._carry_the_newest()

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
        self._carry_the_newest()

    @precondition(has_rma)
    @rule(
        kind=st.sampled_from(["delivered", "closed", "expired", "effect_reviewed"]),
        which=PICK,
        action=st.sampled_from(["replacement", "cancel_rma", "create_label"]),
        line=PICK,
    )
    def forged_message(self, kind: str, which: int, action: str, line: int) -> None:
        found = self.attacker.rmas()
        rma = found[which % len(found)]
        lines = self.attacker.line_ids()
        message = {"kind": kind, "action": action, "go": True, "line_id": lines[line % len(lines)]}
        if kind == "effect_reviewed" and action == "cancel_rma":
            return
        self.attacker.send(rma.id, message)
        self._carry_the_return(rma.id)

    # Attacks on the gateway

    @rule(which=PICK, pieces=PIECES)
    def hold_a_permit(self, which: int, pieces: int) -> None:
        """A fresh proposal that the guard is asked about before the worker comes to it."""
        self.likely(which, pieces, at_once=False)
        self.attacker.ask(self.attacker.proposals()[-1:], Action.CREATE_RMA)

    @rule(which=PICK, other=PICK, together=st.booleans())
    def ask_the_guard(self, which: int, other: int, *, together: bool) -> None:
        proposals = self.attacker.proposals()
        chosen = [proposals[which % len(proposals)]]
        if together:
            chosen.append(proposals[other % len(proposals)])
        self.attacker.ask(chosen, Action.CREATE_RMA)

    @precondition(has_rma)
    @rule(which=PICK, action=st.sampled_from(LATER))
    def ask_for_a_later_effect(self, which: int, action: Action) -> None:
        proposal, rma = self.attacker.proposal_with_rma(which)
        self.attacker.ask([proposal], action, about=rma)

    @precondition(holds_a_permit)
    @rule(which=PICK)
    def present(self, which: int) -> None:
        held = self.attacker.held
        self.attacker.present(held.pop(-1 - which % len(held)))

    @precondition(holds_a_permit)
    @rule(which=PICK, other=PICK)
    def present_two_at_once(self, which: int, other: int) -> None:
        held = self.attacker.held
        first, second = held[-1 - which % len(held)], held[-1 - other % len(held)]
        self.attacker.presented += 1
        both = [Presented(one.token, one.command) for one in (first, second)]
        self.attacker.spend(both, first.command.action)

    @precondition(has_spent)
    @rule(which=PICK)
    def replay(self, which: int) -> None:
        spent = self.attacker.spent()
        held = spent[which % len(spent)]
        self.attacker.presented += 1
        self.attacker.spend([Presented(held.token, held.command)], held.command.action)

    @precondition(holds_a_permit)
    @rule(which=PICK, name=st.sampled_from(FIELDS), amount=st.integers(min_value=1, max_value=9))
    def alter(self, which: int, name: str, amount: int) -> None:
        held = self.attacker.held
        self.attacker.alter(held[-1 - which % len(held)], name, amount)

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

    @precondition(holds_a_permit)
    @rule(which=PICK, at=st.integers(min_value=0, max_value=2_000))
    def tamper(self, which: int, at: int) -> None:
        held = self.attacker.held
        self.attacker.tamper(held[-1 - which % len(held)], at)

    @precondition(has_verdict)
    @rule(
        which=PICK,
        key_id=st.sampled_from(["worker-key", "a-key-of-my-own"]),
        into_the_table=st.booleans(),
        order_version=st.integers(min_value=0, max_value=3),
    )
    def forge(self, which: int, key_id: str, *, into_the_table: bool, order_version: int) -> None:
        verdicts = self.attacker.verdicts()
        self.attacker.forge(
            verdicts[which % len(verdicts)],
            key_id=key_id,
            into_the_table=into_the_table,
            order_version=order_version,
        )


def _pieces(wish: Wish, pieces: int) -> Wish:
    return replace(wish, quantity=pieces or wish.quantity)
