"""How a claim changes the draft of a request: new lines, added details, corrections. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent import leave_out
from agent.state import DraftLine, Question, of_claim
from agent.targets import EVERY_LINE, adds, is_ones, spelled_out
from agent.understanding.claim import Act, Claim, ClaimLine
from agent.understanding.mentions import stem, tokens_of, words_of
from backhaul.domain.codes import Condition, Reason

CLEAR_ENOUGH_PERMILLE = 550
"""Below this a reason is asked for instead of taken: a question costs less than a review."""

_SURE_ENOUGH_TO_REPLACE = 850
"""A correction of something else must not change the reason by a guess."""

_OTHER_ORDER = re.compile(r"\b(?:other|different|another|wrong) order\b|\bnot (?:that|this) order\b")
_ALL_LINES = re.compile(r"\b(?:both|all|each|every|everything|same (?:reason|for))\b")
_BOTH = re.compile(r"\bboth\b")
_A_WISH = 8
"""Words of a wish such as "just give us our money back"."""

_PAIR = 2
_WORD = re.compile(r"[a-z0-9]{3,}")


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it bears on the draft."""

    text: str
    claim: Claim
    as_read: Claim
    question: Question | None
    new_id: Callable[[], str]

    @property
    def lower(self) -> str:
        """For our own few phrases."""
        return self.text.lower()


def merge(draft: Sequence[DraftLine], said: Said) -> list[DraftLine]:
    """The draft after the message. What is not mentioned stays as it was."""
    lines = list(draft)
    if (
        not lines
        and not said.claim.lines
        and said.claim.act is Act.RETURN_REQUEST
        and not said.claim.order_refs
    ):
        return [DraftLine(line_id=said.new_id())]
    if lines and _OTHER_ORDER.search(said.lower) and not said.claim.order_refs:
        return [_not_that_order(line, at, said) for at, line in enumerate(lines)]
    named_order = _only_order(said.claim)
    for claim_line in said.claim.lines:
        heard = _spelled_out(_with_order(claim_line, named_order), lines, said)
        places = _places(lines, heard, said)
        if not places:
            lines.append(_fill(DraftLine(line_id=said.new_id()), heard, said))
        for at in places:
            lines[at] = _fill(lines[at], heard, said)
    if not said.claim.lines and named_order:
        lines = _order_named(lines, named_order, said)
    return lines


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
    kept = leave_out.without(lines, said.lower) if lines else lines
    if kept == lines:
        return lines, said
    wanted = leave_out.still_wanted(said.claim.lines, said.lower)
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


def _fill(line: DraftLine, heard: ClaimLine, said: Said) -> DraftLine:
    line = _fill_item(line, heard, said)
    changes: dict[str, Any] = {}
    if heard.quantity is not None and heard.quantity > 0:
        changes |= {"quantity": heard.quantity, "all_of_them": False, "half": False}
    elif len(said.claim.lines) == 1 and not line.quantity and _BOTH.search(said.lower):
        changes |= {"quantity": _PAIR}
    elif heard.all_of_them or heard.half:
        changes |= _part(line, heard)
    if heard.resolution is not None:
        changes["resolution"] = heard.resolution.value
    if heard.condition is not Condition.NOT_STATED:
        changes["condition"] = heard.condition.value
    if heard.received_sku:
        changes["received_sku"] = heard.received_sku
    if heard.received_words:
        changes["received_words"] = heard.received_words
    return _fill_reason(replace(line, **changes), heard, said)


def _part(line: DraftLine, heard: ClaimLine) -> dict[str, Any]:
    """All, all but some, or half: of what was counted before, else of what can still come back."""
    base = line.quantity if heard.all_but or heard.half else 0
    if base > heard.all_but and not (heard.half and base % 2):
        return {"quantity": base // 2 if heard.half else base - heard.all_but, "all_of_them": False}
    return {
        "all_of_them": heard.all_of_them,
        "all_but": heard.all_but,
        "half": heard.half,
        "quantity": 0,
        "serials": () if heard.all_but or heard.half else line.serials,
    }


def _fill_item(line: DraftLine, heard: ClaimLine, said: Said) -> DraftLine:
    said_now = {
        "order_ref": heard.order_ref or "",
        "po_ref": heard.po_ref or "",
        "sku_said": heard.sku or "",
        "item_words": heard.item_words,
        "serials": heard.serials,
        "lots": heard.lots,
    }
    changes = {name: value for name, value in said_now.items() if value and value != getattr(line, name)}
    if not changes:
        return line
    if _is_corrected_to(line, heard, said):
        refused = (*line.not_lines, line.key)
        changes["order_ref"] = line.order_number
        fresh = {"quantity": 0} if _is_another_thing(line, heard) else {}
        return line.unmatched(**changes, **fresh, not_lines=refused)
    if changes.keys() <= {"serials", "item_words"} and line.order_number and not _is_item_question(said):
        return replace(line, serials=heard.serials or line.serials)
    if "order_ref" in changes and changes["order_ref"] == line.order_number:
        return line
    if line.order_number and not {"order_ref", "po_ref"} & changes.keys():
        # Another article, and no other order was named: it is looked for on the same order first.
        changes["order_ref"] = line.order_number
    if _is_another_thing(line, heard):
        return line.unmatched(**changes, quantity=0)
    return line.unmatched(**changes)


def _is_corrected_to(line: DraftLine, heard: ClaimLine, said: Said) -> bool:
    """Words that do not fit the article read back, in a correction: another one of the same order."""
    if not line.order_number or not heard.item_words or heard.sku or heard.serials or _is_item_question(said):
        return False
    told, known = set(tokens_of(heard.item_words)), set(tokens_of(line.description))
    sizes = {token for token in told if token[0].isdigit()}
    another = not sizes <= known or not (told - sizes) & known
    named_elsewhere = heard.order_ref not in {None, line.order_number} or bool(heard.po_ref)
    return said.claim.act is Act.CORRECTION and another and not named_elsewhere


def _is_another_thing(line: DraftLine, heard: ClaimLine) -> bool:
    """Named by words before and by quite different ones now: what was counted then was something else."""
    before, now = (set(_WORD.findall(words.lower())) for words in (line.item_words, heard.item_words))
    return bool(before and now) and not before & now


def _is_item_question(said: Said) -> bool:
    return said.question is not None and said.question.kind in {"order", "item"}


def _fill_reason(line: DraftLine, heard: ClaimLine, said: Said) -> DraftLine:
    maybe = tuple(reason.value for reason, _ in heard.alternatives) or line.maybe
    if heard.reason is None or _is_only_a_wish(heard, said):
        return replace(line, maybe=maybe)
    permille = round(heard.reason_confidence * 1000)
    if line.reason and permille < _SURE_ENOUGH_TO_REPLACE and not _is_about_reason(said):
        return line
    asked_before = said.question is not None and said.question.kind == "reason" and said.question.times > 1
    if permille < CLEAR_ENOUGH_PERMILLE and not asked_before:
        return replace(
            line, maybe=(heard.reason.value, *(code for code in maybe if code != heard.reason.value))
        )
    return with_reason(line, heard.reason, permille, heard, said)


def _is_only_a_wish(heard: ClaimLine, said: Said) -> bool:
    """A few words that say what is wanted in exchange give no reason, "another reason" least of all."""
    short = len(said.text.split()) <= _A_WISH
    return heard.resolution is not None and heard.reason is Reason.OTHER and short


def _is_about_reason(said: Said) -> bool:
    return said.question is not None and said.question.kind == "reason"


def with_reason(line: DraftLine, reason: Reason, permille: int, heard: ClaimLine, said: Said) -> DraftLine:
    """The line with a reason, and the words it was read from."""
    return replace(
        line,
        reason=reason.value,
        reason_permille=permille,
        words=_own_words(heard, said),
        said={**plain_line(heard), **of_claim(said.claim)},
        reader=said.claim.reader,
    )


def _own_words(heard: ClaimLine, said: Said) -> str:
    """The message; when it gives different reasons for different things, the part that speaks of this one."""
    if len({line.reason for line in said.as_read.lines if line.reason}) <= 1:
        return said.text
    own = [said.text[span.start : span.end] for span in heard.spans.get("reason", ())]
    return " ".join(own) or said.text


def plain_line(heard: ClaimLine) -> dict[str, Any]:
    """A claim line as JSON types; confidences become whole permille."""
    kept = {
        name: getattr(heard, name)
        for name in ("order_ref", "po_ref", "sku", "item_words", "received_sku", "received_words", "quantity")
    }
    return {
        **kept,
        "all_of_them": heard.all_of_them,
        "serials": list(heard.serials),
        "lots": list(heard.lots),
        "reason": heard.reason.value if heard.reason else None,
        "reason_permille": round(heard.reason_confidence * 1000),
        "alternatives": [[reason.value, round(share * 1000)] for reason, share in heard.alternatives],
        "resolution": heard.resolution.value if heard.resolution else None,
        "condition": heard.condition.value,
        "spans": {name: [[span.start, span.end] for span in places] for name, places in heard.spans.items()},
    }
