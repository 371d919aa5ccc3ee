"""Which way goods are likely to go before anybody has seen them, from how such goods went before.

Shares are smoothed by backing off: all goods, those with the reason, those of the class with the reason,
and then with the condition told, the age and the worth as well. Each level starts from the shares of the one
before it, as if `_WEIGHS` returns had gone that way (a Dirichlet prior with the parent's shares as its mean),
so that what is rare leans on what is common. It is advice: neither guard nor dock decides by it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from backhaul.domain.net_recovery import WORDS
from backhaul.domain.receiving import Disposition

KNOWN: tuple[Disposition, ...] = tuple(one for one in Disposition if one is not Disposition.NONE)
_WEIGHS = 8.0
_ANY = ""
_AGES = ((7, "a week"), (30, "a month"), (90, "a quarter"))
_OLDER = "longer"
_WORTHS = ((2_500, "25 USD"), (25_000, "250 USD"), (100_000, "1,000 USD"))
_DEARER = "more"
_FEWEST_TO_SPEAK = 5
_SOLD_AGAIN_PERMILLE: Mapping[Disposition, int] = {
    Disposition.RESTOCK: 880,
    Disposition.B_STOCK: 550,
    Disposition.REPAIR: 450,
    Disposition.RETURN_TO_VENDOR: 800,
    Disposition.SCRAP: 0,
    Disposition.RETURN_TO_CUSTOMER: 1_000,
}
"""What goods bring in again of what was paid for them: an estimate of operations"""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of goods before they arrive; an empty word matches anything."""

    product_class: str = _ANY
    reason: str = _ANY
    condition: str = _ANY
    age: str = _ANY
    worth: str = _ANY

    @classmethod
    def of(cls, facts: Mapping[str, Any], *, reason: str, condition: str) -> "Kind | None":
        """From the facts of a decision; `None` where the ERP did not tell the class, age or price."""
        known = [facts.get(name) for name in ("product_class", "days_since_delivery", "unit_price_usd_minor")]
        product_class, days, price = known
        if not isinstance(product_class, str) or not isinstance(days, int) or not isinstance(price, int):
            return None
        age = next((word for most, word in _AGES if days <= most), _OLDER)
        worth = next((word for most, word in _WORTHS if price <= most), _DEARER)
        return cls(product_class, reason, condition, age, worth)

    def levels(self) -> tuple["Kind", ...]:
        """From all goods to goods like these, each within the one before."""
        reason = Kind(reason=self.reason)
        in_class = replace(reason, product_class=self.product_class)
        told = replace(in_class, condition=self.condition)
        return Kind(), reason, in_class, told, replace(told, age=self.age), self

    def holds(self, other: "Kind") -> bool:
        """Whether the other is one of these."""
        return (
            self.reason in (_ANY, other.reason)
            and self.product_class in (_ANY, other.product_class)
            and self.condition in (_ANY, other.condition)
            and self.age in (_ANY, other.age)
            and self.worth in (_ANY, other.worth)
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """So many returns of a kind went one way."""

    kind: Kind
    chosen: Disposition
    times: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Shares of each way, which add up to one, and in a sentence what they rest on."""

    shares: Mapping[Disposition, float]
    why: str

    @property
    def likeliest(self) -> Disposition:
        """The way with the largest share; of equal ones the first of the list."""
        return max(self.shares, key=lambda one: self.shares[one])

    @property
    def sold_again_permille(self) -> int:
        """Expected share of what was paid that the goods bring in again."""
        return round(sum(share * _SOLD_AGAIN_PERMILLE[way] for way, share in self.shares.items()))


def forecast(kind: Kind, tallies: Iterable[Tally]) -> Forecast | None:
    """What is likely to become of goods of a kind; `None` while nothing at all is on record."""
    held = list(tallies)
    if not held:
        return None
    shares: dict[Disposition, float] = dict.fromkeys(KNOWN, 1 / len(KNOWN))
    counted: list[tuple[Kind, Counter[Disposition]]] = []
    for level in kind.levels():
        held = [one for one in held if level.holds(one.kind)]
        found: Counter[Disposition] = Counter()
        for one in held:
            found[one.chosen] += one.times
        total = found.total()
        shares = {way: (found[way] + _WEIGHS * share) / (total + _WEIGHS) for way, share in shares.items()}
        counted.append((level, found))
    return Forecast(shares, _why(counted))


def _why(counted: list[tuple[Kind, Counter[Disposition]]]) -> str:
    """The narrowest level with enough returns to speak of."""
    level, found = next(
        (pair for pair in reversed(counted) if pair[1].total() >= _FEWEST_TO_SPEAK), counted[0]
    )
    ways = ", ".join(f"{times} went to {WORDS[way]}" for way, times in found.most_common())
    return f"Of {found.total()} {_named(level)}: {ways}."


def _named(level: Kind) -> str:
    goods = f"returns of {level.product_class.replace('_', ' ')}" if level.product_class else "returns"
    parts = [goods]
    parts += [f"with the reason {level.reason.replace('_', ' ')}"] if level.reason else []
    parts += [f"told to be {level.condition.replace('_', ' ')}"] if level.condition else []
    parts += [_age_in_words(level.age)] if level.age else []
    parts += [_worth_in_words(level.worth)] if level.worth else []
    return " ".join(parts)


def _age_in_words(age: str) -> str:
    return "asked for later than a quarter after delivery" if age == _OLDER else f"asked for within {age}"


def _worth_in_words(worth: str) -> str:
    return "above 1,000 USD a piece" if worth == _DEARER else f"up to {worth} a piece"
