"""Counting words ("twenty-four", "three dozen", "two hundred and six", "a couple") and digits as numbers."""

import re

_ONES = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_FEW = {"single": 1, "a single": 1, "a couple": 2, "couple": 2, "a pair": 2}
_DOZEN, _HUNDRED = 12, 100


def _any_of(words: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_SMALL = rf"(?:{_any_of(_TENS)}(?:[ -]{_any_of(_ONES)}\b)?|{_any_of(_ONES)})"
_MANY = rf"(?:(?:{_SMALL}|a) )?hundred\b(?: (?:and )?{_SMALL}\b)?"
_BY_THE_DOZEN = rf"(?:half a dozen|(?:(?:{_SMALL}|\d{{1,3}}|a) )?dozen\b(?: and a half\b)?)"
NUMBER = rf"(?:{_MANY}|{_BY_THE_DOZEN}|\d{{1,3}}(?:,\d{{3}})+|\d{{1,5}}|{_any_of(_FEW)}|{_SMALL})"
"""A number as a regular expression, for building larger patterns over lower-case text."""

_SHAPE = re.compile(NUMBER)


def count_of(words: str) -> int | None:
    """The whole number these words name, or None."""
    words = re.sub(r"[\s-]+", " ", words.strip().lower())
    if words in _FEW:
        return _FEW[words]
    digits = words.replace(",", "")
    if digits.isdigit():
        return int(digits) if _SHAPE.fullmatch(words) else None
    if not _SHAPE.fullmatch(words):
        return None
    if "dozen" in words:
        return _by_the_dozen(words)
    return _in_words(words)


def _by_the_dozen(words: str) -> int:
    before, _, after = words.partition("dozen")
    if before.strip() == "half a":
        return _DOZEN // 2
    many = _in_words(before) or (int(before) if before.strip().isdigit() else 1)
    return many * _DOZEN + (_DOZEN // 2 if after else 0)


def _in_words(words: str) -> int:
    total = 0
    for word in words.split():
        if word == "hundred":
            total = (total or 1) * _HUNDRED
        else:
            total += _ONES.get(word, 0) + _TENS.get(word, 0)
    return total
