"""Where goods are likely to go is told from where such goods went, and leans on more where few did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Disposition, Grade
from backhaul.store import cases
from backhaul.store.signal_tables import DispositionTallyRow
from tests.dock import counts, settles
from tests.house import House
from tests.tools.bench import bench
from tools.disposition_forecast import KNOWN, Kind, Tally, forecast
from tools.disposition_history import forecast_for

WELL = Kind("bearing", "no_longer_needed", "unopened", "a week", "25 USD")
BROKEN = Kind("bearing", "defective", "broken", "a month", "25 USD")


def test_nothing_on_record_is_no_forecast() -> None:
    assert forecast(WELL, []) is None


def test_the_sentence_tells_of_how_many_and_how_they_went() -> None:
    found = forecast(WELL, [Tally(WELL, Disposition.RESTOCK, 33), Tally(WELL, Disposition.SCRAP, 8)])

    assert found is not None
    assert found.likeliest is Disposition.RESTOCK
    assert found.why.startswith("Of 41 returns of bearing with the reason no longer needed")
    assert found.why.endswith("33 went to restock, 8 went to scrap.")


def test_goods_of_a_rare_kind_lean_on_others_with_the_reason_and_common_ones_on_themselves() -> None:
    others = [Tally(Kind("chemical", "defective", "used", "a week", "25 USD"), Disposition.SCRAP, 200)]
    rare = forecast(BROKEN, [*others, Tally(BROKEN, Disposition.REPAIR, 1)])
    common = forecast(BROKEN, [*others, Tally(BROKEN, Disposition.REPAIR, 100)])

    assert rare is not None
    assert common is not None
    assert rare.likeliest is Disposition.SCRAP
    assert common.shares[Disposition.REPAIR] > 0.9


@given(
    st.dictionaries(st.tuples(st.sampled_from([WELL, BROKEN]), st.sampled_from(KNOWN)), st.integers(1, 99))
)
def test_shares_add_up_to_one_and_none_is_ever_impossible(
    counted: dict[tuple[Kind, Disposition], int],
) -> None:
    found = forecast(WELL, [Tally(kind, way, times) for (kind, way), times in counted.items()])

    assert (found is None) == (not counted)
    if found is not None:
        assert sum(found.shares.values()) == pytest.approx(1)
        assert all(share > 0 for share in found.shares.values())
        assert 0 <= found.sold_again_permille <= 1_000


def test_what_the_erp_does_not_tell_is_not_guessed() -> None:
    told = {"product_class": "bearing", "days_since_delivery": 5, "unit_price_usd_minor": 860}

    assert Kind.of(told, reason="defective", condition="used") is not None
    for name in told:
        assert Kind.of({**told, name: None}, reason="defective", condition="used") is None


def test_goods_that_the_dock_settled_teach_the_forecast(house: House) -> None:
    one = bench(house)
    goods = counts(house, one.rma, 4)
    settles(house, goods, Disposition.RESTOCK, grade=Grade.A)

    with house.store.read() as uow:
        (row,) = uow.session.query(DispositionTallyRow).all()
        assert (row.product_class, row.reason, row.chosen, row.times) == (
            "bearing",
            Reason.NO_LONGER_NEEDED.value,
            "restock",
            1,
        )
        proposal = cases.proposal(uow, one.proposal_id)
        verdict = cases.newest_verdict(uow, proposal.id)
        assert verdict is not None
        found = forecast_for(uow, proposal.line_id, verdict.facts)
    assert found is not None
    assert found.likeliest is Disposition.RESTOCK
