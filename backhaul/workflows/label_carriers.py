"""Which carrier sells the label: the first that serves the place and answers, else our own counters.

A carrier that stayed silent may have sold a label all the same, and whoever is asked after it may sell a
second one that is forgotten in a crash. So both are doubted, in the books, before the second is asked;
`surplus_labels` finds out once they answer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from backhaul.connectors.breaker import LeftAlone
from backhaul.connectors.ports import Carrier, CarrierLabel, DropOff, LabelRequest
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.store import due
from backhaul.workflows.world import WorkerWorld, every_carrier

DOUBT = "label_doubt"
LOOK_AGAIN = timedelta(seconds=60)
_PAUSES_SECONDS = (0.2, 1.0)
"""Before the second and the third try; then the next carrier is asked."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sold:
    """A label, who sold it, and who was asked before and did not answer."""

    label: CarrierLabel
    carrier: Carrier
    silent: tuple[str, ...]


def first_label(world: WorkerWorld, request: LabelRequest, *, command_key: str, permit_id: str) -> Sold:
    """Buy from the first carrier that serves the place and answers; from ourselves when one was silent.

    Raises:
        ConnectorRejected: Nobody serves the place or carries the goods.
    """
    silent: list[str] = []
    for carrier in every_carrier(world):
        if carrier is world.drop_off and not silent:
            break
        try:
            if not patiently(lambda: carrier.rates(request)):  # noqa: B023 - called before the next round
                continue
            if silent:
                doubt(world, command_key, [*silent, carrier.name])
            label = patiently(lambda: carrier.buy_label(request, key=permit_id))  # noqa: B023 - the same
        except ConnectorUnavailable:
            silent.append(carrier.name)
        else:
            return Sold(label, carrier, tuple(silent))
    if silent:
        doubt(world, command_key, silent)
        raise ConnectorRejected(
            " and ".join(silent), "no answer, and nobody else carries these goods from there"
        )
    raise ConnectorRejected("carriers", f"no carrier serves {request.ship_from.postal_code}")


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
