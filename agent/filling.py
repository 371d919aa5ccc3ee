"""What a mention adds to its line of the draft: article, count, reason, wish. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.answers import is_unknown, is_yes
from agent.state import DraftLine, Question, of_claim
from agent.understanding.claim import Act, Claim, ClaimLine
from agent.understanding.dialogue import is_question
from agent.understanding.mentions import tokens_of
from agent.understanding.wishes import disputes_price
from backhaul.domain.codes import Condition, Reason, Resolution

CLEAR_ENOUGH_PERMILLE = 600
"""Below this a reason is asked for instead of taken: a question costs less than the review that policy wants
(CTL-1.1).
"""

_SAID_OUTRIGHT = 1_000
_SURE_ENOUGH_TO_REPLACE = 850
"""A correction of something else must not change the reason by a guess."""

_BOTH = re.compile(r"\bboth\b")
_PAIR = 2
_A_WISH = 8
"""Words of a wish such as "just give us our money back", numbers and articles not counted."""

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


def fill(line: DraftLine, heard: ClaimLine, said: Said) -> DraftLine:
    """The line with what was heard about it; what was not mentioned stays as it was."""
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
    if disputes_price(said.lower):
        changes["resolution"] = Resolution.KEEP_WITH_ALLOWANCE.value
        return with_reason(replace(line, **changes), Reason.OTHER, _SAID_OUTRIGHT, heard, said)
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
    line = _with_alternatives(line, heard)
    if heard.reason is None or _is_only_a_wish(heard, said) or _is_only_a_count(heard):
        return line
    permille = round(heard.reason_confidence * 1000)
    if permille < _SURE_ENOUGH_TO_REPLACE and is_unknown(said.text):
        return line
    if line.reason and permille < _SURE_ENOUGH_TO_REPLACE and not _is_about_reason(said):
        return line
    if permille < CLEAR_ENOUGH_PERMILLE and not _must_be_the_reason(heard, said):
        read_from = line if line.reason else _in_the_words(line, heard, said)
        return replace(read_from, **_chances({heard.reason.value: permille}, line))
    return with_reason(line, heard.reason, permille, heard, said)


def _with_alternatives(line: DraftLine, heard: ClaimLine) -> DraftLine:
    others = {reason.value: round(share * 1000) for reason, share in heard.alternatives}
    return replace(line, **_chances(others)) if others else line


def _chances(likeliest: Mapping[str, int], line: DraftLine | None = None) -> dict[str, Any]:
    """What the reason may be, with the reader's probabilities, before what the line has of them."""
    known = dict(zip(line.maybe, line.maybe_permille, strict=False)) if line else {}
    every = {**likeliest, **{code: share for code, share in known.items() if code not in likeliest}}
    return {"maybe": tuple(every), "maybe_permille": tuple(every.values())}


def _must_be_the_reason(heard: ClaimLine, said: Said) -> bool:
    """Asked for once more, words that say nothing else are taken even when they are less clear."""
    asked_before = said.question is not None and said.question.kind == "reason" and said.question.times > 1
    counts = heard.quantity or heard.all_of_them or heard.half
    names = heard.item_words or heard.sku or heard.resolution
    talks = is_question(said.lower) or is_yes(said.text)
    return asked_before and not counts and not names and not talks


def _is_only_a_count(heard: ClaimLine) -> bool:
    """Such as "only half of them": it counts what comes back and does not say that something is missing."""
    counted = heard.half or heard.all_but
    return bool(counted) and heard.reason in {Reason.MISSING_PARTS, Reason.LATE_OR_MISSING}


def _is_only_a_wish(heard: ClaimLine, said: Said) -> bool:
    """A few words that say what is wanted in exchange give no reason, "another reason" least of all."""
    short = sum(not any(char.isdigit() for char in word) for word in said.text.split()) <= _A_WISH
    return heard.resolution is not None and heard.reason is Reason.OTHER and short


def _is_about_reason(said: Said) -> bool:
    return said.question is not None and said.question.kind == "reason"


def with_reason(line: DraftLine, reason: Reason, permille: int, heard: ClaimLine, said: Said) -> DraftLine:
    """The line with a reason, and the words it was read from."""
    told = _in_the_words(line, heard, said)
    return replace(told, reason=reason.value, reason_permille=permille)


def _in_the_words(line: DraftLine, heard: ClaimLine, said: Said) -> DraftLine:
    return replace(
        line,
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
        **_second_opinion(heard),
    }


def _second_opinion(heard: ClaimLine) -> dict[str, Any]:
    if heard.second_opinion is None:
        return {}
    reason, confidence = heard.second_opinion
    return {"second_opinion": [reason.value, round(confidence * 1000)]}
