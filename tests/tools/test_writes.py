from dataclasses import replace

import pytest

from backhaul.domain.codes import Action, Condition, Reason, Resolution
from backhaul.domain.errors import BadInput, InvalidTransition, NotFound
from backhaul.domain.returns import ReturnLine
from backhaul.store import cases, reviews, rmas
from backhaul.store.conversation import Speaker
from tests.house import SPEAKER, House
from tools import proposals, writes
from tools.guard import consent_holds
from tools.proposals import Agreed, LineRequest

BEARINGS = ReturnLine(
    line_id="RL-1",
    case_id="",
    order_number="SO-15086",
    line=1,
    sku="BRG-6205-2RS",
    description="Deep groove ball bearing 6205",
    quantity=4,
    reason=Reason.NO_LONGER_NEEDED,
    condition=Condition.NOT_STATED,
    resolution=Resolution.CREDIT,
)
REQUEST = LineRequest(
    BEARINGS, words="4 are no longer needed", payload={}, reader="test", confidence_permille=990
)


def agreed(line: ReturnLine, graph_thread: str = "TH-1:1") -> Agreed:
    return Agreed("4 bearings", cases.consent_digest_of([line]), "MS-1", graph_thread, attempt=0)


def test_proposing_twice_from_one_bookmark_proposes_once(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    sent = [
        proposals.propose(
            sqlite_house.desk,
            SPEAKER,
            thread_id=thread,
            case_id=None,
            requests=[REQUEST],
            agreed=agreed(BEARINGS),
        )
        for _ in range(2)
    ]

    assert sent[0] == sent[1]
    with sqlite_house.store.read() as uow:
        assert len(cases.proposals(uow, case_id=sent[0].case_id)) == 1


def test_other_lines_than_those_agreed_to_are_refused(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    with pytest.raises(BadInput, match="read them back"):
        proposals.propose(
            sqlite_house.desk,
            SPEAKER,
            thread_id=thread,
            case_id=None,
            requests=[REQUEST],
            agreed=agreed(replace(BEARINGS, quantity=5)),
        )
    with sqlite_house.store.read() as uow:
        assert cases.cases_of_thread(uow, thread) == []


def test_a_yes_to_a_return_is_none_to_keeping_the_goods(sqlite_house: House) -> None:
    stays = replace(REQUEST, action=Action.RETURNLESS_REFUND)

    with pytest.raises(BadInput, match="read them back"):
        proposals.propose(
            sqlite_house.desk,
            SPEAKER,
            thread_id=sqlite_house.thread(),
            case_id=None,
            requests=[stays],
            agreed=agreed(BEARINGS),
        )


def test_the_guard_finds_no_yes_where_the_act_is_another_one_than_was_agreed_to(sqlite_house: House) -> None:
    sent = sqlite_house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="4 are no longer needed")
    with sqlite_house.store.begin() as uow:
        (row,) = cases.proposals(uow, case_id=sent.case_id)
        assert consent_holds(uow, row)
        row.action = Action.RETURNLESS_REFUND.value
        assert not consent_holds(uow, row)


def test_a_customer_proposes_no_later_effect(sqlite_house: House) -> None:
    with pytest.raises(BadInput, match="cannot ask for that"):
        proposals.propose(
            sqlite_house.desk,
            SPEAKER,
            thread_id=sqlite_house.thread(),
            case_id=None,
            requests=[replace(REQUEST, action=Action.CREDIT_MEMO)],
            agreed=agreed(BEARINGS),
        )


def test_nobody_proposes_on_an_order_of_another_account(sqlite_house: House) -> None:
    stranger = Speaker("A-1002", "Tom Day", "contact:C-1002-1")

    with pytest.raises(NotFound):
        proposals.propose(
            sqlite_house.desk,
            stranger,
            thread_id=sqlite_house.thread(stranger),
            case_id=None,
            requests=[REQUEST],
            agreed=agreed(BEARINGS),
        )


def test_an_rma_is_cancelled_and_printed_again_only_by_its_account(sqlite_house: House) -> None:
    sent = sqlite_house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="4 are no longer needed")
    with sqlite_house.store.read() as uow:
        (rma,) = rmas.rmas_of_case(uow, sent.case_id)

    with pytest.raises(NotFound):
        writes.cancel_rma(sqlite_house.desk, Speaker("A-1002", "Tom", "contact:C-1002-1"), rma.id)
    writes.create_label(sqlite_house.desk, SPEAKER, rma.id)
    writes.cancel_rma(sqlite_house.desk, SPEAKER, rma.id)

    with sqlite_house.store.read() as uow:
        assert len(rmas.labels(uow, rma.id)) == 2
        assert rmas.rma(uow, rma.id).state == "cancelled"
    with pytest.raises(InvalidTransition):
        writes.create_label(sqlite_house.desk, SPEAKER, rma.id)


def test_asking_for_a_person_twice_keeps_the_place_in_the_queue(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    first = writes.ask_person(sqlite_house.desk, SPEAKER, thread_id=thread, why="asked")
    second = writes.ask_person(sqlite_house.desk, SPEAKER, thread_id=thread, why="asked again")

    assert first.review_id == second.review_id
    with sqlite_house.store.read() as uow:
        assert len(reviews.open_reviews_of_thread(uow, thread)) == 1
