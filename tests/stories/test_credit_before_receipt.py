"""A credit before receipt: asked for by one person, approved by another, told to the customer, owed once."""

from backhaul.domain.codes import Action
from backhaul.domain.receiving import Disposition
from backhaul.store import cases, reviews, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.tables import ReviewRow
from tests.agent.talking import BEARINGS, issued, last_words
from tests.dock import counts, line_of, settles, staff_id
from tests.house import House
from tests.workflows.test_approvals import ARNE, RITA, decide


def is_asked_for(house: House, who: str, times: int = 0) -> tuple[str, RmaRow, ReviewRow]:
    """A return of four bearings, and the review of its credit before receipt."""
    thread, _ = issued(house, BEARINGS)
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread)
        (rma,) = rmas.rmas_of_case(uow, case.id)
    line = line_of(house, rma)
    with house.store.begin() as uow:
        house.engine.start(
            uow,
            workflow="credit-early",
            workflow_id=f"credit-early-{rma.id}-{line.line_id}-{times}",
            args=[rma.id, line.line_id, staff_id(house, who)],
        )
    with house.store.read() as uow:
        review = reviews.review_of_proposal(uow, line.proposal_id, Action.CREDIT_MEMO, rma.id)
    assert review is not None
    return thread, rma, review


def test_it_is_posted_when_another_person_approves_and_the_goods_then_owe_nothing(house: House) -> None:
    thread, rma, review = is_asked_for(house, RITA)
    assert house.world.erp.credit_memos("SO-15086") == ()

    decide(house, review.id, ARNE)
    house.conversation().run_pending(thread)

    (memo,) = house.world.erp.credit_memos("SO-15086")
    said = last_words(house, thread)
    assert f"credit memo {memo.number} of {memo.amount}" in said
    assert said.endswith(f"Please send the goods of your return {rma.erp_number} back all the same.")

    settles(house, counts(house, rma, 4), Disposition.RESTOCK)

    assert len(house.world.erp.credit_memos("SO-15086")) == 1
    with house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "closed"


def test_who_asked_for_it_does_not_approve_it(sqlite_house: House) -> None:
    _, _, review = is_asked_for(sqlite_house, ARNE)

    decide(sqlite_house, review.id, ARNE)

    assert sqlite_house.world.erp.credit_memos("SO-15086") == ()


def test_a_refusal_is_not_told_and_the_credit_comes_with_the_goods(
    sqlite_house: House,
) -> None:
    thread, rma, review = is_asked_for(sqlite_house, RITA)
    before = last_words(sqlite_house, thread)

    decide(sqlite_house, review.id, ARNE, yes=False)
    sqlite_house.conversation().run_pending(thread)
    assert last_words(sqlite_house, thread) == before

    settles(sqlite_house, counts(sqlite_house, rma, 4), Disposition.RESTOCK)
    assert len(sqlite_house.world.erp.credit_memos("SO-15086")) == 1
