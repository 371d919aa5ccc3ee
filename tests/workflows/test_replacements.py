"""How often a piece is made good: once on its own RMA, whatever happened on other RMAs of its order line."""

import pytest

from backhaul.domain.codes import Reason, Resolution
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from tests.house import House
from tests.workflows.test_approvals import ARNE, decide, newest_verdict
from tests.workflows.test_closing import cancels

pytestmark = pytest.mark.bypass

EXCHANGE = "of the contactors are the wrong size for our rail, please exchange them"


def exchange(house: House, quantity: int) -> tuple[RmaRow, str]:
    """An RMA for some of the ten contactors of SO-14945, and the review of its replacement."""
    sent = house.propose(
        "SO-14945",
        2,
        quantity,
        Reason.WRONG_SIZE,
        words=f"{quantity} {EXCHANGE}",
        resolution=Resolution.REPLACEMENT,
    )
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        waiting = [row for row in reviews.reviews_of_case(uow, sent.case_id) if row.action == "replacement"]
    assert waiting, what_was_told(house, rma)
    return rma, waiting[0].id


def what_was_told(house: House, rma: RmaRow) -> list[dict[str, object]]:
    with house.store.read() as uow:
        thread = cases.case(uow, rma.case_id).thread_id
        return [one.payload for one in conversation.events_after(uow, thread, 0, ["replacement_refused"])]


def pieces_sent(house: House, rma: RmaRow) -> int:
    with house.store.read() as uow:
        return sum(one.quantity for one in rmas.replacements(uow, rma.id))


def test_each_rma_of_an_order_line_gets_its_own_pieces_replaced(house: House) -> None:
    first, review = exchange(house, 3)
    decide(house, review, ARNE)
    second, review = exchange(house, 4)
    decide(house, review, ARNE)

    assert (pieces_sent(house, first), pieces_sent(house, second)) == (3, 4)
    seen = newest_verdict(house, review).facts
    assert (seen["quantity_on_rma"], seen["quantity_settled"]) == (4, 0)


def test_an_rma_that_was_not_replaced_is_cancelled_though_another_of_its_line_was(
    sqlite_house: House,
) -> None:
    _, review = exchange(sqlite_house, 3)
    decide(sqlite_house, review, ARNE)
    second, _ = exchange(sqlite_house, 4)

    assert cancels(sqlite_house, second.id) == {"state": "cancelled"}


def test_a_piece_that_was_replaced_and_kept_is_not_replaced_again(sqlite_house: House) -> None:
    """All ten were replaced, and the RMA was closed without them: nothing of the line is left."""
    first, review = exchange(sqlite_house, 10)
    decide(sqlite_house, review, ARNE)
    assert cancels(sqlite_house, first.id)["state"] == "review"
    with sqlite_house.store.read() as uow:
        (waits,) = [one for one in reviews.reviews_of_case(uow, first.case_id) if one.action == "cancel_rma"]
    decide(sqlite_house, waits.id, ARNE)
    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, first.id).state == "cancelled"

    again = sqlite_house.propose(
        "SO-14945", 2, 1, Reason.WRONG_SIZE, words=f"1 {EXCHANGE}", resolution=Resolution.REPLACEMENT
    )

    with sqlite_house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, again.case_id)
    (told,) = what_was_told(sqlite_house, rma)
    assert "Asked for 1; of the RMA 0 are not made good yet" in str(told["message"])
    assert pieces_sent(sqlite_house, rma) == 0
