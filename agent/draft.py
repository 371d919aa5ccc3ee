"""How a claim changes the draft of a request: new lines, added details, corrections. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent import leave_out
from agent.answers import asks_for_a_return
from agent.filling import Said, fill
from agent.state import DraftLine, Question
from agent.targets import EVERY_LINE, adds, is_ones, spelled_out
from agent.understanding.claim import Act, Claim, ClaimLine
from agent.understanding.mentions import stem, words_of

_OTHER_ORDER = re.compile(r"\b(?:other|different|another|wrong) order\b|\bnot (?:that|this) order\b")
_ALL_LINES = re.compile(r"\b(?:both|all|each|every|everything|same (?:reason|for))\b")
_WORD = re.compile(r"[a-z0-9]{3,}")


def merge(draft: Sequence[DraftLine], said: Said) -> list[DraftLine]:
    """The draft after the message. What is not mentioned stays as it was."""
    lines = list(draft)
    asks = said.claim.act is Act.RETURN_REQUEST or asks_for_a_return(said.text)
    if not lines and not said.claim.lines and asks and not said.claim.order_refs:
        return [DraftLine(line_id=said.new_id())]
    if lines and _OTHER_ORDER.search(said.lower) and not said.claim.order_refs:
        return [_not_that_order(line, at, said) for at, line in enumerate(lines)]
    named_order = _only_order(said.claim)
    for claim_line in said.claim.lines:
        heard = _spelled_out(_with_order(claim_line, named_order), lines, said)
        places = _places(lines, heard, said)
        if not places:
            lines.append(fill(_like(lines, heard, said), heard, said))
        for at in places:
            lines[at] = fill(lines[at], heard, said)
    if not said.claim.lines and named_order:
        lines = _order_named(lines, named_order, said)
    return lines


def _like(lines: Sequence[DraftLine], heard: ClaimLine, said: Said) -> DraftLine:
    """A new line; the same goods from another order come back for what was said of the first."""
    fresh = DraftLine(line_id=said.new_id())
    alike = next((line for line in lines if len(_orders(said.claim)) > 1 and _same_goods(line, heard)), None)
    if alike is None:
        return fresh
    shared = ("sku_said", "item_words", "reason", "reason_permille", "resolution", "words", "said", "reader")
    return replace(fresh, **{name: getattr(alike, name) for name in shared})


def _orders(claim: Claim) -> dict[str, None]:
    """The orders that the mentions of a message are on."""
    return dict.fromkeys(line.order_ref for line in claim.lines if line.order_ref)


def _same_goods(line: DraftLine, heard: ClaimLine) -> bool:
    if heard.sku:
        return heard.sku in {line.sku, line.sku_said}
    words = {stem(word) for word in _WORD.findall(heard.item_words.lower())}
    return not words or bool(words & words_of(f"{line.description} {line.item_words}"))


def _on_its_order(lines: Sequence[DraftLine], heard: ClaimLine, said: Said) -> list[int]:
    """Of a message about several orders, the line that a mention is about; none means a new one."""
    mine = [
        at
        for at, line in enumerate(lines)
        if heard.order_ref in {line.order_number, line.order_ref} and _same_goods(line, heard)
    ]
    at = said.question.line if said.question else -1
    is_open = 0 <= at < len(lines) and not (lines[at].order_number or lines[at].order_ref)
    return mine[:1] or ([at] if is_open and _same_goods(lines[at], heard) else [])


def _only_order(claim: Claim) -> str:
    orders = {ref.value for ref in claim.order_refs if ref.kind == "order"}
    return orders.pop() if len(orders) == 1 else ""


def _with_order(claim_line: ClaimLine, named_order: str) -> ClaimLine:
    if claim_line.order_ref or claim_line.po_ref or not named_order:
        return claim_line
    return replace(claim_line, order_ref=named_order)


def _order_named(lines: list[DraftLine], number: str, said: Said) -> list[DraftLine]:
    if not lines:
        return [DraftLine(line_id=said.new_id(), order_ref=number)]
    at = said.question.line if said.question else -1
    return [
        line.unmatched(order_ref=number, po_ref="")
        if place == at or (at < 0 and line.order_number != number)
        else line
        for place, line in enumerate(lines)
    ]


def _not_that_order(line: DraftLine, at: int, said: Said) -> DraftLine:
    focus = said.question.line if said.question else -1
    if focus not in {-1, at} or not line.order_number:
        return line
    refused = (*line.not_orders, line.order_number)
    return line.unmatched(
        not_orders=refused, order_ref="", po_ref="", item_words=line.item_words or line.description
    )


def left_out(lines: list[DraftLine], said: Said) -> tuple[list[DraftLine], Said]:
    """What stays out of the request, and the message without the mention of it.

    When nothing would be left and something else is named, that takes the place of what was there.
    """
    wanted = leave_out.still_wanted(said.claim.lines, said.lower, first=not lines)
    if not lines:
        # What a first message says stays was never asked for.
        return lines, replace(said, claim=replace(said.claim, lines=wanted or said.claim.lines))
    kept = leave_out.without(lines, said.lower)
    kept = leave_out.only_named(kept, wanted, said.lower)
    if kept == lines:
        return lines, said
    if not kept and any(_names_item(line) for line in wanted):
        return lines, replace(said, claim=replace(said.claim, lines=wanted, act=Act.CORRECTION))
    told = tuple(line for line in wanted if _names_item(line) or line.quantity or line.resolution)
    asked = _moved(said.question, lines, kept)
    return kept, replace(said, claim=replace(said.claim, lines=told if kept else ()), question=asked)


def _moved(
    question: Question | None, lines: Sequence[DraftLine], kept: Sequence[DraftLine]
) -> Question | None:
    """The open question, by the place its line has now; none when that line was left out."""
    if question is None or question.line < 0:
        return question
    names = [line.line_id for line in kept]
    asked_about = lines[question.line].line_id
    return replace(question, line=names.index(asked_about)) if asked_about in names else None


def _spelled_out(heard: ClaimLine, lines: Sequence[DraftLine], said: Said) -> ClaimLine:
    if not lines or not is_ones(heard.item_words):
        return heard
    base = lines[said.question.line] if said.question and said.question.line >= 0 else lines[-1]
    order = heard.order_ref or (None if heard.po_ref else base.order_number or None)
    return replace(heard, item_words=spelled_out(heard.item_words, base), order_ref=order)


def _places(lines: list[DraftLine], heard: ClaimLine, said: Said) -> list[int]:
    """Which lines of the draft this is about; none means a new one."""
    if not lines:
        return []
    if heard.order_ref and len(_orders(said.claim)) > 1:
        return _on_its_order(lines, heard, said)
    if _names_item(heard):
        return _same_item(lines, heard, said)
    focus = said.question.line if said.question else -1
    if said.question and said.question.about == EVERY_LINE:
        return list(range(len(lines)))
    if _ALL_LINES.search(said.lower) and len(lines) > 1 and heard.quantity is None:
        return [at for at, line in enumerate(lines) if at == focus or _lacks(line, heard)] or list(
            range(len(lines))
        )
    if focus >= 0:
        return [focus]
    lacking = [at for at, line in enumerate(lines) if _lacks(line, heard)]
    if len(lines) == 1 or not lacking:
        return [len(lines) - 1]
    return lacking[:1]


def _names_item(heard: ClaimLine) -> bool:
    return bool(heard.sku or heard.item_words or heard.serials or heard.lots)


def _lacks(line: DraftLine, heard: ClaimLine) -> bool:
    return bool(
        (heard.reason and not line.reason)
        or (heard.quantity and not line.quantity)
        or (heard.resolution and not line.resolution)
        or (heard.order_ref and not line.order_number)
    )


def _same_item(lines: list[DraftLine], heard: ClaimLine, said: Said) -> list[int]:
    question = said.question
    corrects = said.claim.act in {Act.CORRECTION, Act.ANSWER}
    if question and question.kind in {"order", "item"} and said.claim.act is not Act.CORRECTION:
        return [question.line]
    same = [at for at, line in enumerate(lines) if _is_named(line, heard)]
    if same:
        return same[:1]
    if question and question.kind == "serial" and heard.serials:
        return [question.line]
    words = {stem(word) for word in _WORD.findall(heard.item_words.lower())}
    known = [words_of(f"{line.description} {line.item_words}") for line in lines]
    close = [at for at, line_words in enumerate(known) if words & line_words]
    if len(close) == 1 or (close and not corrects):
        return close[:1]
    focus = question.line if question and question.line >= 0 else len(lines) - 1
    instead = said.claim.act is Act.CORRECTION and len(lines) == 1 and not adds(said.lower)
    return [focus] if instead or (corrects and not (heard.sku and lines[focus].sku)) else []


def _is_named(line: DraftLine, heard: ClaimLine) -> bool:
    by_part = bool(heard.sku) and heard.sku in {line.sku, line.sku_said}
    return by_part or bool(set(heard.serials) & set(line.unit_serials))


def facts_of(draft: Sequence[DraftLine]) -> list[tuple[object, ...]]:
    """What is known of a request, without the words it was read from."""
    return [
        (
            line.key or line.candidates,
            line.quantity,
            line.serials,
            line.strange_serials,
            line.reason,
            line.resolution,
            line.received_sku or line.received_words,
        )
        for line in draft
    ]
