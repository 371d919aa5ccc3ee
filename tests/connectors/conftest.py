"""The embedded systems, seeded once and copied for each test that writes."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest

from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.embedded.erp_reads import EmbeddedErpReads
from backhaul.connectors.embedded.erp_writes import EmbeddedErpWrites
from backhaul.connectors.embedded.seed import seed_erp
from backhaul.connectors.embedded.staged import staged_order
from backhaul.connectors.embedded.supplier import EmbeddedSupplierDesk
from backhaul.connectors.embedded.warehouse import EmbeddedWarehouse
from backhaul.connectors.ports import Carrier, ErpReads, ErpWrites, SupplierDesk, Warehouse
from backhaul.domain.clock import MovedClock

TODAY = date(2026, 3, 18)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime(2026, 3, 18, 15, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo distributor's ERP, for reading only."""
    path = tmp_path_factory.mktemp("seeded") / "erp.db"
    seed_erp(path, TODAY)
    return path


@pytest.fixture
def erp_path(seeded: Path, tmp_path: Path) -> Path:
    """A copy that may be written to."""
    path = tmp_path / "erp.db"
    shutil.copyfile(seeded, path)
    return path


@pytest.fixture
def erp(erp_path: Path) -> Iterator[EmbeddedErpReads]:
    reads = EmbeddedErpReads(erp_path)
    yield reads
    reads.close()


@pytest.fixture
def erp_writes(erp_path: Path, clock: MovedClock) -> Iterator[EmbeddedErpWrites]:
    writes = EmbeddedErpWrites(erp_path, clock)
    yield writes
    writes.close()


@pytest.fixture
def carrier(tmp_path: Path, clock: MovedClock) -> Iterator[EmbeddedCarrier]:
    carrier = EmbeddedCarrier(tmp_path / "carrier.db", clock)
    yield carrier
    carrier.close()


@pytest.fixture
def kestrel(tmp_path: Path, clock: MovedClock) -> Iterator[EmbeddedCarrier]:
    carrier = EmbeddedCarrier(tmp_path / "kestrel.db", clock, name=KESTREL)
    yield carrier
    carrier.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[EmbeddedWarehouse]:
    warehouse = EmbeddedWarehouse(tmp_path / "warehouse.db")
    yield warehouse
    warehouse.close()


@pytest.fixture
def supplier_desk(tmp_path: Path, erp: EmbeddedErpReads) -> Iterator[EmbeddedSupplierDesk]:
    desk = EmbeddedSupplierDesk(tmp_path / "supplier.db", erp)
    yield desk
    desk.close()


@dataclass(frozen=True, slots=True)
class ErpUnderTest:
    """An ERP and the facts its contract is checked against; every implementation brings its own facts."""

    reads: ErpReads
    writes: ErpWrites
    today: date
    facility_id: str
    account_id: str
    email: str
    order_number: str
    """Line 1 has six pieces without serials, all delivered and none returned; line 2 has more."""
    po_number: str
    serial_order: str
    """Line 1 has two pieces with a serial each."""
    other_account_id: str
    foreign_currency: str
    """Has rates up to `today` for the last two years."""
    open_line: tuple[str, str]
    """Account and order: line 1 is billed with tax on one open bill, without serials; nothing is returned."""
    paid_line: tuple[str, str]
    """The same, but the bill was paid, the account owes nothing and wants its money back."""
    withheld_line: tuple[str, str]
    """The same, but all that is open on the bill is a deduction."""
    sent_instead: str
    """Another article than the one on `open_line`, also in stock at the facility."""
    lot_line: tuple[str, str]
    """Account and order: line 1 is goods of one lot that leads to its purchase."""


@pytest.fixture
def embedded_erp(erp: EmbeddedErpReads, erp_writes: EmbeddedErpWrites) -> ErpUnderTest:
    return ErpUnderTest(
        reads=erp,
        writes=erp_writes,
        today=TODAY,
        facility_id="CMH1",
        account_id="A-1001",
        email="dana.whitfield@harbormechanical.example",
        order_number="SO-15122",
        po_number="HM-7704",
        serial_order="SO-15093",
        other_account_id="A-1003",
        foreign_currency="CAD",
        open_line=_staged("empty_box"),
        paid_line=_staged("partial"),
        withheld_line=_staged("pricing"),
        sent_instead="LED-HB-100",
        lot_line=_staged("lot"),
    )


def _staged(key: str) -> tuple[str, str]:
    told = staged_order(key)
    return told.account_id, told.order_number


# A vendor joins a contract by one more parameter and a fixture of that name.
@pytest.fixture(params=["embedded_erp"])
def erp_under_test(request: pytest.FixtureRequest) -> ErpUnderTest:
    system = request.getfixturevalue(request.param)
    assert isinstance(system, ErpUnderTest)
    return system


@pytest.fixture(params=["carrier", "kestrel"])
def carrier_under_test(request: pytest.FixtureRequest) -> Carrier:
    return cast("Carrier", request.getfixturevalue(request.param))


@pytest.fixture(params=["kestrel"])
def fetching_carrier_under_test(request: pytest.FixtureRequest) -> Carrier:
    return cast("Carrier", request.getfixturevalue(request.param))


@pytest.fixture(params=["warehouse"])
def warehouse_under_test(request: pytest.FixtureRequest) -> Warehouse:
    return cast("Warehouse", request.getfixturevalue(request.param))


@pytest.fixture(params=["supplier_desk"])
def supplier_desk_under_test(request: pytest.FixtureRequest) -> SupplierDesk:
    return cast("SupplierDesk", request.getfixturevalue(request.param))
