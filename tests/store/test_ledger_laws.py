"""Each law of the ledger: the last piece is entered, the next one is refused and nothing is written."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import sqlalchemy as sa

from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import CurrencyMismatch, LedgerLawBroken
from backhaul.domain.ledger_laws import Law
from backhaul.domain.money import Money
from backhaul.store import ledger
from backhaul.store.database import open_engine
from backhaul.store.dock_tables import DispositionRow
from backhaul.store.effect_tables import LedgerEntryRow
from backhaul.store.ledger import Entry
from backhaul.store.unit_of_work import Store, UnitOfWork
from tests.store.on_record import add_claim, add_disposition, add_receipt, add_return

ORDER, SHIPPED, INVOICED = "SO-1", 6, 60_000
RACERS = 8


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Six pieces were shipped and four are authorised to come back; the fourth has not come yet."""
    opened = Store(open_engine(database_url), SystemClock())
    with opened.begin() as uow:
        add_return(uow, "a", order_number=ORDER, quantity=4)
        ledger.note_bound(uow, ORDER, 1, shipped=SHIPPED, invoiced_minor=INVOICED)
        ledger.enter(uow, on_line(ledger.AUTHORISED, 4, 40_000))
        ledger.enter(uow, on_line(ledger.RECEIVED, 3, cause=add_receipt(uow, "a", of="a", quantity=3)))
    yield opened
    opened.close()


def on_line(kind: str, pieces: int = 1, cents: int = 0, **more: object) -> Entry:
    entry = Entry(kind, pieces, Money(cents), "RC-a", ORDER, 1, "RN-a", permit_id="PM-a")
    return replace(entry, **more)  # type: ignore[arg-type]


def entries(store: Store) -> int:
    with store.read() as uow:
        return uow.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntryRow)) or 0


def refused(store: Store, law: Law, *these: Entry) -> LedgerLawBroken:
    """All but the last are entered; the last breaks the law and leaves the books as they were."""
    with store.begin() as uow:
        for one in these[:-1]:
            ledger.enter(uow, one)
    before = entries(store)
    with pytest.raises(LedgerLawBroken) as broken, store.begin() as uow:
        ledger.enter(uow, these[-1])
    assert (broken.value.law, entries(store)) == (law.value, before)
    return broken.value


def test_no_more_is_authorised_than_was_shipped(store: Store) -> None:
    told = refused(store, Law.AUTHORISED, on_line(ledger.AUTHORISED, 2), on_line(ledger.AUTHORISED))

    assert (told.figure, told.bound, told.order_number, told.order_line) == (7, SHIPPED, ORDER, 1)


def test_what_is_released_may_be_authorised_again(store: Store) -> None:
    refused(store, Law.AUTHORISED, on_line(ledger.RELEASED), on_line(ledger.AUTHORISED, 4))


def test_without_a_word_of_the_erp_nothing_was_shipped(store: Store) -> None:
    refused(store, Law.AUTHORISED, on_line(ledger.AUTHORISED, order_line=2, rma_line_id=None))


def test_no_more_is_received_than_the_line_authorised(store: Store) -> None:
    refused(store, Law.RECEIVED, on_line(ledger.RECEIVED), on_line(ledger.RECEIVED))


def test_nothing_is_received_on_no_rma_line(store: Store) -> None:
    refused(store, Law.RECEIVED, on_line(ledger.RECEIVED, rma_line_id=None))


def test_no_more_is_disposed_of_than_was_received(store: Store) -> None:
    refused(store, Law.DISPOSED, on_line(ledger.DISPOSED, 3), on_line(ledger.DISPOSED))


@pytest.mark.parametrize("kind", [ledger.REPLACED, ledger.CREDITED, ledger.REPAIRED])
def test_no_piece_is_made_good_twice(store: Store, kind: str) -> None:
    refused(
        store, Law.MADE_GOOD_ON_LINE, on_line(ledger.CREDITED, 2), on_line(ledger.REPLACED, 2), on_line(kind)
    )


def test_without_an_rma_no_more_is_made_good_than_was_shipped(store: Store) -> None:
    without = replace(on_line(ledger.CREDITED, 2), rma_line_id=None)
    refused(store, Law.MADE_GOOD, on_line(ledger.CREDITED, 4), without, replace(without, quantity=1))


def test_no_more_money_is_credited_than_was_invoiced(store: Store) -> None:
    refused(store, Law.CREDITED_MONEY, on_line(ledger.CREDITED, 1, INVOICED), on_line(ledger.CREDITED, 1, 1))


def test_no_more_is_released_than_was_authorised(store: Store) -> None:
    refused(store, Law.RELEASED, on_line(ledger.RELEASED, 4), on_line(ledger.RELEASED))


def test_no_more_is_refused_than_was_received(store: Store) -> None:
    refused(store, Law.REFUSED, on_line(ledger.REFUSED, 3), on_line(ledger.REFUSED))
    refused(store, Law.REFUSED, on_line(ledger.REFUSED, rma_line_id=None))


def test_no_more_pieces_are_claimed_than_were_received(store: Store) -> None:
    with store.begin() as uow:
        settled = add_disposition(uow, "a", receipt="RE-a", of="a", quantity=3)
        claim = add_claim(uow, "a", settled, cost_minor=900)
    refused(
        store, Law.CLAIMED, on_line(ledger.CLAIMED, 3, 900, cause=claim), on_line(ledger.CLAIMED, cause=claim)
    )


def test_no_more_money_is_claimed_than_cost_and_allowances_nor_recovered_than_claimed(store: Store) -> None:
    with store.begin() as uow:
        settled = add_disposition(uow, "a", receipt="RE-a", of="a", quantity=3)
        claim = add_claim(uow, "a", settled, cost_minor=800, allowance_minor=100)
    refused(store, Law.CLAIMED_MONEY, on_line(ledger.CLAIMED, 1, 901, cause=claim))
    refused(store, Law.CLAIMED_MONEY, on_line(ledger.CLAIMED, 1, 1, cause="VC-nobody-knows"))
    paid = on_line(ledger.RECOVERED, 0, 600, cause=claim)
    refused(
        store,
        Law.RECOVERED,
        on_line(ledger.CLAIMED, 1, 900, cause=claim),
        paid,
        replace(paid, value=Money(301)),
    )


def test_no_more_is_matched_or_disposed_of_than_came_without_papers(store: Store) -> None:
    with store.begin() as uow:
        loose = add_receipt(uow, "b", of=None, quantity=3)
        settled = add_disposition(uow, "b", receipt=loose, of=None, quantity=2)
    came = Entry(ledger.UNMATCHED, 3, Money(0), cause=loose)
    scrapped = Entry(ledger.DISPOSED, 2, Money(0), cause=settled)
    refused(store, Law.MATCHED, came, scrapped, replace(came, kind=ledger.MATCHED, quantity=2))
    refused(store, Law.MATCHED, replace(came, kind=ledger.MATCHED, quantity=1), replace(scrapped, quantity=1))


@pytest.mark.parametrize(
    ("kind", "pieces"), [(ledger.RECEIVED, 0), (ledger.DISPOSED, 1), (ledger.CREDITED, 1)]
)
def test_one_piece_goes_each_way_once(store: Store, kind: str, pieces: int) -> None:
    one = on_line(kind, pieces, serials=("S-1",))
    refused(store, Law.SERIAL, one, one)


def test_a_piece_that_was_replaced_is_not_credited(store: Store) -> None:
    with_serial = {"serials": ("S-1",)}
    refused(
        store, Law.SERIAL, on_line(ledger.REPLACED, **with_serial), on_line(ledger.CREDITED, **with_serial)
    )


def test_no_more_is_disposed_of_than_was_inspected_whoever_wrote_the_disposition(store: Store) -> None:
    with store.begin() as uow:
        honest = add_disposition(uow, "a", receipt="RE-a", of="a", quantity=2)
        forged = add_disposition(uow, "b", receipt="RE-a", of="a", quantity=1)
        row = uow.session.get(DispositionRow, forged)
        assert row is not None
        row.inspection_id = "IN-a"
    refused(store, Law.INSPECTED, on_line(ledger.DISPOSED, 3, cause=honest))
    refused(
        store,
        Law.INSPECTED,
        on_line(ledger.DISPOSED, 2, cause=honest),
        on_line(ledger.DISPOSED, cause=forged),
    )


def test_goods_do_not_move_on_the_papers_of_others(store: Store) -> None:
    with store.begin() as uow:
        never_booked = add_receipt(uow, "never", of="a", quantity=3)
        settled = add_disposition(uow, "a", receipt=never_booked, of="a", quantity=3)

    refused(store, Law.OF_RECEIPT, on_line(ledger.DISPOSED, cause=settled))


ONE_DEED = [
    pytest.param(Entry(ledger.UNMATCHED, 1, Money(0), cause="RE-loose"), id="came without papers"),
    pytest.param(Entry(ledger.MATCHED, 1, Money(0), cause="RE-loose"), id="matched"),
    pytest.param(on_line(ledger.RECEIVED, 0, cause="RE-a"), id="received"),
    pytest.param(on_line(ledger.DISPOSED, cause="DS-a"), id="disposed"),
    pytest.param(on_line(ledger.CREDITED, cause="DS-a"), id="credited"),
    pytest.param(on_line(ledger.REPLACED, cause="DS-a"), id="replaced"),
    pytest.param(on_line(ledger.REPAIRED, cause="DS-a"), id="repaired"),
    pytest.param(on_line(ledger.CLAIMED, 1, 100, cause="VC-DS-a"), id="claimed"),
]


@pytest.fixture
def with_causes(store: Store) -> Store:
    """A disposition of one piece of three that came, a claim for it, and three pieces without papers."""
    with store.begin() as uow:
        claim = add_disposition(uow, "a", receipt="RE-a", of="a", quantity=1)
        add_claim(uow, "a", claim, cost_minor=900)
        add_receipt(uow, "loose", of=None, quantity=3)
        ledger.enter(uow, Entry(ledger.UNMATCHED, 3, Money(0), cause="RE-earlier"))
    return store


@pytest.mark.parametrize("entry", ONE_DEED)
def test_one_cause_is_entered_once_for_each_deed_while_other_pieces_are_open(
    with_causes: Store, entry: Entry
) -> None:
    came = [Entry(ledger.UNMATCHED, 3, Money(0), cause="RE-loose")] * (entry.kind == ledger.MATCHED)
    first = [] if entry.kind == ledger.RECEIVED else [entry]

    refused(with_causes, Law.CAUSE, *came, *first, entry)


ENDS = [ledger.CREDITED, ledger.REPLACED, ledger.REPAIRED, ledger.REFUSED]


@pytest.mark.parametrize("first", ENDS)
@pytest.mark.parametrize("second", ENDS)
def test_a_disposition_is_made_good_or_refused_once_whichever_way(
    with_causes: Store, first: str, second: str
) -> None:
    refused(with_causes, Law.CAUSE, on_line(first, cause="DS-a"), on_line(second, cause="DS-a"))


def test_a_supplier_may_pay_a_claim_in_parts(with_causes: Store) -> None:
    part = on_line(ledger.RECOVERED, 0, 300, cause="VC-DS-a")
    with with_causes.begin() as uow:
        for one in (on_line(ledger.CLAIMED, 1, 900, cause="VC-DS-a"), part, part, part):
            ledger.enter(uow, one)

    refused(with_causes, Law.RECOVERED, replace(part, value=Money(1)))


def test_of_eight_who_make_one_disposition_good_one_does(with_causes: Store) -> None:
    barrier = Barrier(RACERS)
    deeds = [ledger.CREDITED, ledger.REPLACED, ledger.REPAIRED]

    def makes_good(number: int) -> bool:
        barrier.wait(30)
        try:
            with with_causes.begin() as uow:
                ledger.enter(uow, on_line(deeds[number % 3], cause="DS-a"))
        except LedgerLawBroken:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as pool:
        assert sum(pool.map(makes_good, range(RACERS))) == 1


def test_nothing_is_entered_below_nothing_or_in_another_currency(store: Store) -> None:
    refused(store, Law.NEVER_NEGATIVE, on_line(ledger.RELEASED, -1))
    refused(store, Law.NEVER_NEGATIVE, on_line(ledger.CREDITED, 1, -1))
    with pytest.raises(CurrencyMismatch), store.begin() as uow:
        ledger.enter(uow, replace(on_line(ledger.CREDITED), value=Money(1, "EUR")))


def test_a_bound_that_the_erp_lowers_later_does_not_keep_goods_out(store: Store) -> None:
    with store.begin() as uow:
        ledger.note_bound(uow, ORDER, 1, shipped=3, invoiced_minor=None)
        ledger.enter(uow, on_line(ledger.RECEIVED))

    refused(store, Law.AUTHORISED, on_line(ledger.AUTHORISED))


def test_what_came_need_not_be_released_and_the_parts_add_up(store: Store) -> None:
    with store.begin() as uow:
        ledger.enter(uow, on_line(ledger.AUTHORISED, 1, 10_001, permit_id="PM-b"))
        ledger.release(uow, "PM-a")
        ledger.release(uow, "PM-a")
        ledger.release(uow, "PM-b", pieces=1)

    with store.read() as uow:
        assert ledger.on_rma_line(uow, "RN-a")[ledger.RELEASED] == 2
        assert ledger.paid_out_minor(uow, ORDER) == 30_000


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(on_line(ledger.RECEIVED), id="receive"),
        pytest.param(on_line(ledger.DISPOSED, 3), id="dispose"),
        pytest.param(on_line(ledger.CREDITED, 4, 40_000), id="credit"),
        pytest.param(on_line(ledger.AUTHORISED, 2), id="authorise"),
        pytest.param(Entry(ledger.MATCHED, 3, Money(0), cause="RE-loose"), id="match"),
    ],
)
def test_of_eight_who_want_the_last_piece_one_gets_it(store: Store, entry: Entry) -> None:
    with store.begin() as uow:
        add_receipt(uow, "loose", of=None, quantity=3)
        ledger.enter(uow, Entry(ledger.UNMATCHED, 3, Money(0), cause="RE-loose"))
    barrier = Barrier(RACERS)

    def wants() -> bool:
        barrier.wait(30)
        try:
            with store.begin() as uow:
                ledger.enter(uow, entry)
        except LedgerLawBroken:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as pool:
        won = [pool.submit(wants) for _ in range(RACERS)]

    assert sum(one.result() for one in won) == 1


def test_of_eight_who_credit_replace_or_repair_the_same_pieces_one_does(store: Store) -> None:
    barrier = Barrier(RACERS)
    deeds = [ledger.CREDITED, ledger.REPLACED, ledger.REPAIRED]

    def makes_good(number: int) -> bool:
        barrier.wait(30)
        try:
            with store.begin() as uow:
                ledger.enter(uow, on_line(deeds[number % 3], 3, 30_000))
        except LedgerLawBroken:
            return False
        return True

    with ThreadPoolExecutor(RACERS) as pool:
        assert sum(pool.map(makes_good, range(RACERS))) == 1


def paid_out(uow: UnitOfWork) -> int:
    return ledger.paid_out_minor(uow, ORDER)


def test_what_is_credited_is_at_stake_once_and_beside_it_where_no_rma_expects_the_pieces(
    store: Store,
) -> None:
    with store.begin() as uow:
        assert paid_out(uow) == 40_000
        ledger.enter(uow, on_line(ledger.CREDITED, 2, 21_600))
        assert paid_out(uow) == 40_000
        ledger.enter(uow, replace(on_line(ledger.CREDITED, 1, 5_000), rma_line_id=None))
        assert paid_out(uow) == 45_000
        ledger.enter(uow, on_line(ledger.RELEASED, 4, 40_000))
        assert paid_out(uow) == 26_600
