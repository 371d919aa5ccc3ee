"""Credit memos of the embedded ERP: never more than was invoiced, and put where the customer owes."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.documents import CreditRequest
from backhaul.connectors.embedded.erp_checks import check_reference, no, owned_line
from backhaul.connectors.embedded.erp_invoices import IS_OPEN, invoices_where, unmatched_deductions
from backhaul.connectors.embedded.erp_return_schema import credit_memo, credit_share
from backhaul.connectors.embedded.erp_schema import (
    account,
    invoice,
    invoice_line,
    payment,
    sales_order,
    series,
)
from backhaul.connectors.embedded.sqlite import next_number
from backhaul.domain.money import Money
from backhaul.domain.orders import Invoice
from backhaul.domain.settlement import CreditGoesTo, CreditShare, Deduction, share_out
from backhaul.domain.trade import CreditPreference

_FIRST_MEMO = 80_001


def credit(connection: Connection, request: CreditRequest, posted_on: date) -> str:
    """Post a credit memo and put its amount where it belongs; the number of the memo.

    Refused: another account's order, a reference that was credited already, amounts below zero or in another
    currency than the order's, fees above goods and tax, or more pieces, goods or tax than were invoiced on
    the order line, counting earlier memos.
    """
    check_reference(connection, credit_memo, request.reference)
    _check_amounts(connection, request)
    _check_invoiced(connection, request)
    number = f"CM-{next_number(connection, series, 'credit memo', first=_FIRST_MEMO)}"
    shares = share_out(request.amount, _places(connection, request))
    connection.execute(sa.insert(credit_memo).values(_memo_values(request, number, posted_on)))
    rows = [
        {
            "credit_number": number,
            "position": position,
            "goes_to": share.goes_to.value,
            "reference": share.reference,
            "amount_minor": share.amount.minor,
        }
        for position, share in enumerate(shares, start=1)
    ]
    if rows:
        connection.execute(sa.insert(credit_share), rows)
    return number


def _memo_values(request: CreditRequest, number: str, posted_on: date) -> dict[str, str | int | date]:
    return {
        "number": number,
        "reference": request.reference,
        "account_id": request.account_id,
        "case_id": request.case_id,
        "order_number": request.order_number,
        "order_line": request.line,
        "quantity": request.quantity,
        "goods_minor": request.goods.minor,
        "tax_minor": request.tax.minor,
        "restocking_fee_minor": request.restocking_fee.minor,
        "return_freight_minor": request.return_freight.minor,
        "amount_minor": request.amount.minor,
        "currency": request.amount.currency,
        "reason": request.reason.value,
        "posted_on": posted_on,
    }


def _where(request: CreditRequest) -> str:
    return f"{request.order_number}/{request.line}"


def _check_amounts(connection: Connection, request: CreditRequest) -> None:
    sold = owned_line(connection, request.account_id, request.order_number, request.line)
    for amount in (request.goods, request.tax, request.restocking_fee, request.return_freight):
        if amount.currency != sold.currency:
            raise no(f"{_where(request)} was sold in {sold.currency}, not in {amount.currency}")
        if amount.minor < 0:
            raise no(f"{_where(request)}: {amount} is less than nothing")
    if request.quantity < 0 or (request.goods + request.tax).minor == 0:
        raise no(f"{_where(request)}: nothing to credit")
    if request.amount.minor < 0:
        raise no(
            f"{_where(request)}: the fees are {Money(0, sold.currency) - request.amount} above the goods"
        )


def _check_invoiced(connection: Connection, request: CreditRequest) -> None:
    billed = connection.execute(
        sa.select(
            *(
                sa.func.coalesce(sa.func.sum(column), 0)
                for column in (invoice_line.c.quantity, invoice_line.c.amount_minor, invoice_line.c.tax_minor)
            )
        )
        .join(invoice, invoice.c.number == invoice_line.c.invoice_number)
        .where(invoice.c.order_number == request.order_number, invoice_line.c.order_line == request.line)
    ).one()
    memo = credit_memo.c
    credited = connection.execute(
        sa.select(
            *(
                sa.func.coalesce(sa.func.sum(one), 0)
                for one in (memo.quantity, memo.goods_minor, memo.tax_minor)
            )
        ).where(memo.order_number == request.order_number, memo.order_line == request.line)
    ).one()
    pieces, goods, tax = (total - before for total, before in zip(billed, credited, strict=True))
    if request.quantity > pieces:
        raise no(
            f"{_where(request)}: {request.quantity} pieces to credit, {pieces} invoiced and not credited"
        )
    for name, asked, left in (("goods", request.goods, goods), ("tax", request.tax, tax)):
        if asked.minor > left:
            limit = Money(left, asked.currency)
            raise no(f"{_where(request)}: {asked} of {name} to credit, {limit} invoiced and not credited")


def _places(connection: Connection, request: CreditRequest) -> Iterator[CreditShare]:
    """Deductions on the line's own invoices, open invoices of the order, then of the account, payments."""
    withheld = unmatched_deductions(connection, request.account_id)
    own = sorted(
        invoices_where(connection, invoice.c.order_number == request.order_number),
        key=lambda bill: not _bills(bill, request.line),
    )
    for bill in own:
        if _bills(bill, request.line):
            yield from _disputed(bill, withheld)
    for bill in chain(own, _other_open_invoices(connection, request)):
        undisputed = bill.open
        for part in _disputed(bill, withheld):
            undisputed -= part.amount
        yield CreditShare(CreditGoesTo.INVOICE, bill.number, undisputed)
    preference = sa.select(account.c.credit_by).where(account.c.account_id == request.account_id)
    if connection.scalar(preference) == CreditPreference.REFUND:
        yield from _payments(connection, [bill for bill in own if _bills(bill, request.line)])


def _bills(bill: Invoice, line: int) -> bool:
    return any(billed.order_line == line for billed in bill.lines)


def _disputed(bill: Invoice, withheld: Sequence[Deduction]) -> Iterator[CreditShare]:
    """What was short-paid on an invoice; never more than is open, for the customer may have paid since."""
    left = bill.open
    for taken in withheld:
        if taken.invoice_number == bill.number:
            part = min(left, taken.amount)
            yield CreditShare(CreditGoesTo.DEDUCTION, taken.deduction_id, part)
            left -= part


def _other_open_invoices(connection: Connection, request: CreditRequest) -> tuple[Invoice, ...]:
    orders = sa.select(sales_order.c.number).where(sales_order.c.account_id == request.account_id)
    return invoices_where(
        connection,
        invoice.c.order_number.in_(orders),
        invoice.c.order_number != request.order_number,
        invoice.c.currency == request.amount.currency,
        IS_OPEN,
    )


def _payments(connection: Connection, bills: Sequence[Invoice]) -> Iterator[CreditShare]:
    """Money that came in for the line's invoices and was not paid back yet, the latest first."""
    numbers = [bill.number for bill in bills]
    paid_back = (
        sa.select(sa.func.coalesce(sa.func.sum(credit_share.c.amount_minor), 0))
        .where(
            credit_share.c.reference == payment.c.payment_id, credit_share.c.goes_to == CreditGoesTo.REFUND
        )
        .correlate(payment)
        .scalar_subquery()
    )
    query = sa.select(payment, paid_back.label("paid_back_minor")).where(
        payment.c.invoice_number.in_(numbers)
    )
    latest_first = query.order_by(payment.c.received_on.desc(), payment.c.payment_id.desc())
    for row in connection.execute(latest_first):
        left = Money(row.amount_minor - row.paid_back_minor, bills[0].total.currency)
        yield CreditShare(CreditGoesTo.REFUND, row.payment_id, left)
