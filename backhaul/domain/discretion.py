"""Taking out of somebody's words what leads to a person, before they go to somebody else."""

import re
from collections.abc import Collection

REMOVED = "[removed]"
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w-])(?!\d{4}-\d\d-\d\d)\+?\(?\d{1,4}\)?(?:[ .\-/]\(?\d{2,4}\)?){2,4}(?![\w-])")
_LEAST_OF_A_NAME = 3
"""Shorter words, such as initials, are ordinary words as well."""


def without_persons(words: str, *, people: Collection[str], companies: Collection[str] = ()) -> str:
    """The words without e-mail addresses, links, telephone numbers and the names given.

    Of people each part of the name goes as well; of companies only the whole name, whose parts may be words
    of the trade. A name that nobody told us of stays: this is a filter, not a proof.
    """
    for pattern in (_EMAIL, _LINK, _PHONE):
        words = pattern.sub(REMOVED, words)
    for name in _names(people, companies):
        words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", REMOVED, words, flags=re.IGNORECASE)
    return words


def _names(people: Collection[str], companies: Collection[str]) -> list[str]:
    """Every name to be taken out, the longest first."""
    whole = {name.strip() for name in (*people, *companies) if name.strip()}
    parts = {part for name in people for part in name.split() if len(part) >= _LEAST_OF_A_NAME}
    return sorted(whole | parts, key=len, reverse=True)
