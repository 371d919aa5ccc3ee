"""Which question comes next: one at a time, the one that settles most first. Pure.

Without an order line nothing can be weighed, so that is asked for before all else; then, of reason, quantity
and wish, whatever changes the verdict most (agent.expected); then what names the goods beyond doubt. The wish
waits for the reason, because most reasons imply it, and the serials for the quantity.
"""

from collections.abc import Callable, Sequence
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
_WITHOUT_SERIALS = {Reason.WRONG_ITEM.value, Reason.LATE_OR_MISSING.value}
"""The serials shipped to the customer say nothing about goods that are not the ones ordered, or not there."""

CLARIFYING = frozenset({"order", "item", "reason", "quantity", "serial", "received", "resolution", "target"})
"""Questions about what is meant. Evidence that policy wants, the read-back, and what to change in it are no
such questions.
"""

MOST_QUESTIONS = 3
"""So many clarifying questions are put for a request, whatever number of lines it has; then a person goes on.

Each time counts, also when the same question is put again because the answer did not settle it; an answer
that settles several things was one question. Not counted again is a question that stayed open while the
customer told something else: other facts of the request, a question, that it takes a moment. What was read
back is settled: a change to it is counted anew.
"""

FirstOf = Callable[[DraftLine, Sequence[str]], str]
"""Which of several open slots of a line to ask for"""

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


def next_question(
    draft: Sequence[DraftLine], purchases: Sequence[PurchasedLine], first_of: FirstOf
) -> Question | None:
    """The most informative open question, or `None` when the request is complete."""
    for at, line in enumerate(draft):
        if not line.order_number:
            return _which(at, line, purchases)
    for at, line in enumerate(draft):
        question = _detail(at, line, first_of)
        if question is not None:
            return question
    return None


def repeated(question: Question, line: DraftLine) -> Question:
    """The question put once more. Who insists on more than can come back is offered the most, or a person."""
    again = replace(question, times=question.times + 1)
    if question.kind != "quantity" or line.quantity <= line.returnable:
        return again
    most = Choice(f"Put down {line.returnable}", "yes", str(line.returnable))
    return replace(again, choices=(most, PERSON))


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


def _detail(at: int, line: DraftLine, first_of: FirstOf) -> Question | None:
    weighed = _weighed(line)
    if weighed and weighed != ["resolution"]:
        return _about(first_of(line, weighed), at, line)
    if (naming := _naming(at, line)) is not None:
        return naming
    if weighed:
        return _about(weighed[0], at, line)
    return Question(line.waits_for, at) if line.waits_for else None


def _weighed(line: DraftLine) -> list[str]:
    """Open slots that can come in any order."""
    quantity = ["quantity"] if _wants_quantity(line) else []
    if not line.reason:
        return [*quantity, "reason"]
    return quantity if line.resolution else [*quantity, "resolution"]


def _naming(at: int, line: DraftLine) -> Question | None:
    """What says beyond doubt which pieces come back, or what came instead of them."""
    if line.unit_serials and len(line.serials) != line.quantity and line.reason not in _WITHOUT_SERIALS:
        return Question("serial", at, _serials(line))
    if line.reason == Reason.WRONG_ITEM.value and not (line.received_sku or line.received_words):
        return Question("received", at)
    return None


def _about(slot: str, at: int, line: DraftLine) -> Question:
    if slot == "quantity":
        return _quantity(at, line)
    return Question(slot, at, _reasons(line) if slot == "reason" else _resolutions())


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
