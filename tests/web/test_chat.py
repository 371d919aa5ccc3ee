import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image, ImageDraw

from backhaul.store import conversation as talk
from backhaul.store import heartbeat
from backhaul.store.tables import ThreadRow


@pytest.fixture
def dana(visitor: Any, house: Any) -> Any:
    visitor.plays(house.doors.stories[0].key)
    return visitor


def settled(visitor: Any, path: str, words: str) -> Any:
    """The page once those words are on it."""
    for _ in range(100):
        page = visitor.opens(path)
        if words in page.text:
            return page
        time.sleep(0.03)
    raise AssertionError(f"{words!r} never appeared")


def carton(colour: str = "saddlebrown") -> Image.Image:
    """A photo with edges on it."""
    picture = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(picture)
    for at in range(0, 640, 16):
        draw.line((at, 0, 640 - at, 480), fill=colour, width=3)
    return picture


def as_file(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def test_the_first_message_starts_a_conversation_that_is_answered_on_its_page(dana: Any) -> None:
    page = dana.sends("/chat", text="The wrong contactors came")

    answered = settled(dana, page.url.path, "You said: The wrong contactors came")
    assert page.url.path.startswith("/chat/TH-")
    assert answered.text.index("from-customer") < answered.text.index("from-us")


def test_without_scripts_a_message_comes_back_with_its_answer(dana: Any) -> None:
    thread = dana.sends("/chat", text="The wrong contactors came").url.path
    settled(dana, thread, "You said")

    page = dana.sends(f"{thread}/messages", text="Two of them")

    assert "You said: Two of them" in page.text


def test_the_same_form_sent_twice_is_one_message(dana: Any, house: Any) -> None:
    thread = dana.sends("/chat", text="hello").url.path
    for _ in range(2):
        dana.sends(f"{thread}/messages", text="Two of them", once="ON-1")

    with house.store.read() as uow:
        said = [row.body for row in talk.messages(uow, thread.rpartition("/")[2]) if row.author == "customer"]
    assert said == ["hello", "Two of them"]


def test_three_posts_at_once_with_one_key_are_one_conversation(dana: Any, house: Any) -> None:
    def begins() -> str:
        return str(dana.client.post("/chat", data=form, follow_redirects=False).headers["location"])

    form = {"token": dana.token, "text": "Two of the seals leak", "once": "ON-AT-ONCE"}
    with ThreadPoolExecutor(3) as hands:
        led_to = {one.result() for one in [hands.submit(begins) for _ in range(3)]}

    (path,) = led_to
    with house.store.read() as uow:
        assert len(talk.threads_of(uow, "A-1001")) == 1
        said = [row.body for row in talk.messages(uow, path.rpartition("/")[2]) if row.author == "customer"]
    assert said == ["Two of the seals leak"]


def test_other_words_on_a_page_from_the_history_are_not_lost(dana: Any, house: Any) -> None:
    paths = {
        dana.sends("/chat", text=words, once="ON-BACK").url.path for words in ("A seal leaks", "And a valve")
    }

    (path,) = paths
    with house.store.read() as uow:
        said = [row.body for row in talk.messages(uow, path.rpartition("/")[2]) if row.author == "customer"]
    assert said == ["A seal leaks", "And a valve"]


def test_the_key_of_somebody_else_opens_nothing_of_theirs(dana: Any, another: Any, house: Any) -> None:
    other = next(one for one in house.doors.stories if one.persona != house.doors.stories[0].persona)
    another.plays(other.key)

    mine = dana.sends("/chat", text="A seal leaks", once="ON-SAME").url.path
    theirs = another.sends("/chat", text="A seal leaks", once="ON-SAME").url.path

    assert mine != theirs
    assert another.opens(mine).status_code == 404


def test_an_empty_message_is_asked_for_again_and_not_kept(dana: Any) -> None:
    thread = dana.sends("/chat", text="hello").url.path

    page = dana.sends(f"{thread}/messages", text="  \n ")

    assert page.status_code == 422
    assert "Write a few words, or add a photo." in page.text


def test_a_long_message_is_taken_and_a_book_is_refused_kindly(dana: Any) -> None:
    assert dana.sends("/chat", text="word " * 5_000).status_code == 200
    assert dana.sends("/chat", text="word " * 20_000).status_code == 422


def test_a_read_back_shows_a_card_with_yes_and_change_only_while_it_is_the_last_word(
    dana: Any, house: Any
) -> None:
    card = {"order_line": "SO-15122/1", "description": "Contactor", "quantity": 2, "reason": "wrong_item"}
    house.agent.says = [
        (
            "This is what I have:\n- 2 x Contactor\n\nIs that right?",
            {
                "cards": [card],
                "consent": {"digest": "d", "lines": ["2 x Contactor"]},
                "choices": [
                    {"label": "Yes, that is right", "send": "yes"},
                    {"label": "Change", "send": "no"},
                ],
            },
        )
    ]
    thread = dana.sends("/chat", text="wrong contactors").url.path

    page = settled(dana, thread, "Is that right?")
    assert "Yes, that is right" in page.text
    assert "SO-15122/1" in page.text
    assert "This is what I have" not in page.text, "the card says it"
    assert "Yes, that is right" not in dana.sends(f"{thread}/messages", text="yes").text


def test_a_stranger_does_not_learn_that_a_conversation_exists(dana: Any, another: Any, house: Any) -> None:
    thread = dana.sends("/chat", text="hello").url.path
    elsewhere = next(one for one in house.doors.personas if one.account_id == "A-1003")
    another.is_customer(elsewhere.key)

    theirs, nobodys = another.opens(thread), another.opens("/chat/TH-NOBODYS")

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.text == nobodys.text


def test_a_photo_is_shown_to_the_customer_without_its_metadata(dana: Any, house: Any) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    thread = dana.sends("/chat", text="hello").url.path
    sent = {
        "photos": ("C:\\holiday\\Küche & Flur.HEIC.jpg", as_file(carton(), exif=exif), "application/x-evil")
    }

    page = dana.sends(f"{thread}/messages", text="Here it is", files=sent)

    with house.store.read() as uow:
        (photo,) = talk.attachments(uow, thread.rpartition("/")[2])
    shown = dana.client.get(f"{thread}/photos/{photo.id}")
    assert photo.id in page.text
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"taken at home" not in shown.content
    assert photo.unusable is None


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (Image.new("RGB", (640, 480), "grey"), "blank"),
        (carton().resize((40, 30)).resize((640, 480), Image.Resampling.BICUBIC), "blurred"),
        (carton().resize((100, 80)), "too small"),
    ],
)
def test_a_photo_that_shows_nothing_is_kept_with_the_reason_why_it_is_no_evidence(
    dana: Any, picture: Image.Image, why: str
) -> None:
    thread = dana.sends("/chat", text="hello").url.path

    page = dana.sends(
        f"{thread}/messages", files={"photos": ("photo.png", as_file(picture, "PNG"), "image/png")}
    )

    assert why in page.text


def test_a_photo_from_another_conversation_is_no_evidence(dana: Any) -> None:
    sent = {"photos": ("a.jpg", as_file(carton()), "image/jpeg")}
    dana.sends("/chat", text="first", files=sent)
    thread = dana.sends("/chat", text="second").url.path

    page = dana.sends(f"{thread}/messages", files=sent)

    assert "The same photo was already sent with another request." in page.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 invoice", "is not a photo we can open"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "is not a photo we can open"),
        (as_file(carton())[:900], "is not a photo we can open"),
        (b"\xff\xd8" + b"0" * (10 * 1024 * 1024), "is larger than 10 MB"),
    ],
)
def test_what_is_no_photo_is_refused_whatever_it_calls_itself(dana: Any, content: bytes, words: str) -> None:
    thread = dana.sends("/chat", text="hello").url.path

    page = dana.sends(
        f"{thread}/messages", text="look", files={"photos": ("photo.jpg", content, "image/jpeg")}
    )

    assert page.status_code == 422
    assert words in page.text


def test_writing_without_pause_is_slowed_down(dana: Any) -> None:
    thread = dana.sends("/chat", text="hello").url.path
    answers = [dana.sends(f"{thread}/messages", text=f"{number}").status_code for number in range(41)]

    assert answers[0] == 200
    assert answers[-1] == 429


def test_while_the_worker_is_silent_the_chat_says_that_decisions_take_longer(
    make_house: Any, sqlite_database_url: str, at_the_doors_of: Any
) -> None:
    house = make_house(sqlite_database_url)
    with house.store.begin() as uow:
        heartbeat.bury(uow, "worker-1")
    visitor = at_the_doors_of(house)
    visitor.plays(house.doors.stories[0].key)

    page = visitor.opens("/chat").text

    assert 'id="delayed" role="status">' in page


def test_messages_left_unanswered_by_a_crash_are_answered_at_the_next_start(
    house: Any, at_the_doors_of: Any
) -> None:
    contact = house.erp.contacts("A-1001")[0]
    speaker = talk.Speaker("A-1001", contact.name, f"contact:{contact.contact_id}")
    with house.store.begin() as uow:
        thread = talk.open_thread(uow, house.doors.desk.ids, speaker, channel="web").id
    house.agent.post(thread, "Was anybody there?")

    at_the_doors_of(house)

    for _ in range(100):
        with house.store.read() as uow:
            if uow.session.get(ThreadRow, thread).handled_seq:
                break
        time.sleep(0.03)
    with house.store.read() as uow:
        assert [row.author for row in talk.messages(uow, thread)] == ["customer", "agent"]
