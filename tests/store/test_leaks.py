"""Every kind of leak, planted straight into the rows, is found and named; clean books leak nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.clock import MovedClock
from backhaul.domain.leaks import Leak, LeakKind
from backhaul.domain.ledger_laws import Law
from backhaul.domain.money import Money
from backhaul.store import ledger
from backhaul.store.database import open_engine
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow, RmaRow
from backhaul.store.leaks import PATIENCE, leaks
from backhaul.store.ledger import Entry
from backhaul.store.money_tables import CreditMemoRow, VendorClaimRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import Store, UnitOfWork
from tests.store.on_record import add, add_claim, add_disposition, add_receipt, add_return

ORDER, PIECES, PRICE, TAX = "SO-1", 4, 10_000, 800


@dataclass
class Books:
    """One return that closed as it should: four pieces came back to the supplier and were credited."""

    store: Store
    clock: MovedClock

    def plant(self, sql: str, **values: Any) -> None:
        with self.store.begin() as uow:
            uow.session.execute(sa.text(sql), values)

    def add(self, table: Any, /, **known: Any) -> None:
        with self.store.begin() as uow:
            add(uow.session, table, **known)

    def slip(self, kind: str, pieces: int = 1, cents: int = 0, **more: Any) -> None:
        """An entry that no law was asked about."""
        place = {"order_number": ORDER, "order_line": 1, "rma_line_id": "RN-a", "case_id": "RC-a"}
        known = {**place, "currency": "USD", "created_at": self.clock.now(), "serials": [], **more}
        self.add(LedgerEntryRow, kind=kind, quantity=pieces, amount_minor=cents, **known)

    def found(self, case_id: str | None = None) -> list[Leak]:
        with self.store.read() as uow:
            return leaks(uow, case_id=case_id)

    def lost(self) -> set[LeakKind]:
        return {one.kind for one in self.found() if not one.under_way}


@pytest.fixture
def books(database_url: str) -> Iterator[Books]:
    clock = MovedClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    store = Store(open_engine(database_url), clock)
    with store.begin() as uow:
        a_closed_return(uow)
    yield Books(store, clock)
    store.close()


def a_closed_return(uow: UnitOfWork) -> None:
    line = add_return(uow, "a", order_number=ORDER, quantity=PIECES)
    ledger.note_bound(uow, ORDER, 1, shipped=6, invoiced_minor=6 * (PRICE + TAX))
    came = add_receipt(uow, "a", of="a", quantity=PIECES, state="booked")
    settled = add_disposition(uow, "a", receipt=came, of="a", quantity=PIECES, chosen="return_to_vendor")
    claim = add_claim(uow, "a", settled, cost_minor=20_000)

    def enter(kind: str, pieces: int, cents: int, cause: str | None = None) -> None:
        ledger.enter(uow, Entry(kind, pieces, Money(cents), "RC-a", ORDER, 1, line, "PM-a", cause))

    enter(ledger.AUTHORISED, PIECES, PIECES * PRICE)
    enter(ledger.RECEIVED, PIECES, PIECES * PRICE, came)
    enter(ledger.DISPOSED, PIECES, PIECES * PRICE, settled)
    enter(ledger.CREDITED, PIECES, PIECES * (PRICE + TAX), settled)
    enter(ledger.CLAIMED, PIECES, 20_000, claim)
    enter(ledger.RECOVERED, 0, 18_000, claim)
    claimed = uow.session.get(VendorClaimRow, claim)
    rma = uow.session.get(RmaRow, "RMA-a")
    assert claimed is not None
    assert rma is not None
    claimed.state, claimed.approved_minor, claimed.quantity = "credited", 18_000, PIECES
    rma.closed_at, rma.return_by = uow.clock.now(), uow.clock.now().date()
    add(
        uow.session,
        CreditMemoRow,
        id="CM-a",
        case_id="RC-a",
        rma_id="RMA-a",
        line_id="RL-a",
        proposal_id="PR-a",
        subject=settled,
        order_number=ORDER,
        order_line=1,
        quantity=PIECES,
        goods_minor=PIECES * PRICE,
        tax_minor=PIECES * TAX,
        amount_minor=PIECES * (PRICE + TAX),
        currency="USD",
    )


def test_a_return_that_closed_leaks_nothing(books: Books) -> None:
    books.clock.advance(days=400)

    assert books.found() == []
    assert books.found("RC-a") == []


def test_late_goods_that_a_person_let_in_leak_nothing_and_others_do(books: Books) -> None:
    books.slip("released", PIECES, PIECES * PRICE)
    books.plant("UPDATE rma SET expired_at = closed_at")
    books.clock.advance(days=PATIENCE.days + 1)

    assert books.found() == []

    books.plant(without("credited"))
    books.plant("DELETE FROM credit_memo")
    assert {one.kind for one in books.found()} == {LeakKind.ENDED_BUT_RECEIVED, LeakKind.NOT_MADE_GOOD}


def without(*kinds: str) -> str:
    return f"DELETE FROM ledger_entry WHERE kind IN ({', '.join(map(repr, kinds))})"  # noqa: S608 - our own words


PLANTED: dict[LeakKind, Callable[[Books], None]] = {
    LeakKind.NOT_AUTHORISED: lambda books: books.plant("UPDATE rma_line SET quantity = 5"),
    LeakKind.NEVER_CAME: lambda books: books.slip("authorised", 1, PRICE),
    LeakKind.ENDED_BUT_RECEIVED: lambda books: books.slip("released", 1, PRICE),
    LeakKind.NOT_ENTERED: lambda books: books.plant("UPDATE receipt SET quantity = 5"),
    LeakKind.NOT_COUNTED: lambda books: books.plant("UPDATE receipt SET quantity = 3"),
    LeakKind.NOT_DISPOSED: lambda books: books.plant(f"{without('disposed')} AND id > 0"),
    LeakKind.MOVED_UNSETTLED: lambda books: books.plant("UPDATE disposition SET quantity = 3"),
    LeakKind.SETTLED_UNMOVED: lambda books: books.plant("UPDATE disposition SET quantity = 5"),
    LeakKind.NOT_MADE_GOOD: lambda books: books.plant(without("credited")),
    LeakKind.CREDITED_NOT_BACK: lambda books: books.plant(without("received", "disposed")),
    LeakKind.REPLACED_NOT_BACK: lambda books: books.slip("replaced", 1, PRICE),
    LeakKind.ABOVE_PRICE: lambda books: books.plant(
        "UPDATE ledger_entry SET amount_minor = amount_minor + 5 WHERE kind = 'credited'"
    ),
    LeakKind.NOT_POSTED: lambda books: books.plant("DELETE FROM credit_memo"),
    LeakKind.POSTED_UNENTERED: lambda books: books.plant(without("credited")),
    LeakKind.POSTED_MORE: lambda books: books.plant("UPDATE credit_memo SET goods_minor = goods_minor + 1"),
    LeakKind.POSTED_LESS: lambda books: books.plant("UPDATE credit_memo SET goods_minor = goods_minor - 1"),
    LeakKind.NOT_ORDERED: lambda books: books.slip("repaired", 1, PRICE),
    LeakKind.RECOVERED_MORE: lambda books: books.plant("UPDATE vendor_claim SET approved_minor = 17999"),
    LeakKind.NOT_CLAIMED: lambda books: books.plant("UPDATE vendor_claim SET quantity = 3"),
    LeakKind.NOT_RECOVERED: lambda books: books.plant("UPDATE vendor_claim SET approved_minor = 18001"),
    LeakKind.UNMATCHED: lambda books: books.slip(
        "unmatched", 2, order_number="", rma_line_id=None, cause="RE-x"
    ),
    LeakKind.LAW: lambda books: books.slip("credited", 1, serials=["S-1", "S-1"]),
}


@pytest.mark.parametrize(
    ("planted", "law"),
    [
        ("UPDATE inspection SET quantity = 3", Law.INSPECTED),
        ("UPDATE ledger_entry SET quantity = 3 WHERE kind = 'received'", Law.OF_RECEIPT),
    ],
)
@pytest.mark.parametrize("case_id", [None, "RC-a"])
def test_more_disposed_of_than_was_looked_at_is_found(
    books: Books, planted: str, law: Law, case_id: str | None
) -> None:
    books.plant(planted)

    assert law.value in {one.law for one in books.found(case_id)}


@pytest.mark.parametrize("kind", LeakKind)
def test_a_planted_leak_is_found_by_its_name(books: Books, kind: LeakKind) -> None:
    PLANTED[kind](books)
    books.clock.advance(days=PATIENCE.days + 1)

    assert kind in books.lost()


@pytest.mark.parametrize(
    ("law", "plant"),
    [
        (Law.AUTHORISED, lambda books: books.slip("authorised", 3, rma_line_id=None)),
        (Law.RELEASED, lambda books: books.slip("released", 5)),
        (Law.MADE_GOOD, lambda books: books.slip("repaired", 3, rma_line_id=None)),
        (Law.CREDITED_MONEY, lambda books: books.slip("credited", 0, 3 * PRICE, rma_line_id=None)),
        (Law.RECEIVED, lambda books: books.slip("received")),
        (Law.DISPOSED, lambda books: books.slip("disposed")),
        (Law.MADE_GOOD_ON_LINE, lambda books: books.slip("repaired")),
        (Law.REFUSED, lambda books: books.slip("refused", 5)),
        (Law.CLAIMED, lambda books: books.slip("claimed")),
        (Law.CLAIMED_MONEY, lambda books: books.slip("claimed", 0, 1, cause="VC-DS-a")),
        (Law.RECOVERED, lambda books: books.slip("recovered", 0, 2_001, cause="VC-DS-a")),
        (Law.MATCHED, lambda books: books.slip("matched", order_number="", rma_line_id=None, cause="RE-a")),
        (Law.SERIAL, lambda books: books.slip("received", 0, serials=["S-1", "S-1"])),
        (Law.CAUSE, lambda books: books.slip("disposed", 0, cause="DS-a")),
        (Law.CAUSE, lambda books: books.slip("replaced", 0, cause="DS-a")),
        (Law.CAUSE, lambda books: books.slip("refused", 0, cause="DS-a")),
        (Law.CAUSE, lambda books: books.slip("received", 0, cause="RE-a", case_id="RC-b")),
        (Law.CAUSE, lambda books: books.slip("claimed", 0, cause="VC-DS-a")),
    ],
)
def test_a_broken_law_is_told_in_its_words(books: Books, law: Law, plant: Callable[[Books], None]) -> None:
    plant(books)

    assert law.value in {one.law for one in books.found()}


def test_a_credit_for_goods_that_stay_is_held_against_its_memo(books: Books) -> None:
    with books.store.begin() as uow:
        add_return(uow, "b", order_number=ORDER, quantity=1, rma=False)
    stays = {"rma_line_id": None, "case_id": "RC-b", "permit_id": "PM-b"}
    books.slip("credited", 1, PRICE, **stays)

    assert [str(one) for one in books.found("RC-b")] == [f"1 piece {LeakKind.NOT_POSTED.value}"]

    books.add(CommandRow, key="b", permit_id="PM-b", state="sent")
    assert books.found("RC-b") == [], "it has been sent, and is not answered yet"


def test_what_is_still_to_come_is_under_way_until_it_takes_too_long(books: Books) -> None:
    with books.store.begin() as uow:
        add_return(uow, "c", order_number=ORDER, order_line=2, quantity=2)
        ledger.note_bound(uow, ORDER, 2, shipped=2, invoiced_minor=None)
        entry = Entry(ledger.AUTHORISED, 2, Money(500), "RC-c", ORDER, 2, "RN-c")
        ledger.enter(uow, entry)
        rma = uow.session.get(RmaRow, "RMA-c")
        assert rma is not None
        rma.return_by = (uow.clock.now() + timedelta(days=30)).date()

    assert [(one.kind, one.pieces, one.under_way) for one in books.found()] == [
        (LeakKind.NEVER_CAME, 2, True)
    ]

    books.clock.advance(days=31 + PATIENCE.days)
    assert books.lost() == {LeakKind.NEVER_CAME}


def test_nothing_is_owed_for_goods_that_go_back_or_whose_credit_was_refused(books: Books) -> None:
    books.plant(without("credited"))
    books.plant("DELETE FROM credit_memo")
    assert books.lost() == {LeakKind.NOT_MADE_GOOD}

    books.add(ReviewRow, id="RV-a", case_id="RC-a", thread_id="TH-a", subject="DS-a", state="rejected")
    assert books.lost() == {LeakKind.NOT_MADE_GOOD}, "the worker has not acted on it"
    books.slip("refused", 4, cause="DS-a")
    assert books.lost() == set()

    books.plant(without("refused"))
    with books.store.begin() as uow:
        settled = uow.session.get(DispositionRow, "DS-a")
        assert settled is not None
        settled.chosen = "return_to_customer"
    assert books.lost() == set()


def test_a_leak_says_pieces_money_and_place(books: Books) -> None:
    books.plant("UPDATE receipt SET quantity = 6")

    (leak,) = books.found("RC-a")

    assert (leak.pieces, leak.value_minor, leak.case_id, leak.about) == (2, 2 * PRICE, "RC-a", "RN-a")
    assert str(leak) == "2 pieces counted and booked at the dock, and not in the ledger"
