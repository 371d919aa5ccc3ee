"""Counting words: "two", "a dozen", "a couple", and digits, read as whole numbers."""

import re

_WORDS = {
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
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "hundred": 100,
    "a hundred": 100,
    "single": 1,
    "a single": 1,
    "a couple": 2,
    "couple": 2,
    "a pair": 2,
    "half a dozen": 6,
    "a dozen": 12,
    "dozen": 12,
    "two dozen": 24,
}
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d{1,5}|" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")"
"""A number as a regular expression, for building larger patterns over lower-case text."""

_SHAPE = re.compile(NUMBER)


def count_of(words: str) -> int | None:
    """The whole number these words name, or None."""
    words = re.sub(r"\s+", " ", words.strip().lower())
    if words in _WORDS:
        return _WORDS[words]
    digits = words.replace(",", "")
    return int(digits) if digits.isdigit() and _SHAPE.fullmatch(words) else None
