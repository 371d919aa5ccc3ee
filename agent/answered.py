"""An answer to the open question, taken into its line of the draft. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from agent import answers
from agent.filling import Said, fill, with_reason
from agent.state import Choice, DraftLine, Question
from agent.understanding.claim import Claim, PurchasedLine
from backhaul.domain.codes import Reason

_LONGEST_DESCRIPTION = 200
_CERTAIN_PERMILLE = 1000
_PAIR = 2
_LISTED = {"reason", "resolution"}


def answered(
    line: DraftLine, question: Question, said: Said, bought: Sequence[PurchasedLine], *, many: bool
) -> DraftLine | None:
    """The line with the answer in it; `None` when the message is more than an answer to the question.

    "Both" beside `many` articles may mean the articles as well as two pieces, so it leaves the line as it is.
    """
    text, claim = said.text, said.claim
    if question.kind in _LISTED and not line.quantity and (counted := answers.number_given(text)):
        # "2" is the second choice of a list only where it cannot be how many.
        return replace(line, quantity=counted, all_of_them=False, half=False)
    taken = answers.choice_taken(question, text)
    if taken is not None and (len(claim.lines) < _PAIR or question.kind not in {"order", "item"}):
        return _with_the_rest(_chosen(line, question, taken, claim), taken, said)
    if question.kind == "quantity" and answers.is_both(text) and line.returnable != _PAIR and many:
        return line
    number = None if question.kind in {"order", "item", "serial"} else answers.number_given(text)
    if number:
        return replace(line, quantity=number, all_of_them=False, half=False)
    if question.kind in {"order", "item"} and line.reason == Reason.WRONG_ITEM.value:
        known = {one.sku for one in bought}
        strange = [one.sku for one in claim.lines if one.sku and one.sku not in known]
        if strange:
            return replace(line, received_sku=strange[0])
    if question.kind in {"received", "received_item"}:
        return _what_arrived(line, said)
    return _serials(line, said, bought) if question.kind == "serial" else None


def _what_arrived(line: DraftLine, said: Said) -> DraftLine | None:
    """A number, or the customer's own words; nothing where more is said than that."""
    lines, text = said.claim.lines, said.text
    other = next((one for one in lines if one.reason and one.reason is not Reason.WRONG_ITEM), None)
    if other and other.reason and answers.denies_wrong_item(text):
        return with_reason(line, other.reason, round(other.reason_confidence * 1000), other, said)
    if any(one.received_sku or one.received_words for one in lines) or said.claim.order_refs:
        return None
    if answers.is_unknown(text):
        # What is not known is no evidence: the question stays, and after a while a person is offered.
        return line
    numbers = {one.sku for one in lines if one.sku} - {line.sku}
    if len(numbers) == 1:
        return replace(line, received_sku=numbers.pop(), waits_for="")
    return replace(line, received_words=text.strip()[:_LONGEST_DESCRIPTION], waits_for="")


def _serials(line: DraftLine, said: Said, bought: Sequence[PurchasedLine]) -> DraftLine | None:
    """Fewer serials than were counted, given again, are all that come back; those of another order, given
    again, say that it is that one.
    """
    given = {serial for one in said.claim.lines for serial in one.serials}
    if not given:
        # "Both plates are painted over" counts nothing.
        return line if answers.is_unknown(said.text) else None
    if given <= set(line.serials) and len(line.serials) < line.quantity:
        return replace(line, quantity=len(line.serials), all_of_them=False)
    shipped_on = [one for one in bought if given <= set(one.serials)]
    if given <= set(line.strange_serials) and len(shipped_on) == 1:
        (one,) = shipped_on
        return replace(
            line.unmatched(order_ref=one.order_number, po_ref=""),
            candidates=(f"{one.order_number}/{one.line}",),
            serials=tuple(sorted(given)),
        )
    return None


def _chosen(line: DraftLine, question: Question, taken: Choice, claim: Claim) -> DraftLine | None:
    if question.kind in {"order", "item"}:
        return replace(line.unmatched(), candidates=(taken.value,))
    if question.kind == "reason":
        if taken.value == "?":
            return line
        return replace(
            line,
            reason=taken.value,
            reason_permille=_CERTAIN_PERMILLE,
            words=taken.send,
            said={**line.said, "chosen": taken.value},
            reader=claim.reader,
        )
    if question.kind == "quantity":
        return replace(line, quantity=int(taken.value), all_of_them=False, half=False)
    if question.kind == "resolution":
        return replace(line, resolution=taken.value)
    return replace(line, serials=(taken.value,)) if question.kind == "serial" else None


def _with_the_rest(line: DraftLine | None, taken: Choice, said: Said) -> DraftLine | None:
    """What was said beside the entry of a list: how many, why, and the wish."""
    if line is None or not said.claim.lines or said.text.strip() in {taken.label, taken.send, taken.value}:
        return line
    heard = replace(said.claim.lines[0], sku=None, item_words="", order_ref=None, po_ref=None, lots=())
    if heard.quantity is not None and str(heard.quantity) in taken.send:
        heard = replace(heard, quantity=None)
    return fill(line, heard, said)
