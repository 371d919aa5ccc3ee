"""The main job, once on each database: what the customer says, and what stands in the rows at the end."""

import io
import re

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from backhaul.connectors.embedded.stories import Expected, Story, stories
from backhaul.store import cases, conversation, reviews, rmas, staff
from backhaul.store.conversation import Photo, Speaker
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork
from tests.house import House
from web import desk_decide
from web.desk_decide import Typed
from web.desk_view import case_page
from web.numbers import Numbers
from web.who import member_of
from web.world import Doors

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
    for print_of in (label.png_blob, label.pdf_blob):
        codes = scanned(house.world.blobs.get(print_of))
        assert {f"(00){label.sscc}", label.drop_off_code} <= codes
    ordered = house.world.erp.order(replacement.erp_number)
    assert ordered is not None
    assert ordered.account_id == "A-1001"
    assert [(one.sku, one.quantity_ordered, one.unit_price.minor) for one in ordered.lines] == [
        ("CTR-018-024", 2, 0)
    ]


def scanned(printed: bytes) -> set[str]:
    """What a hand scanner reads from a label as printed: the PNG, or the PDF's one page."""
    if printed.startswith(b"%PDF"):
        page = pypdfium2.PdfDocument(printed)[0]
        picture = page.render(scale=203 / 72).to_pil().convert("L")
    else:
        picture = Image.open(io.BytesIO(printed)).convert("L")
    return {code.text for code in zxingcpp.read_barcodes(picture)}


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


def test_damage_is_asked_for_a_photo_and_goes_on_when_it_comes(house: House) -> None:
    story = next(one for one in TOLD.values() if one.expected is Expected.ASK_PHOTO)
    thread_id, outcome = play(house, story)
    assert outcome == "ask"
    with house.store.read() as uow:
        assert "photo" in conversation.messages(uow, thread_id)[-1].body
        assert booked_on(uow, thread_id) == []

    done = house.say(thread_id, "Here is the picture of it", photos=(a_photo(house),))

    assert done.outcome == "done"
    with house.store.read() as uow:
        (rma,) = booked_on(uow, thread_id)
        assert rmas.live_label(uow, rma.id) is not None


def a_photo(house: House) -> Photo:
    picture = io.BytesIO()
    Image.effect_noise((640, 480), 60).save(picture, "JPEG")
    content = picture.getvalue()
    return Photo(house.world.blobs.put(content), "door.jpg", "image/jpeg", len(content))


def booked_on(uow: UnitOfWork, thread_id: str) -> list[RmaRow]:
    return [row for case in cases.cases_of_thread(uow, thread_id) for row in rmas.rmas_of_case(uow, case.id)]


def test_what_a_reviewer_asks_is_put_to_the_customer_and_the_answer_is_on_the_desk(house: House) -> None:
    thread_id, outcome = play(house, TOLD["big-value"])
    assert outcome == "review"
    doors = desk_doors(house)

    with house.store.read() as uow:
        (review,) = reviews.open_reviews_of_thread(uow, thread_id)
        reviewer = staff.staff_by_email(uow, "rita.reviewer@halden.example")
    assert reviewer is not None
    rita = member_of(reviewer, "")
    asked = Typed("condition", "Are both seals intact?", "")
    desk_decide.ask(review.id, doors, rita, Numbers(), review.version, asked)
    house.conversation().run_pending(thread_id)
    house.say(thread_id, "Yes, both seals are intact")

    with house.store.read() as uow:
        page = case_page(uow, doors, review.id, rita)
        said = [message.body for message in conversation.messages(uow, thread_id)]
    assert any("Are both seals intact?" in body for body in said)
    assert (page.review.state, page.review.answer) == ("open", "Yes, both seals are intact")


def desk_doors(house: House) -> Doors:
    return Doors(
        settings=house.settings,
        desk=house.desk,
        conversation=house.conversation(),
        notifier=house.world.notifier,
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("", id="empty"),
        pytest.param("   \n\t  ", id="blank"),
        pytest.param("asdf qwer zxcv 12 ;;; ???", id="nonsense"),
        pytest.param("\N{PACKAGE}\N{CRYING FACE}\N{THUMBS DOWN SIGN}" * 20, id="emoji"),
        pytest.param("Ich m\u00f6chte zwei Sch\u00fctze zur\u00fcckschicken, sie passen nicht.", id="German"),
        pytest.param("\u8fd4\u54c1\u3057\u305f\u3044\u3067\u3059\u3002", id="Japanese"),
        pytest.param("I want to return something. " * 715, id="20,000 characters"),
        pytest.param("half a \ud83d pair", id="half a character"),
        pytest.param("\x00\x07\u202e{{7*7}}'; DROP TABLE rma; --<script>", id="control characters"),
    ],
)
def test_whatever_is_written_is_answered_or_handed_to_a_person(house: House, words: str) -> None:
    thread_id = house.thread(Speaker("A-1001", "Customer", "contact:C-1001-1"))

    turn = house.say(thread_id, words)

    assert turn.outcome in {"help", "ask", "review"}
    assert len(turn.reply) > 20
    assert not re.search(r"Traceback|Error\b|Exception|None\b", turn.reply)
    with house.store.read() as uow:
        assert booked_on(uow, thread_id) == []
    again = house.say(thread_id, "What is the status of my returns?")
    assert again.reply, "the conversation goes on"


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
