"""Customers, the dock and the desk in a real browser, and what each of them does on its pages."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, expect

from backhaul.domain.receiving import Disposition, Finding, Grade
from backhaul.store import staff
from backhaul.store.staff import Claimant
from tests.web.browser_house import ANSWER_MS, Books
from web.who import COOKIES, LASTS, machine_now, session_id_of

RITA, ARNE, DORA, FAY = (
    "rita.reviewer@halden.example",
    "arne.approver@halden.example",
    "dora.dock@halden.example",
    "fay.finance@halden.example",
)


@dataclass
class People:
    """A browser for each person; whoever sat down once stays signed in."""

    browser: Browser
    books: Books
    faults: list[str] = field(default_factory=list)
    """What the browsers complained about"""
    _sitting: dict[str, Page] = field(default_factory=dict)

    def customer(self, account_id: str, contact_id: str) -> Page:
        """A customer's browser, signed in."""
        return self._sits(Claimant("customer", contact_id, "Customer", account_id))

    def member(self, email: str) -> Page:
        """The browser of a member of staff, signed in."""
        with self.books.store.read() as uow:
            row = staff.staff_by_email(uow, email)
        assert row is not None
        return self._sits(Claimant("staff", row.id, row.name))

    def _sits(self, who: Claimant) -> Page:
        if who.subject not in self._sitting:
            self._sitting[who.subject] = self._signed_in(who).new_page()
            self._listen(self._sitting[who.subject])
        return self._sitting[who.subject]

    def _signed_in(self, who: Claimant) -> BrowserContext:
        secret = secrets.token_hex(24)
        with self.books.store.begin() as uow:
            hashed, lasts = session_id_of(secret), LASTS[who.kind]
            staff.open_session(uow, who, session_id=hashed, now=machine_now(), lasts=lasts)
        address = self.books.address
        context = self.browser.new_context(base_url=address, viewport={"width": 1280, "height": 860})
        context.set_default_timeout(ANSWER_MS)
        context.add_cookies([{"name": COOKIES[who.kind], "value": secret, "url": address}])
        return context

    def _listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda told: self.faults.append(told.text) if told.type == "error" else None)

    def leave(self) -> None:
        """Close every browser."""
        for page in self._sitting.values():
            page.context.close()


def says(page: Page, where: str, *words: str) -> None:
    """Wait until a part of a page says all of it."""
    for one in words:
        expect(page.locator(where)).to_contain_text(one, timeout=ANSWER_MS)


@dataclass(frozen=True, slots=True)
class DockHand:
    """Who works at the dock, with a scanner that types."""

    page: Page

    def scans(self, code: str) -> None:
        """Scan something into the dock's first page and land where it leads."""
        self.page.goto("/dock")
        # The box has the focus once the page is drawn.
        self.page.locator("#scan:focus").wait_for()
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "scan=" in url or not url.endswith("/dock"))

    def counts(
        self, number: int, *, kind: str = "", article: str = "", serials: Sequence[str] = (), note: str = ""
    ) -> str:
        """Count what is in the box; the id of the receipt."""
        if kind:
            self._picks(f"input[name^='kind:'][value={kind}]")
        if article:
            self.page.fill("input[name^='article:']", article)
        self.page.fill("input[name^='count:']", str(number))
        if serials:
            self.page.fill("textarea[name^='serials:']", "\n".join(serials))
        self.page.fill("#note", note)
        return self.presses("Received as counted")

    def presses(self, button: str) -> str:
        """Send the page off; the id of the receipt it leads to."""
        self.page.click(f"button:text-is('{button}')")
        self.page.wait_for_url("**/dock/receipt/*")
        return self.page.url.rsplit("/", 1)[1]

    def inspects(
        self, grade: Grade, finding: Finding = Finding.CONFIRMED, *, truth: str = "", seal: str = "none"
    ) -> None:
        """Answer the checklist, grade, and say whether the customer is right."""
        self.page.locator("#inspect").wait_for()
        for question in self.page.locator(".dock-checks fieldset").all():
            question.locator(f"input[value=na], input[value={seal}]").last.check(force=True)
        self._picks(f"input[name=grade][value={grade.value}]")
        self._picks(f"input[name=finding][value={finding.value}]")
        if truth:
            self.page.select_option("#found_reason", truth)
        self.page.click("button:text-is('Inspected')")
        self.page.wait_for_url("**/dock/inspection/*")

    def settles_on(self, chosen: Disposition) -> None:
        """Choose what becomes of the goods, with a reason where it is not what was proposed."""
        self._picks(f"input[name=chosen][value={chosen.value}]")
        reason = self.page.locator("#override_reason")
        if reason.is_visible():
            reason.fill("The tests want to see this way.")
        self.page.click("button:text-is('Confirm')")
        expect(self.page.locator(".dock-result .tag-good")).to_be_visible(timeout=ANSWER_MS)

    def waits_for_credit(self) -> None:
        """Wait until the page tells what the customer gets."""
        says(self.page, ".dock-result", "Credit memo")

    def _picks(self, choice: str) -> None:
        # The box itself is hidden behind its label.
        self.page.locator(choice).check(force=True)


@dataclass(frozen=True, slots=True)
class DeskHand:
    """Who decides at the desk."""

    page: Page

    def opens(self, review_id: str) -> None:
        """Open a review from the queue."""
        self.page.goto("/desk")
        self.page.click(f"a[href='/desk/{review_id}']")
        self.page.wait_for_url(f"**/desk/{review_id}")

    def approves(self, review_id: str) -> None:
        """Open a review and approve it."""
        self.opens(review_id)
        self.page.click("#approve")
        self.page.wait_for_url(lambda url: "done=" in url)
