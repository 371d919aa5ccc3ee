"""Supplier recovery, from the staged goods to the money: one story for each way it can go."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pypdfium2
import pytest

from backhaul.domain.audit import Tag
from backhaul.domain.claims import Answer, is_genuine, kept_as
from backhaul.domain.codes import Reason
from backhaul.domain.receiving import Finding
from backhaul.store import audit, claims, ledger, reviews
from backhaul.store.business_clock import move_clock
from backhaul.store.claims import Added, Said
from backhaul.store.conversation import Speaker
from backhaul.store.money_tables import VendorClaimRow
from backhaul.workflows import claim_answers, claim_steps
from backhaul.workflows.attest import attest_confirmed
from backhaul.workflows.sweep import tick
from tests.claims import answers, approved, goes_back, letters, newest, token_of, turned_down
from tests.dock import staff_id
from tests.house import House

pytestmark = pytest.mark.beside_browser

ROUGH = "All eight bearings run rough, they are defective"


def entered(house: House, kind: str, line_id: str) -> int:
    with house.store.read() as uow:
        return ledger.on_rma_line(uow, line_id)[kind]


def filed(house: House) -> VendorClaimRow:
    """A claim that somebody approved and that is with its supplier."""
    claim = approved(house, goes_back(house).id)
    assert claim.state == "filed", claim.why
    return claim


def tasks(house: House, claim_id: str) -> list[str]:
    """What waits for a person because of a claim."""
    with house.store.read() as uow:
        rows = reviews.reviews_of_case(uow, claims.claim(uow, claim_id).case_id)
    return [row.why for row in rows if claim_id in row.why]


def days_pass(house: House, days: int) -> None:
    with house.store.begin() as uow:
        move_clock(uow, seconds=int(timedelta(days=days).total_seconds()), actor="test")
    tick(house.world)


def test_a_complete_claim_is_filed_approved_and_credited(house: House) -> None:
    claim = goes_back(house)
    assert (claim.state, claim.missing, claim.quantity) == ("ready", [], 2)

    sent = approved(house, claim.id)

    assert sent.state == "filed", sent.why
    (letter,) = letters(house, claim.id)
    assert len(letter.attachments) == 1
    assert sent.supplier_rma in letter.body
    paid = answers(house, claim.id, Said(Answer.APPROVE))
    assert (paid.state, paid.approved_minor) == ("credited", paid.cost_minor + paid.allowance_minor)
    assert entered(house, ledger.CLAIMED, claim.rma_line_id) == 2
    assert entered(house, ledger.RECOVERED, claim.rma_line_id) == 2
    attest_confirmed(house.world)
    with house.store.read() as uow:
        booked = ledger.command(uow, f"{claim.rma_id}:vendor_credit:{claim.id}")
        assert audit.faults(uow, claim.case_id) == []
    assert booked is not None
    assert booked.attested_at is not None


def test_a_claim_that_a_person_turns_down_is_not_filed(sqlite_house: House) -> None:
    claim = turned_down(sqlite_house, goes_back(sqlite_house).id)

    assert claim.state == "refused"
    assert letters(sqlite_house, claim.id) == []


def test_a_part_is_credited_as_that_part(sqlite_house: House) -> None:
    claim = filed(sqlite_house)

    paid = answers(sqlite_house, claim.id, Said(Answer.APPROVE, 10_000, "one of them works"))

    assert (paid.state, paid.approved_minor, paid.answer) == ("credited", 10_000, "one of them works")
    with sqlite_house.store.read() as uow:
        record = claims.record_of(uow, claim.supplier_id)
    assert (record.answered, record.recovered_minor) == (1, 10_000)


@pytest.mark.parametrize("amount", [0, -1, 10**9])
def test_an_amount_that_was_not_asked_for_is_not_taken(sqlite_house: House, amount: int) -> None:
    claim = filed(sqlite_house)

    after = answers(sqlite_house, claim.id, Said(Answer.APPROVE, amount))

    assert (after.state, after.approved_minor) == ("filed", None)
    assert entered(sqlite_house, ledger.RECOVERED, claim.rma_line_id) == 0


def test_a_denial_is_a_task_with_its_reason(sqlite_house: House) -> None:
    claim = filed(sqlite_house)

    after = answers(sqlite_house, claim.id, Said(Answer.DENY, note="wired to 240 V"))

    assert after.state == "denied"
    (task,) = tasks(sqlite_house, claim.id)
    assert "wired to 240 V" in task


def test_a_question_comes_back_to_staff_and_goes_out_under_a_new_link(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)
    asked = answers(house, claim.id, Said(Answer.MORE_INFORMATION, note="which firmware?"))
    assert asked.state == "more_information"
    (task,) = tasks(house, claim.id)
    assert "which firmware?" in task

    who = staff_id(house, "rita.reviewer@halden.example")
    adds(house, claim.id, who, note="Firmware 4.2.1, reset twice")
    assert newest(house, claim.id).packet_blob != claim.packet_blob
    start(house, "claim-again", [claim.id, who, "SD-1"])

    again = newest(house, claim.id)
    first, second = letters(house, claim.id)
    assert (again.state, again.cost_minor) == ("filed", claim.cost_minor)
    assert token_of(first) != token_of(second)
    key = house.world.link_key.get_secret_value()
    assert again.link_digest == kept_as(key, token_of(second))
    assert answers(house, claim.id, Said(Answer.APPROVE)).state == "credited"


def start(house: House, workflow: str, args: list[str]) -> None:
    with house.store.begin() as uow:
        house.engine.start(uow, workflow=workflow, workflow_id=house.desk.ids.new(workflow), args=args)


def adds(house: House, claim_id: str, who: str, **what: str) -> None:
    with house.store.begin() as uow:
        claims.add_evidence(uow, Added(house.desk.ids.new("CE"), claim_id, who, **what))
    start(house, "claim-evidence", [claim_id, who])


def test_a_claim_without_a_photo_is_refused_until_there_is_one(sqlite_house: House) -> None:
    house = sqlite_house
    claim = goes_back(house, photos=0)

    assert claim.state == "incomplete"
    assert claim.missing == ["no photo of the fault: add one, from the customer or from the dock"]
    assert claim_steps.authorise_claim(house.world, claim.id)["state"] == "incomplete"
    assert claim_steps.file(house.world, claim.id)["state"] == "refused"
    assert letters(house, claim.id) == []


def test_who_may_not_work_on_claims_adds_nothing_and_sends_nothing(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)
    inspector = staff_id(house)

    start(house, "claim-again", [claim.id, inspector, "SD-1"])
    adds(house, claim.id, inspector, note="mine")

    assert len(letters(house, claim.id)) == 1
    assert newest(house, claim.id).packet_blob == claim.packet_blob


def test_an_answer_given_twice_is_one_answer(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)

    answers(house, claim.id, Said(Answer.APPROVE, 5_000))
    after = answers(house, claim.id, Said(Answer.DENY, note="changed our mind"))

    assert (after.state, after.approved_minor) == ("credited", 5_000)
    assert claim_answers.take(house.world, claims.answer_id(claim.link_digest or ""))["state"] == "credited"
    assert entered(house, ledger.RECOVERED, claim.rma_line_id) == 2


def test_an_answer_after_the_link_has_ended_changes_nothing(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)
    days_pass(house, 31)

    after = answers(house, claim.id, Said(Answer.APPROVE))

    assert after.state == "filed"
    assert any("No answer by" in task for task in tasks(house, claim.id))


def test_a_silent_supplier_is_reminded_once_with_the_same_link(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)

    days_pass(house, 15)
    tick(house.world)

    first, reminder = letters(house, claim.id)
    assert token_of(first) == token_of(reminder)
    assert reminder.attachments == []


def test_a_window_that_ends_is_told_and_written_down(sqlite_house: House) -> None:
    house = sqlite_house
    claim = goes_back(house, photos=0)
    assert claim.file_by is not None

    days_pass(house, (claim.file_by - house.world.clock.now().date()).days + 1)

    lapsed = newest(house, claim.id)
    assert lapsed.state == "lapsed"
    assert "no photo of the fault" in (lapsed.why or "")
    with house.store.read() as uow:
        assert audit.is_recorded(uow, Tag.CLAIM_LAPSED, claim.id)
    assert tasks(house, claim.id)


def test_the_packet_names_no_customer(sqlite_house: House) -> None:
    house, claim = sqlite_house, filed(sqlite_house)

    document = pypdfium2.PdfDocument(house.world.blobs.get(claim.packet_blob or ""))
    words = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()

    account = house.world.erp.account("A-1010")
    assert account is not None
    names = [account.name, *(one.name for one in house.world.erp.contacts("A-1010"))]
    assert not [name for name in [*names, "Dana", "614-555-0142", "dana@"] if name in words]
    assert "dead on arrival" in words
    assert all(serial in words for serial in claim.serials)


def test_what_the_dock_finds_to_be_no_defect_is_not_claimed(sqlite_house: House) -> None:
    seen = {"finding": Finding.DIFFERS, "found_reason": Reason.ORDERED_BY_MISTAKE.value}

    claim = goes_back(sqlite_house, "SO-15064", serials=(), quantity=8, words=ROUGH, **seen)

    assert claim.state == "refused", claim.why
    assert "takes nothing back" in (claim.why or "")


def test_bearings_of_a_lot_are_claimed_by_their_purchase_without_a_person(sqlite_house: House) -> None:
    claim = goes_back(sqlite_house, "SO-15064", serials=(), quantity=8, words=ROUGH)

    assert (claim.state, claim.supplier_id, claim.supplier_rma) == ("filed", "S-130", None)
    (bought,) = claims.bought(claim)
    assert (bought.quantity, bought.cost_minor) == (8, claim.cost_minor)


def newest_purchase(house: House, sku: str) -> str:
    """Its number, as somebody finds it in the ERP's own lists."""
    by_day = "SELECT number FROM purchase_order WHERE sku = ? ORDER BY received_on DESC"
    with closing(sqlite3.connect(house.settings.erp_path)) as books:
        number: str = books.execute(by_day, (sku,)).fetchone()[0]
    return number


def test_goods_that_nobody_can_trace_say_so(sqlite_house: House) -> None:
    claim = goes_back(
        sqlite_house,
        "SO-15110",
        serials=("CT250-90017",),
        quantity=1,
        speaker=Speaker("A-1045", "somebody", "contact:C-1045-2"),
        words="The wrench is defective, it does not click any more",
    )

    assert claim.state == "incomplete"
    assert claim.missing == ["serial CT250-90017 has no purchase order: look it up and add it"]
    who = staff_id(sqlite_house, "rita.reviewer@halden.example")
    other, right = (newest_purchase(sqlite_house, sku) for sku in ("PLC-M24E", claim.sku))
    adds(sqlite_house, claim.id, who, purchase_order=other)
    assert newest(sqlite_house, claim.id).missing == [
        f"purchase order {other} of serial CT250-90017 is for PLC-M24E of S-120"
    ]

    adds(sqlite_house, claim.id, who, purchase_order=right)

    sent = approved(sqlite_house, claim.id)
    assert (sent.state, sent.purchase_order) == ("filed", right), sent.why
    assert sent.cost_minor > 0


def test_links_are_made_with_the_key_and_only_with_it(sqlite_house: House) -> None:
    claim = filed(sqlite_house)
    (letter,) = letters(sqlite_house, claim.id)
    token, key = token_of(letter), sqlite_house.world.link_key.get_secret_value()

    assert is_genuine(key, token)
    assert not is_genuine("another key", token)
    assert not is_genuine("", token)
    assert not is_genuine(key, token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert claim.link_digest not in {token, kept_as("another key", token)}
