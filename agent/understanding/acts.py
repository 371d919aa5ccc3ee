"""What a message does: told by its fixed words, by what was asked, and only then by its content."""

from collections.abc import Sequence

from agent.understanding.claim import Act, ClaimLine
from agent.understanding.dialogue import (
    asks_for_person,
    choice_in,
    fixed_act,
    is_correction,
    is_question,
    leading_answer,
)
from agent.understanding.extraction import Documents, ReadLine
from agent.understanding.language import language_of

IN_SCOPE = 0.7
"""Words alone need that chance of being about a return; beside known goods, or asked for, half will do"""
_IN_SCOPE_OF_COURSE = 0.5
_TALK = frozenset({Act.GREETING, Act.THANKS, Act.CONFIRM, Act.DECLINE, Act.ASK_PERSON, Act.UNCLEAR})
LINELESS = frozenset({Act.OUT_OF_SCOPE, Act.UNCLEAR, Act.GREETING, Act.THANKS})
"""Acts that say nothing of goods, whatever their words look like."""


def act_of(
    kept: str,
    guessed: Act | None,
    scope: float,
    lines: tuple[ClaimLine, ...],
    found: Documents,
    expecting: str | None,
) -> Act:
    """The act of lower-case text. `guessed` is the classifier's, when it is sure enough of one."""
    if fixed := fixed_act(kept):
        return fixed
    if not any(char.isalnum() for char in kept) or language_of(kept) != "en":
        return Act.UNCLEAR
    if is_correction(kept):
        return Act.CORRECTION
    if expecting == "consent" and (answered := leading_answer(kept)):
        return answered
    if asks_for_person(kept) and not found.orders:
        return Act.ASK_PERSON
    if expecting and (_answers(expecting, kept, lines, found) or _wishes(kept, lines)):
        return Act.ANSWER
    if expecting == "consent" and not any(line.sku or line.resolution for line in lines):
        if is_question(kept):
            # "Is 10 kg too heavy for one parcel?" changes nothing of what was read back.
            return Act.QUESTION
        if "?" not in kept and any(line.quantity is not None for line in lines):
            # "Make it six, and thanks for the patience."
            return Act.CORRECTION
    return _by_content(guessed, scope, lines, found, asked=expecting is not None)


def _by_content(
    guessed: Act | None, scope: float, lines: tuple[ClaimLine, ...], found: Documents, *, asked: bool
) -> Act:
    facts = bool(found.orders or found.purchase_orders) or any(line.sku or line.item_words for line in lines)
    if guessed in {Act.STATUS, Act.QUESTION, Act.CANCEL_REQUEST, Act.REPORT_PHOTO}:
        return guessed
    if scope < (_IN_SCOPE_OF_COURSE if facts or asked else IN_SCOPE):
        return Act.OUT_OF_SCOPE if guessed not in _TALK else guessed or Act.UNCLEAR
    if guessed is Act.OUT_OF_SCOPE and not facts:
        return guessed
    if facts or any(line.reason for line in lines):
        return Act.RETURN_REQUEST
    return guessed or Act.UNCLEAR


def _answers(expecting: str, kept: str, lines: tuple[ClaimLine, ...], found: Documents) -> bool:
    said = {
        "order": bool(found.orders or found.purchase_orders)
        or any(line.sku or line.item_words or line.serials for line in lines)
        or choice_in(kept) is not None,
        "item": any(line.sku or line.item_words for line in lines) or choice_in(kept) is not None,
        "which_line": any(line.sku or line.item_words for line in lines) or choice_in(kept) is not None,
        "serial": any(line.serials for line in lines),
        "received": any(line.received_sku or line.sku for line in lines),
        "received_item": any(line.received_sku or line.sku for line in lines),
        "quantity": any(line.quantity is not None or line.all_of_them for line in lines),
        "reason": any(line.reason for line in lines),
        "consent": any(line.all_but or line.half for line in lines),
        "resolution": any(line.resolution for line in lines),
    }
    return said.get(expecting, False)


def counts_goods(drafts: Sequence[ReadLine]) -> bool:
    """Whether all that is said is how many of one thing that was bought."""
    return len(drafts) == 1 and all(
        draft.quantity is not None and any(anchor.lines for anchor in draft.group.anchors) for draft in drafts
    )


def _wishes(kept: str, lines: tuple[ClaimLine, ...]) -> bool:
    """What is wanted in exchange bears on the request whatever was asked: "credit please" to "why?"."""
    return any(line.resolution for line in lines) and not is_question(kept)
