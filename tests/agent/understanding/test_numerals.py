"""Numbers in words, and what is none."""

import re

import pytest

from agent.understanding.numerals import NUMBER, count_of


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("seven", 7),
        ("twenty-four", 24),
        ("twenty four", 24),
        ("ninety nine", 99),
        ("a hundred", 100),
        ("two hundred", 200),
        ("two hundred and six", 206),
        ("one hundred twenty", 120),
        ("half a dozen", 6),
        ("a dozen", 12),
        ("a dozen and a half", 18),
        ("three dozen", 36),
        ("2 dozen", 24),
        ("a couple", 2),
        ("1,200", 1_200),
        ("12", 12),
        ("bearings", None),
        ("", None),
    ],
)
def test_a_number_is_read_as_the_count_it_names(words: str, count: int | None) -> None:
    assert count_of(words) == count


def test_the_longest_number_is_found_in_a_sentence() -> None:
    said = "two hundred of the 20 and three dozen; a dozen and a half, twenty-four, a couple, 2 dozen"

    assert re.findall(rf"\b{NUMBER}\b", said) == [
        "two hundred",
        "20",
        "three dozen",
        "a dozen and a half",
        "twenty-four",
        "a couple",
        "2 dozen",
    ]
