"""Which purchased line a claim line means: certain by number, likely by words, or a question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

from agent.understanding.claim import ClaimLine, PurchasedLine
from agent.understanding.mentions import stem, tokens_of, words_of
from agent.understanding.references import normalised

_WORD = re.compile(r"[a-z0-9]+(?:[./-][a-z0-9]+)*")
"""Without the commas of a catalogue text, which would keep "contactor," from being a contactor."""
_ENOUGH = 62.0
_MARGIN = 8.0
_EXACT = 100.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A purchased line and how well it fits, 0 to 100."""

    line: PurchasedLine
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """`exact` and `fuzzy` hold the one line; `tie` the candidates to ask about; `none` nothing."""

    lines: tuple[Ranked, ...]
    kind: Literal["exact", "fuzzy", "tie", "none"]


def match_line(claim_line: ClaimLine, purchases: Sequence[PurchasedLine]) -> Match:
    """Among the purchases, narrowed by the order or PO the claim names; a stranger's order is `none`."""
    pool = _on_named_document(claim_line, purchases)
    exact = [line for line in pool if _same_number(claim_line, line)]
    if exact:
        return Match(tuple(Ranked(line, _EXACT) for line in exact), "exact" if len(exact) == 1 else "tie")
    if claim_line.sku and not claim_line.item_words:
        return Match((), "none")
    if not claim_line.item_words:
        return _by_elimination(pool, claim_line)
    return _by_words(claim_line.item_words, pool)


def _on_named_document(claim: ClaimLine, purchases: Sequence[PurchasedLine]) -> list[PurchasedLine]:
    pool = list(purchases)
    if claim.order_ref:
        pool = [line for line in pool if normalised(line.order_number) == normalised(claim.order_ref)]
    if claim.po_ref:
        pool = [line for line in pool if normalised(line.po_number) == normalised(claim.po_ref)]
    return pool


def _same_number(claim: ClaimLine, line: PurchasedLine) -> bool:
    if claim.serials and set(claim.serials) & set(line.serials):
        return True
    if claim.lots and set(claim.lots) & set(line.lots) and not claim.sku:
        return True
    wanted = normalised(claim.sku or "")
    return bool(wanted) and wanted in {normalised(line.sku), normalised(line.manufacturer_part)}


def _by_elimination(pool: list[PurchasedLine], claim: ClaimLine) -> Match:
    if not (claim.order_ref or claim.po_ref) or not pool:
        return Match((), "none")
    return Match(tuple(Ranked(line, _EXACT) for line in pool), "exact" if len(pool) == 1 else "tie")


def _by_words(words: str, pool: list[PurchasedLine]) -> Match:
    pool = _of_that_size(words, pool)
    ranked = sorted((Ranked(line, _score(words, line.description)) for line in pool), key=lambda r: -r.score)
    near = [item for item in ranked if item.score >= _ENOUGH]
    if not near:
        return Match((), "none")
    rivals = [item for item in near if near[0].score - item.score < _MARGIN]
    return Match(tuple(rivals if len(rivals) > 1 else near[:1]), "tie" if len(rivals) > 1 else "fuzzy")


def _of_that_size(words: str, pool: list[PurchasedLine]) -> list[PurchasedLine]:
    """The lines whose text has every number that was said, when there are any: 24 V is not 120 V."""
    sizes = {token for token in tokens_of(words) if token[0].isdigit()}
    return [line for line in pool if sizes <= set(tokens_of(line.description))] or pool


def _score(words: str, description: str) -> float:
    wanted, offered = _singular(words), _singular(description)
    spelled = (fuzz.WRatio(wanted, offered) + fuzz.token_set_ratio(wanted, offered)) / 2
    told, known = set(wanted.split()), words_of(description)
    # Sharing no whole word, letters alone must fit almost perfectly: "valve" is not "value".
    return spelled if told & known else spelled * 0.75


def _singular(words: str) -> str:
    found = _WORD.findall(words.lower())
    parts = [part for word in found if "-" in word for part in word.split("-") if len(part) > 1]
    return " ".join(stem(word) for word in (*found, *parts))
