"""From rows about returned goods and their money to the records of the domain and of the port."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from backhaul.connectors.documents import StockMove
from backhaul.connectors.embedded.erp_rows import Row
from backhaul.domain.codes import QualityStatus, Reason
from backhaul.domain.money import Money
from backhaul.domain.settlement import CreditGoesTo, CreditMemo, CreditShare, Deduction
from backhaul.domain.trade import Tracking


def deduction_of(row: Row) -> Deduction:
    """What a customer short-paid and no credit covers yet."""
    return Deduction(
        deduction_id=row.deduction_id,
        account_id=row.account_id,
        invoice_number=row.invoice_number,
        amount=Money(row.unmatched_minor, row.currency),
        reason=Reason(row.reason),
        taken_on=row.taken_on,
    )


def memos_of_rows(rows: Sequence[Row], shares: Iterable[Row]) -> tuple[CreditMemo, ...]:
    """Credit memos in the sequence of their rows, with the rows of their shares."""
    places: defaultdict[str, list[Row]] = defaultdict(list)
    for share in shares:
        places[share.credit_number].append(share)
    return tuple(_memo(row, places[row.number]) for row in rows)


def _memo(row: Row, shares: Sequence[Row]) -> CreditMemo:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    return CreditMemo(
        number=row.number,
        reference=row.reference,
        account_id=row.account_id,
        case_id=row.case_id,
        order_number=row.order_number,
        line=row.order_line,
        quantity=row.quantity,
        goods=money(row.goods_minor),
        tax=money(row.tax_minor),
        restocking_fee=money(row.restocking_fee_minor),
        return_freight=money(row.return_freight_minor),
        amount=money(row.amount_minor),
        posted_on=row.posted_on,
        shares=tuple(
            CreditShare(CreditGoesTo(share.goes_to), share.reference, money(share.amount_minor))
            for share in shares
        ),
    )


def moves_of_rows(rows: Sequence[Row], units: Iterable[Row]) -> tuple[StockMove, ...]:
    """Stock moves in the sequence of their rows, with the rows of their serials and lots."""
    numbers: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for unit in units:
        numbers[unit.place_in_order, unit.tracking].append(unit.number)
    return tuple(
        StockMove(
            reference=row.reference,
            facility_id=row.facility_id,
            sku=row.sku,
            quantity=row.quantity,
            source=QualityStatus(row.source) if row.source else None,
            target=QualityStatus(row.target) if row.target else None,
            why=row.why,
            unit_value=Money(row.unit_value_minor),
            write_down=Money(row.write_down_minor),
            serials=tuple(numbers[row.place_in_order, Tracking.SERIAL]),
            lots=tuple(numbers[row.place_in_order, Tracking.LOT]),
        )
        for row in rows
    )
