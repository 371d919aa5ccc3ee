"""Where a parcel stands, whatever the order in which its scans are heard."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backhaul.domain.parcel import NOT_SCANNED, Scan, of_parcel, of_return
from backhaul.domain.receiving import ParcelStatus

NINE = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
SCANNED = sorted(set(ParcelStatus) - NOT_SCANNED)


def scan(status: str, hours: int = 0, event_id: str = "e") -> Scan:
    return Scan(ParcelStatus(status), NINE + timedelta(hours=hours), event_id)


@pytest.mark.parametrize(
    ("scans", "stands"),
    [
        ([("dropped_off", 0), ("in_transit", 1)], "in_transit"),
        ([("in_transit", 1), ("dropped_off", 0)], "in_transit"),
        ([("delivered", 5), ("in_transit", 3)], "delivered"),
        ([("delivered", 5), ("in_transit", 9)], "delivered"),
        ([("exception", 2), ("in_transit", 3)], "in_transit"),
        ([("in_transit", 2), ("exception", 2)], "exception"),
        ([("refused", 4), ("delivered", 6)], "delivered"),
        ([("delivered", 4), ("refused", 6)], "refused"),
        ([("refused", 4), ("in_transit", 6)], "refused"),
    ],
)
def test_the_later_scan_counts_and_the_dock_outranks_the_way(
    scans: list[tuple[str, int]], stands: str
) -> None:
    found = of_parcel(scan(*one) for one in scans)

    assert found is not None
    assert found.status == stands


def test_a_parcel_nobody_scanned_stands_nowhere() -> None:
    assert of_parcel([]) is None
    assert of_return([]) is None


def test_a_return_has_arrived_with_its_first_parcel_and_a_refused_one_is_followed_by_the_next() -> None:
    assert of_return([scan("delivered", 1), scan("in_transit", 8)]) == scan("delivered", 1)
    assert of_return([scan("refused", 1), scan("dropped_off", 8)]) == scan("dropped_off", 8)


@given(
    st.lists(
        st.builds(scan, st.sampled_from(SCANNED), st.integers(0, 4), st.uuids().map(str)),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_any_order_and_any_repetition_tell_the_same(scans: list[Scan], chance: object) -> None:
    shuffled = scans * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert of_parcel(shuffled) == of_parcel(scans)
