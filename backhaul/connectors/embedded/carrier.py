"""The embedded carrier, Overland Parcel: return labels with true numbers and codes, and parcels' journeys."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import carrier_tariff
from backhaul.connectors.embedded.carrier_print import booked_pickup, parcel_label
from backhaul.connectors.embedded.carrier_schema import (
    METADATA,
    command_key,
    event,
    event_of,
    label,
    label_of,
    pickup,
    pickup_of,
    pickup_values,
    series,
)
from backhaul.connectors.embedded.carrier_tariff import OVERLAND
from backhaul.connectors.embedded.sqlite import Commands, next_number, talking_to, writing_engine
from backhaul.connectors.ports import CarrierLabel, DropOff, LabelRequest, Pickup, PickupRequest, Rate
from backhaul.domain.canonical import digest
from backhaul.domain.clock import Clock, today
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.receiving import ParcelEvent, ParcelStatus
from backhaul.domain.trade import Address

_BUY, _BOOK, _VOID = "buy_label", "book_pickup", "void_label"
_SERIALS_PER_CARRIER = 1_000_000
_CARRIERS = range(1_000, 2_000)
"""Blocks of a million parcel numbers; those below are the shipments of the seeded ERP. A thousand blocks fill
the nine digits of an SSCC, so two carriers never print the same one."""

_DROP_OFF_CODE_LENGTH = 8
_AT_THE_DOCK = {ParcelStatus.DELIVERED, ParcelStatus.REFUSED}
_REPORTED_BY_US = {ParcelStatus.LABEL_CREATED, ParcelStatus.VOIDED}


class EmbeddedCarrier:
    """`Carrier` and `CarrierSimulation` on an SQLite file of its own.

    Another name makes another carrier with parcel numbers of its own block, and a tariff of its own when
    there is one; it needs another file. Without `prints`, labels are sold whose papers are empty.
    """

    def __init__(self, path: Path, clock: Clock, *, name: str = OVERLAND, prints: bool = True) -> None:
        self.name = name
        self._prints = prints
        self._clock = clock
        self._commands = Commands(name, command_key)
        self._first_serial = _first_serial(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = writing_engine(path)
        with self._talking() as connection:
            METADATA.create_all(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def rates(self, request: LabelRequest) -> Sequence[Rate]:
        if request.ship_by < today(self._clock):
            return ()
        return tuple(carrier_tariff.rates(self.name, request))

    def drop_offs(self, postal_code: str) -> Sequence[DropOff]:
        return tuple(carrier_tariff.drop_offs(postal_code))

    def buy_label(self, request: LabelRequest, *, key: str) -> CarrierLabel:
        """Buy the cheapest service, or find the label this key has bought.

        Raises:
            ConnectorRejected: place, weight or goods are not carried, the day to ship by is past, or the key
                was used otherwise.
        """
        with self._talking() as connection:
            tracking = self._commands.obeyed(connection, _BUY, request, key)
        if tracking is None:
            tracking = self._sell(request, key)
        with self._talking() as connection:
            return _label_numbered(connection, tracking)

    def label_by_key(self, key: str) -> CarrierLabel | None:
        with self._talking() as connection:
            tracking = self._commands.document(connection, _BUY, key)
            return _label_numbered(connection, tracking) if tracking else None

    def pickup_rates(self, request: PickupRequest) -> Sequence[Rate]:
        if request.ship_by < today(self._clock):
            return ()
        return tuple(carrier_tariff.pickup_rates(self.name, request))

    def book_pickup(self, request: PickupRequest, *, key: str) -> Pickup:
        """Have pallets fetched, or find the pickup this key has booked.

        Raises:
            ConnectorRejected: place, weight or goods are not fetched, no driver comes by the last day, or the
                key was used otherwise.
        """
        with self._talking() as connection:
            tracking = self._commands.obeyed(connection, _BOOK, request, key)
        if tracking is None:
            tracking = self._book(request, key)
        with self._talking() as connection:
            return _pickup_numbered(connection, tracking)

    def pickup_by_key(self, key: str) -> Pickup | None:
        with self._talking() as connection:
            tracking = self._commands.document(connection, _BOOK, key)
            return _pickup_numbered(connection, tracking) if tracking else None

    def void_label(self, tracking_number: str, *, key: str) -> None:
        """Take a label back; one that is void already stays so.

        Raises:
            ConnectorRejected: no such label, the parcel was handed in, or the key was used otherwise.
        """
        with self._talking() as connection:
            self._commands.once(
                connection, _VOID, tracking_number, key, lambda: self._void(connection, tracking_number)
            )

    def events(self, *, after: str | None = None) -> Sequence[ParcelEvent]:
        with self._talking() as connection:
            start = 0
            if after is not None:
                start = self._place_of(connection, after)
            query = sa.select(event).where(event.c.place_in_order > start).order_by(event.c.place_in_order)
            return tuple(map(event_of, connection.execute(query)))

    def report(
        self, tracking_number: str, status: ParcelStatus, *, at: datetime, place: str = ""
    ) -> ParcelEvent:
        """Let a scan happen, as a driver, counter or dock would; where, follows from the label unless given.

        A counter takes no parcel with a void label; one that got in all the same is carried like any other.

        Raises:
            ConnectorRejected: no such label, it is void and handed in at a counter, or the status is not one
                that a scan can give.
        """
        if status in _REPORTED_BY_US:
            raise self._no(f"{status.value} does not come from a scan")
        with self._talking() as connection:
            row = self._parcel(connection, tracking_number)
            if row.voided and status is ParcelStatus.DROPPED_OFF:
                raise self._no(f"label {tracking_number} is void")
            place = place or (row.to_city if status in _AT_THE_DOCK else row.from_city)
            return self._happened(connection, tracking_number, status, at, place)

    def _sell(self, request: LabelRequest, key: str) -> str:
        offers = self.rates(request)
        if not offers:
            raise self._no(_why_not(self.name, request, today(self._clock)))
        (serial,) = self._serials(1)
        bought = parcel_label(offers[0], request, serial, key, prints=self._prints)
        # Drawing took a while and holds no lock: whoever was quicker with this key has sold the label.
        with self._talking() as connection:
            return self._commands.once(
                connection, _BUY, request, key, lambda: self._enter(connection, request, bought)
            )

    def _book(self, request: PickupRequest, key: str) -> str:
        offers = self.pickup_rates(request)
        window = carrier_tariff.pickup_window(
            self.name, max(request.ready_on, today(self._clock) + timedelta(days=1))
        )
        if not offers or window is None:
            raise self._no(_why_not_fetched(request))
        if window.day > request.ship_by:
            raise self._no(f"{request.reference} cannot be fetched by {request.ship_by}")
        booked = booked_pickup(offers[0], request, window, self._serials(request.handling_units))
        with self._talking() as connection:
            return self._commands.once(
                connection, _BOOK, request, key, lambda: self._enter_pickup(connection, request, booked)
            )

    def _serials(self, wanted: int) -> list[int]:
        with self._talking() as connection:
            first = self._first_serial
            return [next_number(connection, series, "parcel", first=first) for _ in range(wanted)]

    def _enter_pickup(self, connection: Connection, request: PickupRequest, booked: Pickup) -> str:
        connection.execute(sa.insert(pickup).values(pickup_values(booked)))
        return self._enter(connection, request, booked.label)

    def _enter(
        self, connection: Connection, request: LabelRequest | PickupRequest, bought: CarrierLabel
    ) -> str:
        values = {part.name: getattr(bought, part.name) for part in fields(bought) if part.name != "cost"}
        values |= {
            "cost_minor": bought.cost.minor,
            "currency": bought.cost.currency,
            "reference": request.reference,
            "from_city": request.ship_from.city,
            "to_city": request.ship_to.city,
            "voided": False,
        }
        connection.execute(sa.insert(label).values(values))
        self._happened(
            connection,
            bought.tracking_number,
            ParcelStatus.LABEL_CREATED,
            self._clock.now(),
            request.ship_from.city,
        )
        return bought.tracking_number

    def _void(self, connection: Connection, tracking: str) -> str:
        row = self._parcel(connection, tracking)
        if row.voided:
            return tracking
        moved = connection.scalar(
            sa.select(event.c.status)
            .where(event.c.tracking_number == tracking, event.c.status != ParcelStatus.LABEL_CREATED)
            .limit(1)
        )
        if moved:
            raise self._no(f"parcel {tracking} was handed in already; its label cannot be voided")
        connection.execute(sa.update(label).where(label.c.tracking_number == tracking).values(voided=True))
        self._happened(connection, tracking, ParcelStatus.VOIDED, self._clock.now(), row.from_city)
        return tracking

    def _happened(
        self, connection: Connection, tracking: str, status: ParcelStatus, at: datetime, place: str
    ) -> ParcelEvent:
        place_in_order = next_number(connection, series, "event", first=1)
        values = {
            "event_id": f"{tracking}-{place_in_order}",
            "place_in_order": place_in_order,
            "tracking_number": tracking,
            "status": status.value,
            "at": at.isoformat(),
            "place": place,
        }
        connection.execute(sa.insert(event).values(values))
        return ParcelEvent(str(values["event_id"]), tracking, status, at, place)

    def _parcel(self, connection: Connection, tracking: str) -> sa.Row[str, str, bool]:
        query = sa.select(label.c.from_city, label.c.to_city, label.c.voided)
        row = connection.execute(query.where(label.c.tracking_number == tracking)).one_or_none()
        if row is None:
            raise self._no(f"no label {tracking}")
        return row

    def _place_of(self, connection: Connection, event_id: str) -> int:
        place = connection.scalar(sa.select(event.c.place_in_order).where(event.c.event_id == event_id))
        if place is None:
            raise self._no(f"no event {event_id} to go on from; start without one")
        return int(place)

    def _no(self, message: str) -> ConnectorRejected:
        return ConnectorRejected(self.name, message)

    def _talking(self) -> AbstractContextManager[Connection]:
        return talking_to(self.name, self._engine)


def _first_serial(name: str) -> int:
    block = _CARRIERS.start
    if name != OVERLAND:
        block += 1 + int(digest(name), 16) % (len(_CARRIERS) - 1)
    return block * _SERIALS_PER_CARRIER + 1


def _why_not(carrier: str, request: LabelRequest, day: date) -> str:
    if request.ship_by < day:
        return f"{request.reference} would have to be shipped by {request.ship_by}, which is past"
    if not 0 < request.weight_grams <= carrier_tariff.tariff(carrier).heaviest_grams:
        return f"a parcel of {request.weight_grams} g is not carried"
    return f"no service from {_place(request.ship_from)} to {_place(request.ship_to)} for these goods"


def _why_not_fetched(request: PickupRequest) -> str:
    ways = f"from {_place(request.ship_from)} to {_place(request.ship_to)}"
    return f"{request.weight_grams} g on {request.handling_units} pallets are not fetched {ways}"


def _place(address: Address) -> str:
    return f"{address.state} {address.postal_code} {address.country}"


def _label_numbered(connection: Connection, tracking: str) -> CarrierLabel:
    return label_of(connection.execute(sa.select(label).where(label.c.tracking_number == tracking)).one())


def _pickup_numbered(connection: Connection, tracking: str) -> Pickup:
    booked = connection.execute(sa.select(pickup).where(pickup.c.tracking_number == tracking)).one()
    its_label = connection.execute(sa.select(label).where(label.c.tracking_number == tracking)).one()
    return pickup_of(booked, its_label)
