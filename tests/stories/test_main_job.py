"""The main job, once on each database: what the customer says, and what stands in the rows at the end."""

import pytest

from backhaul.connectors.embedded.stories import Expected, Story, stories
from backhaul.store import cases, conversation, reviews, rmas, staff
from backhaul.store.conversation import Speaker
from tests.house import House

TOLD = {story.story_id: story for story in stories()}


def speaker_of(story: Story) -> Speaker:
    return Speaker(story.account_id, "Customer", f"contact:{story.contact_id}")


def play(house: House, story: Story) -> tuple[str, str]:
    """Say the story's words, agree to what is read back, and give thread and last outcome."""
    thread_id = house.thread(speaker_of(story))
    turn = house.say(thread_id, story.message)
    for words in story.then:
        turn = house.say(thread_id, words)
    if turn.outcome == "consent":
        turn = house.say(thread_id, "yes please")
    return thread_id, turn.outcome


def test_a_wrong_item_becomes_an_rma_a_label_and_the_right_part(house: House) -> None:
    thread_id, outcome = play(house, TOLD["wrong-item"])

    assert outcome == "done"
    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread_id)
        (rma,) = rmas.rmas_of_case(uow, case.id)
        label = rmas.live_label(uow, rma.id)
        (replacement,) = rmas.replacements(uow, rma.id)
        (line,) = cases.lines(uow, case.id)
    assert label is not None
    assert (replacement.sku, replacement.quantity) == ("CTR-018-024", 2)
    assert (line.sku, line.received_sku) == ("CTR-018-024", "CTR-018-120")


def test_of_two_lines_one_is_permitted_and_one_waits_for_a_person(house: House) -> None:
    thread_id, _ = play(house, TOLD["two-lines"])

    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread_id)
        found = {row.order_line: (row.quantity, row.state) for row in cases.proposals(uow, case_id=case.id)}
        waiting = reviews.open_reviews_of_thread(uow, thread_id)
    assert found == {1: (4, "permitted"), 2: (3, "review")}
    assert len(waiting) == 1


@pytest.mark.parametrize("story_id", ["po-number", "out-of-window", "foreign-order", "injection", "warranty"])
def test_a_story_ends_as_its_page_says(house: House, story_id: str) -> None:
    story = TOLD[story_id]
    thread_id, _ = play(house, story)

    with house.store.read() as uow:
        found = cases.cases_of_thread(uow, thread_id)
        booked = [row for case in found for row in rmas.rmas_of_case(uow, case.id)]
        said = " ".join(message.body for message in conversation.messages(uow, thread_id))
    if story.expected is Expected.PERMIT:
        (rma,) = booked
        assert rma.state == "labelled"
    else:
        assert booked == []
    if story.expected is Expected.NOTHING_REVEALED:
        assert "Contactor, 3-pole" not in said


def test_nine_thousand_dollars_wait_are_approved_and_the_thread_gets_its_label(house: House) -> None:
    thread_id, outcome = play(house, TOLD["big-value"])
    assert outcome == "review"
    aside = house.say(thread_id, "How long does a credit take once you have the goods?")
    assert aside.outcome != "done"

    with house.store.begin() as uow:
        (review,) = reviews.open_reviews_of_thread(uow, thread_id)
        approver = staff.staff_by_email(uow, "arne.approver@halden.example")
        verdict = cases.newest_verdict(uow, review.proposal_id or "")
        assert approver is not None
        assert verdict is not None
        row = reviews.at_version(uow, review.id, review.version, event="approval")
        digest = verdict.command_digest
        reviews.approve(uow, house.desk.ids, row, user_id=approver.id, command_digest=digest, note="")
        house.desk.starter.start(uow, workflow="resume-review", workflow_id=f"resume-{row.id}", args=[row.id])
    house.conversation().run_pending(thread_id)

    with house.store.read() as uow:
        (case,) = cases.cases_of_thread(uow, thread_id)
        (rma,) = rmas.rmas_of_case(uow, case.id)
        label = rmas.live_label(uow, rma.id)
        last = conversation.messages(uow, thread_id)
    assert label is not None
    assert any(label.tracking_number in message.body for message in last)
