"""Puts a request with several mentions in order, against what was bought: sides, shared reasons, stray
words. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from agent.fit import fitting
from agent.understanding.claim import Act, Claim, ClaimLine, PurchasedLine
from backhaul.domain.codes import Reason

_LITTLE_WORDS = frozenset({"no", "nc", "can", "under", "on", "off", "set", "not"})
"""Such as "no" for a normally open contact."""
_CLEAR, _UNCLEAR = 0.85, 0.7
_LEADS = frozenset(
    {"the", "a", "an", "my", "our", "your", "this", "that", "these", "those", "one", "some"}
    | {"and", "&", "plus", "also", "+", "or", "both"}
)
"""Words before goods that are meant."""


def tidied(claim: Claim, bought: Sequence[PurchasedLine], text: str) -> Claim:
    """The claim with one line for each article meant.

    A part that was never bought, next to a wrong item, is what arrived instead. Words that fit no article,
    next to one that is certain, only tell more about that one. One reason for the whole message holds for
    all its lines.
    """
    claim = replace(claim, lines=_without_noise(claim.lines))
    claim = replace(claim, lines=_without_mentions(claim.lines, text))
    if claim.act is not Act.RETURN_REQUEST or len(claim.lines) < 2:  # noqa: PLR2004 - several lines
        return claim
    certain = [line for line in claim.lines if _is_certain(line, bought)]
    if not certain:
        return replace(claim, lines=_without_mere_words(claim.lines, bought))
    stray = [line for line in claim.lines if line not in certain and _is_stray(line, bought)]
    kept = [line for line in claim.lines if line not in stray]
    for line in stray:
        about = _about(kept, certain)
        kept[about] = _with(kept[about], line)
    return replace(claim, lines=tuple(_share_reason(kept)))


def _without_noise(lines: Sequence[ClaimLine]) -> tuple[ClaimLine, ...]:
    """Little words that stand in catalogue texts are no article; what they say belongs to the one before."""
    kept: list[ClaimLine] = []
    for line in lines:
        if not _is_noise(line):
            kept.append(line)
        elif kept:
            kept[-1] = _with(kept[-1], line)
    return tuple(kept)


def _without_mentions(lines: Sequence[ClaimLine], text: str) -> tuple[ClaimLine, ...]:
    """Goods that are only talked about, such as the oil of "bad grease, oil on top", are not asked for: no
    count and no article before them, no clear word why, beside others that have both count and reason.
    """
    clear = any(line.quantity and line.reason_confidence >= _CLEAR for line in lines)
    return tuple(line for line in lines if not (clear and _is_mention(line, text)))


def _is_mention(line: ClaimLine, text: str) -> bool:
    numbered = line.sku or line.serials or line.lots or line.received_sku or line.received_words
    counted = line.quantity is not None or line.all_of_them or line.half
    if numbered or counted or not line.item_words or line.reason_confidence >= _UNCLEAR:
        return False
    before = [text[: place.start].lower().split()[-1:] for place in line.spans.get("item_words", ())]
    return bool(before) and all(not words or words[0] not in _LEADS for words in before)


def _without_mere_words(lines: Sequence[ClaimLine], bought: Sequence[PurchasedLine]) -> tuple[ClaimLine, ...]:
    """Words that fit nothing bought ("the water district", "our mistake entirely") are no goods beside
    others, and all together they are the one thing that is still to be named.
    """
    goods = [line for line in lines if not _fits_nothing(line, bought)]
    mere = [line for line in lines if _fits_nothing(line, bought)]
    if not goods and any(line.order_ref or line.po_ref for line in mere):
        goods, mere = [replace(mere[0], item_words="")], mere[1:]
    if not goods:
        return tuple(lines)
    for line in mere:
        goods[0] = _with(goods[0], line)
    return tuple(goods)


def _fits_nothing(line: ClaimLine, bought: Sequence[PurchasedLine]) -> bool:
    named = line.sku or line.serials or line.lots or not line.item_words
    return not named and not fitting(ClaimLine(item_words=line.item_words), bought)


def _is_noise(line: ClaimLine) -> bool:
    named = line.sku or line.serials or line.lots or line.quantity is not None
    return not named and line.item_words.lower() in _LITTLE_WORDS


def _is_certain(line: ClaimLine, bought: Sequence[PurchasedLine]) -> bool:
    return len(fitting(line, bought)) == 1 and bool(line.sku or line.item_words or line.serials or line.lots)


def _is_stray(line: ClaimLine, bought: Sequence[PurchasedLine]) -> bool:
    """Names nothing that was bought, or only words that could mean anything, without a count of its own."""
    if line.sku:
        return all(one.sku != line.sku for one in bought)
    return not line.serials and not line.lots and line.quantity is None and len(fitting(line, bought)) != 1


def _about(kept: Sequence[ClaimLine], certain: Sequence[ClaimLine]) -> int:
    """Which line the stray words tell more about: the wrong item, else the first article that is certain."""
    wrong = (at for at, line in enumerate(kept) if line.reason is Reason.WRONG_ITEM)
    return next(wrong, next((at for at, line in enumerate(kept) if line in certain), 0))


def _with(line: ClaimLine, stray: ClaimLine) -> ClaimLine:
    if stray.sku and not line.received_sku:
        line = replace(
            line, received_sku=stray.sku, received_words=line.received_words or stray.item_words or None
        )
    surer = stray if stray.reason and stray.reason_confidence > line.reason_confidence else line
    spans = {**line.spans, "reason": surer.spans.get("reason", ())}
    return replace(
        line,
        quantity=line.quantity if line.quantity is not None else stray.quantity,
        resolution=line.resolution or stray.resolution,
        reason=surer.reason,
        reason_confidence=surer.reason_confidence,
        alternatives=surer.alternatives,
        spans=spans,
    )


def _share_reason(lines: Sequence[ClaimLine]) -> list[ClaimLine]:
    given = {line.reason for line in lines if line.reason}
    if len(given) != 1:
        return list(lines)
    source = max((line for line in lines if line.reason), key=lambda line: line.reason_confidence)
    return [
        line
        if line.reason
        else replace(line, reason=source.reason, reason_confidence=source.reason_confidence)
        for line in lines
    ]
