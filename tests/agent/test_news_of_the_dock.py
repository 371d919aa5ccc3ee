"""What the dock, the desk and finance did is told once and in clear, and promises nothing."""

from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.receiving import ReceiptKind
from backhaul.store import cases, conversation, rmas
from backhaul.store.business_clock import move_clock
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import RmaRow
from backhaul.store.house_tables import LetterRow
from backhaul.workflows.sweep import tick
from tests.agent.talking import BEARINGS, issued, last_words
from tests.dock import counts
from tests.house import SPEAKER, House

GUEST = Speaker("A-1001", "Guest", "contact:C-1001-1", order_scope="SO-15086")
_DAY = 24 * 3600


def rma_of(house: House, thread: str) -> RmaRow:
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread)
        (rma,) = rmas.rmas_of_case(uow, case.id)
    return rma


def told(house: House, thread: str) -> list[str]:
    """Everything the agent has said."""
    house.conversation().run_pending(thread)
    with house.store.read() as uow:
        return [one.body for one in conversation.messages(uow, thread) if one.author == "agent"]


def news(house: House, kind: str, *, speaker: Speaker = SPEAKER, **payload: Any) -> str:
    """The worker leaves news on a fresh thread; what is said about it."""
    thread = house.thread(speaker)
    about = {"case_id": None, "rma_id": "RMA-X", "number": "RMA-70212", "sku": "BRG-6205-2RS", "quantity": 2}
    with house.store.begin() as uow:
        conversation.append_event(uow, thread, kind, {**about, "line_id": "RL-X", **payload})
    house.conversation().run_pending(thread)
    return last_words(house, thread)


def test_a_part_that_came_leaves_the_rest_its_day(house: House) -> None:
    thread, number = issued(house, BEARINGS)
    rma = rma_of(house, thread)

    counts(house, rma, 3)
    counts(house, rma, 1)
    said = [one for one in told(house, thread) if "arrived" in one]

    until = f"{rma.return_by:%a} {rma.return_by.day} {rma.return_by:%b}"
    assert said[0].startswith(f"3 of 4 x BRG-6205-2RS of your return {number} have arrived; ")
    assert (
        f"the other 1 has until {until}. We check what came, and you hear here about your credit by "
        in said[0]
    )
    assert said[1].startswith(f"All 4 x BRG-6205-2RS of your return {number} have arrived. We check ")
    assert len(said) == 2
    assert said == [one for one in told(house, thread) if "arrived" in one]


def test_the_rest_never_has_less_than_a_fortnight_and_a_letter_says_its_day(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)
    rma = rma_of(sqlite_house, thread)
    with sqlite_house.store.begin() as uow:
        days_left = (rma.return_by - uow.clock.now().date()).days
        move_clock(uow, seconds=(days_left - 1) * _DAY, actor="test")
    counts(sqlite_house, rma, 3)

    extended = rma_of(sqlite_house, thread).return_by
    with sqlite_house.store.begin() as uow:
        assert (extended - uow.clock.now().date()).days == 14
        move_clock(uow, seconds=10 * _DAY, actor="test")
    tick(sqlite_house.world)

    assert f"the other 1 has until {extended:%a} {extended.day}" in told(sqlite_house, thread)[-1]
    with sqlite_house.store.read() as uow:
        (letter,) = uow.session.scalars(sa.select(LetterRow).where(LetterRow.key.endswith(":reminder"))).all()
    assert letter.subject == f"Your return {number}: a part is still missing"
    assert (
        f"Still to come: 1 x BRG-6205-2RS. Please send the rest so that it is handed in by {extended:%A}"
        in (letter.body)
    )


def test_goods_that_are_held_are_told_with_what_is_wrong_and_when_somebody_writes(
    sqlite_house: House,
) -> None:
    thread, number = issued(sqlite_house, BEARINGS)

    counts(sqlite_house, rma_of(sqlite_house, thread), 0, kind=ReceiptKind.EMPTY_BOX)

    said = told(sqlite_house, thread)[-1]
    assert f"for your return {number} is here, but it is not as agreed: the box was empty." in said
    assert "nothing is decided" in said
    assert "A colleague looks at it and writes to you here by " in said


def test_a_parcel_turned_away_is_told_without_the_docks_own_note(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)

    counts(sqlite_house, rma_of(sqlite_house, thread), 0, kind=ReceiptKind.REFUSED, note="looks like a fraud")

    said = told(sqlite_house, thread)[-1]
    assert f"did not take the parcel for your return {number} in" in said
    assert "stays open" in said
    assert "fraud" not in said


SHARES = [
    {"goes_to": "deduction", "reference": "DED-7", "amount": "3.00 USD"},
    {"goes_to": "invoice", "reference": "INV-9", "amount": "40.40 USD"},
    {"goes_to": "store_credit", "reference": "", "amount": "10.00 USD"},
]
POSTED = {"credit_memo": "CM-31", "amount": "53.40 USD", "shares": SHARES}


def test_a_credit_is_told_with_where_each_part_of_it_went(sqlite_house: House) -> None:
    said = news(sqlite_house, "credit_posted", **POSTED)

    assert said == (
        "Your credit for 2 x BRG-6205-2RS is posted: credit memo CM-31 of 53.40 USD. 3.00 USD covers "
        "deduction DED-7, which you had made already, 40.40 USD was taken off invoice INV-9 and 10.00 USD "
        "stays on your account for a later order."
    )


def test_who_proved_one_order_hears_of_a_credit_and_of_no_amount(sqlite_house: House) -> None:
    said = news(sqlite_house, "credit_posted", speaker=GUEST, **POSTED)
    refused = news(
        sqlite_house, "credit_refused", speaker=GUEST, message="It is a used one. It was worth 9.10 USD."
    )

    assert "Your credit for 2 x BRG-6205-2RS is posted." in said
    assert "USD" not in said + refused
    assert "INV-9" not in said
    assert "It is a used one." in refused


@pytest.mark.parametrize(
    ("more", "ends"),
    [
        ({"number": None}, "You keep the goods; nothing needs to be sent back."),
        ({"still_to_come": True}, "Please send the goods of your return RMA-70212 back all the same."),
        ({"still_to_come": False}, "for a later order."),
    ],
)
def test_a_credit_says_where_its_goods_belong(sqlite_house: House, more: dict[str, Any], ends: str) -> None:
    assert news(sqlite_house, "credit_posted", **POSTED, **more).endswith(ends)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("credit_waits", {"decided_by": "2026-12-07"}, "with a colleague, who decides by Mon 7 Dec"),
        ("exchange_waits", {"decided_by": "2026-12-07"}, "The exchange for 2 x BRG-6205-2RS"),
        ("repair_waits", {"decided_by": "2026-12-07"}, "The repair for 2 x BRG-6205-2RS"),
        (
            "credit_refused",
            {"message": "It is not ours."},
            'was refused. It is not ours. Say "talk to a person"',
        ),
        (
            "exchange_refused",
            {"message": ""},
            "The exchange for 2 x BRG-6205-2RS of your return RMA-70212 was",
        ),
        ("repair_refused", {"message": "It is worn out."}, "It is worn out."),
        (
            "instead_waits",
            {"wished": "repair_order", "refused": "It is scrap.", "decided_by": "2026-12-07"},
            "It is scrap. A colleague decides by Mon 7 Dec whether you get a credit instead.",
        ),
        (
            "exchange_ordered",
            {"order_number": "SO-20001", "ships_on": "2026-12-08"},
            "what you sent back, 2 x BRG-6205-2RS is on order SO-20001 and ships on Tue 8 Dec.",
        ),
        (
            "repair_ordered",
            {"order_number": "RP-4", "promised_on": "2026-12-18"},
            "The repair of 2 x BRG-6205-2RS is ordered, number RP-4. It is promised for Fri 18 Dec.",
        ),
        ("rma_closed", {}, "Your return RMA-70212 is finished"),
        (
            "parcel",
            {"status": "refused", "place": "Reno NV"},
            "the carrier brings it back to you",
        ),
    ],
)
def test_each_event_has_words_of_its_own(
    sqlite_house: House, kind: str, more: dict[str, Any], said: str
) -> None:
    assert said in news(sqlite_house, kind, **more)
