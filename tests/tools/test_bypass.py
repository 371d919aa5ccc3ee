"""No sequence of tool calls, messages, approvals, policy changes and forgeries gets round the guard."""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.tools.bypass_annex import Annex, Texts
from tests.tools.bypass_machine import BypassMachine
from tests.tools.bypass_world import Props

pytestmark = pytest.mark.bypass

STEPS = 40


@pytest.fixture(scope="module")
def machine(bypass_props: Props, bypass_editions: dict[str, Texts]) -> type[BypassMachine]:
    class Machine(BypassMachine):
        props = bypass_props
        annexes: ClassVar = {name: Annex(texts) for name, texts in bypass_editions.items()}
        seen: ClassVar = Counter()

    return Machine


def attack(machine: type[BypassMachine], walks: int, *, the_same_each_time: bool) -> str:
    """Run the machine; what it came to, a line for each count.

    A build that says something else the second time teaches people not to listen: what runs in it is the same
    each time for the same code, what looks for the unforeseen is the long one. Hypothesis cuts some walks
    short, so it is given more than it is asked for, and the steps are counted.
    """
    machine.seen.clear()
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=walks * 5 // 4,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=the_same_each_time,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.seen["steps"] >= walks * STEPS
    return "\n".join(f"{times:8,} {name}" for name, times in sorted(machine.seen.items()))


def is_not_vacuous(seen: Counter[str]) -> bool:
    """One step in five or more has to do with a permit that was truly given, and every effect was reached."""
    effects = {"create_rma", "create_label", "replacement", "cancel_rma", "void_label"}
    effects |= {f"{one} of several lines" for one in ("create_label", "cancel_rma", "void_label")}
    return seen["steps that reached a permit"] >= seen["steps"] / 5 and all(
        seen[f"effect {one}"] for one in effects
    )


@pytest.mark.long
def test_no_sequence_of_calls_gets_round_the_guard(machine: type[BypassMachine]) -> None:
    counts = attack(machine, walks=100, the_same_each_time=True)

    assert is_not_vacuous(machine.seen), counts


@pytest.mark.slow
def test_no_sequence_of_calls_gets_round_the_guard_in_many_walks(
    machine: type[BypassMachine], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = attack(machine, walks=1_500, the_same_each_time=False)

    assert is_not_vacuous(machine.seen), counts
    with capsys.disabled():
        print(f"\n{counts}")  # noqa: T201 - what the figures in the record rest on
