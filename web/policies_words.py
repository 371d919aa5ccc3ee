"""How policy reads to people: values with their units, where a value comes from, what an outcome means."""

from datetime import date, timedelta

from backhaul.domain.codes import Outcome
from backhaul.domain.money import Money
from policies.facts import FACTS, Kind
from policies.model import Basis, Effective, Stricter, Table, TableUnit
from policies.rules import show
from policies.syntax import Word
from policies.tables import MONEY_SUFFIX

SAID_BY = {
    "claim": "the customer says",
    "erp": "ERP",
    "scorer": "reading",
    "human": "a colleague",
    "derived": "worked out",
}
_SAID_BY_OTHERS = {"action": "what is asked for", "consent_given": "the customer"}
"""Facts whose source, as rules weigh it, is not whom a reader would name."""
OUTCOMES = {
    Outcome.PERMIT: "permitted",
    Outcome.DENY: "refused",
    Outcome.ESCALATE: "goes to a person",
    Outcome.ASK: "evidence is asked for",
}
ON_FAIL = {
    Outcome.PERMIT: "",
    Outcome.DENY: "refuses",
    Outcome.ESCALATE: "wants a person to decide",
    Outcome.ASK: "asks for evidence",
}
BASIS = {
    Basis.ORDER_DATE: "the day of the order",
    Basis.DECISION_DATE: "the day of the decision",
}
_FOR = {Basis.ORDER_DATE: "for orders", Basis.DECISION_DATE: "for decisions"}
STRICTER = {
    Stricter.LOWER: "a lower figure is stricter",
    Stricter.HIGHER: "a higher figure is stricter",
    Stricter.EARLIER_CHOICE: "strictest first",
}
UNITS = {
    TableUnit.DAYS: "days",
    TableUnit.PIECES: "pieces",
    TableUnit.COUNT: "a count",
    TableUnit.PERMILLE: "per cent",
    TableUnit.BASIS_POINTS: "per cent",
    TableUnit.USD: "US dollars",
    TableUnit.CHOICE: "a word",
}
_PERMILLE, _BASIS_POINTS = 10, 100
_SILENT = -1
"""How the ERP connector writes that a contract says nothing."""


def outcome_words(code: str) -> str:
    """An outcome as a sentence says it; what is no outcome stays as it is."""
    return OUTCOMES[Outcome(code)] if code in set(Outcome) else code


def source_words(name: str, source: str) -> str:
    """Where a fact comes from, as a colleague would say it."""
    return _SAID_BY_OTHERS.get(name, SAID_BY.get(source, source))


def fact_words(name: str) -> str:
    """A fact's name in a sentence, with a capital; a name no longer in use stays as it is."""
    words = FACTS[name].words if name in FACTS else name
    return capital(words)


def fact_value(name: str, value: Word | None) -> str:
    """A fact's value with its unit: `10 days`, `86.0 %`, `41.00 USD`, `not in the contract`."""
    info = FACTS.get(name)
    if info is None or value is None or info.kind is not Kind.WHOLE or name.endswith(MONEY_SUFFIX):
        return show(name, value)
    number = int(value)
    if name.startswith("contract_") and number == _SILENT:
        return "not in the contract"
    if info.unit == "permille":
        return _per_cent(number, _PERMILLE)
    if info.unit == "basis points":
        return _per_cent(number, _BASIS_POINTS)
    return f"{number:,} {info.unit.removesuffix('s') if number == 1 and info.unit != 'RMAs' else info.unit}"


def cell_value(unit: TableUnit | None, value: Word | None) -> str:
    """A table cell in its unit. Whole numbers stand bare: the heading of the table names the unit."""
    if value is None:
        return "unknown"
    if unit is TableUnit.USD:
        return str(Money(int(value)))
    if unit is TableUnit.PERMILLE:
        return _per_cent(int(value), _PERMILLE)
    if unit is TableUnit.BASIS_POINTS:
        return _per_cent(int(value), _BASIS_POINTS)
    return f"{value:,}" if isinstance(value, int) else words(value)


def table_value(table: str, unit: TableUnit | None, value: Word | None) -> str:
    """A cell where no heading names the unit: `30 days`."""
    if table.endswith(MONEY_SUFFIX):
        unit = TableUnit.USD
    said = cell_value(unit, value)
    named = unit in {TableUnit.DAYS, TableUnit.PIECES} and value is not None
    return f"{said} {unit}" if named else said


def _per_cent(number: int, parts: int) -> str:
    whole, rest = divmod(number, parts)
    shown = f"{whole}.{rest:0{len(str(parts)) - 1}d}".rstrip("0").rstrip(".") if rest else f"{whole}"
    return f"{shown} %"


def words(code: object) -> str:
    """A code as words: `drives_and_motors` becomes `drives and motors`."""
    return str(getattr(code, "value", code)).replace("_", " ").replace("rma", "RMA")


def count(number: int, what: str) -> str:
    """`1 rule`, `1,204 rules`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def capital(text: str) -> str:
    """A text with a capital at its beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def unit_words(table: Table) -> str:
    """What the cells of a table are, and which way is stricter."""
    unit = " / ".join(words(choice) for choice in table.choices) or UNITS[table.unit]
    return f"{unit}; {STRICTER[table.stricter] if table.stricter else 'closed to overlays'}"


def time_words(effective: Effective, basis: Basis | None = None) -> str:
    """When a document holds, last day included: `for orders from 1 Jan 2026 until 30 Jun 2026`."""
    what = f"{_FOR[basis]} " if basis else ""
    last = effective.until - timedelta(days=1) if effective.until else None
    return f"{what}from {day_words(effective.first)}{f' until {day_words(last)}' if last else ' on'}"


def day_words(day: date) -> str:
    """`1 Jan 2026`, so that no one has to guess which number is the month."""
    return f"{day.day} {day:%b %Y}"
