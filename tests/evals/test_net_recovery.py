"""The comparison of dispositions is fair: one world for all, and nobody places more than there is room."""

import pytest

from backhaul.domain.receiving import Disposition, Grade
from evals import net_recovery
from evals.net_recovery import ARMS, POLICED, PROPOSAL, TABLE, World
from evals.recovery_differences import Difference
from evals.recovery_stream import returns
from evals.recovery_truth import SPREAD, Truth, scaled, true_figures
from tools.recovery_figures import shipped_figures


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    again = [World.drawn(3, 30).nets(ARMS[PROPOSAL](World.drawn(3, 30))) for _ in range(2)]
    other = World.drawn(4, 30)

    assert again[0] == again[1]
    assert again[0] != other.nets(ARMS[PROPOSAL](other))


def test_who_sends_the_same_pieces_the_same_way_gets_the_same() -> None:
    world = World.drawn(1, 200)
    ours, theirs = (ARMS[name](world) for name in (PROPOSAL, TABLE))

    alike = [goods for goods in world.stream if nonzero(ours(goods)) == nonzero(theirs(goods))]
    assert len(alike) > 50
    for goods in alike:
        assert world.truth.net_minor(goods, ours(goods)) == world.truth.net_minor(goods, theirs(goods))


def nonzero(split: dict[Disposition, int]) -> dict[Disposition, int]:
    return {way: pieces for way, pieces in split.items() if pieces}


@pytest.mark.parametrize("name", {**ARMS, **POLICED})
def test_every_arm_places_every_piece(name: str) -> None:
    world = World.drawn(2, 60)
    arm = {**ARMS, **POLICED}[name](world)

    for goods in world.stream:
        assert sum(arm(goods).values()) == goods.quantity


def test_nobody_puts_more_on_the_bench_than_it_takes() -> None:
    places, world = shipped_figures().repair_places.values, World.drawn(2, 300)
    for name in (PROPOSAL, TABLE):
        arm = {**ARMS, **POLICED}[name](world)
        repaired = [
            (arm(goods).get(Disposition.REPAIR, 0), places[goods.facility_id]) for goods in world.stream
        ]
        assert any(pieces for pieces, _ in repaired)
        assert all(pieces <= most for pieces, most in repaired)


def test_the_true_figures_are_not_those_believed_and_never_leave_their_bounds() -> None:
    believed, true = shipped_figures(), true_figures(shipped_figures(), 1, doubt=4)

    for name in SPREAD:
        assert getattr(believed, name) != getattr(true, name)
    for chances in (true.sale_chance_permille.values, *true.supplier_approval_permille.values.values()):
        assert all(0 <= chance <= 1_000 for chance in chances.values())
    assert true_figures(shipped_figures(), 1, doubt=0) == believed


def test_what_is_not_done_stays_not_done_however_wrong_the_figures_are() -> None:
    twice = scaled(shipped_figures(), {"b_stock_basis_points": 2.0})

    assert twice.b_stock_basis_points.values["chemical"][Grade.A] is None
    assert twice.b_stock_basis_points.values["power_tool"][Grade.A] == 10_000
    assert twice.b_stock_basis_points.values["power_tool"][Grade.C] == 5_000


def test_what_is_claimed_where_no_supplier_takes_it_brings_only_costs() -> None:
    truth = Truth(shipped_figures(), 1)
    refused = [goods for goods in returns(1, 100) if goods.ground is None]

    assert refused
    for goods in refused:
        assert truth.net_minor(goods, {Disposition.RETURN_TO_VENDOR: goods.quantity}) < 0


def test_a_difference_wins_only_with_its_whole_interval() -> None:
    sure, unsure = Difference.of([300, 310, 305], [100, 110, 100]), Difference.of([300, 100], [100, 290])

    assert (sure.wins, sure.loses, sure.won) == (True, False, 3)
    assert (unsure.wins, unsure.loses) == (False, False)
    assert Difference.of([100, 110], [300, 311]).loses


def test_the_command_prints_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    net_recovery.main(seeds=2, count=10, fewer=2)

    printed = capsys.readouterr().out
    for heading in (
        "who decides",
        "Where it does not win",
        "one table of figures off",
        "the worst",
        "times as far",
    ):
        assert heading in printed
