"""Mentions that are several order lines, told apart by serials, which the ERP knows, and by orders. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.fit import fitting
from agent.understanding.claim import Claim, ClaimLine, PurchasedLine, Ref
from agent.understanding.numerals import NUMBER, count_of

_COUNT = re.compile(
    rf"(?<![\w-])({NUMBER}|the other)\b(?!\s*(?:hp|v|volts?|amps?|mm|in|inch|ft|psi|kw|w|a)\b)"
    r"[^.;!?\n]{0,60}$"
)
"""A count before an order number, such as "4 lengths from" or "the other one is on"."""
_PRONOUNS = frozenset({"other", "one", "the other", "others"})
_SEVERAL = 2


def apart(claim: Claim, text: str, bought: Sequence[PurchasedLine]) -> Claim:
    """The claim with a line for each order line that it names by serials, or by the orders it is on."""
    by_serials = [one for line in claim.lines for one in _by_serials(line, claim.lines, bought)]
    orders = _orders(claim, bought)
    if len(orders) > 1 and len(by_serials) == 1:
        by_serials = _by_orders(by_serials[0], orders, text.lower(), bought) or by_serials
    return replace(claim, lines=tuple(by_serials))


def _by_serials(
    line: ClaimLine, every: Sequence[ClaimLine], bought: Sequence[PurchasedLine]
) -> list[ClaimLine]:
    """Serials that were shipped on several order lines make as many lines of it; each counts its own pieces.

    Those of an article that is named beside it belong to that one.
    """
    owners = {serial: one for one in bought for serial in one.serials if serial in _all_serials(every)}
    mine = dict.fromkeys(
        (one.order_number, one.line) for serial in line.serials if (one := owners.get(serial))
    )
    if line.sku and len(every) > 1:
        return [replace(line, serials=_own(line, every, owners))]
    if len(mine) < _SEVERAL:
        return [line]
    return [
        replace(
            line,
            order_ref=order,
            po_ref=None,
            serials=(given := tuple(s for s in line.serials if _is_on(owners.get(s), order, number))),
            quantity=len(given),
            all_of_them=False,
        )
        for order, number in mine
    ]


def _all_serials(every: Sequence[ClaimLine]) -> set[str]:
    return {serial for line in every for serial in line.serials}


def _own(line: ClaimLine, every: Sequence[ClaimLine], owners: dict[str, PurchasedLine]) -> tuple[str, ...]:
    """Its serials without those of other articles that are named, and with its own from beside them."""
    others = {one.sku for one in every if one.sku} - {line.sku}
    kept = [serial for serial in line.serials if serial not in owners or owners[serial].sku not in others]
    gained = [serial for serial, one in owners.items() if one.sku == line.sku and serial not in kept]
    return (*kept, *gained)


def _is_on(one: PurchasedLine | None, order: str, number: int) -> bool:
    return one is not None and (one.order_number, one.line) == (order, number)


def _orders(claim: Claim, bought: Sequence[PurchasedLine]) -> list[Ref]:
    """Known orders in the order in which they are named, each once."""
    known = {one.order_number for one in bought}
    named = {ref.value: ref for ref in claim.order_refs if ref.kind == "order" and ref.value in known}
    return sorted(named.values(), key=lambda ref: ref.span.start)


def _by_orders(
    line: ClaimLine, orders: Sequence[Ref], text: str, bought: Sequence[PurchasedLine]
) -> list[ClaimLine]:
    """One line for each order, when the article is on all of them and each has a count of its own."""
    words = "" if line.item_words in _PRONOUNS else line.item_words
    found, before = [], 0
    for ref in orders:
        counted = _COUNT.search(text[before : ref.span.start])
        before = ref.span.end
        mine = replace(line, order_ref=ref.value, po_ref=None, item_words=words)
        if counted is None or not fitting(mine, bought):
            return []
        pieces = 1 if counted[1] == "the other" else count_of(counted[1])
        found.append(replace(mine, quantity=pieces, all_of_them=False, half=False, serials=()))
    return found
