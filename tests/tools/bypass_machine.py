"""The state machine: forty steps of honest trade and of attack in any order, each looked at by the oracle."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backhaul.domain.codes import Action
from tests.tools.bypass_trade_machine import PICK, TradeMachine, has_rma, has_verdict
from tools.gateway import Presented

LATER = (Action.CREATE_LABEL, Action.REPLACEMENT, Action.CANCEL_RMA, Action.VOID_LABEL)
FIELDS = (
    "quantity", "line", "value", "restocking_fee", "return_freight", "serials", "order_number", "account_id",
    "case_id", "sku", "facility_id", "reason", "resolution", "requester", "subject", "action",
)  # fmt: skip


def holds_a_permit(machine: "BypassMachine") -> bool:
    return bool(machine.attacker.held)


def has_spent(machine: "BypassMachine") -> bool:
    return bool(machine.oracle.spent)


class BypassMachine(TradeMachine):
    """Tries to get an effect past the gateway besides."""

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
