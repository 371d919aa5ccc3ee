"""Figures that follow from other facts, and what facts must agree on to stand together.

A figure is computed here and nowhere stored, so it can never disagree with its parts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

MOST_MINOR = 10**11
MOST_PIECES = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure computed from other facts, so that it can never disagree with them."""

    unit: str
    words: str
    low: int
    high: int
    reads: tuple[str, ...]
    compute: Callable[[Mapping[str, int | str | bool]], int]


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "amount_usd_minor": Figure(
            "usd_minor",
            "the value of the pieces asked for",
            0,
            MOST_MINOR * MOST_PIECES,
            ("unit_price_usd_minor", "quantity"),
            lambda of: int(of["unit_price_usd_minor"]) * int(of["quantity"]),
        ),
        "order_exposure_usd_minor": Figure(
            "usd_minor",
            "the value at stake on the whole order",
            0,
            MOST_MINOR * MOST_PIECES + MOST_MINOR,
            ("unit_price_usd_minor", "quantity", "order_paid_out_usd_minor"),
            lambda of: (
                int(of["unit_price_usd_minor"]) * int(of["quantity"]) + int(of["order_paid_out_usd_minor"])
            ),
        ),
        "claim_usd_minor": Figure(
            "usd_minor",
            "the documented cost of the pieces",
            0,
            MOST_MINOR * MOST_PIECES,
            ("unit_cost_usd_minor", "quantity"),
            lambda of: int(of["unit_cost_usd_minor"]) * int(of["quantity"]),
        ),
        "quantity_returnable": Figure(
            "pieces",
            "the pieces that can still come back",
            -MOST_PIECES,
            MOST_PIECES,
            ("quantity_shipped", "quantity_already_authorised"),
            lambda of: int(of["quantity_shipped"]) - int(of["quantity_already_authorised"]),
        ),
        "quantity_unsettled": Figure(
            "pieces",
            "the pieces on the RMA not yet credited, replaced or repaired",
            -MOST_PIECES,
            MOST_PIECES,
            ("quantity_on_rma", "quantity_settled"),
            lambda of: int(of["quantity_on_rma"]) - int(of["quantity_settled"]),
        ),
    }
)


def with_figures(values: dict[str, int | str | bool], unknown: frozenset[str]) -> dict[str, int | str | bool]:
    """Add, or compute anew, the derived figures whose parts are known."""
    for name, figure in FIGURES.items():
        if unknown.isdisjoint(figure.reads):
            values[name] = figure.compute(values)
    return values


Agreement = tuple[str, frozenset[str], Callable[[Mapping[str, int | str | bool]], bool]]
AGREEMENTS: tuple[Agreement, ...] = (
    (
        "serials_matching cannot exceed serials_given",
        frozenset({"serials_matching", "serials_given"}),
        lambda of: int(of["serials_matching"]) <= int(of["serials_given"]),
    ),
    (
        "warranty_days_left cannot be positive without warranty_months",
        frozenset({"warranty_days_left", "warranty_months"}),
        lambda of: int(of["warranty_days_left"]) <= 0 or int(of["warranty_months"]) > 0,
    ),
    (
        "days_since_delivery counts from a delivery; without one it is 0",
        frozenset({"days_since_delivery", "delivered"}),
        lambda of: bool(of["delivered"]) or of["days_since_delivery"] == 0,
    ),
    (
        "rate_age_days is 0 for an order in the ledger currency",
        frozenset({"rate_age_days", "currency_is_ledger"}),
        lambda of: not of["currency_is_ledger"] or of["rate_age_days"] == 0,
    ),
    (
        "approver_is_requester needs an approval",
        frozenset({"approver_is_requester", "approvals"}),
        lambda of: not of["approver_is_requester"] or int(of["approvals"]) > 0,
    ),
    (
        "approver_is_authoriser needs an approval",
        frozenset({"approver_is_authoriser", "approvals"}),
        lambda of: not of["approver_is_authoriser"] or int(of["approvals"]) > 0,
    ),
)
