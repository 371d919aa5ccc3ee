"""A technician's shorthand becomes a case on the desk: what is clear, what is not, how urgent, once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.domain.news import KINDS
from backhaul.intake.entering import Outcome, State
from backhaul.intake.items import NotedItem, item_from
from backhaul.intake.notes import Note, NotesIntake
from backhaul.store import cases, conversation, notes, review_order, reviews
from backhaul.store.house_tables import AuditRow, LetterRow
from backhaul.store.tables import ProposalRow
from backhaul.workflows.sweep import tick
from tests.house import House

CONTACTORS = (
    "SO-15036: 2x CTR-025-024 coil burnt out DOA, swap out.\n"
    "also 1 CTR-032-024 wrong coil v, recvd 120V one. need repl"
)
BEARINGS = "cust rtn 3 ea 6205 brgs off SO-15086, noisy after 1 wk. belt BX54 x2 not needed -> credit"
DRIVE = "VFD 50hp tripping OC on pwrup, line down!! SO-15093. want RMA + repl asap"


def items_of(house: House, taken: Outcome) -> list[NotedItem]:
    with house.store.read() as uow:
        note = notes.of_case(uow, taken.case_id)
        assert note is not None
        return [item_from(row.item) for row in notes.items(uow, note.id)]


def review_of(house: House, taken: Outcome) -> Any:
    with house.store.read() as uow:
        return reviews.review(uow, taken.review_id)


def test_several_things_in_one_note_are_several_claims_each_with_its_own_words(
    sqlite_house: House, intake: NotesIntake
) -> None:
    taken = intake.take(Note(BEARINGS, account="A-1001"))

    bearings, belts = items_of(sqlite_house, taken)
    assert (taken.state, taken.items, taken.clear) == (State.CREATED, 2, 2)
    assert (bearings.order_number, bearings.line, bearings.quantity) == ("SO-15086", 1, 3)
    assert (belts.line, belts.quantity, belts.reason, belts.resolution) == (
        2,
        2,
        "no_longer_needed",
        "credit",
    )
    assert belts.said is not None
    assert [BEARINGS[start:end] for start, end in belts.said["spans"]["item_words"]] == ["belt BX54"]


def test_two_parts_of_a_kind_in_one_note_stay_two(sqlite_house: House, intake: NotesIntake) -> None:
    first, second = items_of(sqlite_house, intake.take(Note(CONTACTORS, account="A-1001")))

    assert (first.sku, first.quantity, first.reason) == ("CTR-025-024", 2, "defective")
    assert (second.sku, second.quantity) == ("CTR-032-024", 1)


def test_what_the_note_does_not_say_is_left_open_and_named(sqlite_house: House, intake: NotesIntake) -> None:
    taken = intake.take(Note(DRIVE))

    (drive,) = items_of(sqlite_house, taken)
    assert (drive.order_number, drive.quantity, drive.resolution) == ("SO-15093", 0, "")
    assert drive.lacks == ("quantity", "resolution")
    assert "not all of it is clear" in review_of(sqlite_house, taken).why


def test_an_article_that_fits_several_orders_is_left_to_a_person_with_all_of_them(
    sqlite_house: House, intake: NotesIntake
) -> None:
    (relays,) = items_of(sqlite_house, intake.take(Note("2 relays dead", account="A-1001")))

    assert (relays.order_number, relays.lacks) == ("", ("item",))
    assert len(relays.candidates) > 1


def test_the_order_of_the_record_is_read_with_the_words_and_shown_with_them(
    sqlite_house: House, intake: NotesIntake
) -> None:
    taken = intake.take(Note("3 ea 6205 brgs noisy after 1 wk, credit pls", order="SO-15086"))

    (bearings,) = items_of(sqlite_house, taken)
    assert (bearings.order_number, bearings.line, bearings.quantity) == ("SO-15086", 1, 3)
    with sqlite_house.store.read() as uow:
        said = conversation.messages(uow, cases.case(uow, taken.case_id).thread_id)
    assert [one.body for one in said] == ["3 ea 6205 brgs noisy after 1 wk, credit pls\nOrder: SO-15086"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (DRIVE, 3),
        ("SO-15086: 2 ea 6205 brg smoking after 10 min, shut it off. credit", 3),
        ("SO-15086: 2 ea 6205 brg under recall per mfr letter, credit", 3),
        ("SO-15093: both VFD 50hp not needed, job cancelled, credit", 2),
        ("SO-15086: 2 ea 6205 brg noisy, no injuries, no hazard. credit", 1),
        ("SO-15086: 2 ea 6205 brg noisy. cust asked me to recall the last visit. credit", 1),
        ("thx for the donuts, great crew, see you at the bbq on friday", 0),
    ],
)
def test_danger_and_standstill_come_first_then_value_and_small_talk_last(
    sqlite_house: House, intake: NotesIntake, words: str, place: int
) -> None:
    taken = intake.take(Note(words, account="A-1001"))

    review = review_of(sqlite_house, taken)
    hours = (review.priority - review_order.priority_of(0, review.opened_at)) / 3_600
    assert (hours == 7 * 24, 12 < hours < 24, 0 < hours < 12, hours == 0).index(True) == 3 - place
    assert taken.urgent is (place == 3)


def test_what_is_urgent_is_due_within_hours_and_the_rest_within_a_working_day(
    sqlite_house: House, intake: NotesIntake
) -> None:
    urgent = review_of(sqlite_house, intake.take(Note(DRIVE)))
    usual = review_of(sqlite_house, intake.take(Note(BEARINGS, account="A-1001")))

    hours = sqlite_house.store.hours
    assert round((urgent.due_at - urgent.opened_at) / timedelta(hours=1), 3) == 4
    assert round(hours.between(usual.opened_at, usual.due_at) / hours.day, 3) == 1


def test_what_is_at_stake_is_the_value_of_what_may_come_back(
    sqlite_house: House, intake: NotesIntake
) -> None:
    taken = review_of(sqlite_house, intake.take(Note(DRIVE)))

    line = sqlite_house.desk.erp.order_line("SO-15093", 1)
    assert line is not None
    # The note does not say how many, so both count.
    assert (taken.value_minor, taken.currency) == (2 * line.unit_price.minor, "USD")


def test_a_note_asks_for_nothing_and_tells_nobody(sqlite_house: House, intake: NotesIntake) -> None:
    taken = intake.take(Note(BEARINGS, account="A-1001", author="D. Ruiz"))
    tick(sqlite_house.world)

    with sqlite_house.store.read() as uow:
        thread = conversation.thread(uow, cases.case(uow, taken.case_id).thread_id)
        assert (thread.channel, thread.contact_name, thread.opened_by) == ("note", "D. Ruiz", "cli:ann")
        assert conversation.threads_to_answer(uow, KINDS) == []
        assert uow.session.scalars(sa.select(ProposalRow)).all() == []
        assert uow.session.scalars(sa.select(LetterRow)).all() == []


def test_what_was_taken_in_stands_in_the_audit_log_without_its_words(
    sqlite_house: House, intake: NotesIntake
) -> None:
    taken = intake.take(Note(DRIVE, author="D. Ruiz", external_id="T-1"))

    with sqlite_house.store.read() as uow:
        told = uow.session.scalars(sa.select(AuditRow).where(AuditRow.chain == taken.case_id)).all()
    assert [row.tag for row in told] == ["agent:case:opened", "guard:review:opened", "intake:note:taken_in"]
    assert {row.actor for row in told} == {"cli:ann"}
    assert [row.facts for row in told if "Ruiz" in str(row.facts) or "tripping" in str(row.facts)] == []


@pytest.mark.parametrize(
    ("note", "field"),
    [
        (Note(""), "note"),
        (Note("x" * 10_001, account="A-1001"), "note"),
        (Note("relay dead"), "account"),
        (Note("relay dead", account="Nobody Inc"), "account"),
        (Note("relay dead", contact="who@nowhere.example"), "contact"),
        (Note("relay dead", order="SO-99999"), "order"),
        (Note("relay dead", serial="ZZ-1"), "serial"),
        (Note("relay dead", account="A-1002", order="SO-15093"), "account"),
        (Note("SO-15093 and SO-15118 mixed up"), "account"),
        (Note("relay dead", account="A" * 201), "account"),
    ],
)
def test_a_note_that_cannot_be_placed_says_where_it_fails_and_what_to_do(
    intake: NotesIntake, note: Note, field: str
) -> None:
    taken = intake.take(note)

    assert (taken.state, taken.field, bool(taken.why), bool(taken.to_do)) == (State.BAD, field, True, True)


def test_a_note_of_tomorrow_is_a_mistake(sqlite_house: House, intake: NotesIntake) -> None:
    in_a_week = sqlite_house.desk.clock.now().date() + timedelta(days=7)

    assert intake.take(Note(DRIVE, noted_on=in_a_week)).field == "noted_on"


def test_an_account_is_found_by_name_contact_order_and_serial(
    sqlite_house: House, intake: NotesIntake
) -> None:
    contact = sqlite_house.desk.erp.contacts("A-1001")[0]
    drive = sqlite_house.desk.erp.order_line("SO-15093", 1)
    assert drive is not None
    found = [
        intake.take(Note("one", account="harbor  MECHANICAL")),
        intake.take(Note("two", contact=contact.email.upper())),
        intake.take(Note("three", order="so-15093")),
        intake.take(Note("four", serial=drive.serials[0])),
        intake.take(Note(f"five {drive.serials[1].lower()} trips")),
    ]

    assert [one.account_id for one in found] == ["A-1001"] * 5


def test_the_same_number_again_is_a_duplicate_of_its_case(intake: NotesIntake) -> None:
    first = intake.take(Note(DRIVE, external_id="T-1"))
    again = intake.take(Note(DRIVE, external_id="T-1"))
    other_words = intake.take(Note("SO-15093 fixed on site", external_id="T-1"))

    assert [one.state for one in (again, other_words)] == [State.DUPLICATE, State.DUPLICATE]
    assert {again.case_id, other_words.case_id} == {first.case_id}
    assert "other words" in other_words.why
    assert "other words" not in again.why


def test_one_number_for_two_accounts_is_a_mistake_and_no_duplicate(intake: NotesIntake) -> None:
    intake.take(Note(DRIVE, external_id="T-1"))

    assert intake.take(Note("SO-15118 e-stop cracked", external_id="T-1")).field == "external_id"


def test_the_same_words_within_thirty_days_are_the_same_note(
    sqlite_house: House, intake: NotesIntake
) -> None:
    today = sqlite_house.desk.clock.now().date()
    first = intake.take(Note(BEARINGS, account="A-1001", noted_on=today - timedelta(days=40)))
    shouted = intake.take(
        Note(f"{BEARINGS.upper()} !", account="A-1001", noted_on=today - timedelta(days=10))
    )
    later = intake.take(Note(BEARINGS, account="A-1001", noted_on=today - timedelta(days=9)))

    assert (shouted.state, shouted.case_id) == (State.DUPLICATE, first.case_id)
    assert later.state is State.CREATED


def test_the_same_words_of_another_account_are_another_note(intake: NotesIntake) -> None:
    taken = [intake.take(Note("e-stop cracked, credit", account=account)) for account in ("A-1001", "A-1003")]

    assert [one.state for one in taken] == [State.CREATED, State.CREATED]


def test_a_serial_that_is_under_an_open_return_opens_no_second_case(
    sqlite_house: House, intake: NotesIntake
) -> None:
    drive = sqlite_house.desk.erp.order_line("SO-15093", 1)
    assert drive is not None
    submitted = sqlite_house.propose(
        "SO-15093", 1, 1, Reason.NO_LONGER_NEEDED, words="Not needed.", serials=(drive.serials[0],)
    )
    same = intake.take(Note(f"VFD 50hp sn {drive.serials[0]} faulted again, rtn, credit"))
    other = intake.take(Note(f"VFD 50hp sn {drive.serials[1]} faulted, rtn, credit"))

    assert (same.state, same.case_id) == (State.DUPLICATE, submitted.case_id)
    assert other.state is State.CREATED


def test_a_serial_on_a_note_that_nobody_has_finished_with_opens_no_second_case(
    sqlite_house: House, intake: NotesIntake
) -> None:
    drive = sqlite_house.desk.erp.order_line("SO-15093", 1)
    assert drive is not None
    first = intake.take(Note(f"VFD 50hp sn {drive.serials[0]} faulted, rtn, credit"))
    second = intake.take(Note(f"VFD 50hp sn {drive.serials[0]} still dead, customer upset, rtn for credit"))
    with sqlite_house.store.begin() as uow:
        reviews.reject(uow, reviews.review(uow, first.review_id), user_id="ST-1", note="done")
    third = intake.take(Note(f"VFD 50hp sn {drive.serials[0]} came back dead, rtn for credit"))

    assert (second.state, second.case_id) == (State.DUPLICATE, first.case_id)
    assert third.state is State.CREATED


def test_control_characters_are_kept_out_and_spans_still_fit(
    sqlite_house: House, intake: NotesIntake
) -> None:
    taken = intake.take(Note(BEARINGS.replace(" off ", " \x00off\r\n"), account="A-1001"))

    with sqlite_house.store.read() as uow:
        body = conversation.messages(uow, cases.case(uow, taken.case_id).thread_id)[0].body
    first = items_of(sqlite_house, taken)[0]
    assert "\x00" not in body
    assert first.said is not None
    assert [body[start:end] for start, end in first.said["spans"]["order_ref"]] == ["SO-15086"]


def test_what_was_kept_of_a_thing_is_read_back_the_same() -> None:
    item = NotedItem("RL-1", candidates=("SO-1/1",), lacks=("item",), said={"spans": {"sku": [[0, 3]]}})

    assert item_from(item.plain()) == item
    assert item_from({**item.plain(), "of_another_version": 1}) == replace(item)
