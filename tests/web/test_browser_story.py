"""From the start page to a label in a real browser, against `backhaul up` with both its processes."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser_house import ANSWER_MS, Books

pytestmark = pytest.mark.browser

SECONDS, ACTIONS = 90, 12


@pytest.fixture(scope="module")
def address(books: Books) -> str:
    return books.address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 860})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda told: faults.append(told.text) if told.type == "error" else None)
    yield page
    context.close()
    assert faults == []


class Hand:
    """A person's hand: counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def clicks(self, what: str) -> None:
        self.actions += 1
        self.page.locator(what).last.click()

    def opens(self, path: str) -> None:
        self.actions += 1
        self.page.goto(path)


def plays(hand: Hand, title: str) -> None:
    """Open a story and send its first message."""
    hand.opens("/")
    hand.clicks(f'.story:has(h3:text-is("{title}")) button')
    hand.clicks("#composer button.button")


def test_the_wrong_part_gets_its_label_in_twelve_actions_and_ninety_seconds(page: Page) -> None:
    began, hand = time.monotonic(), Hand(page)

    plays(hand, "The wrong part in the box")
    while hand.actions < ACTIONS:
        page.locator(".choices button, .label").last.wait_for(timeout=ANSWER_MS)
        if page.locator(".label").count():
            break
        shown = page.locator(".message").last.get_attribute("data-seq")
        # The first choice is the one that goes on: yes, a replacement, the order that was named.
        hand.actions += 1
        page.locator(".choices button").first.click()
        page.wait_for_function(
            "seen => Number(document.querySelector('.message:last-of-type').dataset.seq) > Number(seen) + 1",
            arg=shown,
        )
    printed = page.request.get(page.locator(".label-files a").first.get_attribute("href") or "")

    assert page.locator(".label").count() == 1
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF")
    assert hand.actions <= ACTIONS
    assert time.monotonic() - began <= SECONDS


def test_a_review_is_approved_by_keyboard_and_the_open_chat_fills_in_by_itself(page: Page) -> None:
    hand = Hand(page)
    plays(hand, "Nine thousand dollars of drives")
    page.locator(".cards-consent").wait_for(timeout=ANSWER_MS)
    hand.clicks(".choices button >> nth=0")
    expect(page.locator("#status")).to_contain_text("With a colleague", timeout=ANSWER_MS)

    desk = page.context.new_page()
    desk.goto("/")
    desk.locator('.people li:has-text("Rita Alvarez") button').click()
    desk.wait_for_url("**/desk")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/desk/RV-*")
    expect(desk.locator("#decide")).to_be_visible()
    desk.keyboard.press("a")
    desk.wait_for_url("**/desk?done=*")

    expect(page.locator(".label")).to_have_count(1, timeout=ANSWER_MS)
    expect(page.locator("#status")).to_contain_text("Hand the parcel in by")


def test_a_policy_owner_is_told_to_wait_and_then_what_a_figure_would_have_done(page: Page) -> None:
    hand = Hand(page)
    hand.opens("/")
    hand.clicks('.people li:has-text("Petra Novak") button')
    page.wait_for_url("**/policies")
    hand.opens("/policies/try/window_days")
    page.locator("input[name='cell:bearing.gold']").fill("10")
    # Between pages nothing can be asked, so the page itself keeps what it showed while it waited.
    page.evaluate(
        "addEventListener('submit', () => setTimeout(() => {"
        " sessionStorage.waited = document.querySelector('[data-busy-line]').checkVisibility(); }))"
    )
    page.locator("form[data-busy] button[type=submit]").click()

    expect(page.locator("#result-head")).to_contain_text("had it been in force", timeout=ANSWER_MS)
    expect(page.locator("#amended ~ .table-wrap")).to_contain_text("Window days for bearing, gold")
    expect(page.locator("[data-busy-line]")).to_be_hidden()
    assert page.evaluate("sessionStorage.waited") == "true"


def test_a_parcel_is_scanned_received_inspected_and_put_back_on_the_shelf(page: Page) -> None:
    plays(Hand(page), "The wrong part in the box")
    while not page.locator(".label").count():
        page.locator(".choices button, .label").last.wait_for(timeout=ANSWER_MS)
        shown = page.locator(".message").last.get_attribute("data-seq")
        page.locator(".choices button").first.click()
        page.wait_for_function(
            "seen => Number(document.querySelector('.message:last-of-type').dataset.seq) > Number(seen) + 1",
            arg=shown,
        )
    tracking = page.locator(".label").inner_text().split("Tracking ")[1].split()[0]

    dock = page.context.new_page()
    dock.goto("/")
    dock.locator('.people li:has-text("Dora Kimani") button').click()
    dock.wait_for_url("**/dock")
    # The scan box has the focus: a wedge scanner types into it and ends with Enter.
    expect(dock.locator("#scan")).to_be_focused()
    dock.keyboard.type(f"]C1{tracking}")
    dock.keyboard.press("Enter")
    dock.wait_for_url("**/dock/rma/*")
    dock.locator("button:text-is('Received as counted')").click()
    dock.locator("#inspect").wait_for(timeout=ANSWER_MS)
    for question in dock.locator(".dock-checks fieldset").all():
        question.locator("input[value=na], input[value=none]").check()
    dock.check("input[name=grade][value=A]")
    dock.check("input[name=finding][value=confirmed]")
    dock.locator("button:text-is('Inspected')").click()
    expect(dock.locator("[data-proposed] .choice-title")).to_contain_text("Restock")
    dock.locator("button:text-is('Confirm')").click()

    expect(dock.locator(".dock-result")).to_contain_text("Put them back on the shelf.", timeout=ANSWER_MS)
    expect(page.locator("#messages")).to_contain_text("is finished", timeout=ANSWER_MS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/")
    page.locator(".people button").first.click()
    page.wait_for_url("**/desk")
    page.goto("/")
    page.locator(".story button").first.click()
    page.wait_for_url("**/chat?story=*")
    policies = ("/policies", "/policies/editions", "/policies/try", "/policies/try/reason_permits")
    doors = ("/", "/sign-in", "/staff/sign-in", "/chat", "/desk", "/dock", "/mailbox", "/nothing")
    for path in doors + policies:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_word_without_end_stays_in_its_bubble_and_on_the_desk(
    browser: Browser, address: str, width: int
) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto("/")
    page.locator(".story button").first.click()
    page.locator("#text").fill(
        f"I want to talk to a person about {'ABCDEFGH' * 40} and https://x.example/{'y' * 200}"
    )
    page.locator("#composer button.button").click()
    page.locator(".from-us").first.wait_for(timeout=ANSWER_MS)

    for thing in (".from-customer .bubble", ".from-us .bubble", "#messages", ".threads"):
        found = page.locator(thing).first
        assert found.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, thing
        box = found.bounding_box()
        assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width), (thing, box)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.goto("/")
    page.locator('.people li:has-text("Rita Alvarez") button').click()
    page.wait_for_url("**/desk")
    page.locator('tr:has-text("A person is needed") a').first.click()
    page.locator(".said-customer").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    context.close()


def test_without_scripts_a_story_still_gets_its_answer(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.locator('.story:has(h3:text-is("Too late")) button').click()
    page.locator("#composer button.button").click()
    page.locator(".from-us").first.wait_for(timeout=ANSWER_MS)

    assert page.locator(".from-customer").count() == 1
    context.close()
