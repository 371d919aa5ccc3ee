"""What the embedded carrier charges, where it goes and where its counters are."""

import csv
import io
from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import cache
from importlib import resources
from math import asin, ceil, cos, radians, sin, sqrt

import yaml
from pydantic import BaseModel, ConfigDict

from backhaul.connectors.ports import (
    DROP_OFF,
    FREIGHT,
    DropOff,
    LabelRequest,
    PickupRequest,
    PickupWindow,
    Rate,
)
from backhaul.domain.money import Money
from backhaul.domain.trade import Address

OVERLAND, KESTREL = "Overland Parcel", "Kestrel Freight"
_PACKAGE = "backhaul.connectors.embedded"
_SHEETS = {KESTREL: "carrier_tariff_kestrel.yaml", DROP_OFF: "carrier_tariff_drop_off.yaml"}
_EARTH_RADIUS_KM = 6_371
_COUNTERS_WITHIN_KM = 60
_MOST_COUNTERS = 5
_GRAMS_PER_KILOGRAM = 1_000
_GRAMS_PER_HUNDRED_KILOGRAMS = 100_000
_SATURDAY = 5


class _Sheet(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NotServed(_Sheet):
    """Postal codes that begin like this get no parcel service."""

    prefix: str
    why: str


class Service(_Sheet):
    """A speed at a price; prices are USD per parcel, by zone."""

    name: str
    hazmat: bool
    days_by_zone: dict[int, int]
    first_kilogram: dict[int, str]
    each_further_kilogram: dict[int, str]


class Freight(_Sheet):
    """Pallets, by weight and zone, in USD; a driver comes between `opens` and `closes`."""

    heaviest_grams: int
    days_by_zone: dict[int, int]
    first_hundred_kilograms: dict[int, str]
    each_further_hundred_kilograms: dict[int, str]
    opens: time
    closes: time


class Tariff(_Sheet):
    """The whole tariff. Without `freight` nothing is fetched; dangerous goods never are."""

    longest_kilometres_by_zone: dict[int, int]
    heaviest_grams: int
    hazmat_surcharge: str
    not_served: tuple[NotServed, ...]
    services: tuple[Service, ...]
    freight: Freight | None = None


class Area(_Sheet):
    """The middle of a postal area."""

    prefix: str
    latitude: float
    longitude: float


class Counter(_Sheet):
    """A shop where parcels can be handed in."""

    name: str
    street: str
    city: str
    state: str
    postal_code: str
    latitude: float
    longitude: float
    printerless: bool


@cache
def tariff(carrier: str = OVERLAND) -> Tariff:
    """The tariff in force; a carrier without one of its own has Overland's."""
    return Tariff.model_validate(yaml.safe_load(_text(_SHEETS.get(carrier, "carrier_tariff.yaml"))))


@cache
def counters() -> tuple[Counter, ...]:
    """All counters."""
    return tuple(Counter.model_validate(row) for row in _rows("carrier_counters.csv"))


def rates(carrier: str, request: LabelRequest) -> list[Rate]:
    """What the parcel would cost, cheapest first; empty when place, weight or goods are not carried."""
    sheet = tariff(carrier)
    zone = _zone(sheet, request.ship_from, request.ship_to)
    if zone is None or not 0 < request.weight_grams <= sheet.heaviest_grams:
        return []
    offers = [
        Rate(carrier, service.name, _price(sheet, service, zone, request), service.days_by_zone[zone])
        for service in sheet.services
        if service.hazmat or not request.hazmat
    ]
    return sorted(offers, key=lambda rate: rate.cost.minor)


def pickup_rates(carrier: str, request: PickupRequest) -> list[Rate]:
    """What fetching the pallets would cost; empty where the carrier fetches nothing, or not these goods."""
    sheet = tariff(carrier)
    zone, freight = _zone(sheet, request.ship_from, request.ship_to), sheet.freight
    if zone is None or freight is None or request.hazmat:
        return []
    if not 0 < request.weight_grams <= freight.heaviest_grams:
        return []
    further = ceil(request.weight_grams / _GRAMS_PER_HUNDRED_KILOGRAMS) - 1
    price = Money.of(freight.first_hundred_kilograms[zone])
    price += Money.of(freight.each_further_hundred_kilograms[zone]) * further
    return [Rate(carrier, FREIGHT, price, freight.days_by_zone[zone])]


def pickup_window(carrier: str, ready_on: date) -> PickupWindow | None:
    """The first working day from then on; `None` for a carrier that fetches nothing."""
    freight = tariff(carrier).freight
    if freight is None:
        return None
    day = ready_on + timedelta(days=max(0, 7 - ready_on.weekday()) if ready_on.weekday() >= _SATURDAY else 0)
    return PickupWindow(day, freight.opens, freight.closes)


def drop_offs(postal_code: str) -> list[DropOff]:
    """Counters within 60 km of the postal area, nearest first; none where the carrier does not go."""
    here = _position(postal_code)
    if here is None or not _is_served(tariff(), postal_code):
        return []
    found = [
        DropOff(
            name=counter.name,
            address=Address(counter.name, counter.street, counter.city, counter.state, counter.postal_code),
            kilometres=max(1, round(_kilometres(here, (counter.latitude, counter.longitude)))),
            printerless=counter.printerless,
        )
        for counter in counters()
    ]
    near = (point for point in found if point.kilometres <= _COUNTERS_WITHIN_KM)
    return sorted(near, key=lambda point: (point.kilometres, point.name))[:_MOST_COUNTERS]


def _is_served(sheet: Tariff, postal_code: str) -> bool:
    return not any(postal_code.startswith(place.prefix) for place in sheet.not_served)


def _zone(sheet: Tariff, ship_from: Address, ship_to: Address) -> int | None:
    ends = (ship_from, ship_to)
    positions = [_position(end.postal_code) for end in ends]
    if any(end.country != "US" or not _is_served(sheet, end.postal_code) for end in ends):
        return None
    start, goal = positions
    if start is None or goal is None:
        return None
    distance = _kilometres(start, goal)
    return next(
        (zone for zone, longest in sheet.longest_kilometres_by_zone.items() if distance <= longest), None
    )


def _price(sheet: Tariff, service: Service, zone: int, request: LabelRequest) -> Money:
    further = ceil(request.weight_grams / _GRAMS_PER_KILOGRAM) - 1
    price = Money.of(service.first_kilogram[zone]) + Money.of(service.each_further_kilogram[zone]) * further
    return price + Money.of(sheet.hazmat_surcharge) if request.hazmat else price


def _position(postal_code: str) -> tuple[float, float] | None:
    # The nearest thing known: a counter in the same three-digit area, else the middle of the two-digit one.
    for counter in counters():
        if counter.postal_code[:3] == postal_code[:3]:
            return counter.latitude, counter.longitude
    return _areas().get(postal_code[:2])


@cache
def _areas() -> dict[str, tuple[float, float]]:
    sheets = (Area.model_validate(row) for row in _rows("carrier_areas.csv"))
    return {area.prefix: (area.latitude, area.longitude) for area in sheets}


def _kilometres(start: tuple[float, float], goal: tuple[float, float]) -> float:
    """Along the great circle (haversine)."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, point)) for point in (start, goal))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(chord))


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(_text(name)))


def _text(name: str) -> str:
    return (resources.files(_PACKAGE) / name).read_text(encoding="utf-8")
