"""Words to claim lines without a model: what is sent back, from which order, how many, in exchange for what.

Every value has a place in the text. Nothing here decides why goods come back; `ReadLine.reason_text` is what
the classifier should look at for each line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.understanding import order_numbers, references
from agent.understanding.anchors import Group, groups_of
from agent.understanding.claim import PurchasedLine
from agent.understanding.counts import without_denials
from agent.understanding.quantities import Quantity, bare, corrected, leading, quantity_in
from agent.understanding.references import Found
from agent.understanding.sides import Sides, two_sides
from agent.understanding.told_apart import told_apart
from agent.understanding.wishes import condition_in, resolution_in
from backhaul.domain.codes import Condition, Resolution

Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Documents:
    """Every reference in the message."""

    orders: tuple[Found, ...]
    purchase_orders: tuple[Found, ...]
    serials: tuple[Found, ...]
    lots: tuple[Found, ...]

    def all(self) -> tuple[Found, ...]:
        """In no particular order."""
        return (*self.orders, *self.purchase_orders, *self.serials, *self.lots)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One claim line before its reason is known; `places` are offsets in the text that was read."""

    group: Group
    reason_text: str
    order_ref: str | None
    po_ref: str | None
    quantity: Quantity | None
    serials: tuple[str, ...]
    lots: tuple[str, ...]
    resolution: Resolution | None
    condition: Condition
    received_sku: str | None
    received_words: str | None
    places: dict[str, Places]


def documents(text: str, purchases: Sequence[PurchasedLine], *, expecting: str | None = None) -> Documents:
    """References in lower-case text."""
    orders = order_numbers.orders(text, purchases, asked=expecting == "order")
    rest = _blank(text, orders)
    return Documents(
        tuple(orders),
        tuple(references.purchase_orders(rest, purchases)),
        tuple(references.serials(rest, purchases)),
        tuple(references.lots(rest, purchases)),
    )


def read_lines(
    text: str, purchases: Sequence[PurchasedLine], found: Documents, *, expecting: str | None = None
) -> list[ReadLine]:
    """The lines of lower-case text; a message that names no goods still gives one, with what else it says."""
    open_text = _blank(text, found.all())
    articles = references.articles(open_text, purchases)
    sides = told_apart(open_text, articles) or two_sides(open_text)
    groups = groups_of(open_text, purchases, articles, sides)
    owner = _owners(groups, found.serials, purchases)
    lines = [_line(open_text, text, at, groups, found, owner) for at in range(len(groups))]
    if sides:
        lines = _with_received(lines, open_text, sides, articles)
    return _with_correction(lines, open_text, expecting)


def _owners(
    groups: Sequence[Group], serials: Sequence[Found], purchases: Sequence[PurchasedLine]
) -> dict[str, int]:
    """By serial the group that speaks of the article it was shipped with, wherever in the text it stands."""
    shipped = {serial: line.sku for line in purchases for serial in line.serials}
    skus = [{purchases[at].sku for anchor in group.anchors for at in anchor.lines} for group in groups]
    return {
        item.value: owner
        for item in serials
        if (owner := next((at for at, own in enumerate(skus) if shipped.get(item.value) in own), None))
        is not None
    }


def _line(
    text: str, original: str, at: int, groups: Sequence[Group], found: Documents, owner: dict[str, int]
) -> ReadLine:
    group = groups[at]
    places: dict[str, Places] = {}
    quantity = _quantity(text, group)
    own = text if len(groups) == 1 else " ".join(text[a:b] for a, b in group.segments)
    wish = resolution_in(own) or resolution_in(text)
    state = condition_in(without_denials(own))
    order = _nearest(found.orders, group)
    purchase_order = _nearest(found.purchase_orders, group)
    alone = len(groups) == 1
    serials = [
        item
        for item in found.serials
        if alone or owner.get(item.value, at if group.covers(item.start) else None) == at
    ]
    lots = [item for item in found.lots if alone or group.covers(item.start)]
    for name, items in (
        ("order_ref", [order]),
        ("po_ref", [purchase_order]),
        ("serials", serials),
        ("lots", lots),
    ):
        places[name] = tuple((item.start, item.end) for item in items if item)
    places["item_words"] = tuple((anchor.start, anchor.end) for anchor in group.anchors)
    places["quantity"] = ((quantity.start, quantity.end),) if quantity else ()
    places["reason"] = group.segments
    return ReadLine(
        group=group,
        reason_text=original if alone else _reason_text(text, at, groups),
        order_ref=order.value if order else None,
        po_ref=purchase_order.value if purchase_order else None,
        quantity=quantity,
        serials=tuple(item.value for item in serials),
        lots=tuple(item.value for item in lots),
        resolution=wish[0] if wish else None,
        condition=state[0] if state else Condition.NOT_STATED,
        received_sku=None,
        received_words=None,
        places=places,
    )


def _quantity(text: str, group: Group) -> Quantity | None:
    for start, end in group.windows:
        goods = next((anchor for anchor in group.anchors if start <= anchor.start < end), None)
        if quantity := quantity_in(text, start, end, (goods.start, goods.end) if goods else None):
            return quantity
    return None


def _reason_text(text: str, at: int, groups: Sequence[Group]) -> str:
    # "2 of the gloves and 3 of the hoses arrived damaged": a line without a predicate shares its neighbour's.
    for near in (at, at + 1, at - 1):
        if 0 <= near < len(groups) and groups[near].says_something(text, groups):
            return " ".join(text[start:end] for start, end in groups[near].segments)
    return text


def _nearest(found: Sequence[Found], group: Group) -> Found | None:
    inside = [item for item in found if group.covers(item.start)]
    before = [item for item in found if item.start < group.start]
    if inside:
        return inside[0]
    return before[-1] if before else (found[0] if found else None)


def _with_received(
    lines: list[ReadLine], text: str, sides: Sides, articles: Sequence[Found]
) -> list[ReadLine]:
    start, end = sides.received
    sku = next((item.value for item in articles if start <= item.start < end), None)
    target = next((at for at, line in enumerate(lines) if line.group.covers(sides.ordered[0])), 0)
    line = lines[target]
    counted = leading(text, start, end)
    places = {**line.places, "received_words": (sides.received,)}
    words = text[counted.end if counted else start : end].strip()
    told = replace(line, received_sku=sku, received_words=words, places=places)
    if counted:
        # So many came that were not ordered, however many were.
        places["quantity"] = ((counted.start, counted.end),)
        told = replace(told, quantity=counted)
    return [*lines[:target], told, *lines[target + 1 :]]


def _with_correction(lines: list[ReadLine], text: str, expecting: str | None) -> list[ReadLine]:
    quantity = corrected(text) or (bare(text) if expecting == "quantity" else None)
    if quantity is None:
        return lines
    before = [at for at, line in enumerate(lines) if line.group.start <= quantity.start]
    target = before[-1] if before else 0
    line = lines[target]
    places = {**line.places, "quantity": ((quantity.start, quantity.end),)}
    return [*lines[:target], replace(line, quantity=quantity, places=places), *lines[target + 1 :]]


def _blank(text: str, found: Sequence[Found]) -> str:
    for item in found:
        text = text[: item.start] + " " * (item.end - item.start) + text[item.end :]
    return text
