"""Which order line comes back in the simulated world, why, and in which words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from random import Random

from backhaul.connectors.embedded.seed_data import articles
from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Reason, Resolution
from backhaul.domain.orders import Order
from backhaul.domain.trade import Item, Tracking
from backhaul.simulation.acts import Wish
from backhaul.simulation.luck import World
from backhaul.store.conversation import Photo, Speaker

BROKEN = {Reason.DEFECTIVE, Reason.WARRANTY_FAILURE, Reason.DAMAGED_IN_TRANSIT, Reason.NOT_AS_DESCRIBED}
_WORDS = {
    Reason.DEFECTIVE: "are defective, they do not work",
    Reason.NO_LONGER_NEEDED: "are no longer needed",
    Reason.ORDERED_BY_MISTAKE: "were ordered by mistake",
    Reason.WRONG_ITEM: "are not what we ordered, another article was in the box",
    Reason.DAMAGED_IN_TRANSIT: "arrived damaged, the carton was crushed",
    Reason.WRONG_SIZE: "are the wrong size for us",
    Reason.WARRANTY_FAILURE: "failed under warranty",
    Reason.OVER_SHIPPED: "were shipped too many",
    Reason.NOT_AS_DESCRIBED: "are not as described on your page",
    Reason.MISSING_PARTS: "came with parts missing",
}
_HALF_SURE, _SURE = 500, 950
_WORKING_DAY_BEGINS, _WORKING_HOURS = 8, 9


@dataclass(frozen=True, slots=True)
class Sold:
    """A delivered order line that will come back, and when its customer writes."""

    order_number: str
    line: int
    asks_at: datetime


def sold_line(erp: ErpReads, world: World, number: str, random: Random) -> Sold | None:
    """One line of an order, chosen by luck; `None` when nothing of it was delivered."""
    order = erp.order(number)
    delivered = [
        (line.line, line.delivered_on)
        for line in (order.lines if order else ())
        if line.delivered_on is not None and line.quantity_returnable
    ]
    if not delivered:
        return None
    line, day = random.choice(delivered)
    lag = world.days_after_delivery.draw(random)
    arrived = datetime.combine(day, time(_WORKING_DAY_BEGINS), UTC)
    hours = timedelta(hours=random.uniform(0, _WORKING_HOURS))
    return Sold(number, line, arrived + timedelta(days=int(lag)) + hours)


def wish_for(
    erp: ErpReads, world: World, sold: Sold, random: Random, *, seed: int, photo: Callable[[], Photo]
) -> Wish | None:
    """What the customer wants; `None` when nothing of the line is left to come back."""
    order = erp.order(sold.order_number)
    line = order.line(sold.line) if order else None
    item = erp.item(line.sku) if line else None
    if order is None or line is None or item is None or line.quantity_returnable < 1:
        return None
    reason = _reason(world, item, random, seed)
    pieces = line.quantity_returnable
    quantity = pieces if random.random() < world.takes_all else random.randint(1, pieces)
    swapped = random.choice(_without_numbers()) if reason is Reason.WRONG_ITEM else None
    shows = random.random() < world.sends_photo
    clear = random.random() < world.clear_words
    return Wish(
        speaker=_speaker(erp, order, random),
        order_number=order.number,
        line=line.line,
        quantity=quantity,
        reason=reason,
        words=f"{quantity} x {item.sku} of {order.number} {_WORDS[reason]}.",
        resolution=_resolution(world, item, reason, random),
        serials=line.serials[:quantity] if not swapped else (),
        lots=() if swapped else line.lots[:1],
        received_sku=swapped,
        confidence_permille=_SURE if clear else _HALF_SURE,
        photos=(photo(),) if shows else (),
    )


@cache
def _without_numbers() -> tuple[str, ...]:
    """Articles without serials and lots: one of them arrives instead of what was ordered."""
    families = ((article.sku, article.family) for article in articles())
    return tuple(sku for sku, family in families if family.tracking is Tracking.NONE and not family.hazmat)


def _reason(world: World, item: Item, random: Random, seed: int) -> Reason:
    worse = world.breaks(item.supplier_id, seed)
    weights = [weight * (worse if reason in BROKEN else 1) for reason, weight in world.reasons.items()]
    return random.choices(list(world.reasons), weights)[0]


def _resolution(world: World, item: Item, reason: Reason, random: Random) -> Resolution:
    if reason is Reason.WARRANTY_FAILURE and random.random() < world.wants_repair:
        return Resolution.REPAIR
    # Dangerous goods get no label without a person: nobody sends their replacement ahead.
    wrong = not item.hazmat and (reason in BROKEN or reason is Reason.WRONG_ITEM)
    return (
        Resolution.REPLACEMENT if wrong and random.random() < world.wants_replacement else Resolution.CREDIT
    )


def _speaker(erp: ErpReads, order: Order, random: Random) -> Speaker:
    contact = random.choice(erp.contacts(order.account_id))
    return Speaker(order.account_id, contact.name, f"contact:{contact.contact_id}")
