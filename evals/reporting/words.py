"""How figures and codes read in a report: in words, with their unit; what is unknown is never a number."""

from collections.abc import Mapping

from backhaul.domain.money import LEDGER_CURRENCY, Money
from evals.scoring.measured import NOT_MEASURED

OUTCOMES = {
    "permit": "permitted",
    "deny": "refused",
    "escalate": "to a person",
    "ask": "evidence asked for",
}
ENDINGS = {
    "decided": "every line decided",
    "person": "a person was asked, nothing proposed",
    "informed": "a question answered, nothing begun",
    "open": "the desk still asks",
    "cancelled": "cancelled again",
}
EFFECTS = {"permit": "met", "deny": "refuses", "escalate": "hands over", "ask": "asks"}
_MINUTE, _HOUR = 60, 3_600


def money(minor: int, currency: str = LEDGER_CURRENCY) -> str:
    """An amount in the smallest coin, as people write it."""
    amount = str(Money(minor, currency)).removesuffix(f" {currency}")
    if currency != LEDGER_CURRENCY:
        return f"{amount} {currency}"
    return f"-${amount[1:]}" if amount.startswith("-") else f"${amount}"


def amounts(by_currency: Mapping[str, int]) -> str:
    """Amounts side by side, for currencies are never added; no amount is nothing."""
    return ", ".join(money(minor, currency) for currency, minor in sorted(by_currency.items())) or money(0)


def minutes(value: float | None) -> str:
    """A person's time."""
    return NOT_MEASURED if value is None else f"{value:,.1f}".removesuffix(".0") + " min"


def seconds(value: float | None) -> str:
    """A length of time in the largest unit that says something: `0.34 s`, `2 min 5 s`, `1 h 3 min`."""
    if value is None:
        return NOT_MEASURED
    if value < _MINUTE:
        return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"  # noqa: PLR2004 - two digits are enough
    whole = round(value)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number and its noun: `1 scenario`, `2 scenarios`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def words(code: object) -> str:
    """A code of a closed list as words: `damaged_in_transit` -> `damaged in transit`."""
    return str(getattr(code, "value", code)).replace("_", " ")


def outcome(code: object) -> str:
    """An outcome as a sentence says it; what is no outcome stays as it is."""
    return OUTCOMES.get(words(code), words(code))


def ending(code: object) -> str:
    """How a conversation was left."""
    return ENDINGS.get(words(code), words(code))


def effect(code: object) -> str:
    """What a rule alone asked for."""
    return EFFECTS.get(words(code), words(code))


def tight(text: str) -> str:
    """No line breaks between a number and its sign."""
    return text.replace(" %", "\u00a0%")
