"""No sequence of parcels, findings, approvals, answers and forgeries at the dock gets round the guard."""

from collections import Counter
from pathlib import Path
from typing import ClassVar

import pytest

from tests.tools.bypass_annex import Annex, Texts
from tests.tools.bypass_dock_house import let_in
from tests.tools.bypass_dock_machine import DockMachine
from tests.tools.bypass_world import Props
from tests.tools.test_bypass import attack

pytestmark = pytest.mark.bypass

OF_A_HUNDRED_WALKS = {"move_stock": 60, "credit_memo": 40, "replacement": 20, "vendor_claim": 4}
"""Walks in which a permit for the deed is given, at the least"""
EFFECTS = ("receive_goods", "move_stock", "credit_memo", "replacement", "vendor_claim", "entered matched")


@pytest.fixture(scope="module")
def machine(
    bypass_props: Props,
    bypass_editions: dict[str, Texts],
    seeded_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> type[DockMachine]:
    read = {name: Annex(texts) for name, texts in bypass_editions.items()}
    template = tmp_path_factory.mktemp("dock") / "let_in.db"

    class Machine(DockMachine):
        props = bypass_props
        annexes: ClassVar = read
        seen: ClassVar = Counter()
        house = let_in(bypass_props, read, template, seeded_home / "erp.db")

    return Machine


def is_not_vacuous(seen: Counter[str], *more: str) -> bool:
    """Every deed of the dock was permitted in so many walks, and carried out."""
    permitted = all(
        seen[f"walks with a permit for {deed}"] * 100 >= seen["walks"] * often
        for deed, often in OF_A_HUNDRED_WALKS.items()
    )
    return permitted and all(seen[f"effect {one}"] for one in (*EFFECTS, *more))


@pytest.mark.long
def test_no_sequence_of_deeds_at_the_dock_gets_round_the_guard(machine: type[DockMachine]) -> None:
    counts = attack(machine, walks=20, the_same_each_time=True)

    assert is_not_vacuous(machine.seen), counts


@pytest.mark.slow
def test_no_sequence_of_deeds_at_the_dock_gets_round_the_guard_in_many_walks(
    machine: type[DockMachine], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = attack(machine, walks=500, the_same_each_time=False)

    assert is_not_vacuous(machine.seen, "repair_order", "mispick", "vendor_credit"), counts
    with capsys.disabled():
        print(f"\n{counts}")  # noqa: T201 - what the figures in the record rest on
