"""The staged orders: one for each way a return can go, untouched, and of the kind its way needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backhaul.connectors.embedded.carrier_tariff import tariff
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.staged import StagedOrder, staged_order, staged_orders
from backhaul.connectors.embedded.stories import stories
from backhaul.domain.errors import NotFound
from backhaul.domain.orders import OrderLine
from backhaul.domain.settlement import Deduction

WAYS = (
    "partial late wrong_item serial wrong_serial empty_box refused advance_replacement exchange repair "
    "returnless credit_before_receipt pallet cancelled duplicate_shipment pricing deduction lot untraceable "
    "untraceable_serial unannounced plain under_way overdue expired delivered two_parcels to_inspect "
    "to_settle write_down found_otherwise to_approve final_sale claim_filed claim_credited claim_denied "
    "claim_asked"
)


@pytest.fixture
def reading(seeded: Path) -> Iterator[EmbeddedErpReads]:
    reads = EmbeddedErpReads(seeded)
    yield reads
    reads.close()


def line_of(reading: EmbeddedErpReads, key: str) -> OrderLine:
    line = reading.order_line(staged_order(key).order_number, 1)
    assert line is not None
    return line


def deduction_on(reading: EmbeddedErpReads, key: str) -> Deduction:
    staged = staged_order(key)
    (bill,) = reading.invoices(staged.order_number)
    (found,) = reading.deductions(staged.account_id)
    assert found.invoice_number == bill.number
    assert found.amount == bill.open
    return found


def test_every_way_has_an_order() -> None:
    assert {order.key for order in staged_orders()} == set(WAYS.split())
    assert len({order.order_number for order in staged_orders()}) == len(staged_orders())


def test_an_unknown_way_is_not_found() -> None:
    with pytest.raises(NotFound, match="by_airship"):
        staged_order("by_airship")


@pytest.mark.parametrize("staged", staged_orders(), ids=lambda staged: staged.key)
def test_a_staged_order_is_untouched_delivered_and_its_contact_may_speak_for_it(
    reading: EmbeddedErpReads, staged: StagedOrder
) -> None:
    order = reading.order(staged.order_number)
    assert order is not None
    line = order.lines[0]

    assert (order.account_id, line.sku) == (staged.account_id, staged.sku)
    assert line.quantity_returnable == line.quantity_shipped >= staged.quantity
    assert line.delivered_on is not None
    assert staged.contact_id in {one.contact_id for one in reading.contacts(staged.account_id)}
    assert [one.number for one in reading.find_orders(staged.account_id, staged.po_number)] == [order.number]
    assert reading.returns_on(order.number) == ()
    assert order.number not in {number for story in stories() for number in story.order_numbers}


def test_the_pallet_is_heavier_than_any_parcel(reading: EmbeddedErpReads) -> None:
    line = line_of(reading, "pallet")
    item = reading.item(line.sku)

    assert item is not None
    assert item.weight_grams * line.quantity_shipped > tariff().heaviest_grams


def test_the_advance_replacement_stands_in_the_contract_and_the_exchange_does_not(
    reading: EmbeddedErpReads,
) -> None:
    promised = {
        key: account.contract.advance_replacement
        for key in ("advance_replacement", "exchange")
        if (account := reading.account(staged_order(key).account_id)) and account.contract
    }

    assert promised == {"advance_replacement": True, "exchange": False}


def test_one_deduction_waits_for_goods_and_one_is_about_the_price(reading: EmbeddedErpReads) -> None:
    broken, priced = deduction_on(reading, "deduction"), deduction_on(reading, "pricing")

    assert broken.amount == line_of(reading, "deduction").unit_price * 2
    # 10 pieces at 4.70 too much, and 7 % of tax on it.
    assert str(priced.amount) == "50.29 USD"


def test_a_duplicate_shipment_was_billed_twice(reading: EmbeddedErpReads) -> None:
    line = line_of(reading, "duplicate_shipment")

    assert line.quantity_shipped == 2 * line.quantity_ordered
    assert len(reading.invoices(line.order_number)) == 2


@pytest.mark.parametrize(("key", "traced"), [("lot", True), ("serial", True), ("untraceable", False)])
def test_goods_lead_to_a_purchase_within_the_supplier_terms_or_to_none(
    reading: EmbeddedErpReads, key: str, *, traced: bool
) -> None:
    line = line_of(reading, key)
    units = [reading.unit(number) for number in (*line.serials, *line.lots)]

    assert {unit is not None and unit.purchase_order is not None for unit in units} == {traced}
    for unit in units:
        bought = reading.purchase_order(unit.purchase_order or "") if unit else None
        if bought is not None and line.delivered_on is not None:
            assert bought.received_on < line.delivered_on


def test_what_was_sent_instead_is_in_stock_where_the_goods_go(reading: EmbeddedErpReads) -> None:
    held = [
        one.quantity
        for one in reading.inventory("CTR-025-120")
        if one.bin.facility_id == "CMH1" and one.bin.quality_status.value == "available"
    ]

    assert sum(held) >= line_of(reading, "wrong_item").quantity_shipped
