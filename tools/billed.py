"""What an order line was charged and what of it was given back: the figures behind every credit.

Tax and value of a credit are differences of running totals, so that however a line is credited, in one go
or piece by piece, the parts add up to what was invoiced, to the cent and in either currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Action
from backhaul.domain.money import ExchangeRate, Money
from backhaul.domain.orders import InvoiceLine, OrderLine
from backhaul.domain.settlement import CreditMemo
from backhaul.store.credited import Credited

CREDITS = {Action.CREDIT_MEMO, Action.RETURNLESS_REFUND}


@dataclass(frozen=True, slots=True)
class Billed:
    """The invoices of one order line, and the credits that stand in the ERP; in the order's currency."""

    charged: tuple[InvoiceLine, ...]
    memos: tuple[CreditMemo, ...]

    @property
    def pieces(self) -> int:
        """Pieces that were invoiced."""
        return sum(one.quantity for one in self.charged)

    @property
    def total(self) -> Money | None:
        """Goods and tax together; None when nothing was invoiced."""
        if not self.charged:
            return None
        return _sum([one.amount + one.tax for one in self.charged])

    def tax_on(self, pieces: int) -> Money:
        """The tax of the first so many pieces, rounded half up to the coin; at most what was invoiced."""
        tax = _sum([one.tax for one in self.charged])
        first = min(pieces, self.pieces)
        return Money((2 * tax.minor * first + self.pieces) // (2 * self.pieces), tax.currency)

    def tax_of(self, pieces: int, *, before: int) -> Money | None:
        """The tax that belongs to so many pieces after those credited before; None without an invoice."""
        if not self.pieces:
            return None
        return self.tax_on(before + pieces) - self.tax_on(before)

    def made_elsewhere(self, ours: Credited) -> tuple[CreditMemo, ...]:
        """Credits that were posted in the ERP directly, past our ledger."""
        return tuple(memo for memo in self.memos if memo.case_id not in ours.case_ids)

    def pieces_credited(self, ours: Credited) -> int:
        """Pieces credited on the line so far, by us or in the ERP directly."""
        return ours.pieces + sum(memo.quantity for memo in self.made_elsewhere(ours))


def look_up_billed(erp: ErpReads, action: Action, line: OrderLine | None) -> Billed:
    """Read the invoices of a line, and what was credited on it. ConnectorUnavailable may rise."""
    if line is None:
        return Billed((), ())
    charged = tuple(
        one
        for invoice in erp.invoices(line.order_number)
        for one in invoice.lines
        if one.order_line == line.line
    )
    memos = erp.credit_memos(line.order_number) if action in CREDITS else ()
    return Billed(charged, tuple(memo for memo in memos if memo.line == line.line))


def billed_facts(
    billed: Billed, ours: Credited, rate: ExchangeRate | None, *, price: Money | None, pieces: int | None
) -> dict[str, Any]:
    """Facts in cents of the ledger currency; `None` is unknown.

    Args:
        billed: What the ERP says of the line.
        ours: What our ledger credited on it.
        rate: From the order's currency to the ledger's; None when there is none.
        price: Net price of a piece; None without a line.
        pieces: How many this credit is for; None when this is no credit.
    """
    total = billed.total
    elsewhere = [memo.goods + memo.tax for memo in billed.made_elsewhere(ours)]
    more = rate.in_ledger_currency(_sum(elsewhere)).minor if rate and elsewhere else 0
    return {
        "line_invoiced_usd_minor": rate.in_ledger_currency(total).minor if rate and total else None,
        "line_credited_usd_minor": None if elsewhere and rate is None else ours.value.minor + more,
        "credit_usd_minor": 0
        if pieces is None
        else _credit(billed, rate, price, pieces, before=billed.pieces_credited(ours)),
    }


def _credit(
    billed: Billed, rate: ExchangeRate | None, price: Money | None, pieces: int, *, before: int
) -> int | None:
    if rate is None or price is None or not billed.pieces:
        return None
    upto, so_far = (price * count + billed.tax_on(count) for count in (before + pieces, before))
    return rate.in_ledger_currency(upto).minor - rate.in_ledger_currency(so_far).minor


def _sum(amounts: Sequence[Money]) -> Money:
    """Of at least one amount, all in one currency."""
    first, *others = amounts
    return sum(others, first)
