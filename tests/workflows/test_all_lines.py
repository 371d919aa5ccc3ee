"""An effect on a whole RMA is judged for every line of it, and the severest verdict holds."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import pytest

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.store import cases, ledger, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from tests.house import House, Wanted, propose_together
from tests.workflows.test_approvals import ARNE, decide, failed_rules, newest_verdict
from tests.workflows.test_closing import cancels, days_pass

pytestmark = pytest.mark.bypass

ORDER = "SO-14945"
WORDS = "You sent the wrong items, we received CTR-018-120 instead of what we ordered"
EXCHANGED = Wanted(ORDER, 5, 10, Reason.WRONG_ITEM, Resolution.REPLACEMENT, received_words="CTR-018-120")
CREDITED = Wanted(ORDER, 1, 1, Reason.WRONG_ITEM, Resolution.CREDIT, received_words="CTR-018-120")
BOTH_ORDERS = pytest.mark.parametrize(
    "lines",
    [
        pytest.param([EXCHANGED, CREDITED], id="the replaced line first"),
        pytest.param([CREDITED, EXCHANGED], id="the replaced line last"),
    ],
)


def one_rma(house: House, lines: Sequence[Wanted]) -> RmaRow:
    """An RMA with these lines, agreed to in one consent, that went through without a person."""
    sent = propose_together(house.desk, lines, words=WORDS)
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        assert len(rmas.rma_lines(uow, rma.id)) == len(lines)
        assert not reviews.reviews_of_case(uow, sent.case_id)
    return rma


@dataclass(frozen=True)
class Stands:
    """How an RMA stands, and what is at stake on its order."""

    state: str
    usable_label: bool
    at_stake: int


def stands(house: House, rma: RmaRow) -> Stands:
    with house.store.read() as uow:
        state = rmas.rma(uow, rma.id).state
        usable = rmas.live_label(uow, rma.id) is not None
        return Stands(state, usable, ledger.paid_out_minor(uow, ORDER))


def waiting(house: House, rma: RmaRow, action: Action) -> list[ReviewRow]:
    with house.store.read() as uow:
        found = reviews.reviews_of_case(uow, rma.case_id)
    return [one for one in found if one.action == action.value and one.state == "open"]


def line_of(house: House, review: ReviewRow) -> int:
    with house.store.read() as uow:
        return cases.proposal(uow, review.proposal_id or "").order_line


@BOTH_ORDERS
def test_a_return_with_a_replaced_line_is_not_cancelled_without_a_person(
    house: House, lines: list[Wanted]
) -> None:
    rma = one_rma(house, lines)
    with house.store.read() as uow:
        assert [one.quantity for one in rmas.replacements(uow, rma.id)] == [10]
    before = stands(house, rma)

    assert cancels(house, rma.id)["state"] == "review"

    assert stands(house, rma) == before
    (review,) = waiting(house, rma, Action.CANCEL_RMA)
    assert line_of(house, review) == 5
    assert failed_rules(newest_verdict(house, review.id)) == ["CANCEL-SETTLED"]


@BOTH_ORDERS
def test_a_return_with_a_replaced_line_does_not_expire_without_a_person(
    sqlite_house: House, lines: list[Wanted]
) -> None:
    rma = one_rma(sqlite_house, lines)
    before = stands(sqlite_house, rma)

    days_pass(sqlite_house, 40)

    assert stands(sqlite_house, rma) == before
    (review,) = waiting(sqlite_house, rma, Action.CANCEL_RMA)
    assert line_of(sqlite_house, review) == 5


@BOTH_ORDERS
def test_what_a_person_approved_for_the_line_that_decided_closes_the_whole_return(
    sqlite_house: House, lines: list[Wanted]
) -> None:
    rma = one_rma(sqlite_house, lines)
    cancels(sqlite_house, rma.id)
    (review,) = waiting(sqlite_house, rma, Action.CANCEL_RMA)

    decide(sqlite_house, review.id, ARNE)

    assert stands(sqlite_house, rma).state == "cancelled"
    with sqlite_house.store.read() as uow:
        spent = ledger.command(uow, f"{rma.id}:cancel_rma:1")
        assert spent is not None
        permit = ledger.permit(uow, spent.permit_id or "")
    assert permit is not None
    assert permit.command_digest == newest_verdict(sqlite_house, review.id).command_digest


def test_each_line_that_was_replaced_needs_a_yes_of_its_own(sqlite_house: House) -> None:
    other = Wanted(ORDER, 2, 1, Reason.WRONG_ITEM, Resolution.REPLACEMENT, received_words="CTR-018-120")
    rma = one_rma(sqlite_house, [EXCHANGED, other])
    cancels(sqlite_house, rma.id)
    (first,) = waiting(sqlite_house, rma, Action.CANCEL_RMA)

    decide(sqlite_house, first.id, ARNE)

    assert stands(sqlite_house, rma).state == "labelled"
    (second,) = waiting(sqlite_house, rma, Action.CANCEL_RMA)
    assert {line_of(sqlite_house, one) for one in (first, second)} == {5, 2}
    decide(sqlite_house, second.id, ARNE)
    assert stands(sqlite_house, rma).state == "cancelled"


def test_two_lines_that_nothing_was_sent_for_are_cancelled_by_themselves(sqlite_house: House) -> None:
    other = Wanted(ORDER, 5, 2, Reason.WRONG_ITEM, Resolution.CREDIT, received_words="CTR-018-120")
    rma = one_rma(sqlite_house, [CREDITED, other])

    assert cancels(sqlite_house, rma.id) == {"state": "cancelled"}

    assert stands(sqlite_house, rma).at_stake == 0


@BOTH_ORDERS
def test_no_label_is_bought_for_a_parcel_with_dangerous_goods_in_any_line(
    sqlite_house: House, lines: list[Wanted]
) -> None:
    """The catalogue is corrected after the return was authorised; the customer asks for another label."""
    rma = one_rma(sqlite_house, lines)
    with sqlite_house.store.read() as uow:
        sku = next(one.sku for one in rmas.rma_lines(uow, rma.id) if one.order_line == 5)
    with closing(sqlite3.connect(sqlite_house.settings.erp_path)) as erp, erp:
        assert erp.execute("UPDATE item SET hazmat = 1 WHERE sku = ?", (sku,)).rowcount == 1

    with sqlite_house.store.begin() as uow:
        again = [rma.id, "contact:C-1001-1"]
        sqlite_house.engine.start(uow, workflow="reprint-label", workflow_id="again", args=again)

    assert sqlite_house.engine.results["again"]["state"] == "with a person"
    with sqlite_house.store.read() as uow:
        assert len(rmas.labels(uow, rma.id)) == 1
        (review,) = reviews.reviews_of_case(uow, rma.case_id)
    assert f"{ORDER}/5" in review.why
    assert "dangerous goods" in review.why
