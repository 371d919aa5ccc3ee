"""Which returns on record a message speaks of: by number, by goods, else those of this conversation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent import answers
from agent.state import TurnContext
from agent.understanding.claim import Claim, PurchasedLine
from agent.understanding.mentions import stem, words_of
from tools.returns_found import ReturnFound

_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SHORTEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Meant:
    """`named` says that number or goods tell which; `strange` are numbers that lead to no return here.

    A number of another account is as strange as one that was never given out.
    """

    found: tuple[ReturnFound, ...]
    named: bool
    strange: tuple[str, ...] = ()


def meant(among: Sequence[ReturnFound], text: str, turn: TurnContext) -> Meant:
    """The returns that the words speak of. Without any name they are those of this conversation, else all."""
    said = _TOKEN.findall(text.lower())
    claim, bought = turn.heard.claim, turn.heard.purchases
    orders = _orders(claim, bought)
    by_number = tuple(one for one in among if _numbers(one) & {*said, *(o.lower() for o in orders)})
    numbers = answers.rma_numbers(text)
    strange = tuple(name for name in numbers if all(one.rma != name for one in among))
    strange += tuple(name for name in orders if all(name not in one.orders for one in among))
    if by_number or strange:
        by_number = by_number or tuple(one for one in among if one.rma in numbers)
        return Meant(by_number, named=True, strange=strange)
    if by_goods := _by_goods(among, said, claim, bought):
        return Meant(by_goods, named=True)
    here = tuple(one for one in among if one.thread == turn.thread_id)
    return Meant(here or tuple(among), named=False)


def _orders(claim: Claim | None, bought: Sequence[PurchasedLine]) -> list[str]:
    """Order numbers that the claim names; a PO number stands for the orders placed under it."""
    named: list[str] = []
    for ref in claim.order_refs if claim else ():
        placed = [one.order_number for one in bought if ref.kind == "po" and one.po_number == ref.value]
        named += placed or [ref.value]
    return list(dict.fromkeys(named))


def _numbers(one: ReturnFound) -> set[str]:
    """Whatever is printed on its papers, and an RMA number also by its digits alone or without the dash."""
    digits = one.rma.rpartition("-")[2]
    spelled = {digits, f"rma{digits}"} if len(digits) >= _SHORTEST_NUMBER else set()
    printed = {one.rma, one.tracking_number, *one.orders}
    return {number.lower() for number in printed if number} | spelled


def _by_goods(
    among: Sequence[ReturnFound], said: Sequence[str], claim: Claim | None, bought: Sequence[PurchasedLine]
) -> tuple[ReturnFound, ...]:
    """By words that not every one of several returns shares, or by part number."""
    skus = {line.sku for line in claim.lines if line.sku} if claim else set()
    parts = tuple(one.description for one in bought if one.sku in skus)
    by_part = tuple(one for one in among if parts and any(goods.endswith(parts) for goods in one.lines))
    if by_part:
        return by_part
    told = {stem(word) for word in said}
    names = [words_of(" ".join(one.lines)) for one in among]
    shared = frozenset.intersection(*names) if len(names) > 1 else frozenset()
    return tuple(one for one, words in zip(among, names, strict=True) if told & (words - shared))
