"""The stories of the start page: who says what, and which way it should go."""

from dataclasses import dataclass
from enum import StrEnum

from backhaul.connectors.embedded.seed_data import story_sheet


class Expected(StrEnum):
    """How a story ends when everything works."""

    PERMIT = "permit"
    PERMIT_AND_REVIEW = "permit_and_review"
    DENY = "deny"
    ASK_PHOTO = "ask_photo"
    REVIEW = "review"
    REVIEW_WITH_QUESTION = "review_with_question"
    NOTHING_REVEALED = "nothing_revealed"


@dataclass(frozen=True, slots=True)
class Story:
    """A story to play: `message` is the first thing to say, `then` what may be said after it.

    `order_numbers` are the orders of the account it is about; none for an order of somebody else.
    """

    story_id: str
    account_id: str
    contact_id: str
    title: str
    story: str
    message: str
    then: tuple[str, ...]
    expected: Expected
    order_numbers: tuple[str, ...]


def stories() -> tuple[Story, ...]:
    """All stories, in the order in which they are told."""
    return tuple(
        Story(
            story_id=sheet.id,
            account_id=sheet.account,
            contact_id=sheet.contact,
            title=sheet.title,
            story=sheet.story,
            message=sheet.message,
            then=sheet.then,
            expected=Expected(sheet.expected),
            order_numbers=sheet.orders,
        )
        for sheet in story_sheet().stories
    )
