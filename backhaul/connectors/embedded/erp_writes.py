"""Writing to the embedded ERP: it books RMAs and free orders, and refuses what its own books do not allow."""

from contextlib import AbstractContextManager
from datetime import timedelta
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
from backhaul.connectors.embedded.erp_queries import rmas_where
from backhaul.connectors.embedded.erp_schema import (
    COMMANDS,
    CREATE_RMA,
    PEER,
    facility,
    replacement,
    rma,
    rma_line,
    series,
)
from backhaul.connectors.embedded.sqlite import next_number, talking_to, writing_engine
from backhaul.connectors.ports import BookedRma, ReplacementRequest, RmaLineRequest, RmaRequest
from backhaul.domain.clock import Clock, today
from backhaul.domain.settlement import Replacement

FIRST_ORDER = 10_001

_CANCEL_RMA = "cancel_rma"
_ORDER_REPLACEMENT = "order_replacement"


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

    def book_return_directly(self, account_id: str, line: RmaLineRequest) -> BookedRma:
        """What a clerk does in the ERP without telling us: an RMA under no key and a reference of its own.

        Raises:
            ConnectorRejected: as for `create_rma`.
        """
        booked_on = today(self._clock)
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
        booked_on = today(self._clock)
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
        ordered_on = today(self._clock)
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

    def _talking(self) -> AbstractContextManager[Connection]:
        return talking_to(PEER, self._engine)
