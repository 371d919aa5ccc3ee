"""The run for a build server: JUnit XML, one test case a run of a scenario."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from evals.scoring.gated import Checked, GateResult, Standing
from evals.scoring.records import Part, Scored, Summary

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GATE = "gate"


def junit(summed: Summary, gate: GateResult | None = None) -> str:
    """The XML document: figures are properties of their suite, and the gate is a suite of its own.

    A failure is a run that did not pass, or a check that broke; an error is a run that stopped, or a check
    without enough evidence.
    """
    root = ET.Element("testsuites", name=f"backhaul {summed.head.agent} {summed.head.release}")
    for suite, part in summed.suites.items():
        _suite(root, suite, part, [one for one in summed.scored if one.suite == suite])
    if gate is not None:
        _gate(root, gate)
    for element in root.iter():
        _clean(element)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, suite: str, part: Part, scored: Sequence[Scored]) -> None:
    element = ET.SubElement(
        root,
        "testsuite",
        name=suite,
        tests=str(len(scored)),
        failures=str(sum(not one.passed and one.error is None for one in scored)),
        errors=str(sum(one.error is not None for one in scored)),
        time=f"{sum(one.seconds or 0.0 for one in scored):.3f}",
    )
    properties = ET.SubElement(element, "properties")
    for name, measured in part.figures().items():
        ET.SubElement(properties, "property", name=name, value=str(measured))
    for one in scored:
        case = ET.SubElement(
            element,
            "testcase",
            classname=suite,
            name=f"{one.scenario}#{one.epoch}",
            time=f"{one.seconds or 0.0:.3f}",
        )
        if one.error is not None:
            _told(case, "error", one.differences, "error")
        elif not one.passed:
            _told(case, "failure", one.failures, "wrong" if not one.right else "wrong reason")


def _gate(root: ET.Element, gate: GateResult) -> None:
    element = ET.SubElement(
        root,
        "testsuite",
        name=_GATE,
        tests=str(len(gate.checks)),
        failures=str(len(gate.broke)),
        errors=str(len(gate.undecided)),
    )
    for check in gate.checks:
        _check(ET.SubElement(element, "testcase", classname=_GATE, name=_name(check)), check)


def _check(case: ET.Element, check: Checked) -> None:
    if check.standing is not Standing.PASSED:
        tag = "failure" if check.standing is Standing.BROKE else "error"
        _told(case, tag, (check.why,), check.standing.value)


def _name(check: Checked) -> str:
    return f"{check.suite}: {check.figure} {check.threshold}"


def _told(case: ET.Element, tag: str, lines: Sequence[str], kind: str) -> None:
    ET.SubElement(case, tag, message=lines[0], type=kind).text = "\n".join(lines)


def _clean(element: ET.Element) -> None:
    """What customers write, and what agents are called, may hold characters that no XML document may."""
    element.text = _NOT_IN_XML.sub("\ufffd", element.text or "") or None
    for name, value in element.items():
        element.set(name, _NOT_IN_XML.sub("\ufffd", value))
