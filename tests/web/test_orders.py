"""Picking from order cards and filling in the form: both end at the agent's read-back, and need its yes."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backhaul.domain.codes import Reason
from backhaul.store import cases
from backhaul.store import conversation as talk
from tests.house import SPEAKER, House
from tests.web.conftest import Visitor
from tests.web.whole_house import at_the_doors, shared_house
from web.guided import REASONS


@pytest.fixture(scope="module")
def whole(seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all of these: nothing is decided in it unless a test says yes."""
    yield from shared_house(seeded_home, reader_cache, tmp_path_factory.mktemp("orders"))


@pytest.fixture
def dana(whole: House) -> Visitor:
    return at_the_doors(whole, SPEAKER)


def shown(visitor: Visitor, page: Any) -> str:
    """The conversation once it is answered, as text."""
    path = page.url.path
    for _ in range(200):
        text = str(visitor.opens(path).text)
        if text.count("from-us") >= text.count("from-customer") > 0:
            return text
        time.sleep(0.05)
    raise AssertionError("no answer came")


def cards_in(text: str) -> list[tuple[str, str, str]]:
    """What was read back: order line, quantity, reason."""
    part = text[text.rindex("cards-consent") :] if "cards-consent" in text else ""
    lines = re.findall(r"Order line</dt><dd class=\"num\">([^<]+)", part)
    many = re.findall(r"Quantity</dt><dd class=\"num\">([^<]+)", part)
    why = re.findall(r"Reason</dt><dd>([^<]+)", part)
    return list(zip(lines, many, why, strict=True))


def proposals_of(house: House, page: Any) -> list[Any]:
    thread = page.url.path.rpartition("/")[2]
    with house.store.read() as uow:
        return [
            row
            for case in cases.cases_of_thread(uow, thread)
            for row in cases.proposals(uow, case_id=case.id)
        ]


def test_the_cards_show_what_can_come_back_of_each_line(dana: Visitor) -> None:
    page = dana.opens("/orders?q=SO-15086").text

    assert 'value="SO-15086/1"' in page
    assert 'max="20"' in page
    assert "SO-15093" not in page


def test_words_find_the_order_that_holds_such_a_thing(dana: Visitor) -> None:
    assert "SO-15086" in dana.opens("/orders?q=groove bearing 6205").text
    assert "No order of yours fits that" in dana.opens("/orders?q=harpsichord").text


def test_picked_lines_of_two_orders_are_read_back_as_they_were_picked_and_wait_for_a_yes(
    dana: Visitor, whole: House
) -> None:
    dana.opens("/orders")
    fields = {
        "pick": ["SO-15086/1", "SO-15122/1"],
        "quantity-SO-15086/1": "3",
        "quantity-SO-15122/1": "2",
        "text": "ordered by mistake, unopened",
    }

    page = dana.sends("/orders/pick", **fields)

    text = shown(dana, page)
    assert cards_in(text) == [
        ("SO-15086/1", "3", "ordered by mistake"),
        ("SO-15122/1", "2", "ordered by mistake"),
    ]
    assert "- 3 x Deep groove ball bearing" in text
    assert proposals_of(whole, page) == []


def test_what_was_picked_without_a_reason_is_asked_about(dana: Visitor, whole: House) -> None:
    dana.opens("/orders")

    page = dana.sends("/orders/pick", **{"pick": "SO-15122/2", "quantity-SO-15122/2": "4"})

    assert "What is the reason for returning" in shown(dana, page)
    assert proposals_of(whole, page) == []


def test_a_pick_answers_the_question_which_order_is_meant(dana: Visitor) -> None:
    dana.opens("/chat")
    started = dana.sends("/chat", text="I want to send something back, it was ordered by mistake")
    thread = started.url.path.rpartition("/")[2]
    assert "Which order" in shown(dana, started)

    page = dana.sends("/orders/pick", **{"thread": thread, "pick": "SO-15086/2", "quantity-SO-15086/2": "2"})

    assert page.url.path == f"/chat/{thread}"
    assert [one[:2] for one in cards_in(shown(dana, page))] == [("SO-15086/2", "2")]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"pick": "SO-15086/1", "quantity-SO-15086/1": "21"},
        {"pick": "SO-15086/1", "quantity-SO-15086/1": "0"},
        {"pick": "SO-15086/1", "quantity-SO-15086/1": "two"},
        {"pick": "SO-15086/9", "quantity-SO-15086/9": "1"},
    ],
)
def test_what_cannot_come_back_cannot_be_picked(dana: Visitor, fields: dict[str, str]) -> None:
    dana.opens("/orders")

    assert dana.sends("/orders/pick", **fields).status_code == 422


def test_an_order_of_somebody_else_cannot_be_picked_or_looked_at(dana: Visitor) -> None:
    dana.opens("/orders")

    assert dana.sends("/orders/pick", **{"pick": "SO-15129/1", "quantity-SO-15129/1": "1"}).status_code == 404
    assert dana.opens("/guided?order=SO-15129").status_code == 404
    assert "SO-15129" not in dana.opens("/orders?q=SO-15129").text.replace('value="SO-15129"', "")


def test_the_form_leads_step_by_step_to_the_read_back_and_its_yes(dana: Visitor, whole: House) -> None:
    assert "/guided?order=SO-15086" in dana.opens("/guided").text
    assert 'value="SO-15086/1"' in dana.opens("/guided?order=SO-15086").text
    chosen = "chosen=1&pick=SO-15086/1&quantity-SO-15086/1=2"
    assert 'name="reason-SO-15086/1"' in dana.opens(f"/guided?order=SO-15086&{chosen}").text

    fields = {"pick": "SO-15086/1", "quantity-SO-15086/1": "2", "reason-SO-15086/1": "no_longer_needed"}
    page = dana.sends("/guided", **fields)

    assert cards_in(shown(dana, page)) == [("SO-15086/1", "2", "no longer needed")]
    assert proposals_of(whole, page) == []
    dana.sends(f"{page.url.path}/messages", text="yes")
    (asked,) = proposals_of(whole, page)
    assert (asked.order_number, asked.quantity, asked.reason) == ("SO-15086", 2, "no_longer_needed")
    with whole.store.read() as uow:
        claim = cases.claim(uow, asked.claim_id)
    assert claim is not None
    assert claim.reader == "form"


@pytest.mark.slow
@pytest.mark.parametrize("reason", [value for value, _ in REASONS])
def test_every_reason_of_the_form_is_read_back_as_it_was_chosen(dana: Visitor, reason: str) -> None:
    dana.opens("/guided")
    fields = {
        "pick": "SO-15055/1",
        "quantity-SO-15055/1": "1",
        "reason-SO-15055/1": reason,
        "received-SO-15055/1": "SKT-38-INC" if reason == "wrong_item" else "",
        "wish-SO-15055/1": "credit",
    }

    text = shown(dana, dana.sends("/guided", **fields))

    words = dict(REASONS)[reason]
    assert [one[2] for one in cards_in(text)] == [words[0].lower() + words[1:]], text[-3000:]


def test_a_form_without_a_reason_asks_for_it(dana: Visitor) -> None:
    dana.opens("/guided")

    page = dana.sends("/guided", **{"pick": "SO-15086/1", "quantity-SO-15086/1": "2"})

    assert page.status_code == 422
    assert "Say why it goes back" in page.text


def test_a_form_sent_twice_is_one_message(dana: Visitor, whole: House) -> None:
    dana.opens("/guided")
    fields = {
        "pick": "SO-15086/1",
        "quantity-SO-15086/1": "2",
        "reason-SO-15086/1": Reason.DEFECTIVE.value,
        "once": "ON-TWICE",
    }

    first, second = dana.sends("/guided", **fields), dana.sends("/guided", **fields)

    assert first.url.path == second.url.path
    with whole.store.read() as uow:
        said = talk.messages(uow, first.url.path.rpartition("/")[2])
    assert [row.author for row in said].count("customer") == 1
