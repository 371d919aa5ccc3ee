"""Cash in limbo of one line: nothing is lost between the stages, whatever the ledger says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backhaul.domain.limbo import ENDED, LinePieces, Share, Stage, shares_of
from backhaul.domain.returns import RmaState

PIECES = some.integers(0, 9)
COUNTED = ("received", "inspected", "disposed", "credited", "replaced", "repaired", "nothing_owed")


def stages(**line: Any) -> dict[str, tuple[int, int]]:
    shares = shares_of(
        LinePieces(**{"authorised": 3, "authorised_minor": 1_000, "state": "labelled", **line})
    )
    return {one.stage.value: (one.pieces, one.minor) for one in shares}


@given(
    authorised=some.integers(1, 9),
    cents=some.integers(0, 100_000),
    state=some.sampled_from(RmaState),
    released_share=some.integers(0, 9),
    pieces=some.fixed_dictionaries(dict.fromkeys(COUNTED, PIECES)),
    is_delivered=some.booleans(),
)
def test_the_stages_of_a_line_add_up_to_what_was_authorised(
    authorised: int,
    cents: int,
    state: RmaState,
    released_share: int,
    pieces: dict[str, int],
    is_delivered: bool,
) -> None:
    released = min(released_share, authorised)
    line = LinePieces(
        authorised=authorised,
        authorised_minor=cents,
        state=state.value,
        released=released,
        released_minor=cents * released // authorised,
        is_delivered=is_delivered,
        **pieces,
    )

    shares = shares_of(line)

    assert sum(one.pieces for one in shares) == authorised
    assert sum(one.minor for one in shares) == cents
    assert all(one.pieces > 0 and one.minor >= 0 for one in shares)
    assert len({one.stage for one in shares}) == len(shares)


def test_each_piece_of_a_part_return_stands_where_it_is() -> None:
    found = stages(authorised=4, received=3, inspected=2, disposed=1, credited=1, state="received")

    assert found == {"rest": (1, 250), "to_inspect": (1, 250), "to_settle": (1, 250), "credited": (1, 250)}


def test_what_moved_and_was_not_made_good_waits_for_that() -> None:
    assert stages(received=3, inspected=3, disposed=2, credited=1, state="received") == {
        "to_settle": (1, 333),
        "to_make_good": (1, 333),
        "credited": (1, 334),
    }


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ({"state": "issued"}, "no_label"),
        ({"state": "labelled"}, "with_customer"),
        ({"state": "in_transit"}, "on_the_way"),
        ({"state": "in_transit", "is_delivered": True}, "delivered"),
        ({"state": "in_transit", "replaced": 3}, "advanced"),
        ({"state": "expired", "released": 3, "released_minor": 1_000}, "released"),
        ({"state": "expired", "replaced": 3, "released": 3, "released_minor": 1_000}, "unaccounted"),
        ({"state": "closed"}, "unaccounted"),
        ({"state": "closed", "received": 3, "disposed": 3, "nothing_owed": 3}, "nothing_owed"),
    ],
)
def test_a_line_in_one_place(line: dict[str, Any], stage: str) -> None:
    assert stages(**line) == {stage: (3, 1_000)}


def test_what_was_released_keeps_the_cents_that_the_ledger_released() -> None:
    shares = shares_of(LinePieces(3, 1_000, "closed", released=1, released_minor=333, received=2, credited=2))

    assert shares == [Share(Stage.RELEASED, 1, 333), Share(Stage.CREDITED, 2, 667)]
    assert all(one.stage in ENDED for one in shares)
