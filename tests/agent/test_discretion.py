"""Who proved only an order number sees no amounts, and every sentence that is left is whole."""

import pytest

from agent.verdicts import without_amounts


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Asked for 1; of the RMA 0 are not made good yet, of the line 0 are left.",
            "Asked for 1; of the RMA 0 are not made good yet, of the line 0 are left.",
        ),
        (
            "This is looked at first. A replacement worth 207.00 USD is above the limit.",
            "This is looked at first.",
        ),
        ("It is worth USD 5; nothing below CAD 4 is sent back. Keep it.", "Keep it."),
        ("The limit is 300 dollars.", ""),
    ],
)
def test_a_sentence_is_left_out_whole_or_told_whole(said: str, told: str) -> None:
    assert without_amounts(said) == told
