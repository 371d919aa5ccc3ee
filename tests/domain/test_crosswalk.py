from backhaul.domain.codes import Reason
from backhaul.domain.crosswalk import X12_1293, reason_of

ELEMENT_1293 = {
    "BC", "CO", "CV", "DA", "DI", "DM", "DP", "DR", "DT", "EI",
    "EO", "EW", "LP", "MD", "NA", "OP", "PE", "PF", "PR", "PS",
    "PW", "RE", "SD", "SM", "SP", "SR", "ST", "TE", "WG",
}  # fmt: skip
"""The closed code list of release 004010"""


def test_every_reason_has_its_place_in_the_crosswalk() -> None:
    assert set(X12_1293) == set(Reason)


def test_only_codes_that_the_element_has_are_written() -> None:
    assert {entry.code for entry in X12_1293.values() if entry} <= ELEMENT_1293


def test_a_code_that_says_exactly_what_we_mean_comes_back_as_the_same_reason() -> None:
    exact = {reason: entry for reason, entry in X12_1293.items() if entry and not entry.lossy}

    assert exact
    assert {reason: reason_of(entry.code) for reason, entry in exact.items()} == {
        reason: reason for reason in exact
    }


def test_a_code_without_a_counterpart_is_no_reason_of_ours() -> None:
    """Excessive wear and a marked-down price are returns of other trades."""
    assert [reason_of(code) for code in ("EW", "MD", "EI")] == [None, None, None]
