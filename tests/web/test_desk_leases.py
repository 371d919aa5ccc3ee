import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backhaul.domain.errors import BackhaulError, HeldByAnother
from backhaul.store import business_clock, review_leases, reviews, staff
from backhaul.store import conversation as talk
from backhaul.store.house_tables import AuditRow


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return found[1] if found else ""


def later(house: Any, minutes: int) -> None:
    with house.store.begin() as uow:
        business_clock.move_clock(uow, seconds=minutes * 60, actor="test")


def told(house: Any, review: str) -> list[str]:
    with house.store.read() as uow:
        query = uow.session.query(AuditRow).where(AuditRow.subject == review).order_by(AuditRow.id)
        return [row.tag.rpartition(":")[2] for row in query]


def staff_id(house: Any, email: str) -> str:
    with house.store.read() as uow:
        person = staff.staff_by_email(uow, email)
        assert person is not None
        return person.id


@pytest.fixture
def rita(visitor: Any) -> Any:
    visitor.is_staff("reviewer")
    return visitor


@pytest.fixture
def arne(another: Any) -> Any:
    another.is_staff("approver")
    return another


def rejects(who: Any, review: str) -> Any:
    version = hidden(who.opens(f"/desk/{review}"), "version")
    return who.sends(f"/desk/{review}/reject", version=version, reason="other", note="The seals are broken.")


def test_who_claims_a_case_is_the_only_one_to_decide_on_it(rita: Any, arne: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    assert "You have this" in rita.sends(f"/desk/{review}/claim").text

    refused = rejects(arne, review)
    decided = rejects(rita, review)

    assert refused.status_code == 409
    assert "Rita Alvarez works on" in refused.text
    assert decided.status_code == 200
    with house.store.read() as uow:
        assert reviews.review(uow, review).state == "rejected"
        assert review_leases.held(uow, review) is None


def test_a_lease_is_over_after_ten_quiet_minutes_and_work_keeps_it(rita: Any, arne: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/claim")
    later(house, 8)
    assert rita.sends(f"/desk/{review}/working").json()["mine"]
    later(house, 8)
    assert "Rita Alvarez works on this" in arne.opens(f"/desk/{review}").text
    later(house, 3)

    page = arne.opens(f"/desk/{review}")
    taken = arne.sends(f"/desk/{review}/claim")

    assert "Nobody works on this" in page.text
    assert "You have this" in taken.text
    assert told(house, review)[-2:] == ["claimed", "claimed"]


def test_opening_a_case_takes_it_and_opening_the_next_gives_it_back(rita: Any, house: Any) -> None:
    first, second = house.review(), house.review(quantity=1)
    rita.opens(f"/desk/{first}")
    rita.sends(f"/desk/{first}/working")

    rita.sends(f"/desk/{second}/working")

    with house.store.read() as uow:
        assert review_leases.held(uow, first) is None
        assert review_leases.held(uow, second) is not None
    assert told(house, first)[-1] == "given_back"


def test_what_was_claimed_by_hand_is_kept_while_looking_at_another(rita: Any, house: Any) -> None:
    first, second = house.review(), house.review(quantity=1)
    rita.opens(f"/desk/{first}")
    rita.sends(f"/desk/{first}/claim")

    rita.sends(f"/desk/{second}/working")

    with house.store.read() as uow:
        assert review_leases.held(uow, first) is not None


def test_looking_at_a_colleagues_case_says_whose_it_is(rita: Any, arne: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/claim")
    arne.opens(f"/desk/{review}")

    answer = arne.sends(f"/desk/{review}/working").json()

    assert (answer["mine"], answer["holder"]) == (False, "Rita Alvarez")


def test_a_case_is_handed_over_to_a_colleague_by_name(rita: Any, arne: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/claim")
    to = staff_id(house, "arne@halden.example")

    rita.sends(f"/desk/{review}/hand-over", to=to, why="Above my limit")

    assert "Rita Alvarez handed it to you: “Above my limit”" in arne.opens(f"/desk/{review}").text
    assert rejects(rita, review).status_code == 409
    assert told(house, review)[-1] == "handed_over"


def test_nobody_hands_a_case_to_somebody_who_is_not_at_the_desk(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")

    page = rita.sends(f"/desk/{review}/hand-over", to=staff_id(house, "dora@halden.example"))

    assert page.status_code == 422


def test_taking_over_needs_a_reason_which_the_colleague_reads(rita: Any, arne: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/claim")
    arne.opens(f"/desk/{review}")

    without = arne.sends(f"/desk/{review}/take-over", why=" ")
    with_one = arne.sends(f"/desk/{review}/take-over", why="Rita is ill <today>")

    assert without.status_code == 422
    assert "Taken over from Rita Alvarez" in with_one.text
    assert "“Rita is ill &lt;today&gt;”" in rita.opens(f"/desk/{review}").text
    assert told(house, review)[-1] == "taken_over"


def test_of_two_who_claim_at_once_exactly_one_has_it(make_house: Any, database_url: str) -> None:
    house = make_house(database_url)
    review = house.review()
    people = [staff_id(house, f"{name}@halden.example") for name in ("rita", "arne", "olga", "petra")]
    together = threading.Barrier(len(people))

    def claims(user_id: str) -> str:
        together.wait()
        try:
            with house.store.begin() as uow:
                return review_leases.claim(uow, review, user_id=user_id).holder
        except HeldByAnother:
            return ""

    with ThreadPoolExecutor(len(people)) as pool:
        got = [holder for holder in pool.map(claims, people) if holder]

    with house.store.read() as uow:
        held = review_leases.held(uow, review)
        assert held is not None
        assert got == [held.holder]
    assert told(house, review).count("claimed") == 1


def test_of_two_who_take_over_at_once_one_after_the_other_has_it(make_house: Any, database_url: str) -> None:
    house = make_house(database_url)
    review = house.review()
    rita, *others = [staff_id(house, f"{name}@halden.example") for name in ("rita", "arne", "petra")]
    with house.store.begin() as uow:
        review_leases.claim(uow, review, user_id=rita)

    def takes(user_id: str) -> BackhaulError | None:
        try:
            with house.store.begin() as uow:
                review_leases.take_over(uow, review, user_id=user_id, why="urgent")
        except BackhaulError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(takes, others)) == [None, None]

    assert told(house, review)[-2:] == ["taken_over", "taken_over"]


def test_what_is_set_aside_comes_back_by_itself(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")

    page = rita.sends(f"/desk/{review}/snooze", until="hour")
    gone = rita.opens("/desk").text
    later(house, 61)

    assert page.url.path == "/desk"
    assert review not in gone
    assert review in rita.opens("/desk").text


def test_what_is_set_aside_comes_back_when_the_customer_writes(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/snooze", until="monday")
    with house.store.begin() as uow:
        thread = reviews.review(uow, review).thread_id
        talk.add_message(uow, house.doors.desk.ids, thread, author="customer", body="Any news?")

    assert review in rita.opens("/desk").text


def test_a_moment_to_set_aside_until_lies_ahead(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    yesterday = house.doors.desk.clock.now() - timedelta(days=1)

    page = rita.sends(f"/desk/{review}/snooze", until="another", at=f"{yesterday:%Y-%m-%dT%H:%M}")

    assert page.status_code == 422


def test_what_is_set_aside_can_be_taken_up_again(rita: Any, house: Any) -> None:
    review = house.review()
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/snooze", until="tomorrow")

    assert "Set aside</strong> by Rita Alvarez" in rita.opens(f"/desk/{review}").text
    assert "Nobody works on this" in rita.sends(f"/desk/{review}/wake").text
    assert told(house, review)[-2:] == ["snoozed", "woken"]


def test_the_time_of_a_review_stands_still_while_the_customer_is_asked(rita: Any, house: Any) -> None:
    review, hours = house.review(), house.store.hours
    rita.opens(f"/desk/{review}")
    rita.sends(f"/desk/{review}/ask", version="1", reason="other", note="Which firmware?")
    with house.store.read() as uow:
        left = reviews.review(uow, review).left_seconds
    later(house, 9 * 24 * 60)
    with house.store.begin() as uow:
        row = reviews.review(uow, review, lock=True)
        reviews.record_answer(uow, row, answer="2.14", actor="contact:C-1")

    assert left > 9 * 3600
    with house.store.read() as uow:
        row = reviews.review(uow, review)
        assert row.left_seconds is None
        assert abs(hours.between(uow.clock.now(), row.due_at).total_seconds() - left) < 60
