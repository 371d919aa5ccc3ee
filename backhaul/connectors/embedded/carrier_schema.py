"""Tables of the embedded carrier: labels with their prints, and what happened to the parcels."""

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from backhaul.connectors.embedded.sqlite import command_table, series_table
from backhaul.connectors.ports import CarrierLabel, Pickup, PickupWindow
from backhaul.domain.money import Money
from backhaul.domain.receiving import ParcelEvent, ParcelStatus

METADATA = sa.MetaData()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _prints(*names: str) -> list[sa.Column[bytes]]:
    return [sa.Column(name, sa.LargeBinary, nullable=False) for name in names]


label = sa.Table(
    "label",
    METADATA,
    sa.Column("tracking_number", sa.String, primary_key=True),
    *_texts("reference", "carrier", "service", "sscc", "drop_off_code", "currency", "from_city", "to_city"),
    sa.Column("cost_minor", sa.Integer, nullable=False),
    sa.Column("voided", sa.Boolean, nullable=False),
    *_prints("pdf", "png", "zpl", "qr_png"),
)

pickup = sa.Table(
    "pickup",
    METADATA,
    sa.Column("tracking_number", sa.String, primary_key=True),
    *_texts("bill_of_lading", "day", "opens", "closes"),
    sa.Column("handling_units", sa.JSON, nullable=False),
)

event = sa.Table(
    "event",
    METADATA,
    sa.Column("event_id", sa.String, primary_key=True),
    sa.Column("place_in_order", sa.Integer, nullable=False, unique=True),
    *_texts("tracking_number", "status", "at", "place"),
    sa.Index("event_by_tracking_number", "tracking_number"),
)

command_key = command_table(METADATA)
series = series_table(METADATA)


def label_of(row: sa.Row[Any]) -> CarrierLabel:
    """A bought label as the port knows it."""
    return CarrierLabel(
        carrier=row.carrier,
        service=row.service,
        tracking_number=row.tracking_number,
        sscc=row.sscc,
        drop_off_code=row.drop_off_code,
        cost=Money(row.cost_minor, row.currency),
        pdf=row.pdf,
        png=row.png,
        zpl=row.zpl,
        qr_png=row.qr_png,
    )


def pickup_of(booked: sa.Row[Any], its_label: sa.Row[Any]) -> Pickup:
    """A booked pickup as the port knows it."""
    return Pickup(
        label=label_of(its_label),
        bill_of_lading=booked.bill_of_lading,
        window=PickupWindow(
            day=date.fromisoformat(booked.day),
            opens=time.fromisoformat(booked.opens),
            closes=time.fromisoformat(booked.closes),
        ),
        handling_units=tuple(booked.handling_units),
    )


def pickup_values(booked: Pickup) -> dict[str, Any]:
    """The row of a pickup beside its label's."""
    return {
        "tracking_number": booked.label.tracking_number,
        "bill_of_lading": booked.bill_of_lading,
        "day": booked.window.day.isoformat(),
        "opens": booked.window.opens.isoformat(),
        "closes": booked.window.closes.isoformat(),
        "handling_units": list(booked.handling_units),
    }


def event_of(row: sa.Row[Any]) -> ParcelEvent:
    """A scan; its time was stored with the offset it came with."""
    return ParcelEvent(
        event_id=row.event_id,
        tracking_number=row.tracking_number,
        status=ParcelStatus(row.status),
        at=datetime.fromisoformat(row.at),
        place=row.place,
    )
