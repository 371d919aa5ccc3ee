"""The bill of lading of a pickup: what the driver signs for, on one page of the label printer."""

from dataclasses import dataclass

from backhaul.connectors.embedded.gs1 import element_string
from backhaul.connectors.embedded.label_layout import (
    MARGIN,
    Bars,
    Element,
    Qr,
    Rule,
    Text,
    line_within,
    postal_lines,
    spaced,
)
from backhaul.connectors.ports import PickupRequest, PickupWindow

_BAR_DOTS, _QR_DOTS = 4, 5
_WIDE, _HALF, _RIGHT = 752, 360, 420
_UNITS_LISTED = 10


@dataclass(frozen=True, slots=True)
class BillOfLading:
    """All that stands on it. `number` is a GSIN; `units` are the SSCCs of the pallets."""

    carrier: str
    number: str
    pro_number: str
    request: PickupRequest
    window: PickupWindow
    units: tuple[str, ...]


def bill_of_lading(paper: BillOfLading) -> tuple[Element, ...]:
    """What stands where. From top to bottom: numbers, addresses, pickup, pallets, signatures."""
    return (*_numbers(paper), *_addresses(paper), *_goods(paper), *_signatures())


def _numbers(paper: BillOfLading) -> tuple[Element, ...]:
    element = element_string("402", paper.number)
    return (
        Text(MARGIN, 26, 40, "BILL OF LADING", bold=True),
        line_within(_RIGHT, 32, 30, paper.carrier, width=_HALF),
        Rule(80),
        Bars(60, 96, _BAR_DOTS, 130, element),
        Text(60, 232, 26, spaced(element)),
        Rule(270),
    )


def _addresses(paper: BillOfLading) -> tuple[Element, ...]:
    ends = ((MARGIN, "FROM", paper.request.ship_from), (_RIGHT, "TO", paper.request.ship_to))
    return (
        *(Text(x, 282, 20, title) for x, title, _ in ends),
        *(
            line_within(x, 306 + 32 * row, 26, line, width=_HALF)
            for x, _, address in ends
            for row, line in enumerate(postal_lines(address))
        ),
        Rule(416),
    )


def _goods(paper: BillOfLading) -> tuple[Element, ...]:
    window, request = paper.window, paper.request
    when = f"Pickup {window.day:%a %d %b %Y}, {window.opens:%H:%M} to {window.closes:%H:%M} local time"
    pallets = "1 pallet" if len(paper.units) == 1 else f"{len(paper.units)} pallets"
    load = f"{pallets}, {request.weight_grams / 1000:.0f} kg in all, no dangerous goods"
    more = len(paper.units) - _UNITS_LISTED
    return (
        line_within(MARGIN, 432, 40, f"RETURN {request.reference}", width=_WIDE, bold=True),
        line_within(MARGIN, 484, 30, when, width=_WIDE, bold=True),
        Text(MARGIN, 526, 26, f"Pro number {paper.pro_number}"),
        line_within(MARGIN, 560, 26, load, width=540),
        Qr(620, 520, _QR_DOTS, paper.number),
        Rule(650),
        *(
            Text(MARGIN, 666 + 34 * row, 26, f"Pallet {row + 1}   {spaced(element_string('00', unit))}")
            for row, unit in enumerate(paper.units[:_UNITS_LISTED])
        ),
        *((Text(MARGIN, 1010, 22, f"and {more} more, each with its labels"),) if more > 0 else ()),
        Rule(1040),
    )


def _signatures() -> tuple[Element, ...]:
    return (
        Text(MARGIN, 1056, 20, "Shipper, name and date"),
        Text(_RIGHT, 1056, 20, "Driver, name and date"),
        Text(MARGIN, 1184, 22, "One copy goes with the driver; keep the other until the return is settled."),
    )
