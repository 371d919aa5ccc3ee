"""What every ERP behind the ports must do; the facts come from `ErpUnderTest`, not one implementation."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backhaul.connectors.ports import ReplacementRequest, RmaLineRequest, RmaRequest
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import ConnectorRejected


def line_back(
    order_number: str, quantity: int, *, line: int = 1, serials: tuple[str, ...] = ()
) -> RmaLineRequest:
    return RmaLineRequest(order_number, line, quantity, serials, Reason.NO_LONGER_NEEDED, Resolution.CREDIT)


def rma(system: Any, *lines: RmaLineRequest, reference: str = "RA-1") -> RmaRequest:
    return RmaRequest(
        reference=reference,
        account_id=system.account_id,
        facility_id=system.facility_id,
        return_by=system.today + timedelta(days=30),
        lines=lines,
    )


def free_order(system: Any, **changes: Any) -> ReplacementRequest:
    sold = system.reads.order_line(system.order_number, 1)
    request = ReplacementRequest(
        reference="RA-1-R",
        account_id=system.account_id,
        case_id="RC-1",
        order_number=system.order_number,
        line=1,
        sku=sold.sku,
        quantity=2,
    )
    return replace(request, **changes)


class TestErpReads:
    def test_an_order_is_found_by_its_number_with_its_lines(self, erp_under_test: Any) -> None:
        order = erp_under_test.reads.order(erp_under_test.order_number)

        assert order.account_id == erp_under_test.account_id
        assert order.line(1).quantity_returnable == 6
        assert order.line(1).unit_price.currency == order.currency

    def test_what_nobody_knows_is_none_or_empty(self, erp_under_test: Any) -> None:
        reads = erp_under_test.reads

        assert reads.account("A-0") is None
        assert reads.order("SO-0") is None
        assert reads.order_line(erp_under_test.order_number, 99) is None
        assert reads.item("NO-SUCH") is None
        assert reads.unit("NO-SUCH") is None
        assert reads.supplier("S-0") is None
        assert reads.purchase_order("PO-0") is None
        assert reads.exchange_rate("XXX", erp_under_test.today) is None
        assert reads.contact_by_email("nobody@nowhere.example") is None
        assert reads.rma_by_key("no such key") is None
        for empty in (reads.contacts("A-0"), reads.orders_of("A-0"), reads.shipments("SO-0")):
            assert len(empty) == 0
        for empty in (reads.invoices("SO-0"), reads.inventory("NO-SUCH"), reads.returns_on("SO-0")):
            assert len(empty) == 0

    def test_a_contact_is_found_whatever_the_case_of_the_address(self, erp_under_test: Any) -> None:
        contact = erp_under_test.reads.contact_by_email(erp_under_test.email.upper())

        assert contact.account_id == erp_under_test.account_id
        assert contact in erp_under_test.reads.contacts(erp_under_test.account_id)

    def test_orders_of_an_account_come_newest_first_and_no_more_than_asked(self, erp_under_test: Any) -> None:
        orders = erp_under_test.reads.orders_of(erp_under_test.account_id, limit=5)

        days = [order.ordered_on for order in orders]
        assert len(orders) == 5
        assert days == sorted(days, reverse=True)
        assert {order.account_id for order in orders} == {erp_under_test.account_id}

    def test_orders_since_a_day_leave_out_the_older_ones(self, erp_under_test: Any) -> None:
        since = erp_under_test.today - timedelta(days=30)

        orders = erp_under_test.reads.orders_of(erp_under_test.account_id, since=since)

        assert orders
        assert all(order.ordered_on >= since for order in orders)

    def test_an_order_is_found_by_any_number_on_its_papers(self, erp_under_test: Any) -> None:
        reads, number = erp_under_test.reads, erp_under_test.order_number
        order = reads.order(number)
        item = reads.item(order.line(1).sku)
        references = (
            number,
            erp_under_test.po_number,
            reads.shipments(number)[0].tracking_number,
            reads.invoices(number)[0].number,
            item.sku,
            item.manufacturer_part,
        )
        for reference in references:
            for typed in (reference, reference.lower(), reference.replace("-", " ")):
                found = reads.find_orders(erp_under_test.account_id, typed)
                assert number in [order.number for order in found], typed

    def test_an_order_is_found_by_a_serial_that_was_shipped(self, erp_under_test: Any) -> None:
        serial = erp_under_test.reads.order_line(erp_under_test.serial_order, 1).serials[0]

        (found,) = erp_under_test.reads.find_orders(erp_under_test.account_id, serial.lower())

        assert found.number == erp_under_test.serial_order
        assert erp_under_test.reads.unit(serial).order_number == erp_under_test.serial_order

    def test_no_reference_finds_an_order_of_another_account(self, erp_under_test: Any) -> None:
        serial = erp_under_test.reads.order_line(erp_under_test.serial_order, 1).serials[0]

        for reference in (erp_under_test.order_number, erp_under_test.po_number, serial):
            assert len(erp_under_test.reads.find_orders(erp_under_test.other_account_id, reference)) == 0

    @pytest.mark.parametrize("reference", ["", " - ", "% _", "' or 1=1 --", "x" * 20_000])
    def test_a_reference_that_means_nothing_finds_nothing(self, erp_under_test: Any, reference: str) -> None:
        assert len(erp_under_test.reads.find_orders(erp_under_test.account_id, reference)) == 0

    def test_shipments_and_invoices_account_for_every_piece_shipped(self, erp_under_test: Any) -> None:
        reads, number = erp_under_test.reads, erp_under_test.order_number
        shipped = {line.line: line.quantity_shipped for line in reads.order(number).lines}

        for documents in (reads.shipments(number), reads.invoices(number)):
            pieces = dict.fromkeys(shipped, 0)
            for line in (line for document in documents for line in document.lines):
                pieces[line.order_line] += line.quantity
            assert pieces == shipped

    def test_a_serial_leads_to_the_purchase_it_came_with(self, erp_under_test: Any) -> None:
        reads = erp_under_test.reads
        line = reads.order_line(erp_under_test.serial_order, 1)

        bought = reads.purchase_order(reads.unit(line.serials[0]).purchase_order)

        assert bought.sku == line.sku
        assert bought.received_on < line.delivered_on
        assert bought.unit_cost.minor > 0
        assert reads.supplier(bought.supplier_id) is not None

    def test_a_rate_is_the_latest_of_that_day_or_before_and_says_of_which(self, erp_under_test: Any) -> None:
        reads, today = erp_under_test.reads, erp_under_test.today
        rates = {
            ago: reads.exchange_rate(erp_under_test.foreign_currency, today - timedelta(days=ago))
            for ago in range(400)
        }

        for ago, rate in rates.items():
            assert rate.currency == erp_under_test.foreign_currency
            assert rate.on <= today - timedelta(days=ago)
            assert rate.millionths > 0
            # Asked on its own day, it is the same rate.
            assert reads.exchange_rate(rate.currency, rate.on) == rate
        assert len({rate.on for rate in rates.values()}) > 200

    def test_before_the_first_rate_there_is_none(self, erp_under_test: Any) -> None:
        long_ago = erp_under_test.today - timedelta(days=3_650)

        assert erp_under_test.reads.exchange_rate(erp_under_test.foreign_currency, long_ago) is None


class TestErpWrites:
    def test_an_rma_is_booked_and_lowers_what_can_still_come_back(self, erp_under_test: Any) -> None:
        booked = erp_under_test.writes.create_rma(
            rma(erp_under_test, line_back(erp_under_test.order_number, 2)), key="k1"
        )

        assert booked.reference == "RA-1"
        assert erp_under_test.reads.rma_by_key("k1") == booked
        assert booked in erp_under_test.reads.returns_on(erp_under_test.order_number)
        assert erp_under_test.reads.order_line(erp_under_test.order_number, 1).quantity_returnable == 4

    def test_the_same_request_under_the_same_key_gives_the_first_rma(self, erp_under_test: Any) -> None:
        request = rma(erp_under_test, line_back(erp_under_test.order_number, 4))

        first = erp_under_test.writes.create_rma(request, key="k1")
        again = erp_under_test.writes.create_rma(request, key="k1")

        assert again == first
        assert erp_under_test.reads.order_line(erp_under_test.order_number, 1).quantity_returnable == 2

    def test_another_request_under_the_same_key_is_rejected(self, erp_under_test: Any) -> None:
        number = erp_under_test.order_number
        erp_under_test.writes.create_rma(rma(erp_under_test, line_back(number, 1)), key="k1")

        with pytest.raises(ConnectorRejected, match="k1"):
            erp_under_test.writes.create_rma(rma(erp_under_test, line_back(number, 2)), key="k1")

    def test_more_than_is_returnable_is_rejected_and_books_nothing(self, erp_under_test: Any) -> None:
        number = erp_under_test.order_number
        too_much = rma(erp_under_test, line_back(number, 1, line=2), line_back(number, 7))

        with pytest.raises(ConnectorRejected, match="7 asked back, 6 returnable"):
            erp_under_test.writes.create_rma(too_much, key="k1")

        assert len(erp_under_test.reads.returns_on(number)) == 0
        assert all(line.quantity_returned == 0 for line in erp_under_test.reads.order(number).lines)

    def test_two_lines_of_one_rma_may_not_take_the_same_piece_twice(self, erp_under_test: Any) -> None:
        number = erp_under_test.order_number

        with pytest.raises(ConnectorRejected, match="returnable"):
            erp_under_test.writes.create_rma(
                rma(erp_under_test, line_back(number, 4), line_back(number, 3)), key="k1"
            )

    @pytest.mark.parametrize("quantity", [0, -1])
    def test_a_return_of_nothing_is_rejected(self, erp_under_test: Any, quantity: int) -> None:
        with pytest.raises(ConnectorRejected, match="at least one piece"):
            erp_under_test.writes.create_rma(
                rma(erp_under_test, line_back(erp_under_test.order_number, quantity)), key="k1"
            )

    def test_an_order_of_another_account_is_rejected(self, erp_under_test: Any) -> None:
        request = rma(erp_under_test, line_back(erp_under_test.order_number, 1))

        with pytest.raises(ConnectorRejected, match="has no order line"):
            erp_under_test.writes.create_rma(
                replace(request, account_id=erp_under_test.other_account_id), key="k1"
            )

    def test_a_serial_comes_back_once_and_only_from_its_own_line(self, erp_under_test: Any) -> None:
        number = erp_under_test.serial_order
        serial, other = erp_under_test.reads.order_line(number, 1).serials
        writes = erp_under_test.writes
        writes.create_rma(rma(erp_under_test, line_back(number, 1, serials=(serial,))), key="k1")

        with pytest.raises(ConnectorRejected, match="has come back already"):
            writes.create_rma(
                rma(erp_under_test, line_back(number, 1, serials=(serial,)), reference="RA-2"), key="k2"
            )
        with pytest.raises(ConnectorRejected, match="not shipped on this line"):
            writes.create_rma(
                rma(erp_under_test, line_back(number, 1, serials=("MADE-UP",)), reference="RA-2"), key="k2"
            )

        writes.create_rma(
            rma(erp_under_test, line_back(number, 1, serials=(other,)), reference="RA-2"), key="k2"
        )

    def test_goods_without_serials_take_none(self, erp_under_test: Any) -> None:
        line = line_back(erp_under_test.order_number, 1, serials=("ANY-1",))

        with pytest.raises(ConnectorRejected, match="serial ANY-1"):
            erp_under_test.writes.create_rma(rma(erp_under_test, line), key="k1")

    def test_one_reference_stands_on_one_rma(self, erp_under_test: Any) -> None:
        request = rma(erp_under_test, line_back(erp_under_test.order_number, 1))
        erp_under_test.writes.create_rma(request, key="k1")

        with pytest.raises(ConnectorRejected, match="RA-1"):
            erp_under_test.writes.create_rma(request, key="k2")

    def test_a_cancelled_rma_frees_its_pieces_and_serials(self, erp_under_test: Any) -> None:
        number = erp_under_test.serial_order
        serials = erp_under_test.reads.order_line(number, 1).serials
        request = rma(erp_under_test, line_back(number, 2, serials=serials))
        booked = erp_under_test.writes.create_rma(request, key="k1")

        cancelled = erp_under_test.writes.cancel_rma(booked.number, key="c1")
        again = erp_under_test.writes.cancel_rma(booked.number, key="c1")

        assert cancelled.cancelled
        assert again == cancelled
        assert erp_under_test.reads.order_line(number, 1).quantity_returnable == 2
        assert erp_under_test.reads.returns_on(number)[-1].cancelled
        erp_under_test.writes.create_rma(replace(request, reference="RA-2"), key="k2")

    def test_an_unknown_rma_cannot_be_cancelled(self, erp_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="no RMA"):
            erp_under_test.writes.cancel_rma("RMA-0", key="c1")

    def test_a_replacement_is_a_free_order_that_ships_on_a_later_day(self, erp_under_test: Any) -> None:
        placed = erp_under_test.writes.order_replacement(free_order(erp_under_test), key="r1")

        order = erp_under_test.reads.order(placed.order_number)
        assert placed.ships_on > erp_under_test.today
        assert placed.ships_on.weekday() < 5
        assert (order.line(1).quantity_ordered, order.line(1).unit_price.minor) == (2, 0)
        assert erp_under_test.writes.replacement_by_key("r1") == placed
        assert erp_under_test.writes.order_replacement(free_order(erp_under_test), key="r1") == placed

    def test_no_more_is_replaced_than_was_shipped(self, erp_under_test: Any) -> None:
        erp_under_test.writes.order_replacement(free_order(erp_under_test, quantity=5), key="r1")

        with pytest.raises(ConnectorRejected, match="2 pieces asked as replacement, 1 possible"):
            erp_under_test.writes.order_replacement(free_order(erp_under_test, quantity=2), key="r2")

    def test_goods_the_catalogue_does_not_know_are_not_sent(self, erp_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="no article"):
            erp_under_test.writes.order_replacement(free_order(erp_under_test, sku="NO-SUCH"), key="r1")

    def test_a_key_nobody_used_led_to_no_replacement(self, erp_under_test: Any) -> None:
        assert erp_under_test.writes.replacement_by_key("r1") is None
