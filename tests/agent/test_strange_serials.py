"""A serial that we did not ship on that order is said to be so and asked for, never replaced by another."""

import pytest

from tests.house import House

ORDER, DRIVE = "SO-15122", 3


def shipped_on(house: House, order: str, line: int) -> tuple[str, ...]:
    found = house.desk.erp.order(order)
    assert found is not None
    sold = found.line(line)
    assert sold is not None
    return sold.serials


@pytest.mark.parametrize("number", ["KX2-48-000001", "KX2 48 000001"])
def test_a_serial_of_something_else_is_not_replaced_by_the_one_shipped(
    sqlite_house: House, number: str
) -> None:
    (shipped,) = shipped_on(sqlite_house, ORDER, DRIVE)
    thread = sqlite_house.thread()

    asked = sqlite_house.say(
        thread,
        f"The drive DRV-0200-480 on {ORDER}, serial number {number}, is defective. It does not turn on. "
        "Credit please.",
    )

    assert asked.outcome == "ask"
    assert f"I do not find serial {number.split(maxsplit=1)[0]}" in asked.reply
    assert shipped in asked.reply

    shown = sqlite_house.say(thread, shipped)

    assert shown.outcome == "consent", shown.reply
    assert f"serial {shipped}" in shown.reply


def test_a_serial_given_again_says_which_order_it_is(sqlite_house: House) -> None:
    thread = sqlite_house.thread()
    other = "KX4-50-118803"
    asked = sqlite_house.say(
        thread,
        f"The drive DRV-0200-480 on {ORDER}, serial number {other}, is defective. It does not turn on. "
        "Credit please.",
    )
    assert f"I do not find serial {other} on {ORDER}" in asked.reply

    shown = sqlite_house.say(thread, f"It says {other}.")

    assert [line.order_line for line in shown.lines] == ["SO-15093/1"]


def test_a_strange_serial_beside_a_right_one_is_asked_about_and_not_left_out(sqlite_house: House) -> None:
    thread = sqlite_house.thread()

    sqlite_house.say(
        thread,
        "The drives DRV-5000-480 on SO-15093, serial numbers KX4-50-118803 and serial number KX4-50-999999, "
        "are no longer needed. Credit please.",
    )
    asked = sqlite_house.say(thread, "no longer needed")

    assert "I do not find serial KX4-50-999999 on SO-15093" in asked.reply
    assert [line.quantity for line in asked.lines] == [2]
