"""Credits for goods that stay: agreed to as such, decided by the policy or by a person, posted once."""

import pytest

from backhaul.domain.codes import Action
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, reviews
from backhaul.store.conversation import Photo
from backhaul.store.tables import ProposalRow, ReviewRow
from tests.agent.talking import last_words
from tests.house import House
from tests.workflows.test_approvals import ARNE, decide

GLOVES = "2 pairs of the gloves GLV-CUT5-L from SO-15122 do not work, they are defective, torn at the seam."
BEARINGS_KEPT = (
    "4 of the bearings BRG-6205-2RS from SO-15086 are not as described, the seals are a different colour. "
    "We keep them for a discount."
)


def review_of(house: House, thread: str) -> ReviewRow:
    with house.store.read() as uow:
        found = reviews.review_of_request(uow, proposal_of(house, thread))
    assert found is not None
    return found


def photos(house: House, count: int) -> tuple[Photo, ...]:
    contents = [f"a torn glove, {number}".encode() for number in range(count)]
    return tuple(
        Photo(house.desk.blobs.put(one), f"{at}.jpg", "image/jpeg", len(one), None, None)
        for at, one in enumerate(contents)
    )


def proposal_of(house: House, thread: str) -> ProposalRow:
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread)
        (row,) = cases.proposals(uow, case_id=case.id)
    return row


def test_a_cheap_thing_shown_in_two_photos_is_refunded_and_stays(house: House) -> None:
    thread = house.thread()

    shown = house.say(thread, f"{GLOVES} Credit please.", photos=photos(house, 2))
    done = house.say(thread, "yes")

    assert "You keep it, nothing is sent back, and the price you paid is credited" in shown.reply
    assert proposal_of(house, thread).action == Action.RETURNLESS_REFUND.value
    (memo,) = house.world.erp.credit_memos("SO-15122")
    assert memo.goods.minor == 2 * 1090
    assert f"credit memo {memo.number} of {memo.amount}" in done.reply
    assert done.reply.endswith("You keep the goods; nothing needs to be sent back.")
    assert "RMA" not in done.reply


def test_without_photos_the_same_thing_comes_back(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    shown = sqlite_house.say(thread, f"{GLOVES} Credit please.")
    sqlite_house.say(thread, "yes")

    assert "You want credit to your account" in shown.reply
    assert proposal_of(sqlite_house, thread).action == Action.CREATE_RMA.value
    assert sqlite_house.world.erp.credit_memos("SO-15122") == ()


def test_an_allowance_waits_for_a_person_and_is_credited_when_they_approve(house: House) -> None:
    thread = house.thread()

    shown = house.say(thread, BEARINGS_KEPT, photos=photos(house, 2))
    parked = house.say(thread, "yes")

    assert "a colleague decides whether what you paid is credited" in shown.reply
    assert parked.outcome == "review"
    waits = review_of(house, thread)
    assert (waits.action, waits.state) == (Action.RETURNLESS_REFUND.value, ReviewState.OPEN.value)
    assert house.world.erp.credit_memos("SO-15086") == ()

    decide(house, waits.id, ARNE)
    house.conversation().run_pending(thread)

    (memo,) = house.world.erp.credit_memos("SO-15086")
    assert (memo.quantity, memo.return_freight.minor) == (4, 0)
    assert f"credit memo {memo.number} of {memo.amount}" in last_words(house, thread)
    assert proposal_of(house, thread).state == "permitted"


def test_an_allowance_that_a_person_turns_down_is_told_with_the_reason(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    sqlite_house.say(thread, BEARINGS_KEPT, photos=photos(sqlite_house, 2))
    sqlite_house.say(thread, "yes")

    decide(sqlite_house, review_of(sqlite_house, thread).id, ARNE, yes=False)
    sqlite_house.conversation().run_pending(thread)

    assert "could not approve it" in last_words(sqlite_house, thread)
    assert sqlite_house.world.erp.credit_memos("SO-15086") == ()


@pytest.mark.parametrize(
    "words",
    [
        "You charged us the wrong price for 4 of the bearings BRG-6205-2RS on SO-15086.",
        "You billed us more than agreed for 4 of the bearings BRG-6205-2RS on SO-15086. We keep them.",
        "We were overcharged on SO-15086, 4 of the BRG-6205-2RS. Please give us a partial credit.",
    ],
)
def test_a_price_above_the_agreed_one_goes_to_a_person_and_moves_no_goods(
    sqlite_house: House, words: str
) -> None:
    thread = sqlite_house.thread()

    told = sqlite_house.say(thread, words)

    assert told.outcome == "review"
    assert "You keep 4 x Deep groove ball bearing 6205, and nothing is sent back." in told.reply
    assert "Nothing is promised yet." in told.reply
    with sqlite_house.store.read() as uow:
        (task,) = reviews.open_reviews_of_thread(uow, thread)
    assert "4 x BRG-6205-2RS of SO-15086/1" in task.why
    assert task.proposal_id is None
