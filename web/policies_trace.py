"""A decision's trace in plain words: what decided, what passed, what did not apply, what would change it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from backhaul.domain.codes import Outcome
from policies.bundle import Bundle
from policies.model import TableUnit
from policies.tables import MONEY_SUFFIX
from web.policies_words import ON_FAIL, fact_value, fact_words, source_words, table_value, words

Units = Mapping[str, TableUnit]
"""The unit of each table by name."""
NO_UNITS: Units = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class InputShown:
    """A fact a rule looked at."""

    words: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class CellShown:
    """A table cell a rule looked up; `written_in` names document, edition and grant."""

    words: str
    value: str
    clause: str
    written_in: str


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule of the trace."""

    rule: str
    clause: str
    owner: str
    title: str
    document: str
    status: str
    effect: str
    message: str
    inputs: tuple[InputShown, ...]
    cells: tuple[CellShown, ...]

    @property
    def asks(self) -> str:
        """What the rule asks for by itself: `refuses`, `wants a person to decide`; nothing when it passed."""
        return ON_FAIL[Outcome(self.effect)]


@dataclass(frozen=True, slots=True)
class Trace:
    """Every rule of a decision, in the groups a reader looks for."""

    outcome: str
    decided: tuple[RuleShown, ...]
    outvoted: tuple[RuleShown, ...]
    """Not met either, but something severer decided"""
    passed: tuple[RuleShown, ...]
    not_applicable: tuple[RuleShown, ...]
    would_change: str
    changes: tuple[tuple[str, str, str], ...]
    """Fact, as it is, as it would have to be"""
    outputs: tuple[tuple[str, str], ...]
    editions: tuple[str, ...]
    shadowed: str
    """What the guard would have answered where it only watches; empty when it decides itself"""

    @property
    def speaking(self) -> tuple[RuleShown, ...]:
        """The rules that were not met, the deciding ones first."""
        return (*self.decided, *self.outvoted)


def table_units(bundle: Bundle) -> dict[str, TableUnit]:
    """The units of all tables; a later edition wins, and units do not change between editions in practice."""
    return {
        name: table.unit
        for editions in bundle.policies.values()
        for edition in editions
        for name, table in edition.policy.tables.items()
    }


def trace_of(record: Mapping[str, Any], units: Units, *, would_change: str = "") -> Trace:
    """The trace of a decision as `tools.verdicts` records it.

    `would_change` is what stands on the verdict for records that carry no counterfactual of their own.
    """
    outcome = str(record.get("outcome", ""))
    rules = [_rule(result, units) for result in record.get("results", ())]
    unmet = [rule for rule in rules if rule.status in {"failed", "unknown"}]
    counterfactual = record.get("counterfactual") or {}
    return Trace(
        outcome=outcome,
        decided=tuple(rule for rule in unmet if rule.effect == outcome),
        outvoted=tuple(rule for rule in unmet if rule.effect != outcome),
        passed=tuple(rule for rule in rules if rule.status == "passed"),
        not_applicable=tuple(rule for rule in rules if rule.status == "not_applicable"),
        would_change=counterfactual.get("say") or would_change,
        changes=tuple(
            (
                fact_words(change["fact"]),
                fact_value(change["fact"], change["now"]),
                fact_value(change["fact"], change["needed"]),
            )
            for change in counterfactual.get("changes", ())
        ),
        outputs=tuple(output_words(name, value) for name, value in (record.get("outputs") or {}).items()),
        editions=tuple(record.get("editions", ())),
        shadowed=str(record.get("shadowed") or ""),
    )


_OUTPUTS = {
    "restocking_bps": ("Restocking fee", TableUnit.BASIS_POINTS),
    "ship_within_days": ("Parcel due within", TableUnit.DAYS),
}


def output_words(name: str, value: int | bool | str | None) -> tuple[str, str]:
    """A figure for the command and its value: `Restocking fee`, `15 %`."""
    title, unit = _OUTPUTS.get(name, ("", TableUnit.USD if MONEY_SUFFIX in name else None))
    said = title or words(name.replace(MONEY_SUFFIX, ""))
    return said[:1].upper() + said[1:], table_value(name, unit, value)


def _rule(result: Mapping[str, Any], units: Units) -> RuleShown:
    return RuleShown(
        rule=result["rule"],
        clause=result["clause"],
        owner=result["owner"],
        title=result["title"],
        document=result["document"],
        status=result["status"],
        effect=result["effect"],
        message=result["message"],
        inputs=tuple(_inputs(result["inputs"])),
        cells=tuple(_cells(result["cells"], units)),
    )


def _inputs(found: Iterable[Mapping[str, Any]]) -> Iterable[InputShown]:
    for fact in found:
        name, value = fact["name"], fact["value"]
        yield InputShown(fact_words(name), fact_value(name, value), source_words(name, fact["source"]))


def _cells(found: Iterable[Mapping[str, Any]], units: Units) -> Iterable[CellShown]:
    for cell in found:
        name, key = cell["table"], ", ".join(words(part) for part in cell["key"])
        yield CellShown(
            words(name.removesuffix(MONEY_SUFFIX)).capitalize() + (f" for {key}" if key else ""),
            table_value(name, units.get(name), cell["value"]),
            cell["clause"],
            cell["written_in"],
        )
