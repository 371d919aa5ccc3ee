"""What the examination of a set of documents can find, and the list of what was found and accepted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.facts import FACTS
from policies.model import AcceptedFinding, FindingKind
from policies.rules import TABLE_PREFIX, show
from policies.syntax import Word

Example = Mapping[str, Word]
"""Facts that differ from the baseline of the action, which is always among them"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, where, in plain words, with the case nearest to an ordinary one that shows it.

    `example` holds the facts that differ from the baseline of its action: as few as can be, and those by as
    little as can be. `otherwise` is the second case of a pair, as the facts (or the table, `p.<name>`) in
    which it differs from the first.
    """

    kind: FindingKind
    document: str
    rule_or_table: str
    clause: str
    words: str
    example: Example | None = None
    otherwise: Example | None = None


def unlisted(findings: Iterable[Finding], accepted: Iterable[AcceptedFinding]) -> tuple[Finding, ...]:
    """The findings nobody accepted, and one for each accepted finding that is no longer found.

    Where nothing could be proved nothing is known to be gone.
    """
    findings = tuple(findings)
    listed = {_place(one.finding, one.rule, one.document): one for one in accepted}
    found = {_place(one.kind, one.rule_or_table, one.document) for one in findings}
    left = [one for one in findings if _place(one.kind, one.rule_or_table, one.document) not in listed]
    if not any(one.kind is FindingKind.NOT_PROVED for one in findings):
        left += [_settled(one) for place, one in listed.items() if place not in found]
    return tuple(left)


def _place(kind: FindingKind, rule: str, document: str) -> tuple[str, str, str]:
    return kind, rule, document


def _settled(one: AcceptedFinding) -> Finding:
    words = (
        f"{one.rule} of {one.document} is accepted as {one.finding.value!r} and no longer is: take the entry "
        "out of the accepted findings."
    )
    return Finding(FindingKind.SETTLED, one.document, one.rule, "", words)


def in_words(example: Example) -> str:
    """A case as a sentence tells it, such as `create RMA (the days since delivery: 31)`."""
    others = "; ".join(_fact(name, value) for name, value in example.items() if name != "action")
    action = action_in_words(str(example["action"])) if "action" in example else ""
    if not action:
        return others
    return f"{action} ({others})" if others else f"an ordinary {action}"


def action_in_words(action: str) -> str:
    """An action as a sentence tells it: RMA keeps its capitals."""
    return show("action", action).replace("rma", "RMA")


def _fact(name: str, value: Word) -> str:
    if name.startswith(TABLE_PREFIX):
        return f"{name.removeprefix(TABLE_PREFIX)}: {show(name, value)}"
    return f"{FACTS[name].words}: {show(name, value)}"
