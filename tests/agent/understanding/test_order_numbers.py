"""Order numbers as people write them, whatever shape the house gives them."""

from collections.abc import Sequence

import pytest

from agent.understanding.claim import PurchasedLine
from agent.understanding.order_numbers import orders


def values(text: str, purchases: Sequence[PurchasedLine] = (), *, asked: bool = False) -> list[str]:
    return [found.value for found in orders(text.lower(), purchases, asked=asked)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My order nr. is #K5521870, the lamp flickers", ["K5521870"]),
        ("order number K5521870 (and k5521871) both late", ["K5521870", "K5521871"]),
        ("From #K5521870, K5521871 and K5521872 I keep only the last", ["K5521870", "K5521871", "K5521872"]),
        ("Hi, about my order, K5521870: wrong colour", ["K5521870"]),
        ("Order 203-4471902-1187654 came twice", ["203-4471902-1187654"]),
        ("Order #K5521870 is fine. K5521999 is the one that is broken.", ["K5521870", "K5521999"]),
        ("order K5521870\u2014cancelled by you", ["K5521870"]),
        ("sales order no. 771203: two short", ["SO-771203"]),
    ],
)
def test_what_the_words_call_an_order_is_one(text: str, found: list[str]) -> None:
    assert values(text.replace("\u2014", "-")) == found


@pytest.mark.parametrize(
    "text",
    [
        "PO #4471190 and purchase order 4471191",
        "RMA #K5521870 was refused",
        "invoice no. #5521870 is wrong",
        "ticket #88123 is still open, serial #AB55218",
        "item #7624783998 in blue",
        "we order 12 of them every week",
        "call me on 0151 5521870",
        "part number K5521870, model K5521871",
    ],
)
def test_numbers_of_other_papers_are_none(text: str) -> None:
    assert values(text) == []


def test_the_customers_own_orders_show_what_a_number_looks_like(purchases: Sequence[PurchasedLine]) -> None:
    assert values("so 10442 and so10517", purchases) == ["SO-10442", "SO-10517"]
    assert values("order 10442", purchases) == ["SO-10442"]
    assert values("order 99999", purchases) == ["SO-99999"]
    assert values("10517", purchases) == []
    assert values("10517", purchases, asked=True) == ["SO-10517"]
    assert values("order hb-2231 leaks", purchases) == []
