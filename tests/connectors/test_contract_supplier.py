"""What every supplier desk behind the port must do."""

from typing import Any

import pytest

from backhaul.domain.errors import ConnectorRejected


class TestSupplierDesk:
    def test_one_key_gets_one_number(self, supplier_desk_under_test: Any) -> None:
        number = supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 1, key="k1")

        assert number
        assert supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 1, key="k1") == number

    def test_each_request_gets_a_number_of_its_own(self, supplier_desk_under_test: Any) -> None:
        first = supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 1, key="k1")
        second = supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 1, key="k2")

        assert first != second

    def test_another_request_under_the_same_key_is_rejected(self, supplier_desk_under_test: Any) -> None:
        supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 1, key="k1")

        with pytest.raises(ConnectorRejected, match="k1"):
            supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 2, key="k1")

    def test_a_supplier_takes_back_only_what_it_delivers(self, supplier_desk_under_test: Any) -> None:
        for supplier_id, sku in (("S-130", "DRV-0200-480"), ("S-100", "NO-SUCH")):
            with pytest.raises(ConnectorRejected, match="does not deliver"):
                supplier_desk_under_test.request_return(supplier_id, sku, 1, key="k1")

    def test_a_return_of_nothing_is_rejected(self, supplier_desk_under_test: Any) -> None:
        with pytest.raises(ConnectorRejected, match="at least one piece"):
            supplier_desk_under_test.request_return("S-100", "DRV-0200-480", 0, key="k1")
