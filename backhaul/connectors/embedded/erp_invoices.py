"""Invoices of the embedded ERP with what was paid and credited on them, and deductions still unmatched."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded import erp_rows
from backhaul.connectors.embedded.erp_return_rows import deduction_of
from backhaul.connectors.embedded.erp_return_schema import credit_share, deduction
from backhaul.connectors.embedded.erp_schema import invoice, invoice_line, payment
from backhaul.domain.orders import Invoice
from backhaul.domain.settlement import CreditGoesTo, Deduction


def _total(column: sa.Column[int], *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    total = sa.func.coalesce(sa.func.sum(column), 0)
    return sa.select(total).where(*conditions).correlate(invoice, deduction).scalar_subquery()


_PAID = _total(payment.c.amount_minor, payment.c.invoice_number == invoice.c.number)

_APPLIED = _total(
    credit_share.c.amount_minor,
    credit_share.c.reference == invoice.c.number,
    credit_share.c.goes_to == CreditGoesTo.INVOICE,
)

_MATCHED = _total(
    credit_share.c.amount_minor,
    credit_share.c.reference == deduction.c.deduction_id,
    credit_share.c.goes_to == CreditGoesTo.DEDUCTION,
)

_UNMATCHED = deduction.c.amount_minor - _MATCHED

_matched = deduction.alias("matched")
_MATCHED_ON_INVOICE = (
    sa.select(sa.func.coalesce(sa.func.sum(credit_share.c.amount_minor), 0))
    .join(_matched, _matched.c.deduction_id == credit_share.c.reference)
    .where(_matched.c.invoice_number == invoice.c.number, credit_share.c.goes_to == CreditGoesTo.DEDUCTION)
    .correlate(invoice)
    .scalar_subquery()
)

_CREDITED = _APPLIED + _MATCHED_ON_INVOICE

IS_OPEN: sa.ColumnElement[bool] = invoice.c.total_minor > _PAID + _CREDITED
"""Something is left to be paid on the invoice."""


def invoices_where(connection: Connection, *conditions: sa.ColumnElement[bool]) -> tuple[Invoice, ...]:
    """Invoices with their lines, oldest first."""
    query = (
        sa.select(
            invoice,
            _PAID.label("paid_minor"),
            _CREDITED.label("credited_minor"),
            invoice_line.c.order_line,
            invoice_line.c.quantity,
            invoice_line.c.amount_minor,
            invoice_line.c.tax_minor,
        )
        .join(invoice_line, invoice_line.c.invoice_number == invoice.c.number)
        .where(*conditions)
        .order_by(invoice.c.issued_on, invoice.c.number, invoice_line.c.order_line)
    )
    return erp_rows.invoices_of_rows(connection.execute(query).all())


def unmatched_deductions(connection: Connection, account_id: str) -> tuple[Deduction, ...]:
    """Deductions of the account, oldest first, with what no credit covers yet."""
    query: sa.Select[Any] = (
        sa.select(deduction, _UNMATCHED.label("unmatched_minor"))
        .where(deduction.c.account_id == account_id, _UNMATCHED > 0)
        .order_by(deduction.c.taken_on, deduction.c.deduction_id)
    )
    return tuple(map(deduction_of, connection.execute(query)))
