"""What every ERP must do with a return of which only a part came."""

from dataclasses import replace
from typing import Any

import pytest

from backhaul.connectors.ports import GoodsReceipt
from backhaul.domain.errors import ConnectorRejected
from tests.connectors.test_contract_erp import line_back, rma


def test_a_closed_rma_frees_only_what_did_not_come(erp_under_test: Any) -> None:
    number = erp_under_test.serial_order
    line = erp_under_test.reads.order_line(number, 1)
    booked = erp_under_test.writes.create_rma(
        rma(erp_under_test, line_back(number, 2, serials=line.serials)), key="k1"
    )
    came = GoodsReceipt("R-1", booked.number, booked.facility_id, line.sku, 1, serials=(line.serials[1],))
    erp_under_test.writes.receive_goods(came, key="g1")

    closed = erp_under_test.writes.close_rma(booked.number, key="c1")
    again = erp_under_test.writes.close_rma(booked.number, key="c1")

    assert (closed.cancelled, again) == (False, closed)
    assert [(one.quantity, one.serials) for one in closed.lines] == [(1, (line.serials[1],))]
    assert erp_under_test.reads.order_line(number, 1).quantity_returnable == 1
    with pytest.raises(ConnectorRejected, match="0 expected"):
        erp_under_test.writes.receive_goods(replace(came, reference="R-2", serials=()), key="g2")
    back = rma(erp_under_test, line_back(number, 1, serials=(line.serials[0],)))
    erp_under_test.writes.create_rma(replace(back, reference="RA-2"), key="k2")


def test_an_rma_of_which_nothing_came_is_cancelled_and_not_closed(erp_under_test: Any) -> None:
    request = rma(erp_under_test, line_back(erp_under_test.serial_order, 1))
    booked = erp_under_test.writes.create_rma(request, key="k1")

    with pytest.raises(ConnectorRejected, match="nothing was received"):
        erp_under_test.writes.close_rma(booked.number, key="c1")
