from datetime import timedelta
from typing import Any

import pytest

from backhaul.domain.codes import Role
from backhaul.store import staff
from web.sign_in import hash_password


def test_the_start_page_of_the_demo_offers_ten_stories_with_their_first_message(
    visitor: Any, house: Any
) -> None:
    page = visitor.opens("/").text

    assert page.count('class="story"') == 10
    for story in house.doors.stories:
        assert f"/demo/stories/{story.key}" in page


def test_playing_a_story_opens_the_chat_as_its_customer_with_the_message_typed_in_and_not_sent(
    visitor: Any, house: Any
) -> None:
    story = house.doors.stories[0]

    page = visitor.plays(story.key)

    assert page.url.path == "/chat"
    assert f"{story.first_message}</textarea>" in page.text.replace("&#39;", "'")
    assert "Your conversations" not in page.text


def test_a_customer_and_a_reviewer_are_open_in_one_browser(visitor: Any, house: Any) -> None:
    visitor.plays(house.doors.stories[0].key)
    visitor.opens("/")
    visitor.sends("/demo/personas/reviewer")

    assert visitor.opens("/chat").status_code == 200
    assert visitor.opens("/desk").status_code == 200
    assert len({visitor.client.cookies["backhaul_customer"], visitor.client.cookies["backhaul_staff"]}) == 2


def test_advancing_one_day_moves_the_calendar_and_signs_nobody_out(visitor: Any, house: Any) -> None:
    before = house.doors.desk.clock.now().date()
    visitor.is_staff("reviewer")
    visitor.opens("/")

    for _ in range(3):
        visitor.sends("/demo/advance", since=before.isoformat())

    assert (house.doors.desk.clock.now().date() - before).days == 1, "three clicks on one page are one day"
    assert f'name="since" value="{before + timedelta(days=1)}"' in visitor.opens("/").text
    assert visitor.opens("/desk").url.path == "/desk"


def test_outside_the_demo_there_are_no_stories_no_personas_and_no_mailbox(
    make_house: Any, sqlite_database_url: str, at_the_doors_of: Any
) -> None:
    stranger = at_the_doors_of(make_house(sqlite_database_url, demo=False))

    assert "Play a story" not in stranger.opens("/").text
    assert stranger.opens("/mailbox").status_code == 404
    stranger.opens("/sign-in")
    assert stranger.sends("/demo/personas/reviewer").status_code == 404
    assert stranger.sends("/demo/advance").status_code == 404


@pytest.mark.parametrize("demo", [True, False])
def test_outside_the_demo_cookies_travel_encrypted_only(
    make_house: Any, sqlite_database_url: str, at_the_doors_of: Any, demo: bool
) -> None:
    house = make_house(sqlite_database_url, demo=demo, secure_cookies=None)

    page = at_the_doors_of(house).opens("/sign-in")

    assert ("Secure" in page.headers["set-cookie"]) is not demo
    assert ("strict-transport-security" in page.headers) is not demo


def test_people_of_the_demo_cannot_sign_in_when_their_home_goes_into_production(
    make_house: Any, sqlite_database_url: str, at_the_doors_of: Any
) -> None:
    house = make_house(sqlite_database_url, demo=False)
    for email, demo in (("printed@halden.example", True), ("hired@halden.example", False)):
        with house.store.begin() as uow:
            staff.add_staff(
                uow,
                house.doors.desk.ids,
                email=email,
                name=email,
                roles=[Role.REVIEWER],
                password_hash=hash_password("the same for both"),
                actor="test",
                demo=demo,
            )
    visitor = at_the_doors_of(house)

    landed = []
    for email in ("printed@halden.example", "hired@halden.example"):
        visitor.opens("/staff/sign-in")
        page = visitor.sends("/staff/sign-in", email=email, password="the same for both")
        landed.append(page.url.path)

    assert landed == ["/staff/sign-in", "/desk"]
