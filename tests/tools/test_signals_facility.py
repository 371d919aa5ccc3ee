"""The advice on buildings shows its arithmetic and prefers none without freight, bench or room."""

from dataclasses import replace

from backhaul.domain.codes import Reason
from backhaul.store import facility_advice as kept
from backhaul.store import reviews
from backhaul.workflows import facility_advice
from tests.house import House
from tools.facility_advice import Building, Dock, Goods, advise

IDLE = Dock(to_come=0, lying=0, room=500, settled_a_day=100.0)
TWO_DRIVES, SERIALS = "we no longer need the two drives", ("KX4-50-118803", "KX4-50-118804")
NEAR = Building("CMH1", "Columbus", 900, 0, IDLE)
FAR = Building("RNO1", "Reno", 2_400, 0, IDLE)
GOODS = Goods(
    pieces=4, cost_usd_minor=20_000, bench_permille=0, lying_basis_points_a_day=7, waiting_usd_minor_a_day=400
)


def test_where_the_policy_sends_them_is_not_contradicted_for_a_few_cents() -> None:
    advice = advise(GOODS, [NEAR, replace(FAR, freight_usd_minor=880)], "CMH1")

    assert advice.cheaper == ""
    assert "No other building is clearly cheaper" in advice.said


def test_a_dock_with_days_of_work_before_it_costs_its_waiting() -> None:
    busy = replace(NEAR, dock=replace(IDLE, lying=400, settled_a_day=20.0))

    advice = advise(GOODS, [busy, FAR], "CMH1")

    assert advice.cheaper == "RNO1"
    near = next(one for one in advice.buildings if one.facility_id == "CMH1")
    assert near.wait_tenths_of_days == 201
    assert near.total_usd_minor == near.freight_usd_minor + near.onward_usd_minor + near.waiting_usd_minor
    assert near.waiting_usd_minor == round((20_000 * 7 / 10_000 + 400) * 20.1)
    assert "where the policy sends them" in advice.said


def test_a_full_dock_and_one_that_nobody_quotes_are_no_alternative() -> None:
    full = replace(NEAR, dock=replace(IDLE, lying=498))
    unserved = replace(FAR, freight_usd_minor=None)

    assert advise(GOODS, [full, FAR], "CMH1").cheaper == "RNO1"
    assert "has no room: 498 pieces for 500 places" in advise(GOODS, [full, FAR], "CMH1").said
    assert advise(GOODS, [NEAR, unserved], "CMH1").cheaper == ""
    assert "No building has" in advise(GOODS, [full, unserved], "CMH1").said


def test_the_way_to_the_bench_counts_by_the_chance_that_it_is_needed() -> None:
    without = replace(NEAR, to_bench_usd_minor=2_000)
    half = advise(replace(GOODS, bench_permille=500), [without, FAR], "CMH1")

    assert next(one for one in half.buildings if one.facility_id == "CMH1").onward_usd_minor == 1_000
    assert advise(replace(GOODS, bench_permille=1_000), [without, FAR], "CMH1").cheaper == "RNO1"


def test_a_dock_that_settled_nothing_lately_has_an_unknown_wait_and_no_cost_for_it() -> None:
    (one,) = advise(GOODS, [replace(NEAR, dock=replace(IDLE, settled_a_day=None))], "CMH1").buildings

    assert (one.wait_tenths_of_days, one.waiting_usd_minor) == (None, 0)


def test_an_open_review_gets_advice_once_from_the_carriers_tariff(house: House) -> None:
    house.propose("SO-15093", 1, 2, Reason.NO_LONGER_NEEDED, words=TWO_DRIVES, serials=SERIALS)

    assert facility_advice.advise_all(house.world) == 1
    assert facility_advice.advise_all(house.world) == 0

    with house.store.read() as uow:
        (row,) = reviews.queue(uow)
        advice = kept.of_review(uow, row.id)
    assert advice is not None
    assert {one["facility_id"] for one in advice.advice["buildings"]} == {"CMH1", "RNO1", "ATL1"}
    routed = next(one for one in advice.advice["buildings"] if one["facility_id"] == advice.advice["routed"])
    assert routed["freight_usd_minor"] > 0
