"""A read-back promises a replacement only where the policy sends one; otherwise it says what happens."""

import pytest

from tests.agent.talking import LAKESIDE
from tests.house import House

BELTS_TOO_MANY = "2 of the belts VBT-BX54 on SO-15086 are more than we ordered, you shipped too many."
RELAYS = "2 of the relays RLY-2C-120 on SO-15046 do not work, dead out of the box. Please replace them"


@pytest.mark.parametrize("wish", ["Please replace them", "We would like replacements"])
def test_goods_that_lead_to_no_replacement_are_read_back_with_a_credit(
    sqlite_house: House, wish: str
) -> None:
    thread = sqlite_house.thread()

    shown = sqlite_house.say(thread, f"{BELTS_TOO_MANY} {wish}")
    done = sqlite_house.say(thread, "yes")

    assert "no replacement can be sent" in shown.reply
    assert "You want credit to your account" in shown.reply
    assert [line.resolution for line in done.lines] == ["credit"]
    assert "replacement" not in done.reply


def test_serials_still_to_be_weighed_leave_no_doubt_who_decides(sqlite_house: House) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(),
        "both servo motors SRV-0400B-230 from SO-14945 are dead out of the box, send new ones",
    )

    assert "a colleague decides whether it can be" in shown.reply


def test_a_replacement_that_a_person_decides_on_is_not_promised(sqlite_house: House) -> None:
    thread = sqlite_house.thread(LAKESIDE)

    shown = sqlite_house.say(thread, RELAYS)
    done = sqlite_house.say(thread, "yes")

    assert "a colleague decides whether it can be" in shown.reply
    assert [line.resolution for line in shown.lines] == ["replacement"]
    assert "is on order" not in done.reply


def test_what_the_policy_sends_at_once_is_read_back_as_before(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    shown = sqlite_house.say(
        thread, "You sent us two CTR-018-120 instead of CTR-018-024 on SO-15122. Swap them please"
    )
    done = sqlite_house.say(thread, "yes")

    assert "You want 2 x CTR-018-024 sent to you as a replacement." in shown.reply
    assert "Your replacement, 2 x CTR-018-024, is on order" in done.reply


def test_what_cannot_come_back_at_all_is_promised_nothing(sqlite_house: House) -> None:
    shown = sqlite_house.say(
        sqlite_house.thread(),
        "3 solenoid valves SOL-52-02-24 from SO-14174 are no longer needed, replace them",
    )

    assert "sent to you" not in shown.reply
