"""Writing to the embedded ERP: it books what comes back, and refuses what its own books do not allow."""

from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from backhaul.connectors.embedded.erp_booking import (
    FIRST_RMA,
    check_replacement,
    check_rma,
    line_values,
    next_working_day,
    place_free_order,
    release,
    replacement_numbered,
    take_back,
)
from backhaul.connectors.embedded.erp_columns import PEER
from backhaul.connectors.embedded.erp_credit import credit
from backhaul.connectors.embedded.erp_queries import rmas_where
from backhaul.connectors.embedded.erp_recovery import enter_repair, enter_vendor_credit, repair_numbered
from backhaul.connectors.embedded.erp_rest import release_rest
from backhaul.connectors.embedded.erp_return_queries import memos_where
from backhaul.connectors.embedded.erp_return_schema import credit_memo
from backhaul.connectors.embedded.erp_schema import (
    COMMANDS,
    CREATE_RMA,
    facility,
    replacement,
    rma,
    rma_line,
    series,
)
from backhaul.connectors.embedded.erp_stock import post_move, put_right, put_under, receive
from backhaul.connectors.embedded.sqlite import next_number, talking_to, writing_engine
from backhaul.connectors.ports import (
    BookedRma,
    CreditRequest,
    GoodsReceipt,
    Mispick,
    RepairRequest,
    ReplacementRequest,
    RmaLineRequest,
    RmaRequest,
    StockMove,
    VendorCredit,
)
from backhaul.domain.clock import Clock, today
from backhaul.domain.settlement import CreditMemo, RepairOrder, Replacement

FIRST_ORDER = 10_001

_CANCEL_RMA = "cancel_rma"
_CLOSE_RMA = "close_rma"
_ORDER_REPLACEMENT = "order_replacement"
_RECEIVE_GOODS = "receive_goods"
_MATCH_RECEIPT = "match_receipt"
_MOVE_STOCK = "move_stock"
_CORRECT_MISPICK = "correct_mispick"
_POST_CREDIT_MEMO = "post_credit_memo"
_ORDER_REPAIR = "order_repair"
_POST_VENDOR_CREDIT = "post_vendor_credit"


class EmbeddedErpWrites:
    """`ErpWrites` on the embedded ERP's file. Every command is one transaction that holds the write lock."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._engine = writing_engine(path)
        self._clock = clock

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def create_rma(self, request: RmaRequest, *, key: str) -> BookedRma:
        """Book an RMA, or find the one this key has booked.

        Raises:
            ConnectorRejected: more than is returnable, a serial that was not shipped on the line or came
                back already, another account's order, a reference already in use, or a key used otherwise.
        """
        with self._talking() as connection:
            number = COMMANDS.once(
                connection, CREATE_RMA, request, key, lambda: self._book(connection, request)
            )
            return rmas_where(connection, rma.c.number == number)[0]

    def cancel_rma(self, number: str, *, key: str) -> BookedRma:
        """Give the quantities and serials back to their order lines; an RMA already cancelled stays so.

        Raises:
            ConnectorRejected: no such RMA, or a key used otherwise.
        """
        with self._talking() as connection:
            COMMANDS.once(connection, _CANCEL_RMA, number, key, lambda: release(connection, number))
            return rmas_where(connection, rma.c.number == number)[0]

    def close_rma(self, number: str, *, key: str) -> BookedRma:
        """Expect no more on an RMA of which a part came; one that came whole stays as it is.

        Raises:
            ConnectorRejected: no such RMA, a cancelled one, nothing came on it, or a key used otherwise.
        """
        with self._talking() as connection:
            COMMANDS.once(connection, _CLOSE_RMA, number, key, lambda: release_rest(connection, number))
            return rmas_where(connection, rma.c.number == number)[0]

    def order_replacement(self, request: ReplacementRequest, *, key: str) -> Replacement:
        """Place a free order, or find the one this key has placed.

        Raises:
            ConnectorRejected: unknown article, another account's order, more pieces than the line had
                shipped counting earlier replacements, or a key used otherwise.
        """
        with self._talking() as connection:
            number = COMMANDS.once(
                connection, _ORDER_REPLACEMENT, request, key, lambda: self._replace(connection, request)
            )
            return replacement_numbered(connection, number)

    def replacement_by_key(self, key: str) -> Replacement | None:
        with self._talking() as connection:
            number = COMMANDS.document(connection, _ORDER_REPLACEMENT, key)
            return replacement_numbered(connection, number) if number else None

    def receive_goods(self, receipt: GoodsReceipt, *, key: str) -> str:
        """Put goods into quarantine at their cost, or find the receipt of this key.

        Raises:
            ConnectorRejected: the RMA is cancelled or expects fewer pieces; a serial lies in the house
                already, belongs to another article or, with an RMA, was never ours; the reference was
                received already; or a key used otherwise.
        """
        with self._talking() as connection:
            return COMMANDS.once(
                connection, _RECEIVE_GOODS, receipt, key, lambda: receive(connection, receipt, self._today)
            )

    def match_receipt(self, receipt_number: str, rma_number: str, *, key: str) -> str:
        """Put goods that were received without papers under their RMA, or find that this key did.

        Raises:
            ConnectorRejected: no such receipt; one of another RMA; the RMA is cancelled or expects fewer
                pieces; or a key used otherwise.
        """
        with self._talking() as connection:
            return COMMANDS.once(
                connection,
                _MATCH_RECEIPT,
                f"{receipt_number} {rma_number}",
                key,
                lambda: put_under(connection, receipt_number, rma_number),
            )

    def move_stock(self, move: StockMove, *, key: str) -> str:
        """Move pieces and revalue them, or find the move of this key.

        Raises:
            ConnectorRejected: the source does not hold the pieces, serials or lots; a piece would leave
                without its serial; more is written down than the pieces stood for; or a key used otherwise.
        """
        with self._talking() as connection:
            return COMMANDS.once(
                connection, _MOVE_STOCK, move, key, lambda: post_move(connection, move, self._today)
            )

    def correct_mispick(self, mispick: Mispick, *, key: str) -> str:
        """Correct the available stock of both articles, or find the correction of this key.

        Raises:
            ConnectorRejected: one article for both, fewer pieces of the one sent than left the house, or a
                key used otherwise.
        """
        with self._talking() as connection:
            return COMMANDS.once(
                connection,
                _CORRECT_MISPICK,
                mispick,
                key,
                lambda: put_right(connection, mispick, self._today),
            )

    def post_credit_memo(self, request: CreditRequest, *, key: str) -> CreditMemo:
        """Post a credit and put it where it belongs, or find the one this key has posted.

        Raises:
            ConnectorRejected: another account's order; another currency than the order's; fees above the
                goods; more pieces, goods or tax than were invoiced on the line, counting earlier credits; a
                reference that was credited already; or a key used otherwise.
        """
        with self._talking() as connection:
            number = COMMANDS.once(
                connection, _POST_CREDIT_MEMO, request, key, lambda: credit(connection, request, self._today)
            )
            return memos_where(connection, credit_memo.c.number == number)[0]

    def order_repair(self, request: RepairRequest, *, key: str) -> RepairOrder:
        """Enter a repair, promised in ten working days, or find the one of this key.

        Raises:
            ConnectorRejected: another account's order, another article than was sold, more pieces than were
                shipped counting earlier repairs, a reference in use, or a key used otherwise.
        """
        with self._talking() as connection:
            number = COMMANDS.once(
                connection,
                _ORDER_REPAIR,
                request,
                key,
                lambda: enter_repair(connection, request, self._today),
            )
            return repair_numbered(connection, number)

    def post_vendor_credit(self, credit: VendorCredit, *, key: str) -> str:
        """Enter what a supplier pays for a claim, or find the credit of this key.

        Raises:
            ConnectorRejected: not that supplier's purchase order, more pieces than were bought with it
                counting earlier credits, more than their cost and the agreed allowance, a reference in use,
                or a key used otherwise.
        """
        with self._talking() as connection:
            return COMMANDS.once(
                connection,
                _POST_VENDOR_CREDIT,
                credit,
                key,
                lambda: enter_vendor_credit(connection, credit, self._today),
            )

    def book_return_directly(self, account_id: str, line: RmaLineRequest) -> BookedRma:
        """What a clerk does in the ERP without telling us: an RMA under no key and a reference of its own.

        Raises:
            ConnectorRejected: as for `create_rma`.
        """
        booked_on = self._today
        with self._talking() as connection:
            facility_id = connection.execute(sa.select(sa.func.min(facility.c.facility_id))).scalar_one()
            clerk = next_number(connection, series, "clerk", first=1)
            request = RmaRequest(
                reference=f"DESK-{clerk}",
                account_id=account_id,
                facility_id=facility_id,
                return_by=booked_on + timedelta(days=30),
                lines=(line,),
            )
            number = self._book(connection, request)
            return rmas_where(connection, rma.c.number == number)[0]

    def _book(self, connection: Connection, request: RmaRequest) -> str:
        booked_on = self._today
        check_rma(connection, request, booked_on)
        number = f"RMA-{next_number(connection, series, 'rma', first=FIRST_RMA)}"
        head = {
            "number": number,
            "reference": request.reference,
            "account_id": request.account_id,
            "facility_id": request.facility_id,
            "return_by": request.return_by,
            "booked_on": booked_on,
            "cancelled": False,
        }
        connection.execute(sa.insert(rma).values(head))
        for line in request.lines:
            take_back(connection, request.account_id, line, number)
        connection.execute(sa.insert(rma_line), line_values(number, request.lines))
        return number

    def _replace(self, connection: Connection, request: ReplacementRequest) -> str:
        ordered_on = self._today
        check_replacement(connection, request)
        number = f"SO-{next_number(connection, series, 'order', first=FIRST_ORDER)}"
        place_free_order(connection, request, number, ordered_on)
        values = {
            "order_number": number,
            "reference": request.reference,
            "case_id": request.case_id,
            "for_order": request.order_number,
            "for_line": request.line,
            "sku": request.sku,
            "quantity": request.quantity,
            "ships_on": next_working_day(ordered_on),
        }
        connection.execute(sa.insert(replacement).values(values))
        return number

    @property
    def _today(self) -> date:
        return today(self._clock)

    def _talking(self) -> AbstractContextManager[Connection]:
        return talking_to(PEER, self._engine)
