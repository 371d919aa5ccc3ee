"""Which carrier sells the label: the first that serves the place and answers, else our own counters.

A carrier that stayed silent may have sold a label all the same, and whoever is asked after it may sell a
second one that is forgotten in a crash. So both are doubted, in the books, before the second is asked;
`surplus_labels` finds out once they answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import ceil
from typing import Generic, TypeVar

from backhaul.connectors.breaker import LeftAlone
from backhaul.connectors.ports import (
    Carrier,
    CarrierLabel,
    DropOff,
    LabelRequest,
    Pickup,
    PickupRequest,
    Rate,
)
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.store import due, ledger
from backhaul.workflows.world import WorkerWorld, every_carrier

DOUBT = "label_doubt"
LOOK_AGAIN = timedelta(seconds=60)
_PAUSES_SECONDS = (0.2, 1.0)
"""Before the second and the third try; then the next carrier is asked."""

MOST_PIECES_IN_A_PARCEL = 2_000
GRAMS_PER_PALLET = 500_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sold:
    """A label, who sold it, and who was asked before and did not answer; with its pickup for pallets."""

    label: CarrierLabel
    carrier: Carrier
    silent: tuple[str, ...]
    pickup: Pickup | None = None


@dataclass(frozen=True, slots=True)
class _Purchase(Generic[T]):
    """What is asked of each carrier in turn, for one command."""

    command_key: str
    offers: Callable[[Carrier], Sequence[Rate]]
    buy: Callable[[Carrier], T]


def first_label(world: WorkerWorld, request: LabelRequest, *, command_key: str, permit_id: str) -> Sold:
    """Buy from the first carrier that serves the place and answers; from ourselves when one was silent.

    What is too heavy for every parcel service, or too many pieces for one, is fetched on pallets.

    Raises:
        ConnectorRejected: Nobody serves the place or carries the goods, or who does is silent.
    """
    silent: list[str] = []
    if request.pieces <= MOST_PIECES_IN_A_PARCEL:
        parcel = _Purchase(
            command_key,
            lambda carrier: carrier.rates(request),
            lambda carrier: carrier.buy_label(request, key=permit_id),
        )
        label = _from_first(world, every_carrier(world), parcel, silent)
        if label is not None:
            return Sold(label[0], label[1], tuple(silent))
    pallets = _on_pallets(request, _asked_on(world, command_key))
    freight = _Purchase(
        command_key,
        lambda carrier: carrier.pickup_rates(pallets),
        lambda carrier: carrier.book_pickup(pallets, key=permit_id),
    )
    pickup = _from_first(world, world.carriers, freight, silent)
    if pickup is not None:
        return Sold(pickup[0].label, pickup[1], tuple(silent), pickup[0])
    raise _nobody(request, silent)


def _nobody(request: LabelRequest, silent: Sequence[str]) -> ConnectorRejected:
    if not silent:
        return ConnectorRejected("carriers", f"no carrier serves {request.ship_from.postal_code}")
    why = "did not answer, and nobody else carries these goods from there"
    return ConnectorRejected(" and ".join(silent), why)


def _asked_on(world: WorkerWorld, command_key: str) -> date:
    """The day of the command: repeated on another day it must still ask for the same."""
    with world.store.read() as uow:
        command = ledger.command(uow, command_key)
        return (command.created_at if command else uow.clock.now()).date()


def _on_pallets(request: LabelRequest, asked_on: date) -> PickupRequest:
    return PickupRequest(
        reference=request.reference,
        ship_from=request.ship_from,
        ship_to=request.ship_to,
        weight_grams=request.weight_grams,
        handling_units=ceil(request.weight_grams / GRAMS_PER_PALLET),
        ready_on=asked_on + timedelta(days=1),
        ship_by=request.ship_by,
        hazmat=request.hazmat,
    )


def _from_first(
    world: WorkerWorld, carriers: Sequence[Carrier], purchase: _Purchase[T], silent: list[str]
) -> tuple[T, Carrier] | None:
    """What the first that serves and answers sold; whoever did not answer is added to `silent`."""
    for carrier in carriers:
        if carrier.name in silent or (carrier is world.drop_off and not silent):
            continue
        try:
            if not patiently(partial(purchase.offers, carrier)):
                continue
            if silent:
                doubt(world, purchase.command_key, [*silent, carrier.name])
            return patiently(partial(purchase.buy, carrier)), carrier
        except ConnectorUnavailable:
            silent.append(carrier.name)
    if silent:
        doubt(world, purchase.command_key, silent)
    return None


def patiently(ask: Callable[[], T]) -> T:
    """Ask up to three times.

    Raises:
        ConnectorUnavailable: No answer to any, or the peer is being left alone.
    """
    for pause in _PAUSES_SECONDS:
        try:
            return ask()
        except LeftAlone:
            raise
        except ConnectorUnavailable:
            time.sleep(pause)
    return ask()


def sold_under(carrier: Carrier, key: str) -> CarrierLabel | None:
    """What a carrier sold under a key: a parcel's label or the papers of a pickup."""
    pickup = carrier.pickup_by_key(key)
    return pickup.label if pickup else carrier.label_by_key(key)


def counters_near(carrier: Carrier, request: LabelRequest) -> Sequence[DropOff]:
    """Where the parcel can be handed in, as far as the carrier says so just now."""
    try:
        return carrier.drop_offs(request.ship_from.postal_code)
    except ConnectorUnavailable:
        return ()


def doubt(world: WorkerWorld, command_key: str, carriers: Sequence[str]) -> None:
    """Write down who may have sold a label for that command without our knowing."""
    with world.store.begin() as uow:
        for carrier in carriers:
            at = uow.clock.now() + LOOK_AGAIN
            due.renew(uow, kind=DOUBT, subject=f"{command_key}@{carrier}", at=at)
