"""`python -m evals.net_recovery`: the proposed disposition against a fixed table, on a simulated stream.

The truth of each world is drawn around the figures and unknown to the proposal. Differences are paired: in
one world the same pieces going the same way bring in the same, whoever sent them there.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, compress, product
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from evals.recovery_arms import Arm, fixed_table, fixed_table_with_claims, proposal, proposal_by_policy
from evals.recovery_differences import Difference, mean_of
from evals.recovery_stream import Return, returns
from evals.recovery_truth import SPREAD, Truth, scaled, true_figures
from tools.recovery_figures import Figures, shipped_figures

_FACTORS = (0.5, 0.75, 1.5, 2.0)
_DOUBTS = (0.0, 1.0, 2.0, 3.0, 4.0)
_PAIRED = (
    "b_stock_basis_points",
    "repaired_basis_points",
    "restock_basis_points",
    "repair_success_permille",
    "sale_chance_permille",
    "supplier_approval_permille",
)
_FEWEST_SEEDS = 2
_LEAST_SHARE = 0.005
_WORST = 12
_CENTS = 100

console = Console(highlight=False, width=None if sys.stdout.isatty() else 150)


@dataclass(frozen=True)
class World:
    """One seed: its returns, and what really becomes of them."""

    stream: list[Return]
    truth: Truth

    @classmethod
    def drawn(cls, seed: int, count: int, *, doubt: float = 1.0) -> "World":
        """The same seed gives the same world."""
        return cls(returns(seed, count), Truth(true_figures(shipped_figures(), seed, doubt=doubt), seed))

    @cached_property
    def by_the_table(self) -> float:
        """Cents a return when the fixed table decides."""
        return mean_of(self.nets(fixed_table(shipped_figures())))

    def nets(self, arm: Arm) -> list[int]:
        """Cents that each return really brings in when that arm decides."""
        return [self.truth.net_minor(goods, arm(goods)) for goods in self.stream]


def main(
    seeds: Annotated[int, typer.Option(min=_FEWEST_SEEDS, help="Worlds to draw.")] = 20,
    count: Annotated[int, typer.Option("--returns", min=1, help="Returns in each world.")] = 1_000,
    fewer: Annotated[
        int, typer.Option(min=1, help="Returns in each world for policy and sensitivity.")
    ] = 200,
) -> None:
    """Print where the proposal wins and where it loses, in USD a return with 95 % intervals over seeds."""
    worlds = [World.drawn(seed, count) for seed in range(seeds)]
    console.print(f"{seeds} seeds, {count} returns each; {fewer} each for policy and sensitivity. Simulated.")
    found = {name: [world.nets(make(world)) for world in worlds] for name, make in ARMS.items()}
    console.print(_arms(found))
    console.print(_sources(worlds, found))
    for rival in RIVALS:
        console.print(_slices(worlds, found[PROPOSAL], found[rival], rival))
    small = [World(world.stream[:fewer], world.truth) for world in worlds]
    console.print(
        _arms({name: [world.nets(make(world)) for world in small] for name, make in POLICED.items()})
    )
    console.print(_sensitivity(small))
    console.print(_two_wrong(small))
    console.print(_doubts(seeds, fewer))


PROPOSAL, TABLE, CLAIMS = "proposal", "fixed table", "fixed table with claims"
RIVALS = (TABLE, CLAIMS)
ARMS: dict[str, Callable[[World], Arm]] = {
    TABLE: lambda _: fixed_table(shipped_figures()),
    CLAIMS: lambda _: fixed_table_with_claims(shipped_figures()),
    PROPOSAL: lambda _: proposal(shipped_figures()),
    "proposal that knows the true figures": lambda world: proposal(world.truth.figures),
}
POLICED: dict[str, Callable[[World], Arm]] = {
    **{name: ARMS[name] for name in (TABLE, CLAIMS, PROPOSAL)},
    "proposal under the demo's policy": lambda _: proposal_by_policy(shipped_figures()),
}
"""On fewer returns: the policy is asked about every way of each of them."""


def _arms(found: dict[str, list[list[int]]]) -> Table:
    table = Table("who decides", "USD a return", *(f"against the {rival}" for rival in RIVALS), "seeds won")
    means = {name: [mean_of(nets) for nets in each] for name, each in found.items()}
    for name, own in means.items():
        apart = [Difference.of(own, means[rival]) for rival in RIVALS]
        won = ", ".join(f"{one.won}/{one.seeds}" for one in apart)
        table.add_row(name, f"{mean_of(map(round, own)) / _CENTS:.2f}", *map(str, apart), won)
    return table


def _sources(worlds: list[World], found: dict[str, list[list[int]]]) -> Table:
    """What each way of the proposal adds to its difference, spread over all returns."""
    table = Table(
        "grade", "the proposal sends it to", "share of returns", *(f"against the {one}" for one in RIVALS)
    )
    table.title = "Where the difference comes from, USD a return over all returns"
    ours = proposal(shipped_figures())
    kinds = [[(goods.grade, " and ".join(ours(goods))) for goods in world.stream] for world in worlds]
    size = sum(map(len, kinds))
    for kind in sorted(set(chain.from_iterable(kinds))):
        picked = [[one == kind for one in world] for world in kinds]
        adds = [
            sum(map(_picked_sum, map(_less, found[PROPOSAL], found[rival]), picked)) / size
            for rival in RIVALS
        ]
        share = sum(map(sum, picked)) / size
        if share >= _LEAST_SHARE:
            table.add_row(*kind, f"{share:.1%}", *(f"{cents / _CENTS:+.2f}" for cents in adds))
    return table


def _less(ours: list[int], theirs: list[int]) -> list[int]:
    return [one - other for one, other in zip(ours, theirs, strict=True)]


def _picked_sum(cents: list[int], picked: list[bool]) -> int:
    return sum(compress(cents, picked))


def _slices(worlds: list[World], ours: list[list[int]], theirs: list[list[int]], rival: str) -> Table:
    """Kinds of goods on which the proposal loses, or is not sure to win, worst first."""
    table = Table("goods", "share of returns", f"against the {rival}", "", title="Where it does not win")
    size = sum(len(world.stream) for world in worlds)
    rows = []
    for label in sorted({label for world in worlds for goods in world.stream for label in labels(goods)}):
        picked = [[label in labels(goods) for goods in world.stream] for world in worlds]
        share = sum(map(sum, picked)) / size
        one, other = (
            [_picked(nets, of) for nets, of in zip(each, picked, strict=True)] for each in (ours, theirs)
        )
        apart = Difference.of(one, other)
        if share >= _LEAST_SHARE and not apart.wins and one != other:
            rows.append((apart, label, share))
    for apart, label, share in sorted(rows, key=lambda row: row[0].mean)[:_WORST]:
        table.add_row(label, f"{share:.1%}", str(apart), verdict(apart))
    return table


def labels(goods: Return) -> Iterator[str]:
    """The kinds a return belongs to."""
    claim = goods.ground.value if goods.ground else "no"
    yield f"grade {goods.grade}"
    yield f"{goods.item.product_class}"
    yield f"grade {goods.grade}, {goods.item.product_class}"
    yield f"grade {goods.grade}, {claim} claim"
    yield f"{goods.item.supplier_id}, {claim} claim"
    yield f"{'one piece' if goods.quantity == 1 else 'several pieces'}, grade {goods.grade}"


def verdict(apart: Difference) -> str:
    """Whether a difference is told from nothing."""
    return "wins" if apart.wins else "LOSES" if apart.loses else "not told apart"


def _picked(nets: list[int], picked: list[bool]) -> float:
    return mean_of(net for net, wanted in zip(nets, picked, strict=True) if wanted)


def _against_the_table(worlds: list[World], figures: Figures) -> Difference:
    ours = [mean_of(world.nets(proposal(figures))) for world in worlds]
    return Difference.of(ours, [world.by_the_table for world in worlds])


def _sensitivity(worlds: list[World]) -> Table:
    table = Table("figure the proposal has wrong", *(f"x {factor}" for factor in _FACTORS))
    table.title = "Against the fixed table, one table of figures off (?: not told apart)"
    for name in SPREAD:
        apart = [_against_the_table(worlds, scaled(shipped_figures(), {name: factor})) for factor in _FACTORS]
        table.add_row(name, *map(_marked, apart))
    return table


def _two_wrong(worlds: list[World]) -> Table:
    table = Table("figures the proposal has wrong", "against the fixed table", "")
    table.title = "Two tables of figures off, each by half or twice: the worst"
    rows = []
    for names in combinations(_PAIRED, 2):
        for factors in product((0.5, 2.0), repeat=2):
            wrong = dict(zip(names, factors, strict=True))
            rows.append((_against_the_table(worlds, scaled(shipped_figures(), wrong)), wrong))
    for apart, wrong in sorted(rows, key=lambda row: row[0].mean)[:_WORST]:
        words = ", ".join(f"{name} x {factor}" for name, factor in wrong.items())
        table.add_row(words, str(apart), verdict(apart))
    return table


def _doubts(seeds: int, count: int) -> Table:
    table = Table("every figure off, times as far as assumed", "against the fixed table", "", "worlds won")
    for doubt in _DOUBTS:
        worlds = [World.drawn(seed, count, doubt=doubt) for seed in range(seeds)]
        apart = _against_the_table(worlds, shipped_figures())
        table.add_row(f"x {doubt:g}", str(apart), verdict(apart), f"{apart.won}/{apart.seeds}")
    return table


def _marked(apart: Difference) -> str:
    return str(apart) if apart.wins else f"{apart} LOSES" if apart.loses else f"{apart} ?"


if __name__ == "__main__":
    typer.run(main)
