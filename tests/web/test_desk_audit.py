"""The audit tab tells the whole chain in words, and what the verifier finds."""

from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.store import reviews
from backhaul.store.checkpoints import sign_checkpoint
from backhaul.store.house_tables import AuditRow
from tests.web.test_desk import decides
from web.desk_audit_words import sentence, who_did


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


def test_every_tag_of_the_log_has_words_of_its_own() -> None:
    told = [sentence(tag.value, {}) for tag in Tag]

    assert not {tag.value.replace(":", ", ").replace("_", " ") for tag in Tag} & set(told)
    assert len(set(told)) == len(told)
    assert sentence("old:thing:done", {}) == "old, thing, done"


def test_actors_are_people_or_the_parts_of_the_house() -> None:
    assert who_did("staff:US-1 for A-1001", {"US-1": "Rita"}) == "Rita"
    assert who_did("contact:C-1", {}) == "The customer"
    assert who_did("worker:guard", {}) == "The worker"


def test_the_tab_tells_who_decided_why_and_that_the_chain_is_whole(rita: Any, house: Any) -> None:
    review = house.review()
    decides(rita, review, "reject", note="Not sealed.", reason="condition")
    with house.store.begin() as uow:
        sign_checkpoint(uow, house.worker.guard.signer)

    page = rita.opens(f"/desk/{review}/audit").text

    assert "The log of this case is whole" in page
    assert "swears to it" in page
    assert "A person said no (the goods cannot be taken back as they are)" in page
    assert "Rita Alvarez" in page
    assert "The guard answered: escalate, about the return" in page


def test_an_edited_event_and_a_cut_off_end_are_found(rita: Any, house: Any) -> None:
    review = house.review()
    with house.store.begin() as uow:
        sign_checkpoint(uow, house.worker.guard.signer)
    with house.store.begin() as uow:
        chain = reviews.review(uow, review).case_id
        kept = uow.session.scalars(sa.select(AuditRow).where(AuditRow.chain == chain)).all()
        kept[1].actor = "contact:somebody-else"
        uow.session.delete(kept[-1])

    page = rita.opens(f"/desk/{review}/audit").text

    assert "Something is wrong with the log of this case" in page
    assert "its content was edited" in page
    assert "cut off" in page
    assert "No event tells" in page
