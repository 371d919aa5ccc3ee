"""What was sent for a return that ended without its goods stays at stake on the order."""

import pytest

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.domain.errors import PermitRefused
from backhaul.store import cases, ledger, rmas
from backhaul.store.effect_tables import RmaRow
from tests.house import House, Wanted, propose_together
from tests.tools.bypass_attacks import claims_of
from tests.tools.test_gateway import entered, permitted, spend, token_of
from tests.workflows.test_all_lines import waiting
from tests.workflows.test_approvals import ARNE, decide
from tests.workflows.test_closing import cancels, days_pass

pytestmark = pytest.mark.bypass

ORDER, BEARINGS, BELTS = "SO-15086", 1, 2
BELT_MINOR, BEARING_MINOR = 1_870, 860
LABEL = "VBT-AX40 on the sleeve"


def a_replaced_return(house: House) -> RmaRow:
    """Six belts that were replaced, and a bearing to be credited, on one RMA."""
    wanted = [
        Wanted(ORDER, BEARINGS, 1, Reason.WRONG_ITEM, received_words=LABEL),
        Wanted(ORDER, BELTS, 6, Reason.WRONG_ITEM, Resolution.REPLACEMENT, received_words=LABEL),
    ]
    sent = propose_together(house.desk, wanted, words=f"you sent the wrong items, we received {LABEL}")
    with house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)
        assert [one.quantity for one in rmas.replacements(uow, rma.id)] == [6]
    return rma


def approve_closing(house: House, rma: RmaRow) -> None:
    (review,) = waiting(house, rma, Action.CANCEL_RMA)
    decide(house, review.id, ARNE)


def at_stake(house: House, order: str = ORDER) -> int:
    with house.store.read() as uow:
        return ledger.paid_out_minor(uow, order)


def test_replaced_pieces_are_at_stake_once_while_the_return_is_open_and_stay_when_it_is_cancelled(
    house: House,
) -> None:
    rma = a_replaced_return(house)
    assert at_stake(house) == 6 * BELT_MINOR + BEARING_MINOR

    cancels(house, rma.id)
    approve_closing(house, rma)

    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "cancelled"
    assert at_stake(house) == 6 * BELT_MINOR


def test_they_stay_when_it_expires(sqlite_house: House) -> None:
    rma = a_replaced_return(sqlite_house)
    days_pass(sqlite_house, 40)

    approve_closing(sqlite_house, rma)

    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "expired"
    assert at_stake(sqlite_house) == 6 * BELT_MINOR


def test_a_return_that_nothing_was_sent_for_leaves_nothing_at_stake(sqlite_house: House) -> None:
    wanted = [Wanted(ORDER, BELTS, 6, Reason.WRONG_ITEM, received_words=LABEL)]
    sent = propose_together(sqlite_house.desk, wanted, words=f"wrong item, we received {LABEL}")
    with sqlite_house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)

    cancels(sqlite_house, rma.id)

    assert at_stake(sqlite_house) == 0


def test_the_next_request_on_the_order_is_judged_with_what_was_sent_before(sqlite_house: House) -> None:
    rma = a_replaced_return(sqlite_house)
    cancels(sqlite_house, rma.id)
    approve_closing(sqlite_house, rma)

    sent = sqlite_house.propose(ORDER, BEARINGS, 2, Reason.NO_LONGER_NEEDED, words="two are not needed")

    with sqlite_house.store.read() as uow:
        verdict = cases.newest_verdict(uow, sent.proposals[0][0])
    assert verdict is not None
    assert verdict.facts["order_paid_out_usd_minor"] == 6 * BELT_MINOR
    assert at_stake(sqlite_house, "SO-15122") == 0


def test_the_gateway_counts_them_too_whatever_a_permit_says(house: House) -> None:
    rma = a_replaced_return(house)
    cancels(house, rma.id)
    approve_closing(house, rma)
    judged = permitted(house)
    before, value = entered(house), 4 * BEARING_MINOR
    assert claims_of(token_of(judged)).exposure_minor == 6 * BELT_MINOR + value

    claims = claims_of(token_of(judged)).model_copy(update={"exposure_minor": value})
    forgetful = house.world.guard.signer.sign(claims)
    with house.store.begin() as uow:
        row = ledger.permit(uow, claims.permit_id)
        assert row is not None
        row.token = forgetful
    with pytest.raises(PermitRefused, match="exposure"):
        spend(house, forgetful, judged)

    assert entered(house) == before
