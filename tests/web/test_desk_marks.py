"""A review that was approved and came back says whether the policy or the facts have changed."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from policies.book import PolicyBook
from tests.web.conftest import DOCUMENTS
from tests.web.test_desk import decides


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def publish(house: Any, *change: str) -> None:
    """The worker decides under changed controls from now on."""
    texts = {path.name: path.read_text("utf-8") for path in DOCUMENTS.glob("*.yaml")}
    book = PolicyBook.load(
        {name: text.replace(*change) if name.startswith("controls") else text for name, text in texts.items()}
    )
    house.worker = replace(house.worker, guard=replace(house.worker.guard, book=lambda: book))


def reprice(house: Any, cents: int) -> None:
    with closing(sqlite3.connect(house.doors.settings.erp_path)) as erp, erp:
        erp.execute("UPDATE order_line SET unit_price_minor = ? WHERE order_number = 'SO-15093'", (cents,))


def test_the_queue_and_the_case_say_that_the_policy_changed_under_an_approval(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "approve")
    publish(house, "auto_limit_usd_minor || approvals >= 1", "auto_limit_usd_minor || approvals >= 2")

    house.worker_acts()

    assert "policy changed" in rita.opens("/desk").text
    page = rita.opens(f"/desk/{review}").text
    assert "The policy has changed since this was approved." in page
    assert "Approved by" not in page, "it no longer counts"
    assert 'id="approve"' in page, "she may approve it anew"


def test_the_queue_and_the_case_say_that_the_facts_changed_under_an_approval(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "approve")
    reprice(house, 470_000)

    house.worker_acts()

    queue = rita.opens("/desk").text
    assert "facts changed" in queue
    assert "$9,400.00" in queue
    page = rita.opens(f"/desk/{review}").text
    assert "the policy has not" in page
    assert "$9,400.00" in page, "the command as it stands now"
