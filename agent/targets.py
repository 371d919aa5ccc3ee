"""Which line of several a remark is about: when nothing tells, that is the one question. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent import answers
from agent.state import Choice, DraftLine, Question
from agent.understanding.claim import Claim, ClaimLine
from agent.wording import pieces

EVERY_LINE = "all"
_WHOLE_REQUEST = {"consent", "change", "target"}
_ALL_LINES = re.compile(r"\b(?:both|all|each|every|everything|same (?:reason|for))\b")
_ADDS = re.compile(r"\b(?:also|plus|as well|too|another|additionally|in addition)\b")
_ONES = re.compile(r"\s*\bones?$")


def with_number(claim: Claim, text: str, question: Question | None) -> Claim:
    """A bare number to a read-back is a count, whatever the reader made of it."""
    number = answers.number_given(text) if question and question.kind in _WHOLE_REQUEST else None
    if not number or any(_names_goods(line) for line in claim.lines):
        return claim
    line = claim.lines[0] if claim.lines else ClaimLine()
    return replace(claim, lines=(replace(line, quantity=number, reason=None),))


def in_doubt(
    draft: Sequence[DraftLine], claim: Claim, text: str, question: Question | None
) -> Question | None:
    """The question which line is meant, if the message changes one of several and does not say which."""
    told_which = question is not None and (question.line >= 0 or question.about == EVERY_LINE)
    if len(draft) < 2 or told_which:  # noqa: PLR2004 - several
        return None
    if len(claim.lines) != 1 or claim.order_refs or adds(text.lower()):
        return None
    heard = claim.lines[0]
    part = heard.all_but or heard.half
    if _ALL_LINES.search(text.lower()) and not part:
        return None
    changes = heard.quantity or heard.all_of_them or heard.half or heard.resolution or heard.reason
    if _names_goods(heard) or not (changes or is_ones(heard.item_words)):
        return None
    one_by_one = tuple(
        Choice(pieces(line.quantity, line.description), f"the {line.sku}", str(at))
        for at, line in enumerate(draft)
    )
    every = () if heard.quantity or part else (Choice("All of them", "all of them", EVERY_LINE),)
    return Question("target", choices=(*one_by_one, *every), about=text)


def adds(text: str) -> bool:
    """Something more is wanted, not something else."""
    return _ADDS.search(text) is not None


def is_ones(words: str) -> bool:
    """Only told apart from others of its kind: "120 v ones"."""
    return _ONES.search(words) is not None


def spelled_out(words: str, line: DraftLine) -> str:
    """What the words mean beside a line: "120 v ones", said of a contactor, is a "contactor 120 v"."""
    kind = line.description.partition(",")[0].lower()
    return f"{kind} {_ONES.sub('', words)}".strip()


def _names_goods(line: ClaimLine) -> bool:
    by_words = bool(line.item_words) and not is_ones(line.item_words)
    return bool(line.sku or line.serials or line.lots or by_words)
