"""The demo distributor: large enough, true to itself, and the same on every machine."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.gs1 import is_tracking_number
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.seed_data import articles, catalogue, story_sheet
from backhaul.connectors.embedded.stories import Expected, Story, stories
from backhaul.domain.codes import Tier
from backhaul.domain.errors import BadInput
from backhaul.domain.trade import Account, Tracking

TODAY = date(2026, 3, 18)


@pytest.fixture
def reading(seeded: Path) -> Iterator[EmbeddedErpReads]:
    reads = EmbeddedErpReads(seeded)
    yield reads
    reads.close()


@pytest.fixture
def books(seeded: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(seeded)) as connection:
        yield connection


def only(books: sqlite3.Connection, query: str) -> int:
    """The single number a query gives; `:today` stands for the day of founding."""
    return int(books.execute(query, {"today": TODAY.isoformat()}).fetchone()[0])


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_distributor_is_large_enough_to_search_in(
    reading: EmbeddedErpReads, books: sqlite3.Connection
) -> None:
    kinds = Counter(article.family.product_class for article in articles())

    assert len(reading.accounts()) >= 60
    assert len(articles()) >= 400
    assert len(kinds) >= 8
    assert only(books, "select count(*) from sales_order") >= 5_000
    assert {facility.facility_id for facility in reading.facilities()} == {"CMH1", "RNO1", "ATL1"}


def test_every_article_can_be_told_from_every_other(reading: EmbeddedErpReads) -> None:
    for numbers in ([one.sku for one in articles()], [one.part for one in articles()]):
        assert len(set(numbers)) == len(numbers)
    assert len({article.description for article in articles()}) == len(articles())
    assert {article.family.tracking for article in articles()} == set(Tracking)
    assert {supplier.id for supplier in catalogue().suppliers} == {one.family.supplier for one in articles()}
    assert reading.item("DRV-0750-480") is not None


def test_nothing_is_sold_below_cost_or_weighs_nothing(books: sqlite3.Connection) -> None:
    assert (
        only(books, "select count(*) from item where cost_minor >= list_price_minor or weight_grams <= 0")
        == 0
    )
    loss = """select count(*) from order_line join item using (sku) join sales_order on number = order_number
              where currency = 'USD' and unit_price_minor <= cost_minor"""
    assert only(books, loss) == 0


def test_the_same_day_and_seed_give_the_same_books(seeded: Path, tmp_path: Path) -> None:
    seed_erp(tmp_path / "again.db", TODAY)
    seed_erp(tmp_path / "other.db", TODAY, seed=8)

    assert dump(tmp_path / "again.db") == dump(seeded)
    assert dump(tmp_path / "other.db") != dump(seeded)


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 3)])
def test_stories_are_as_old_on_any_day_of_founding(tmp_path: Path, day: date) -> None:
    seed_erp(tmp_path / "erp.db", day)
    erp = EmbeddedErpReads(tmp_path / "erp.db")
    valves, lately = erp.order_line("SO-14174", 1), erp.order_line("SO-15122", 1)
    erp.close()

    assert valves is not None
    assert lately is not None
    assert valves.delivered_on is not None
    assert lately.delivered_on is not None
    assert ((day - valves.delivered_on).days, (day - lately.delivered_on).days) == (140, 8)


def test_a_file_that_holds_an_erp_is_not_seeded_over(erp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds an ERP already"):
        seed_erp(erp_path, TODAY)


def test_order_numbers_rise_with_the_days(books: sqlite3.Connection) -> None:
    days = [
        date.fromisoformat(day)
        for (day,) in books.execute("select ordered_on from sales_order order by number")
    ]

    # A weekend is moved to the Friday before it, and a story keeps its own day.
    assert all((later - earlier).days >= -4 for earlier, later in pairwise(days))
    assert days[-1] <= TODAY
    assert (TODAY - days[0]).days >= 725


def test_the_books_add_up(books: sqlite3.Connection) -> None:
    shipped_apart = """select count(*) from order_line l where quantity_shipped != (
        select coalesce(sum(s.quantity), 0) from shipment_line s join shipment h using (shipment_id)
        where h.order_number = l.order_number and s.order_line = l.line)"""
    returned_apart = """select count(*) from order_line l where quantity_returned != (
        select coalesce(sum(r.quantity), 0) from rma_line r join rma on rma.number = r.rma_number
        where not cancelled and r.order_number = l.order_number and r.order_line = l.line)"""
    billed_apart = """select count(*) from invoice i where total_minor != (
        select sum(amount_minor + tax_minor) from invoice_line where invoice_number = i.number)"""
    overpaid = """select count(*) from invoice i where total_minor < (
        select coalesce(sum(amount_minor), 0) from payment where invoice_number = i.number)"""
    from_the_future = """select count(*) from shipment where shipped_on > :today or delivered_on > :today
        or delivered_on < shipped_on"""
    for query in (shipped_apart, returned_apart, billed_apart, overpaid, from_the_future):
        assert only(books, query) == 0, query


def test_every_serial_shipped_is_one_piece_and_every_lot_has_a_purchase(books: sqlite3.Connection) -> None:
    unlike = """select count(*) from order_line l join item using (sku)
        where tracking = 'serial' and quantity_shipped != (select count(*) from shipped_unit u
        where u.order_number = l.order_number and u.order_line = l.line)"""
    twice = """select count(*) from (select u.number from shipped_unit u join unit using (number)
        where tracking = 'serial' group by u.number having count(*) > 1)"""
    orphans = """select count(*) from unit u left join purchase_order p on p.number = u.purchase_order
        where u.purchase_order is not null and (p.number is null or p.sku != u.sku)"""
    too_late = """select count(*) from shipped_unit s join unit u using (number)
        join shipment h using (shipment_id) join purchase_order p on p.number = u.purchase_order
        where p.received_on >= h.shipped_on"""
    overdrawn = """select count(*) from purchase_order p join item using (sku) where tracking = 'serial'
        and quantity != (select count(*) from unit u where u.purchase_order = p.number)"""
    for query in (unlike, twice, orphans, too_late, overdrawn):
        assert only(books, query) == 0, query


def test_the_usual_untidiness_of_a_business_is_there(books: sqlite3.Connection) -> None:
    some = {
        "open invoices past their day": """select count(*) from invoice i
            where due_on < :today and total_minor > (
            select coalesce(sum(amount_minor), 0) from payment where invoice_number = i.number)""",
        "orders in several shipments": """select count(*) from (
            select order_number from shipment group by order_number having count(*) > 1)""",
        "parcels under way": "select count(*) from shipment where delivered_on is null",
        "cancelled returns": "select count(*) from rma where cancelled",
        "serials that came back": "select count(*) from shipped_unit where returned_by is not null",
        "stock in quarantine": "select count(*) from inventory_balance where quality_status = 'quarantine'",
        "goods nobody can trace": "select count(*) from unit where purchase_order is null",
        "accounts without sales tax": "select count(*) from account where tax_exempt",
        "bills with sales tax": "select count(*) from invoice_line where tax_minor > 0",
        "open deductions": "select count(*) from deduction",
        "accounts that want their money back": "select count(*) from account where credit_by = 'refund'",
        "accounts on hold": "select count(*) from account where credit_hold",
        "unknown contracts": "select count(*) from account where not contract_known",
        "Canadian accounts": "select count(*) from account where currency = 'CAD'",
        "orders in Canadian dollars": "select count(*) from sales_order where currency = 'CAD'",
        "orders on a rate of the same day": """select count(*) from sales_order join exchange_rate
            using (currency) where "on" = ordered_on""",
        "orders on a rate older than a week": """select count(*) from sales_order o where currency != 'USD'
            and julianday(ordered_on) - 7 > (select max(julianday("on")) from exchange_rate r
            where r.currency = o.currency and r."on" <= o.ordered_on)""",
    }
    missing = [name for name, query in some.items() if only(books, query) == 0]

    assert missing == []


def test_every_account_can_be_spoken_for_and_reached(reading: EmbeddedErpReads) -> None:
    accounts = reading.accounts()

    assert {account.tier for account in accounts} == set(Tier)
    for account in accounts:
        contacts = reading.contacts(account.account_id)
        assert contacts
        assert all(contact.email.endswith(".example") for contact in contacts)
        assert len(account.ship_to.postal_code) == 5


def test_a_contract_the_erp_cannot_tell_is_unknown_and_not_silent(reading: EmbeddedErpReads) -> None:
    unknown, silent = (known_account(reading, account_id) for account_id in ("A-1008", "A-1002"))

    assert unknown.contract is None
    assert silent.contract is not None
    assert silent.contract.return_window_days is None


def known_account(reading: EmbeddedErpReads, account_id: str) -> Account:
    account = reading.account(account_id)
    assert account is not None
    return account


def test_every_order_in_another_currency_has_a_rate_of_its_day_or_before(books: sqlite3.Connection) -> None:
    without = """select count(*) from sales_order o where currency != 'USD' and not exists
        (select * from exchange_rate r where r.currency = o.currency and r."on" <= o.ordered_on)"""

    assert only(books, without) == 0


def test_tracking_numbers_have_true_check_digits(books: sqlite3.Connection) -> None:
    numbers = [number for (number,) in books.execute("select tracking_number from shipment limit 500")]

    assert len(set(numbers)) == 500
    assert all(map(is_tracking_number, numbers))


def test_there_are_ten_stories_and_each_way_it_can_go_is_told() -> None:
    assert len(stories()) == 10
    assert {story.expected for story in stories()} == set(Expected)


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.story_id)
def test_a_story_is_about_real_orders_of_its_own_account(reading: EmbeddedErpReads, story: Story) -> None:
    assert story.contact_id in {contact.contact_id for contact in reading.contacts(story.account_id)}
    for number in story.order_numbers:
        order = reading.order(number)
        assert order is not None
        assert order.account_id == story.account_id
        assert any(
            reference in story.message
            for reference in (
                number,
                order.po_number,
                *(serial for line in order.lines for serial in line.serials),
            )
        )


def test_the_foreign_order_of_the_story_belongs_to_somebody_else(reading: EmbeddedErpReads) -> None:
    (story,) = (story for story in stories() if story.expected == Expected.NOTHING_REVEALED)
    order = reading.order("SO-15122")

    assert order is not None
    assert order.number in story.message
    assert order.account_id != story.account_id
    assert reading.find_orders(story.account_id, order.number) == ()


def test_the_customer_order_number_of_a_story_names_one_order(reading: EmbeddedErpReads) -> None:
    for told in story_sheet().orders:
        assert [order.number for order in reading.find_orders(told.account, told.po)] == [told.number]


def test_the_drives_of_the_story_cost_nine_thousand_dollars(reading: EmbeddedErpReads) -> None:
    line = reading.order_line("SO-15093", 1)

    assert line is not None
    assert str(line.unit_price * line.quantity_shipped) == "9,000.00 USD"
    assert len(line.serials) == 2


def test_the_warranty_of_the_story_still_runs(reading: EmbeddedErpReads) -> None:
    unit = reading.unit("c20h 220871")

    assert unit is not None
    assert unit.order_number == "SO-12792"
    assert unit.warranty_until is not None
    assert unit.warranty_until > TODAY


def test_lights_that_have_an_rma_already_cannot_come_back_again(reading: EmbeddedErpReads) -> None:
    line = reading.order_line("SO-14915", 1)
    (booked,) = reading.returns_on("SO-14915")

    assert line is not None
    assert line.quantity_returnable == 0
    assert booked.lines[0].quantity == 4
