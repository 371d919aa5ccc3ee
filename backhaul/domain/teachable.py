"""A customer's words without whom they lead to: what is left teaches a reader why goods come back. Pure.

Rules find addresses, numbers, greetings and signatures, and names that the record knows. A name that only the
words know stays where no greeting or signature shows it: that is what the second look is for.
"""

import re
from collections.abc import Iterable

_MOST_CHARACTERS = 600
_READ_CHARACTERS = 2_000
_SHORTEST_NAME = 3
_ADDRESS = re.compile(r"\S+@\S+|\b(?:https?://|www\.)\S+", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<!\w)\+?\(?\d[\d\s()./-]{5,}\d(?!\w)"  # telephones, cards, accounts, long numbers of documents
    r"|\b(?=[\w/-]*\d)(?=[\w/-]*[a-z])[\w/-]*\d{4,}[\w/-]*|\b\d{5,}\b",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\b(?:s/n|sn|serials?|lot|batch)\b[\s#:.]*(?=\S*\d)\S+", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^\n,.:!]{0,40}[,.:!\n]", re.IGNORECASE
)
_INTRODUCED = re.compile(
    r"\b(?:my name is|this is|i am|i'm|it's|ask for|call|contact|attn\.?:?)((?: [A-Z][\w'-]+){1,3})"
)
_SIGNATURE = re.compile(
    r"(?:^|(?<=[\n.!?,;]))[ \t]*"
    r"(?i:(?:kind|best|warm|many) regards|regards|rgds|sincerely|cheers|yours|many thanks|thanks(?: again)?"
    r"|thank you|--)"
    r"[ ,!.-]*\s*[A-Z][^\n]{0,60}(?:\n\s*[A-Z][^\n]{0,60}){0,5}\s*\Z"
)


def teachable(words: str, names: Iterable[str] = ()) -> str:
    """The words without e-mail and web addresses, telephones, numbers of documents and known `names`.

    At most 600 characters, from the beginning. Empty when nothing is left.
    """
    kept = _SIGNATURE.sub(" ", _GREETING.sub(" ", words.strip()[:_READ_CHARACTERS]))
    for unwanted in (_ADDRESS, _SERIAL, _NUMBER):
        kept = unwanted.sub(" ", kept)
    kept = _INTRODUCED.sub(" ", kept)
    for name in names:
        kept = _without_name(kept, name)
    return re.sub(r"\s+", " ", kept).strip(" ,;:-")[:_MOST_CHARACTERS].strip()


def _without_name(words: str, name: str) -> str:
    """The whole name as anybody writes it, its parts as names are written: "Max" goes, "max. 6 bar" stays."""
    if len(name) < _SHORTEST_NAME:
        return words
    kept = re.sub(rf"\b{re.escape(name)}\b", " ", words, flags=re.IGNORECASE)
    for part in name.split():
        if len(part) >= _SHORTEST_NAME and part[0].isupper():
            kept = re.sub(rf"\b{re.escape(part)}\b(?!\. \d)", " ", kept)
    return kept
