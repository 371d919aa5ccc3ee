"""How a request is read back: goods, reason, what the customer gets for them, and what is kept from it."""

from collections.abc import Sequence
from typing import Any

from agent.state import DraftLine
from agent.wording import REASON_WORDS, RESOLUTION_WORDS, per_cent, pieces
from backhaul.domain.codes import Outcome, Reason, Resolution
from backhaul.domain.money import Money

_CREDIT = Resolution.CREDIT.value


def card(line: DraftLine) -> dict[str, Any]:
    """A line of the request as the page shows it; no prices."""
    return {
        "order_line": line.key,
        "sku": line.sku,
        "description": line.description,
        "quantity": line.quantity,
        "reason": line.reason,
        "reason_words": REASON_WORDS[Reason(line.reason)] if line.reason else "",
        "resolution": line.resolution,
        "resolution_words": _resolution_words(line) if line.resolution else "",
        "received": line.received_sku or line.received_words,
        "fee": " and ".join(_fees(line)),
        "confidence_permille": line.reason_permille,
    }


def _resolution_words(line: DraftLine) -> str:
    words = RESOLUTION_WORDS[Resolution(line.resolution)]
    is_credit = line.resolution == _CREDIT
    return f"{words}; you keep it" if line.kept and is_credit else words


def shown_to_customer(draft: Sequence[DraftLine]) -> str:
    """The read-back itself, as it is kept with the consent."""
    head = "This is what I have:" if len(draft) == 1 else f"This is what I have, {len(draft)} items:"
    taken = dict.fromkeys(_taken(line, slot) for line in draft for slot in line.assumed)
    return "\n".join([head, *(f"- {read_back_line(line)}" for line in draft), *taken])


def _taken(line: DraftLine, slot: str) -> str:
    """What was put down without asking, so that it can be changed."""
    if slot == "reason":
        return f'I put down "{REASON_WORDS[Reason(line.reason)]}"; say if the reason is another one.'
    put_down, other = (
        ("a credit", "a replacement") if line.resolution == _CREDIT else ("a replacement", "a credit")
    )
    return f"I put down {put_down}; say if you want {other}."


def read_back_line(line: DraftLine) -> str:
    """One line with its quantity, reason and what the customer gets."""
    came = line.received_sku or line.received_words
    instead = f" (what came instead: {came})" if came and line.reason == Reason.WRONG_ITEM.value else ""
    serials = f", serial {', '.join(line.serials)}" if line.serials else ""
    goods = f"{pieces(line.quantity, line.description)} ({line.sku}{serials}) from {line.order_number}"
    return f"{goods}: {REASON_WORDS[Reason(line.reason)]}{instead}. {_in_exchange(line)}{_fee(line)}."


def _in_exchange(line: DraftLine) -> str:
    """What the customer gets, and where the goods belong when they do not come back."""
    if line.kept == Outcome.PERMIT.value:
        return "You keep it, nothing is sent back, and the price you paid is credited to your account"
    if line.kept:
        return "You keep it, nothing is sent back, and a colleague decides whether what you paid is credited"
    return f"You want {_wish(line)}"


def _wish(line: DraftLine) -> str:
    if line.resolution == Resolution.REPLACEMENT.value:
        wished = f"{line.quantity} x {line.sku} sent to you as a replacement"
        if line.replacement == Outcome.PERMIT.value:
            return wished
        if line.replacement == Outcome.ESCALATE.value:
            return f"{wished}; a colleague decides whether it can be"
    return RESOLUTION_WORDS[Resolution(line.resolution)]


def no_replacement(line: DraftLine) -> str:
    """Why the read-back has a credit where a replacement was wished for."""
    why = REASON_WORDS[Reason(line.reason)]
    return (
        f'When the reason is "{why}", no replacement can be sent, '
        "so I have put down a credit to your account instead."
    )


def _fee(line: DraftLine) -> str:
    kept = _fees(line)
    return f", less {' and '.join(kept)}" if kept else ""


def _fees(line: DraftLine) -> list[str]:
    """What is kept from the credit, each with its name."""
    restocking = f"a restocking fee of {per_cent(line.fee_basis_points)} of the price paid"
    freight = f"{Money(line.freight_minor)} of return freight"
    return [
        said for said, kept in ((restocking, line.fee_basis_points), (freight, line.freight_minor)) if kept
    ]
