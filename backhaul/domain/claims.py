"""Asking a supplier for money: where a claim stands, what it is worth, and the link to answer it through."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

PERMILLE = 1_000
_ID_BYTES, _SEAL_BYTES = 16, 24
"""128 bits to tell links apart, 192 to keep them from being guessed"""


class ClaimState(StrEnum):
    """Where a vendor claim stands."""

    INCOMPLETE = "incomplete"
    """The packet lacks something; it cannot be filed"""
    READY = "ready"
    FILED = "filed"
    MORE_INFORMATION = "more_information"
    """The supplier asked; staff answers and sends the claim again"""
    APPROVED = "approved"
    """Whole or in part; the credit is being posted"""
    DENIED = "denied"
    CREDITED = "credited"
    REFUSED = "refused"
    """Our own policy does not let it be filed"""
    LAPSED = "lapsed"
    """The supplier's window ended before it was filed"""


UNFILED = (ClaimState.INCOMPLETE, ClaimState.READY, ClaimState.REFUSED)
"""It may still be put together, and its clock runs"""
OPEN = (ClaimState.INCOMPLETE, ClaimState.READY, ClaimState.FILED, ClaimState.MORE_INFORMATION)
"""Somebody has to do something; these are ranked"""


class Answer(StrEnum):
    """What a supplier can say through its link."""

    APPROVE = "approve"
    DENY = "deny"
    MORE_INFORMATION = "more_information"


@dataclass(frozen=True, slots=True)
class SupplierRecord:
    """How a supplier answered so far; cents of the ledger currency. What we let lapse is not counted."""

    answered: int
    claimed_minor: int
    recovered_minor: int
    shares_permille: int
    """What came back of each claim, in thousandths rounded down, added up"""

    @property
    def rate_permille(self) -> int | None:
        """Recovered of what was claimed, in thousandths, rounded down; None before the first answer."""
        return self.recovered_minor * PERMILLE // self.claimed_minor if self.claimed_minor else None

    @property
    def expected_permille(self) -> int:
        """The share to expect of the next claim, in thousandths, rounded down.

        The mean of a beta distribution that began even, Beta(1, 1): (1 + sum of shares) / (2 + answers). One
        denial therefore does not make a supplier hopeless, and one payment does not make it certain.
        """
        return (PERMILLE + self.shares_permille) // (2 + self.answered)


NO_RECORD = SupplierRecord(0, 0, 0, 0)


def expected_minor(claimed_minor: int, record: SupplierRecord) -> int:
    """Cents to expect of a claim, rounded down."""
    return claimed_minor * record.expected_permille // PERMILLE


def days_left(until: date | None, today: date) -> int | None:
    """Days until a clock runs out, the last day included; None without a clock, 0 when it has run out."""
    return None if until is None else max((until - today).days + 1, 0)


def worth_per_day(expected: int, left: int | None) -> int:
    """The rank of a claim: cents to be expected, by the days that are left to get them, rounded down.

    What is not known to have time is treated as if it ended today.
    """
    return expected // max(left or 1, 1)


@dataclass(frozen=True, slots=True)
class Bought:
    """Pieces of a claim that came with one purchase; the cost of a piece in cents of the ledger currency."""

    number: str
    quantity: int
    unit_cost_minor: int
    received_on: date

    @property
    def cost_minor(self) -> int:
        """What these pieces cost us."""
        return self.quantity * self.unit_cost_minor


def parts_of_credit(amount_minor: int, bought: Sequence[Bought], allowance_minor: int) -> list[int]:
    """How a supplier's credit is booked on the purchases of a claim, in cents.

    Each purchase takes what its pieces cost, the first one the allowance as well, until the credit is used
    up: a supplier names one amount and does not say for which piece it is.
    """
    left, parts = amount_minor, []
    for at, one in enumerate(bought):
        part = min(left, one.cost_minor + (0 if at else allowance_minor))
        parts.append(part)
        left -= part
    return parts


def link_token(key: str, sending: str) -> str:
    """The secret part of the link in one letter to a supplier.

    It follows from the key and from what the sending is called, so that a letter which is sent twice after a
    crash carries the same link. Without the key nobody can make one.
    """
    link_id = _told(hmac.digest(key.encode(), f"link {sending}".encode(), hashlib.sha256)[:_ID_BYTES])
    return f"{link_id}.{_seal(key, link_id)}"


def is_genuine(key: str, token: str) -> bool:
    """Whether a token was made with this key; False for every token when there is no key."""
    link_id, _, seal = token.partition(".")
    return bool(key) and hmac.compare_digest(_seal(key, link_id).encode(), seal.encode())


def kept_as(key: str, token: str) -> str:
    """What is stored of a link: a keyed hash. Whoever reads the database cannot make the link from it."""
    return hmac.new(key.encode(), f"kept {token}".encode(), hashlib.sha256).hexdigest()


def _seal(key: str, link_id: str) -> str:
    return _told(hmac.digest(key.encode(), f"seal {link_id}".encode(), hashlib.sha256)[:_SEAL_BYTES])


def _told(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
