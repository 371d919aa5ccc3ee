"""Money as a whole number of the smallest coin, with its currency. Never a float."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from backhaul.domain.errors import CurrencyMismatch

LEDGER_CURRENCY = "USD"
"""The one currency limits are kept in; an amount in another one is converted with a dated rate."""

_MINOR_PER_MAJOR = 100
ONE_TO_ONE = 1_000_000
"""The rate of a currency to itself, in millionths."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the smallest coin of an ISO 4217 currency (1999 USD is nineteen dollars 99)."""

    minor: int
    currency: str = LEDGER_CURRENCY

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"minor units must be an int, not {self.minor!r}")

    @classmethod
    def of(cls, major: str, currency: str = LEDGER_CURRENCY) -> "Money":
        """Read a decimal string such as "19.99"; more than two places is a ValueError."""
        amount = Decimal(major) * _MINOR_PER_MAJOR
        if amount != amount.to_integral_value():
            raise ValueError(f"{major} has a fraction of the smallest coin")
        return cls(int(amount), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def share(self, basis_points: int) -> "Money":
        """This many hundredths of a per cent of the amount, rounded half up to the smallest coin."""
        exact = Decimal(self.minor) * basis_points / 10_000
        return Money(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)), self.currency)

    def __str__(self) -> str:
        sign = "-" if self.minor < 0 else ""
        major, coin = divmod(abs(self.minor), _MINOR_PER_MAJOR)
        return f"{sign}{major:,}.{coin:02d} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What a unit of a currency was worth on a day, in millionths of a unit of the ledger currency."""

    currency: str
    on: date
    millionths: int

    def in_ledger_currency(self, amount: Money) -> Money:
        """The amount in the ledger currency, rounded up to its smallest coin.

        Up, because it is held against limits: no rounding ever carries a value below one. CurrencyMismatch
        for an amount in another currency than the rate's.
        """
        if amount.currency != self.currency:
            raise CurrencyMismatch(self.currency, amount.currency)
        return Money(-(-amount.minor * self.millionths // ONE_TO_ONE), LEDGER_CURRENCY)

    def from_ledger_currency(self, amount: Money) -> Money:
        """What an amount of the ledger currency is in the other one, rounded down to its smallest coin.

        Down, because it is kept from what a customer gets. CurrencyMismatch for another currency.
        """
        if amount.currency != LEDGER_CURRENCY:
            raise CurrencyMismatch(LEDGER_CURRENCY, amount.currency)
        return Money(amount.minor * ONE_TO_ONE // self.millionths, self.currency)
