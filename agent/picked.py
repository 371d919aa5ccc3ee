"""What was picked from cards or filled in on the form: order lines, with as much as was said of them.

It is the customer's word like any message, only tied to order lines already. Nothing of it is a fact: what
can come back is looked up, the request is read back, and a yes is still needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agent.filling import CLEAR_ENOUGH_PERMILLE, plain_line
from agent.purchases import purchases_of
from agent.state import DraftLine, MessageIn, Question, TurnContext, of_claim
from agent.understanding.claim import Claim, ClaimLine, PurchasedLine
from agent.wording import REASON_SENTENCES
from backhaul.domain.codes import Reason

FORM = "form"
"""The reader of what was chosen from a closed list"""
_SAID_OUTRIGHT = 1_000
_WHICH = frozenset({"order", "item"})


def read(turn: TurnContext, message: MessageIn) -> Claim:
    """Look up the orders that were picked from, and read the words that came with them."""
    picked = message["picked"]
    known = {one.order_number for one in turn.heard.purchases}
    for number in dict.fromkeys(str(one["order"]) for one in picked["lines"]):
        if number not in known:
            turn.heard.purchases = (*turn.heard.purchases, *purchases_of(turn.desk, turn.speaker, number))
    return turn.reader.read(picked.get("words") or "", turn.heard.purchases, expecting="reason")


def taken_up(
    turn: TurnContext, before: Sequence[DraftLine], picked: Mapping[str, Any], question: Question | None
) -> list[DraftLine]:
    """The draft with the lines that were picked; one that is in it already is changed."""
    lines = list(before)
    claim = turn.heard.claim
    for one in picked["lines"]:
        bought = _bought(turn, one)
        if bought is None or claim is None:
            continue
        at = _place(lines, bought, question)
        if at is None:
            at = len(lines)
            lines.append(DraftLine(line_id=turn.desk.ids.new("RL")))
        tied = _tied(turn, lines[at], bought, one)
        lines[at] = _with_reason(tied, one, claim, str(picked.get("words") or ""))
    return lines


def _bought(turn: TurnContext, one: Mapping[str, Any]) -> PurchasedLine | None:
    """The order line that was picked, if this customer bought it."""
    wanted = (one["order"], one["line"])
    return next((line for line in turn.heard.purchases if (line.order_number, line.line) == wanted), None)


def _place(lines: Sequence[DraftLine], bought: PurchasedLine, question: Question | None) -> int | None:
    """The line of the draft that is meant: the same order line, or the one that was asked after."""
    same = [at for at, line in enumerate(lines) if line.key == f"{bought.order_number}/{bought.line}"]
    if same:
        return same[0]
    asked = question.line if question and question.kind in _WHICH else -1
    return asked if 0 <= asked < len(lines) and not lines[asked].order_number else None


def _tied(turn: TurnContext, line: DraftLine, bought: PurchasedLine, one: Mapping[str, Any]) -> DraftLine:
    came = str(one.get("received") or "")
    item = turn.desk.erp.item(came.upper()) if came else None
    return replace(
        line,
        order_ref=bought.order_number,
        order_number=bought.order_number,
        line=bought.line,
        sku=bought.sku,
        description=bought.description,
        candidates=(),
        quantity=one.get("quantity") or line.quantity,
        all_of_them=False,
        half=False,
        serials=tuple(one.get("serials") or line.serials),
        resolution=str(one.get("resolution") or line.resolution),
        received_sku=item.sku if item else line.received_sku,
        received_words=came if came and item is None else line.received_words,
    )


def _with_reason(line: DraftLine, one: Mapping[str, Any], claim: Claim, own_words: str) -> DraftLine:
    """The reason that was chosen; else the one that the customer's own words give."""
    if one.get("reason"):
        reason = Reason(one["reason"])
        words = f"{REASON_SENTENCES[reason]} {own_words}".strip()
        said = {"reason": reason.value, "reason_permille": _SAID_OUTRIGHT, "spans": {}, **of_claim(claim)}
        return _read_as(line, reason, _SAID_OUTRIGHT, words=words, said=said, reader=FORM)
    heard = next((found for found in claim.lines if found.reason), None)
    if heard is None or heard.reason is None:
        return line
    permille = round(heard.reason_confidence * 1000)
    # The words came beside the picked lines: places in them are no places in the message.
    said = {**plain_line(replace(heard, spans={})), **of_claim(claim)}
    if permille >= CLEAR_ENOUGH_PERMILLE:
        told = _read_as(line, heard.reason, permille, words=own_words, said=said, reader=claim.reader)
        return replace(told, resolution=line.resolution or _wish(heard))
    likely = {heard.reason: permille} | {one: round(share * 1000) for one, share in heard.alternatives}
    return replace(
        line,
        maybe=tuple(one.value for one in likely),
        maybe_permille=tuple(likely.values()),
        resolution=line.resolution or _wish(heard),
    )


def _wish(heard: ClaimLine) -> str:
    return heard.resolution.value if heard.resolution else ""


def _read_as(
    line: DraftLine, reason: Reason, permille: int, *, words: str, said: dict[str, Any], reader: str
) -> DraftLine:
    return replace(line, reason=reason.value, reason_permille=permille, words=words, said=said, reader=reader)
