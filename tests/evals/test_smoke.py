"""Decisions at a glance: stories of the start page, played word for word, judged by the rows they leave."""

import re
from dataclasses import dataclass

import pytest

from backhaul.connectors.embedded.stories import Expected, Story, stories
from backhaul.domain.returns import ReviewState
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.conversation import Speaker
from tests.house import House

STORIES = {story.story_id: story for story in stories()}
YES = "Yes, please go ahead."


@dataclass(frozen=True, slots=True)
class EndState:
    """What a story left behind, read from the rows."""

    replies: str
    verdicts: tuple[str, ...]
    rmas: int
    labels: int
    open_reviews: int


def of_expected(*wanted: Expected) -> list[object]:
    return [pytest.param(story, id=story.story_id) for story in STORIES.values() if story.expected in wanted]


def play(house: House, story: Story) -> EndState:
    """Say the story's words; whoever has nothing more to say agrees when the desk asks for it, once."""
    account = house.desk.erp.account(story.account_id)
    assert account is not None
    thread = house.thread(Speaker(story.account_id, account.name, f"contact:{story.contact_id}"))
    turns = [house.say(thread, words) for words in (story.message, *story.then)]
    if turns[-1].outcome == "consent":
        house.say(thread, YES)
    house.conversation().run_pending(thread)
    return end_state(house, thread)


def end_state(house: House, thread: str) -> EndState:
    with house.store.read() as uow:
        said = [row.body for row in conversation.messages(uow, thread) if row.author == "agent"]
        held = cases.cases_of_thread(uow, thread)
        asked = [row for case in held for row in cases.proposals(uow, case_id=case.id)]
        newest = [cases.newest_verdict(uow, row.id) for row in asked]
        booked = [row for case in held for row in rmas.rmas_of_case(uow, case.id)]
        labels = [row for row in booked if rmas.live_label(uow, row.id) is not None]
        waiting = [
            row
            for row in reviews.open_reviews_of_thread(uow, thread)
            if row.proposal_id and row.state == ReviewState.OPEN.value
        ]
    return EndState(
        replies="\n".join(said),
        verdicts=tuple(row.outcome if row else "undecided" for row in newest),
        rmas=sum(bool(row.erp_number) for row in booked),
        labels=len(labels),
        open_reviews=len(waiting),
    )


def test_the_start_page_tells_ten_stories_with_an_ending_of_every_kind() -> None:
    assert len(STORIES) == 10
    assert {story.expected for story in STORIES.values()} == set(Expected)


@pytest.mark.parametrize("story", of_expected(Expected.PERMIT))
def test_a_good_request_ends_in_one_rma_with_its_label(sqlite_house: House, story: Story) -> None:
    end = play(sqlite_house, story)

    assert end.verdicts == ("permit",), end.replies
    assert (end.rmas, end.labels, end.open_reviews) == (1, 1, 0)


@pytest.mark.parametrize("story", of_expected(Expected.DENY))
def test_a_request_outside_the_policy_is_refused_and_nothing_is_booked(
    sqlite_house: House, story: Story
) -> None:
    end = play(sqlite_house, story)

    assert end.verdicts == ("deny",), end.replies
    assert (end.rmas, end.labels, end.open_reviews) == (0, 0, 0)


@pytest.mark.parametrize("story", of_expected(Expected.REVIEW))
def test_a_request_of_high_value_waits_for_a_person_and_nothing_is_booked(
    sqlite_house: House, story: Story
) -> None:
    end = play(sqlite_house, story)

    assert end.verdicts == ("escalate",), end.replies
    assert (end.rmas, end.labels, end.open_reviews) == (0, 0, 1)


@pytest.mark.parametrize("story", of_expected(Expected.NOTHING_REVEALED))
def test_an_order_of_another_company_stays_unknown(sqlite_house: House, story: Story) -> None:
    (order_number,) = re.findall(r"SO-\d+", story.message)
    order = sqlite_house.desk.erp.order(order_number)
    assert order is not None
    assert order.account_id != story.account_id
    owner = sqlite_house.desk.erp.account(order.account_id)
    assert owner is not None
    sold = [fact for line in order.lines for fact in (line.sku, line.description, *line.serials)]
    facts = {owner.name, order.po_number, *sold}

    end = play(sqlite_house, story)

    assert order_number in end.replies
    assert [fact for fact in facts if fact in end.replies] == []
    assert (end.verdicts, end.rmas) == ((), 0)
