from datetime import date
from pathlib import Path

import pytest

from agent.understanding.claim import PurchasedLine
from agent.understanding.offline import OfflineReader


def bought(
    order: str, po: str, line: int, sku: str, description: str, part: str, shipped: int
) -> PurchasedLine:
    serials = ("VF88120", "VF88121") if sku.startswith("DRV") else ()
    lots = ("L22-914",) if sku.startswith("GLV") else ()
    return PurchasedLine(
        order_number=order,
        po_number=po,
        line=line,
        sku=sku,
        description=description,
        manufacturer_part=part,
        quantity_shipped=shipped,
        serials=serials,
        lots=lots,
        ordered_on=date(2026, 9, 1),
        shipped_on=date(2026, 9, 3),
    )


@pytest.fixture(scope="session")
def purchases() -> tuple[PurchasedLine, ...]:
    return (
        bought(
            "SO-10442",
            "4500017731",
            1,
            "DRV-0750-480",
            "Variable frequency drive 7.5 kW 480 V",
            "ATV320U75N4B",
            2,
        ),
        bought(
            "SO-10442", "4500017731", 2, "BRG-6205-2RS", "Deep groove ball bearing 6205-2RS", "6205-2RSH", 10
        ),
        bought("SO-10442", "4500017731", 3, "GLV-NIT-L", "Nitrile gloves large, box of 100", "N-1200L", 24),
        bought("SO-10517", "HB-2231", 1, "CTR-40-24", "Contactor 40 A 24 V coil", "LC1D40BD", 6),
        bought("SO-10517", "HB-2231", 2, "HOS-12-350", "Hydraulic hose 1/2 in 350 bar", "2SN-08", 12),
        bought("SO-10600", "HB-2290", 1, "SEN-M12-PNP", "Inductive proximity sensor M12 PNP", "E2B-M12", 8),
    )


@pytest.fixture(scope="session")
def cache_dir(reader_cache: Path) -> Path:
    return reader_cache


@pytest.fixture(scope="session")
def reader(cache_dir: Path) -> OfflineReader:
    made = OfflineReader(cache_dir)
    made.warm_up()
    return made
