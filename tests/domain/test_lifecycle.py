from dataclasses import replace

import pytest

from backhaul.domain.lifecycle import RmaFacts, can_be_cancelled, rma_state
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState

AUTHORISED = RmaFacts(
    authorised=4,
    received=0,
    settled=0,
    has_erp_number=False,
    has_label=False,
    parcel=None,
    cancelled=False,
    expired=False,
)
LABELLED = replace(AUTHORISED, has_erp_number=True, has_label=True)


def test_an_rma_moves_on_with_its_facts_and_not_by_being_told() -> None:
    path = [
        AUTHORISED,
        replace(AUTHORISED, has_erp_number=True),
        LABELLED,
        replace(LABELLED, parcel=ParcelStatus.DROPPED_OFF),
        replace(LABELLED, parcel=ParcelStatus.DELIVERED, received=4),
        replace(LABELLED, parcel=ParcelStatus.DELIVERED, received=4, settled=4),
    ]

    assert [rma_state(facts).value for facts in path] == [
        "authorised",
        "issued",
        "labelled",
        "in_transit",
        "received",
        "closed",
    ]


def test_part_of_the_goods_settled_leaves_the_rma_open() -> None:
    assert rma_state(replace(LABELLED, received=4, settled=3)) is RmaState.RECEIVED


@pytest.mark.parametrize("ended", [{"cancelled": True}, {"expired": True}])
def test_goods_that_arrive_after_the_end_are_received_all_the_same(ended: dict[str, bool]) -> None:
    assert rma_state(replace(LABELLED, **ended, received=1)) is RmaState.RECEIVED


def test_a_parcel_under_way_does_not_expire() -> None:
    moving = replace(LABELLED, parcel=ParcelStatus.IN_TRANSIT, expired=True)

    assert rma_state(moving) is RmaState.IN_TRANSIT


@pytest.mark.parametrize("state", list(RmaState))
def test_only_before_the_parcel_moves_can_an_rma_be_cancelled(state: RmaState) -> None:
    assert can_be_cancelled(state) == (state.value in {"authorised", "issued", "labelled"})
