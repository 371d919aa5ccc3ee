"""From a scan to what it belongs to: RMA, parcel, order, serial or article."""

import re
from dataclasses import dataclass

from backhaul.connectors.ports import ErpReads
from backhaul.domain.errors import NotFound
from backhaul.store import dock, dock_lists
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork

_LONGEST_SCAN = 60
_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
"""The three characters that scanners can be told to send first (ISO/IEC 15424), such as `]C1`"""
_SSCC = re.compile(r"^\(?00\)?(\d{18})$")
"""An SSCC behind its GS1 application identifier"""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a scan leads: one of our receipts, or announced returns."""

    rmas: tuple[RmaRow, ...] = ()
    receipt_id: str | None = None

    @property
    def only(self) -> str | None:
        """The page to go to when there is no doubt."""
        if self.receipt_id:
            return f"/dock/receipt/{self.receipt_id}"
        return f"/dock/rma/{self.rmas[0].id}" if len(self.rmas) == 1 else None


def cleaned(raw: str) -> str:
    """A scan without what the scanner adds: symbology, group separators, white space, GS1 identifier."""
    text = "".join(letter for letter in raw if letter.isprintable() and not letter.isspace()).upper()
    text = _SYMBOLOGY.sub("", text)[:_LONGEST_SCAN]
    sscc = _SSCC.match(text)
    return sscc[1] if sscc else text


def find(uow: UnitOfWork, erp: ErpReads, scanned: str) -> Found:
    """What a cleaned scan belongs to; the surest kind of number is asked first."""
    if receipt_id := _receipt(uow, scanned):
        return Found(receipt_id=receipt_id)
    rmas = dock_lists.rmas_numbered(uow, scanned)
    unit = None if rmas else erp.unit(scanned)
    if unit and unit.order_number and unit.order_line:
        rmas = dock_lists.rmas_on_line(uow, unit.order_number, unit.order_line)
    return Found(tuple(rmas or dock_lists.rmas_with_article(uow, scanned)))


def _receipt(uow: UnitOfWork, scanned: str) -> str | None:
    try:
        return dock.receipt(uow, scanned).id
    except NotFound:
        return None
