"""What every warehouse behind the port must do."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backhaul.connectors.ports import ReturnNotice, RmaLineRequest
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.errors import ConnectorRejected

NOTICE = ReturnNotice(
    reference="RA-1",
    erp_number="RMA-70300",
    facility_id="CMH1",
    tracking_number="BHL00010056592",
    expected_by=date(2026, 4, 17),
    lines=(
        RmaLineRequest("SO-15122", 1, 2, (), Reason.WRONG_ITEM, Resolution.REPLACEMENT),
        RmaLineRequest("SO-15093", 1, 1, ("KX4-50-118803",), Reason.DEFECTIVE, Resolution.CREDIT),
    ),
)


class TestWarehouse:
    def test_an_announced_return_is_expected_at_its_dock_and_no_other(
        self, warehouse_under_test: Any
    ) -> None:
        warehouse_under_test.announce(NOTICE, key="k1")

        assert list(warehouse_under_test.expected("CMH1")) == [NOTICE]
        assert len(warehouse_under_test.expected("RNO1")) == 0

    def test_announcing_twice_with_one_key_is_announcing_once(self, warehouse_under_test: Any) -> None:
        warehouse_under_test.announce(NOTICE, key="k1")
        warehouse_under_test.announce(NOTICE, key="k1")

        assert list(warehouse_under_test.expected("CMH1")) == [NOTICE]

    def test_another_notice_under_the_same_key_is_rejected(self, warehouse_under_test: Any) -> None:
        warehouse_under_test.announce(NOTICE, key="k1")

        with pytest.raises(ConnectorRejected, match="k1"):
            warehouse_under_test.announce(replace(NOTICE, facility_id="RNO1"), key="k1")

    def test_a_new_announcement_corrects_the_earlier_one(self, warehouse_under_test: Any) -> None:
        corrected = replace(NOTICE, tracking_number="BHL00010056608")
        warehouse_under_test.announce(NOTICE, key="k1")
        warehouse_under_test.announce(corrected, key="k2")

        assert list(warehouse_under_test.expected("CMH1")) == [corrected]

    def test_the_most_urgent_return_stands_first(self, warehouse_under_test: Any) -> None:
        urgent = replace(NOTICE, reference="RA-2", expected_by=date(2026, 4, 1))
        warehouse_under_test.announce(NOTICE, key="k1")
        warehouse_under_test.announce(urgent, key="k2")

        assert list(warehouse_under_test.expected("CMH1")) == [urgent, NOTICE]

    def test_a_withdrawn_return_is_not_expected(self, warehouse_under_test: Any) -> None:
        warehouse_under_test.announce(NOTICE, key="k1")

        warehouse_under_test.withdraw("RA-1", key="w1")
        warehouse_under_test.withdraw("RA-1", key="w1")

        assert len(warehouse_under_test.expected("CMH1")) == 0

    def test_what_was_never_announced_cannot_be_withdrawn(self, warehouse_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="no return was announced"):
            warehouse_under_test.withdraw("RA-9", key="w1")
