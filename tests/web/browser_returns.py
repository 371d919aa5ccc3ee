"""Returns of staged orders, begun through the same commands as the chat's, and what the books say of them."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from backhaul.bootstrap import outside
from backhaul.connectors.embedded.staged import StagedOrder, staged_order
from backhaul.domain.codes import Action, QualityStatus, Reason, Resolution
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.settlement import CreditMemo
from backhaul.store import cases, ledger, reviews, rmas
from backhaul.store.audit import faults
from backhaul.store.conversation import Speaker
from backhaul.store.effect_tables import LabelRow, ReplacementRow, RmaRow
from backhaul.store.leaks import leaks
from backhaul.store.tables import ReviewRow
from tests.house import propose
from tests.web.browser_house import ANSWER_MS, Books
from tests.web.browser_people import DockHand, People, says


@dataclass(frozen=True, slots=True)
class Return:
    """One return of a staged order, and its books."""

    books: Books
    order: StagedOrder
    case_id: str
    thread_id: str

    @property
    def rma(self) -> RmaRow:
        with self.books.store.read() as uow:
            (row,) = rmas.rmas_of_case(uow, self.case_id)
        return row

    @property
    def label(self) -> LabelRow:
        with self.books.store.read() as uow:
            row = rmas.live_label(uow, self.rma.id)
        assert row is not None
        return row

    @property
    def memos(self) -> list[CreditMemo]:
        """Credit memos on the order in the ERP."""
        return list(self.books.erp.credit_memos(self.order.order_number))

    @property
    def pieces(self) -> dict[str, int]:
        """Pieces of the return's first line in the ledger, by kind of entry."""
        with self.books.store.read() as uow:
            return dict(ledger.on_rma_line(uow, rmas.rma_lines(uow, self.rma.id)[0].id))

    def stock(self, status: QualityStatus, sku: str = "") -> int:
        """Pieces in the ERP that lie in the facility of the return."""
        balances = self.books.erp.inventory(sku or self.order.sku)
        here = [one for one in balances if one.bin.facility_id == self.rma.facility_id]
        return sum(one.quantity for one in here if one.bin.quality_status is status)

    def review(self, action: Action | None = None) -> ReviewRow:
        """The open review of the case; with an action, the one about it."""
        with self.books.store.read() as uow:
            found = [one for one in reviews.reviews_of_case(uow, self.case_id) if one.state == "open"]
        (row,) = [one for one in found if action is None or one.action == action.value]
        return row

    @property
    def replacements(self) -> list[ReplacementRow]:
        with self.books.store.read() as uow:
            return list(rmas.replacements(uow, self.rma.id))

    def moves(self, *statuses: ParcelStatus) -> None:
        """The carrier scans the parcel."""
        store = self.books.store
        for carrier in outside.carriers(self.books.settings, store.clock):
            if carrier.name == self.label.carrier:
                for status in statuses:
                    carrier.report(self.label.tracking_number, status, at=store.clock.now())
            carrier.close()

    def is_whole(self) -> bool:
        """Nothing is missing from the audit chain of the case, nothing is lost or owed at its end."""
        with self.books.store.read() as uow:
            assert faults(uow, self.case_id) == []
            found = leaks(uow, case_id=self.case_id)
        is_over = self.rma.state == "closed"
        assert [str(one) for one in found if is_over or not one.under_way] == []
        return True


def begins(
    books: Books,
    key: str,
    quantity: int,
    words: str,
    reason: Reason = Reason.NO_LONGER_NEEDED,
    resolution: Resolution = Resolution.CREDIT,
    **more: Any,
) -> Return:
    """A return of pieces of a staged order, proposed as the agent does after a yes."""
    order = staged_order(key)
    sent = propose(
        books.desk,
        order.order_number,
        1,
        quantity,
        reason,
        words=words,
        resolution=resolution,
        speaker=Speaker(order.account_id, "Customer", f"contact:{order.contact_id}"),
        serials=order.serials[:quantity],
        **more,
    )
    with books.store.read() as uow:
        thread_id = cases.case(uow, sent.case_id).thread_id
    return Return(books, order, sent.case_id, thread_id)


def chat_of(people: People, back: Return) -> Page:
    """The customer's chat of a return."""
    page = people.customer(back.order.account_id, back.order.contact_id)
    page.goto(f"/chat/{back.thread_id}")
    return page


def customer_of(people: People, back: Return) -> Page:
    """The same, once the label is in it."""
    page = chat_of(people, back)
    # The first verdict of a house waits for its reader to load.
    expect(page.locator(".label")).to_be_visible(timeout=2 * ANSWER_MS)
    return page


def scanned_in(dora: DockHand, back: Return) -> None:
    """The parcel is at the dock and under the scanner."""
    dora.scans(back.label.tracking_number)
    says(dora.page, "h1", "What is in the box?")
