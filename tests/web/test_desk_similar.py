"""Similar cases: decided ones of the same class of goods, never the case itself nor its conversation."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from backhaul.analytics.likeness import nearest, packed
from backhaul.store import reviews, similar
from backhaul.workflows.similar import compare
from tests.web.test_desk import decides
from tools.earned import BlindShare


def by_letters(texts: Any) -> Any:
    """How often each letter occurs: alike texts have alike vectors, and no model is loaded."""
    counted = np.array(
        [[text.lower().count(chr(97 + place)) for place in range(26)] for text in texts], dtype=np.float32
    )
    return counted / np.linalg.norm(counted, axis=1, keepdims=True)


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def found(house: Any, review: str) -> list[str]:
    while compare(house.store, by_letters):
        pass
    with house.store.read() as uow:
        return [row.id for row, _ in similar.nearest_to(uow, review)]


def test_the_nearest_come_first_and_a_byte_a_number_keeps_their_order() -> None:
    vectors = by_letters(["cracked housing", "cracked housings", "too many ordered", "zzz"])
    kept = [(str(place), packed(one)) for place, one in enumerate(vectors)]

    likes = nearest(kept[0][1], kept[1:], most=2)

    assert [one for one, _ in likes] == ["1", "2"]
    assert likes[0][1] > 950
    assert nearest(kept[0][1], [], most=5) == []


def test_only_decided_cases_of_the_same_goods_are_shown_nearest_first(rita: Any, house: Any) -> None:
    near = house.review(words="The project was cancelled. Please take back the drives from SO-15093.")
    far = house.review(quantity=1, words="zzz xxx qqq SO-15093")
    waiting = house.review(quantity=1)
    own = house.review()
    for one in (near, far):
        decides(rita, one, "reject", note="Not sealed.", reason="condition")

    assert found(house, own) == [near, far]
    page = rita.opens(f"/desk/{own}").text

    assert page.index(f'href="/desk/{near}"') < page.index(f'href="/desk/{far}"')
    assert "the goods cannot be taken back as they are" in page.split('id="similar"')[1]
    assert waiting not in page.split('id="similar"')[1].split("</section>")[0]


def test_nothing_is_shown_of_words_that_somebody_still_has_to_read_blind(rita: Any, house: Any) -> None:
    decided = house.review(words="The project was cancelled, take back the drives from SO-15093.")
    decides(rita, decided, "reject", note="Not sealed.")
    own = house.review()
    assert found(house, own) == [decided]
    share = BlindShare(SecretStr("every"), 1_000, 1_000)
    house.worker = replace(house.worker, guard=replace(house.worker.guard, blind=share))
    drawn = house.review("SO-14922", 2, 1, words="We ordered too many, take one back from SO-14922.")
    with house.store.begin() as uow:
        # A second request in the conversation of the decided one.
        reviews.review(uow, drawn).thread_id = reviews.review(uow, decided).thread_id

    page = rita.opens(f"/desk/{own}").text

    assert f'href="/desk/{decided}"' not in page.split('id="history"')[0]
