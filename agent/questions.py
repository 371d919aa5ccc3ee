"""Which question comes next: one at a time, the one that settles most first. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from agent.state import Choice, DraftLine, Question
from agent.understanding.claim import PurchasedLine
from agent.wording import (
    COMMON_REASONS,
    CREDIT_IS_IMPLIED,
    REASON_SENTENCES,
    REASON_WORDS,
    RESOLUTION_WORDS,
    day,
    pieces,
)
from backhaul.domain.codes import Reason, Resolution

_MOST_BUTTONS = 6
_MOST_REASONS = 3
WITHOUT_SERIALS = {Reason.WRONG_ITEM.value, Reason.LATE_OR_MISSING.value}
"""The serials shipped to the customer say nothing about goods that are not the ones ordered, or not there."""

_OTHER = Choice("Another reason", "another reason", "?")
PERSON = Choice("Talk to a person", "I would like to talk to a person", "person")


def settle(line: DraftLine) -> DraftLine:
    """What need not be asked because it follows: the only piece, all of them, the only wish that makes
    sense.
    """
    if not line.order_number:
        return line
    quantity = line.quantity
    if line.all_of_them or (not quantity and line.returnable == 1):
        quantity = max(line.returnable - line.all_but, 0) if line.all_of_them else 1
    if line.half and not quantity and line.returnable % 2 == 0:
        quantity = line.returnable // 2
    if line.serials and not quantity:
        quantity = len(line.serials) + len(line.strange_serials)
    serials = line.serials
    if line.unit_serials and not serials and not line.strange_serials and quantity == len(line.unit_serials):
        serials = line.unit_serials
    resolution = line.resolution
    if not resolution and line.reason and Reason(line.reason) in CREDIT_IS_IMPLIED:
        resolution = Resolution.CREDIT.value
    return replace(line, quantity=quantity, serials=serials, resolution=resolution)


def next_question(draft: Sequence[DraftLine], purchases: Sequence[PurchasedLine]) -> Question | None:
    """The most informative open question, or `None` when the request is complete."""
    for at, line in enumerate(draft):
        if not line.order_number:
            return _which(at, line, purchases)
    for at, line in enumerate(draft):
        question = _detail(at, line)
        if question is not None:
            return question
    return None


def _which(at: int, line: DraftLine, purchases: Sequence[PurchasedLine]) -> Question:
    fitting = [bought for bought in purchases if f"{bought.order_number}/{bought.line}" in line.candidates]
    one_order = len({bought.order_number for bought in fitting}) == 1
    if fitting and one_order:
        return Question("item", at, tuple(_item_choice(bought) for bought in fitting[:_MOST_BUTTONS]))
    if fitting:
        return Question("order", at, tuple(_order_choice(bought) for bought in fitting[:_MOST_BUTTONS]))
    return Question("order" if not line.order_ref else "item", at)


def _item_choice(bought: PurchasedLine) -> Choice:
    return Choice(
        bought.description, f"{bought.description} ({bought.sku})", f"{bought.order_number}/{bought.line}"
    )


def _order_choice(bought: PurchasedLine) -> Choice:
    goods = pieces(bought.quantity_shipped, bought.description)
    label = f"{bought.order_number} of {day(bought.ordered_on)}: {goods}"
    return Choice(label, f"the one on {bought.order_number}", f"{bought.order_number}/{bought.line}")


def _detail(at: int, line: DraftLine) -> Question | None:
    if not line.reason:
        if _wants_quantity(line) and not line.quantity:
            return _quantity(at, line)
        return Question("reason", at, _reasons(line))
    if _wants_quantity(line):
        return _quantity(at, line)
    if line.unit_serials and len(line.serials) != line.quantity and line.reason not in WITHOUT_SERIALS:
        return Question("serial", at, _serials(line))
    if line.reason == Reason.WRONG_ITEM.value and not (line.received_sku or line.received_words):
        return Question("received", at)
    if not line.resolution:
        return Question("resolution", at, _resolutions())
    return Question(line.waits_for, at) if line.waits_for else None


def _wants_quantity(line: DraftLine) -> bool:
    return not line.quantity or line.quantity > line.returnable


def _quantity(at: int, line: DraftLine) -> Question:
    every = str(line.returnable)
    all_of_them = Choice(f"All {every}" if line.returnable > 1 else "1", every, every)
    return Question("quantity", at, (all_of_them,))


def _reasons(line: DraftLine) -> tuple[Choice, ...]:
    likely = [Reason(code) for code in line.maybe[:_MOST_REASONS]]
    offered = dict.fromkeys([*likely, *COMMON_REASONS][: _MOST_BUTTONS - 1])
    return (
        *(Choice(REASON_WORDS[code].capitalize(), REASON_SENTENCES[code], code.value) for code in offered),
        _OTHER,
    )


def _serials(line: DraftLine) -> tuple[Choice, ...]:
    if line.quantity != 1 or len(line.unit_serials) > _MOST_BUTTONS:
        return ()
    return tuple(Choice(serial, serial, serial) for serial in line.unit_serials)


def _resolutions() -> tuple[Choice, ...]:
    return tuple(
        Choice(
            RESOLUTION_WORDS[wish].capitalize(), f"{RESOLUTION_WORDS[wish]}, please".capitalize(), wish.value
        )
        for wish in (Resolution.REPLACEMENT, Resolution.CREDIT)
    )
