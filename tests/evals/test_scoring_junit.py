"""A build server can read the run."""

from xml.etree import ElementTree as ET

from evals.scoring.gate import judge
from evals.scoring.junit import junit
from evals.scoring.summary import summary
from evals.scoring.thresholds import Gate, read_gate
from tests.evals.synthetic import (
    PERMITTED,
    SUITE,
    approves,
    by_another_rule,
    end,
    found_line,
    perfect,
    play,
    run,
    run_of,
)


def parsed(document: str) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own document


def test_each_run_of_a_scenario_is_a_test_case() -> None:
    root = parsed(junit(summary(run(approves))))
    (suite,) = root.findall("testsuite")
    failed = {case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None}

    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("12", "7", "0")
    assert suite.get("time") == "12.000"
    assert len(suite.findall("testcase")) == 12
    assert failed == {
        f"{name}#0"
        for name in ("deny-a", "deny-b", "escalate-a", "escalate-b", "ask-a", "person-a", "attack-b")
    }


def test_a_failure_tells_the_differences() -> None:
    failure = parsed(junit(summary(run_of([play(SUITE[2], approves)])))).find(".//failure")

    assert failure is not None
    assert failure.get("message") == "3/1 was decided permit, not deny"
    assert (failure.text or "").splitlines() == [
        "3/1 was decided permit, not deny",
        "create_label was carried out 1 times too often",
        "create_rma was carried out 1 times too often",
    ]


def test_a_wrong_rule_is_a_failure_of_its_own_kind() -> None:
    failure = parsed(junit(summary(run_of([play(SUITE[2], by_another_rule)])))).find(".//failure")

    assert failure is not None
    assert failure.get("type") == "wrong reason"


def test_an_error_is_no_failure() -> None:
    broken = play(PERMITTED, error="timeout", found=None)
    (suite,) = parsed(junit(summary(run_of([broken])))).findall("testsuite")

    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")
    assert suite.find("testcase/error") is not None
    assert suite.find("testcase/failure") is None


def test_the_figures_are_properties_and_the_unknown_is_told() -> None:
    (suite,) = parsed(junit(summary(run()))).findall("testsuite")
    properties = {one.get("name"): one.get("value") for one in suite.findall("properties/property")}

    assert properties["passed"] == "passed 100.0 % (68.9 % to 100.0 %; n = 12)"
    assert properties["cost"] == "cost not measured"


def test_the_gate_is_a_suite_of_its_own() -> None:
    asked = Gate.model_validate(
        {
            "suites": {
                "core": {
                    "figures": {
                        "right": {"floor": 0.9, "sees": 0.2},
                        "errors": {"ceiling": 0, "sees": 0.2},
                        "leaked": {"ceiling": 0, "sees": 0.01},
                    }
                }
            }
        }
    )
    played = run(approves)
    gate = parsed(junit(summary(played), judge(played, asked))).find("testsuite[@name='gate']")

    assert gate is not None
    assert (gate.get("tests"), gate.get("failures"), gate.get("errors")) == ("3", "1", "1")
    kinds = [[child.get("type") for child in case] for case in gate.findall("testcase")]
    assert kinds == [["broke"], [], ["not enough evidence"]]


def test_characters_that_no_document_may_hold_are_replaced() -> None:
    odd = end((found_line(PERMITTED.gold.lines[0], serials=("S\x00<&>",)),), PERMITTED.gold.ending)
    failure = parsed(junit(summary(run_of([play(PERMITTED, lambda _: odd)])))).find(".//failure")

    assert failure is not None
    assert failure.get("message") == "1/1 has serials S\ufffd<&>, not S1, S2"


def test_a_run_without_failures_has_none() -> None:
    assert parsed(junit(summary(run(perfect)))).find(".//failure") is None


def test_a_name_that_no_document_may_hold_is_cleaned_too() -> None:
    named = run_of([play(PERMITTED, suite="co\x01re")], suites=("co\x01re",))
    hostile = named.model_copy(update={"head": named.head.model_copy(update={"agent": "mine\x1b[2J"})})

    root = parsed(junit(summary(hostile), judge(hostile, read_gate())))

    assert "mine\ufffd[2J" in (root.get("name") or "")
    assert "co\ufffdre" in {suite.get("name") for suite in root.findall("testsuite")}
