"""What the customer wants in exchange, and the state they say the goods are in."""

import re

from backhaul.domain.codes import Condition, Resolution

_WANTED: tuple[tuple[Resolution, re.Pattern[str]], ...] = (
    (
        Resolution.KEEP_WITH_ALLOWANCE,
        re.compile(
            r"\bkeep (?:it|them|the \w+)\b.{0,30}\b(?:discount|allowance|reduction|partial"
            r"|off|less|credit)\b|"
            r"\b(?:price reduction|allowance|partial (?:refund|credit))\b"
        ),
    ),
    (
        Resolution.REPAIR,
        re.compile(r"\b(?:repair|(?:have|get) (?:it|them) (?:repaired|fixed)|fix (?:it|them)|rework)\b"),
    ),
    (
        Resolution.REPLACEMENT,
        re.compile(
            r"\b(?:replac(?:e|ement|ements|ing)|exchange|swap|trade|resend|re-?ship|new ones?|a good one|"
            r"(?:send|ship|get|give|want|need)(?: me| us)? (?:the )?(?:right|correct|proper"
            r"|another|new|missing|bigger|smaller|larger)\b)"
        ),
    ),
    (
        Resolution.CREDIT,
        re.compile(
            r"\b(?:credit(?:ed)?(?! (?:memo|application|card))|refund(?:ed)?|money back|reimburse\w*)\b"
        ),
    ),
)
_PRICE_DISPUTE = re.compile(
    r"\b(?:over-?charg\w+|over-?bill\w+|wrong price|price (?:difference|is wrong|was wrong)"
    r"|(?:bill|charg|invoic)(?:ed|ing) (?:\w+ ){0,4}(?:too much|more than|above)"
    r"|(?:above|higher than) (?:the |our |what )?(?:agreed|quoted|quote))\b"
)
_UNWANTED = re.compile(
    r"\b(?:not?|don'?t (?:want|need)(?: a| the)?|no need for(?: a)?|instead of(?: a| the)?"
    r"|rather than(?: a| the)?|without)\s+(?:a |the |any )?$"
)
_STATED: tuple[tuple[Condition, re.Pattern[str]], ...] = (
    (
        Condition.OPENED_UNUSED,
        re.compile(
            r"\bopened (?:but|and|only)? ?(?:not|never|un)\w*|\b(?:not|never"
            r"|un) ?(?:been )?(?:used|installed|fitted|worn)\b|"
            r"\b(?:unworn|only tried)\b"
        ),
    ),
    (
        Condition.UNOPENED,
        re.compile(
            r"\b(?:unopened|(?:factory |still )?sealed|(?:never|not)(?: been)? opened"
            r"|untouched|shrink-?wrapped|"
            r"still in (?:the |its |their )?(?:\w+ )?(?:box|boxes|plastic|wrap|bag|packs?"
            r"|packaging|crate))\b"
        ),
    ),
    (
        Condition.BROKEN,
        re.compile(
            r"\b(?:broken?|crack(?:ed)?|smashed|bent|snapped|dented|crushed|shattered|torn"
            r"|split|burnt?|seized|damaged)\b"
        ),
    ),
    (
        Condition.USED,
        re.compile(
            r"\b(?:in service|in use|(?:been|were|was) (?:using|running|used|fitted"
            r"|installed)|installed|worn|running since|"
            r"after \w+ (?:months?|weeks?|years?)|wear)\b"
        ),
    ),
)
_NOT_NEEDED = re.compile(
    r"\s*(?:\w+ ){0,2}(?:is|are|was|were|would be)(?:n'?t| not| un)\s?(?:really )?"
    r"(?:necessary|needed|required|wanted)\b"
)
Place = tuple[int, int]


def disputes_price(text: str) -> bool:
    """Says that more was billed than agreed: nothing is wrong with the goods, and they stay."""
    return _PRICE_DISPUTE.search(text) is not None


def resolution_in(text: str) -> tuple[Resolution, Place] | None:
    """The wish said last, so that a change of mind counts; "instead of a credit" is no wish for one."""
    found = [
        (match.start(), match.end(), wish)
        for wish, pattern in _WANTED
        for match in pattern.finditer(text)
        if not _UNWANTED.search(text[: match.start()]) and not _NOT_NEEDED.match(text, match.end())
    ]
    kept = [item for item in found if item[2] is Resolution.KEEP_WITH_ALLOWANCE] or found
    if not kept:
        return None
    start, end, wish = max(kept, key=lambda item: item[0])
    return wish, (start, end)


def condition_in(text: str) -> tuple[Condition, Place] | None:
    """The state of the goods as told; `text` has its denials blanked already ("not damaged")."""
    for condition, pattern in _STATED:
        if match := pattern.search(text):
            return condition, (match.start(), match.end())
    return None
