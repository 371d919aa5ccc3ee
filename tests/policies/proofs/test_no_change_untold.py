"""Random editions and random cases: whatever the engine decides otherwise, `difference` has told."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

import pytest
import yaml

from policies.book import PolicyBook
from policies.examples import staged_examples
from policies.facts import FACTS, Facts, Kind
from policies.proofs import Direction, difference
from policies.proofs.sides import is_milder
from policies.source import parse
from policies.tables import Grid, highest_cell
from tests.policies.test_properties import agreeing

Texts = dict[str, str]
TODAY = date(2026, 6, 1)
EDITIONS, CASES = 6, 1_000
"""Cases are tried on each random edition"""
CELLS, RULES = 5, 2
"""Changed in each of them"""


@dataclass(frozen=True)
class Moved:
    """A cell that was moved: the words that pick it, and the numbers around which answers may change."""

    picks: dict[str, str]
    numbers: tuple[int, ...]


def random_edition(random: Random, texts: Texts, book: PolicyBook) -> tuple[Texts, list[Moved]]:
    """The documents with some cells moved and some rules milder or harder."""
    file = random.choice(["controls.yaml", "terms.yaml", "recovery.yaml"])
    data: Any = parse(file, texts[file]).data
    edition = book.bundle.policies[file.removesuffix(".yaml")][0]
    moved = [
        move_a_cell(random, data["tables"][name], edition.grids[name])
        for name in random.choices(sorted(edition.grids), k=CELLS)
    ]
    judging = [rule for rule in data["rules"] if rule["on_fail"] != "ask" and "shadow" not in rule]
    for rule in random.choices(judging, k=RULES):
        rule["on_fail"] = random.choice(["deny", "escalate"])
    return {**texts, file: yaml.safe_dump(data, sort_keys=False)}, moved


def move_a_cell(random: Random, table: Any, grid: Grid) -> Moved:
    key = random.choice(sorted(grid.cells))
    steps = ("values", *key)
    for word in steps[:-1]:
        table = table[word]
    was, picks = grid.cells[key], dict(zip(grid.table.keys, key, strict=True))
    if grid.table.choices:
        table[steps[-1]] = random.choice(grid.table.choices)
        return Moved(picks, ())
    now = min(highest_cell(grid.table.unit), max(0, int(was) + random.choice([-7, -1, 1, 9, int(was)])))
    table[steps[-1]] = f"{now // 100}.{now % 100:02}" if grid.table.unit == "usd" else now
    return Moved(picks, (int(was), now))


def random_case(random: Random, known: list[Facts], moved: list[Moved]) -> Facts:
    """A case of the documents where a cell was moved, with a few facts otherwise, near the numbers there."""
    record: dict[str, Any] = {**random.choice(known).record()}
    unknown, cell = record.pop("unknown"), random.choice(moved)
    record |= cell.picks
    for name in random.sample(sorted(record), k=random.randint(0, 3)):
        info = FACTS[name]
        if info.kind is Kind.FLAG:
            record[name] = random.random() < 0.5
        elif info.kind is Kind.CHOICE:
            record[name] = str(random.choice(info.choices))
        else:
            number = random.choice([*cell.numbers, record[name]]) + random.choice([-1, 0, 1])
            record[name] = min(info.high, max(info.low, number))
    return Facts.from_record({**agreeing(record), "unknown": unknown})


@pytest.mark.slow
def test_whatever_is_decided_otherwise_is_told(first: PolicyBook, first_texts: Texts) -> None:
    known = [staged.facts for staged in staged_examples(first) if not staged.facts.unknown]
    otherwise = 0
    for seed in range(EDITIONS):
        random = Random(seed)
        texts, moved = random_edition(random, first_texts, first)
        after = PolicyBook.load(texts)
        told = {(one.direction, one.action) for one in difference(first, after)}
        for _ in range(CASES):
            facts = random_case(random, known, moved)
            was, now = (of.outcome(facts, order_date=TODAY, decision_date=TODAY) for of in (first, after))
            if was is not now:
                otherwise += 1
                direction = Direction.LOOSER if is_milder(now, was) else Direction.TIGHTER
                assert (direction, facts.action) in told, (seed, facts)
    assert otherwise > 200
