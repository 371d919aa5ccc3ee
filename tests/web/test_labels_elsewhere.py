"""A label handed out in another conversation of the account can be printed there, and by nobody else."""

import re

import pytest
from fastapi.testclient import TestClient

from backhaul.cli.demo import demo_personas
from backhaul.domain.errors import NotFound
from backhaul.store.conversation import Speaker
from tests.agent.talking import BEARINGS, BELTS, LAKESIDE, issued
from tests.house import SPEAKER, House
from tests.web.conftest import Visitor
from web.app import create_app
from web.chat_view import own_label
from web.who import Customer
from web.world import Doors

pytestmark = pytest.mark.slow  # many ways to ask for a label: kept out of the time of a build

SCREWS = "2 boxes of the screws SHC-M08-25 from SO-15129 were ordered by mistake, unopened. Credit please."


def at_the_doors(house: House, speaker: Speaker) -> Visitor:
    """A browser in which that customer is signed in, at the doors of a whole house."""
    doors = Doors(
        settings=house.settings,
        desk=house.desk,
        conversation=house.conversation(),
        notifier=house.world.notifier,
        personas=demo_personas(house.desk.erp),
    )
    visitor = Visitor(TestClient(create_app(doors), base_url="http://127.0.0.1:8000"))
    visitor.is_customer(speaker.requested_by.removeprefix("contact:"))
    return visitor


def label_links(page: str) -> set[str]:
    return set(re.findall(r'href="(/chat/[^"]+/labels/[^"]+/pdf)"', page))


def test_a_label_asked_for_again_in_a_new_conversation_opens_from_its_card(sqlite_house: House) -> None:
    _, number = issued(sqlite_house, BEARINGS)
    issued(sqlite_house, BELTS)
    later = sqlite_house.thread()
    sqlite_house.say(later, f"I lost the label for {number}, can you send it again?")
    visitor = at_the_doors(sqlite_house, SPEAKER)

    page = visitor.opens(f"/chat/{later}").text

    (link,) = label_links(page)
    assert link.startswith(f"/chat/{later}/")
    printed = visitor.client.get(link)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert f"Here is the label for {number} (4 x Deep groove" in page


def test_a_label_of_another_account_is_not_there_for_anybody_else(sqlite_house: House) -> None:
    theirs = sqlite_house.thread(LAKESIDE)
    issued(sqlite_house, SCREWS, theirs)
    (link,) = label_links(at_the_doors(sqlite_house, LAKESIDE).opens(f"/chat/{theirs}").text)
    mine = sqlite_house.thread()
    stranger = at_the_doors(sqlite_house, SPEAKER)

    answers = [stranger.client.get(path) for path in (link, link.replace(theirs, mine))]

    assert [one.status_code for one in answers] == [404, 404]


@pytest.mark.parametrize(("scope", "seen"), [("SO-15086", True), ("SO-15122", False), (None, True)])
def test_who_proved_one_order_prints_the_labels_of_that_order_only(
    sqlite_house: House, scope: str | None, *, seen: bool
) -> None:
    thread, _ = issued(sqlite_house, BEARINGS)
    (link,) = label_links(at_the_doors(sqlite_house, SPEAKER).opens(f"/chat/{thread}").text)
    who = Customer("C-1001-1", "Dana", SPEAKER.account_id, scope, "token")

    with sqlite_house.store.read() as uow:
        if seen:
            assert own_label(uow, link.split("/")[-2], who).tracking_number
        else:
            with pytest.raises(NotFound):
                own_label(uow, link.split("/")[-2], who)


def test_the_words_beside_the_cards_are_shown_and_name_what_was_left_out(sqlite_house: House) -> None:
    numbers = [
        issued(sqlite_house, f"{words} from SO-15086 is no longer needed, unopened. Credit please.")[1]
        for words in (
            "1 of the bearings BRG-6205-2RS",
            "1 of the belts VBT-BX54",
            "2 of the bearings BRG-6205-2RS",
            "2 of the belts VBT-BX54",
            "3 of the bearings BRG-6205-2RS",
        )
    ]
    asking = sqlite_house.thread()

    told = sqlite_house.say(asking, "where are my returns?").reply
    page = at_the_doors(sqlite_house, SPEAKER).opens(f"/chat/{asking}").text

    shown = [number for number in numbers if f"{number} (" in told]
    left = [number for number in numbers if number not in shown]
    assert len(shown) == 3
    assert f"There are 2 more: {' and '.join(reversed(left))}. Ask me for any of them by its number." in told
    assert "There are 2 more: " in page
    assert page.count("is waiting for you to hand in the parcel") == 3


def test_the_first_telling_of_a_label_is_not_said_twice_beside_its_card(sqlite_house: House) -> None:
    thread, number = issued(sqlite_house, BEARINGS)

    page = at_the_doors(sqlite_house, SPEAKER).opens(f"/chat/{thread}").text

    assert f'<p class="label-rma num">{number}</p>' in page
    assert "and your label is ready" not in page
