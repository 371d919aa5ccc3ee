"""Notes at the desk: read, with what was found marked; asked for on the customer's behalf, by two people."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agent.understanding.offline import OfflineReader
from backhaul.intake.accounts import Accounts
from backhaul.intake.entering import Outcome
from backhaul.intake.notes import Note, NotesIntake
from backhaul.store import cases, notes, reviews
from backhaul.store import conversation as talk
from backhaul.store.house_tables import AuditRow
from backhaul.workflows.decide import decide_group

BELTS = "belt BX54 x2 on SO-15086 not needed -> credit. also 2 relays dead, no hazard"
SWITCH = "SO-15093: VFD 50hp both not needed, job off, rtn for credit"


@pytest.fixture
def take(house: Any, reader_cache: Path) -> Any:
    desk = house.doors.desk
    intake = NotesIntake(desk, OfflineReader(reader_cache), "cli:ann", Accounts(desk.erp))

    def taken(words: str, **more: Any) -> Outcome:
        return intake.take(Note(words, account="A-1001", author="D. Ruiz", **more))

    return taken


def things_of(house: Any, taken: Outcome) -> list[str]:
    with house.store.read() as uow:
        note = notes.of_case(uow, taken.case_id)
        assert note is not None
        return [row.id for row in notes.items(uow, note.id)]


def asked(thing: str, **changed: str) -> dict[str, str]:
    fields = {
        "line": "SO-15093/1",
        "quantity": "2",
        "reason": "no_longer_needed",
        "wish": "credit",
        "serials": "",
        "received": "",
        **changed,
    }
    agreed = {"take": thing, "with_whom": "Dana Ortiz", "how": "phone", "version": "1"}
    return {f"{name}-{thing}": value for name, value in fields.items()} | agreed


def serials(house: Any) -> str:
    return ", ".join(house.erp.order_line("SO-15093", 1).serials)


def test_the_page_marks_what_was_read_and_says_what_is_not_clear(visitor: Any, take: Any) -> None:
    taken = take(BELTS, external_id="T-7")
    visitor.is_staff("reviewer")

    page = visitor.opens(f"/desk/{taken.review_id}").text

    assert '<mark title="1 item">belt BX54' in page
    assert "Not clear: which article" in page
    assert "It fits" in page
    assert "D. Ruiz, number" in page
    assert "Nobody was asked or told anything yet" in page


def test_the_queue_says_what_a_note_is_about_most_urgent_first(visitor: Any, take: Any) -> None:
    take(BELTS)
    take("SO-15093 VFD 50hp tripping, line down, need repl")
    visitor.is_staff("reviewer")

    page = visitor.opens("/desk").text

    assert page.index("Urgent (line down)") < page.index("Service note, 2 things")
    assert "2 \N{MULTIPLICATION SIGN} Classical V-belt BX54" in page


def test_asked_for_on_the_customers_behalf_it_is_decided_and_somebody_else_approves(
    visitor: Any, another: Any, house: Any, take: Any
) -> None:
    taken = take(SWITCH)
    (thing,) = things_of(house, taken)
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{taken.review_id}")
    page = visitor.sends(f"/desk/{taken.review_id}/request", **asked(thing, serials=serials(house)))
    (proposal_id,) = [args[0] for workflow, _, args in house.later.started if workflow == "decide"]
    decide_group(house.worker, proposal_id)

    with house.store.read() as uow:
        proposal = cases.proposal(uow, proposal_id)
        consent = cases.consent(uow, proposal.consent_id)
        review = reviews.review_of_proposal(uow, proposal_id)
        note_review = reviews.review(uow, taken.review_id)
    assert page.status_code == 200
    assert consent is not None
    assert review is not None
    assert "Dana Ortiz agreed on the telephone to this:" in consent.shown
    assert consent.given_by.startswith("staff:ST-")
    assert consent.given_by == proposal.requested_by
    assert (note_review.state, note_review.marked) == ("open", "requested for the customer")
    assert "You made this request yourself" in visitor.opens(f"/desk/{review.id}").text
    another.is_staff("approver")
    assert 'id="approve"' in another.opens(f"/desk/{review.id}").text


def test_the_request_is_on_record_with_who_and_how(visitor: Any, house: Any, take: Any) -> None:
    taken = take(SWITCH)
    (thing,) = things_of(house, taken)
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{taken.review_id}")
    visitor.sends(f"/desk/{taken.review_id}/request", **asked(thing, serials=serials(house)))

    with house.store.read() as uow:
        told = uow.session.scalars(sa.select(AuditRow).where(AuditRow.tag == "staff:note:requested")).one()
        said = talk.messages(uow, cases.case(uow, taken.case_id).thread_id)
    assert told.facts == {"lines": 1, "how": "phone"}
    assert [one.author for one in said] == ["technician", "reviewer"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"with_whom": ""}, "Say who of the customer"),
        ({"how": ""}, "Say how the customer agreed"),
        ({"take": ""}, "Name the order line"),
        ({"line": "SO-15093"}, "Name the order line"),
        ({"line": "SO-15118/1"}, "There is no such page"),
        ({"quantity": "3"}, "2 were shipped"),
        ({"quantity": "0"}, "2 were shipped"),
        ({"reason": ""}, "Say why it comes back"),
        ({"wish": "keep_with_allowance"}, "only a credit"),
        ({"serials": "ZZ-9"}, "ZZ-9 was not sold"),
        ({"version": "7"}, "has changed since"),
    ],
)
def test_what_cannot_be_asked_for_is_told_and_nothing_is_stored(
    visitor: Any, house: Any, take: Any, changed: dict[str, str], told: str
) -> None:
    taken = take(SWITCH)
    (thing,) = things_of(house, taken)
    whole = {
        name: value for name, value in changed.items() if name in {"with_whom", "how", "take", "version"}
    }
    part = {name: value for name, value in changed.items() if name not in whole}
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{taken.review_id}")

    page = visitor.sends(f"/desk/{taken.review_id}/request", **{**asked(thing, **part), **whole})

    assert page.status_code in {404, 409, 422}
    assert told.lower() in page.text.lower()
    with house.store.read() as uow:
        assert cases.proposals(uow, case_id=taken.case_id) == []


def test_the_same_thing_is_asked_for_once(visitor: Any, house: Any, take: Any) -> None:
    taken = take(SWITCH)
    (thing,) = things_of(house, taken)
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{taken.review_id}")
    fields = asked(thing, serials=serials(house))
    visitor.sends(f"/desk/{taken.review_id}/request", **fields)
    again = visitor.sends(f"/desk/{taken.review_id}/request", **{**fields, "version": "2"})

    assert again.status_code == 422
    assert "asked for already" in again.text
    with house.store.read() as uow:
        assert len(cases.proposals(uow, case_id=taken.case_id)) == 1


def test_a_note_is_closed_without_telling_anybody(visitor: Any, house: Any, take: Any) -> None:
    taken = take(BELTS)
    visitor.is_staff("reviewer")
    visitor.opens(f"/desk/{taken.review_id}")

    page = visitor.sends(
        f"/desk/{taken.review_id}/reject", version="1", note="fixed on site", reason="answered"
    )

    assert f"{taken.review_id}: closed." in page.text
    assert house.later.started == []
    with house.store.read() as uow:
        thread = cases.case(uow, taken.case_id).thread_id
        assert [one.kind for one in talk.events_after(uow, thread, 0)] == ["message"]


def test_nobody_can_be_asked_in_the_conversation_of_a_note(visitor: Any, take: Any) -> None:
    taken = take(BELTS)
    visitor.is_staff("reviewer")
    page = visitor.opens(f"/desk/{taken.review_id}")

    asked_all_the_same = visitor.sends(f"/desk/{taken.review_id}/ask", version="1", note="How many?")

    assert 'id="ask"' not in page.text
    assert asked_all_the_same.status_code == 422


def test_a_customer_does_not_see_notes_about_their_account(visitor: Any, take: Any) -> None:
    take(BELTS)
    visitor.is_customer("C-1001-1")

    assert "BX54" not in visitor.opens("/chat").text
