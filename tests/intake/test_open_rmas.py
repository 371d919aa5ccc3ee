"""Returns of another system become cases on record: counted where that is sound, never a right."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.intake.columns import OPEN_RMA_FIELDS, columns_of
from backhaul.intake.entering import State
from backhaul.intake.files import Done, take_open_rmas
from backhaul.intake.items import item_from
from backhaul.intake.open_rmas import OpenRmasIntake
from backhaul.intake.rows import read_sheet
from backhaul.store import cases, conversation, notes, reviews
from backhaul.store.effect_tables import RmaRow
from backhaul.store.house_tables import AuditRow
from backhaul.store.leaks import leaks
from tests.house import SPEAKER, House
from tools.reads import order_lines, return_status

pytestmark = pytest.mark.slow  # kept out of the time of a build

HEAD = "RMA;Order;Line;SKU;Qty;Reason;Authorized on;S/N\n"


def taken(intake: OpenRmasIntake, put: Any, lines: str) -> list[Done]:
    path: Path = put("rmas.csv", HEAD + lines)
    sheet = read_sheet(path)
    return list(take_open_rmas(intake, sheet, columns_of(sheet, OPEN_RMA_FIELDS)))


TWO_LINES = "20031;SO-15086;1;;4;DOA;10/30/2026;\n20031;SO-15086;;VBT-BX54;2;not needed;10/30/2026;\n"


def test_the_rows_of_one_rma_are_one_case(sqlite_house: House, open_rmas: OpenRmasIntake, put: Any) -> None:
    first, second = taken(open_rmas, put, TWO_LINES)

    assert (first.outcome.state, second.outcome.case_id) == (State.CREATED, first.outcome.case_id)
    with sqlite_house.store.read() as uow:
        note = notes.of_case(uow, first.outcome.case_id)
        assert note is not None
        found = [item_from(row.item) for row in notes.items(uow, note.id)]
        review = reviews.review(uow, note.review_id)
        said = conversation.messages(uow, review.thread_id)
    assert [(one.line, one.quantity, one.reason, one.lacks) for one in found] == [
        (1, 4, "defective", ()),
        (2, 2, "no_longer_needed", ()),
    ]
    assert (note.external_id, review.proposal_id) == ("20031", None)
    assert "RMA 20031 is open elsewhere, the ERP does not know it" in review.why
    assert "authorised 2026-10-30: DOA" in said[0].body


def test_nothing_is_authorised_by_it_and_the_books_stay_in_order(
    sqlite_house: House, open_rmas: OpenRmasIntake, put: Any
) -> None:
    taken(open_rmas, put, TWO_LINES)

    with sqlite_house.store.read() as uow:
        assert uow.session.scalars(sa.select(RmaRow)).all() == []
        assert list(leaks(uow)) == []
        tags = set(uow.session.scalars(sa.select(AuditRow.tag)))
    assert not {"gateway:rma:authorised", "guard:permit:issued"} & tags


def test_its_pieces_are_not_offered_for_another_return_until_it_is_closed(
    sqlite_house: House, open_rmas: OpenRmasIntake, put: Any
) -> None:
    desk = sqlite_house.desk
    before = order_lines(desk, SPEAKER, "SO-15086")[0].returnable
    (done, _) = taken(open_rmas, put, TWO_LINES)
    while_open = order_lines(desk, SPEAKER, "SO-15086")[0]
    with sqlite_house.store.begin() as uow:
        reviews.reject(uow, reviews.review(uow, done.outcome.review_id), user_id="ST-1", note="it came back")

    assert (while_open.returnable, while_open.already_rma) == (before - 4, "20031")
    assert order_lines(desk, SPEAKER, "SO-15086")[0].returnable == before


def test_the_customer_is_told_where_it_stands_when_they_ask(
    sqlite_house: House, open_rmas: OpenRmasIntake, put: Any
) -> None:
    taken(open_rmas, put, TWO_LINES.replace("20031", "RMA-20031"))

    (found,) = return_status(sqlite_house.desk, SPEAKER, "RMA-20031")
    turn = sqlite_house.say(sqlite_house.thread(), "Where is my return RMA-20031?")

    assert (found.state, found.rma_id) == ("elsewhere", "")
    assert "RMA-20031" in turn.reply
    assert "former system" in turn.reply


def test_the_same_rma_again_is_a_duplicate_and_a_mended_row_is_not(
    sqlite_house: House, open_rmas: OpenRmasIntake, put: Any
) -> None:
    bad = TWO_LINES.replace("VBT-BX54;2", "VBT-BX54;two")
    first = [one.outcome.state for one in taken(open_rmas, put, bad)]
    again = [one.outcome.state for one in taken(open_rmas, put, TWO_LINES)]
    once_more = [one.outcome.state for one in taken(open_rmas, put, TWO_LINES)]

    assert sorted(first) == [State.BAD, State.CREATED]
    assert again == [State.DUPLICATE, State.CREATED]
    assert once_more == [State.DUPLICATE, State.DUPLICATE]
    with sqlite_house.store.read() as uow:
        assert len(cases.cases_of_account(uow, "A-1001")) == 2


def test_an_order_line_that_stands_twice_counts_once(open_rmas: OpenRmasIntake, put: Any) -> None:
    line = "20031;SO-15086;1;;4;DOA;10/30/2026;\n"

    assert [one.outcome.state for one in taken(open_rmas, put, line + line)] == [
        State.CREATED,
        State.DUPLICATE,
    ]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (";SO-15086;1;;4;DOA;;", "number"),
        ("1;SO-99999;1;;4;DOA;;", "order"),
        ("1;SO-15086;9;;4;DOA;;", "line"),
        ("1;SO-14922;;;4;DOA;;", "line"),
        ("1;SO-15086;;CTR-1;4;DOA;;", "sku"),
        ("1;SO-15086;1;VBT-BX54;4;DOA;;", "line"),
        ("1;SO-15086;1;;0;DOA;;", "quantity"),
        ("1;SO-15086;1;;21;DOA;;", "quantity"),
        ("1;SO-15086;1;;4;DOA;soon;", "authorised_on"),
        ("1;SO-15093;1;;1;DOA;;ZZ-9", "serial"),
    ],
)
def test_a_row_that_does_not_fit_the_order_says_what_to_do(
    open_rmas: OpenRmasIntake, put: Any, line: str, field: str
) -> None:
    (done,) = taken(open_rmas, put, f"{line}\n")

    assert (done.outcome.state, done.outcome.field, done.row.line) == (State.BAD, field, 2)
    assert done.outcome.to_do


def test_one_number_on_two_accounts_is_told(open_rmas: OpenRmasIntake, put: Any) -> None:
    rows = taken(open_rmas, put, "7;SO-15086;1;;1;DOA;;\n7;SO-15118;1;;1;DOA;;\n")

    assert [one.outcome.state for one in rows] == [State.CREATED, State.BAD]


def test_a_reason_that_nobody_knows_is_left_to_a_person_in_its_own_words(
    sqlite_house: House, open_rmas: OpenRmasIntake, put: Any
) -> None:
    (done,) = taken(open_rmas, put, "20033;SO-15122;1;;3;customer does not like it;2026-11-02;\n")

    with sqlite_house.store.read() as uow:
        note = notes.of_case(uow, done.outcome.case_id)
        assert note is not None
        (row,) = notes.items(uow, note.id)
        said = conversation.messages(uow, cases.case(uow, note.case_id).thread_id)
    assert (row.item["reason"], row.item["lacks"]) == ("", ["reason"])
    assert "customer does not like it" in said[0].body
