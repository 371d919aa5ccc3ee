"""Words in a note that cannot wait: somebody may be hurt, or a plant stands still."""

import re
from collections.abc import Iterator

_WORDS = re.compile(
    r"\b(?:"
    r"recall(?:ed|s)?|safety (?:issue|hazard|concern|notice|alert)|hazard(?:s|ous)?|unsafe|dangerous|danger"
    r"|injur(?:y|ies|ed)|got hurt|(?:was|were|is|got) (?:hurt|burned|shocked)"
    r"|electrocut\w+|(?:got|gave) an? shock"
    r"|electric(?:al)? shock|arc(?:ed|ing)? flash|caught fire|on fire|smok(?:ing|ed)|sparking|exploded"
    r"|gas leak|toxic"
    r"|(?:line|plant|production|mill|crane|machine|press|conveyor|system|site)"
    r"(?:'s| is| was| went| currently)? (?:down|stopped|halted|dead in the water)"
    r"|shut ?down the (?:line|plant)|line stop(?:ped)?|down[- ]?time"
    r")\b"
)
_DENIED = re.compile(
    r"\b(?:no|not|non|never|without|nobody|none|isn'?t|wasn'?t|don'?t|can'?t|cannot|didn'?t)\b[^.;!?\n]{0,24}$"
)
_REMEMBERED = re.compile(r"\b(?:i|we|you|to|if|as far as i)\s+$")
"""Before "recall": somebody remembers"""


def urgent_words(text: str) -> tuple[tuple[int, int], ...]:
    """Where the text says that something is urgent; what it denies ("no injuries") does not count."""
    return tuple(_found(text.lower()))


def _found(lower: str) -> Iterator[tuple[int, int]]:
    for match in _WORDS.finditer(lower):
        before = lower[: match.start()]
        remembered = match[0].startswith("recall") and _REMEMBERED.search(before)
        if not (remembered or _DENIED.search(before)):
            yield match.span()
