"""Rows of returns as the rooms above would have written them, for tests of the books alone."""

from datetime import UTC, date, datetime
from typing import Any, get_args, get_origin, get_type_hints

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.tables import (
    Base,
    CaseRow,
    ClaimRow,
    ConsentRow,
    ProposalRow,
    ReturnLineRow,
    ThreadRow,
)
from backhaul.store.unit_of_work import UnitOfWork

_NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
_PLAIN: dict[type, Any] = {
    str: "",
    int: 0,
    bool: False,
    datetime: _NOON,
    date: _NOON.date(),
    list: [],
    dict: {},
}


def add(session: Session, table: type[Base], /, **known: Any) -> Any:
    """A row of which only what matters is said; everything else that must be there is empty."""
    columns = sa.inspect(table).columns
    needed = [one.key for one in columns if not one.nullable and one.default is None and one.key != "id"]
    row = table(**{**{key: _empty(table, key) for key in needed}, **known})
    session.add(row)
    session.flush()
    return row


def _empty(kind: type[Base], key: str) -> Any:
    (said,) = get_args(get_type_hints(kind)[key])
    return _PLAIN[get_origin(said) or said]


def add_return(
    uow: UnitOfWork, name: str, *, order_number: str, order_line: int = 1, quantity: int, rma: bool = True
) -> str:
    """A case with one line and, when asked for, its RMA; the id of the RMA line. Ids end with the name."""
    session = uow.session
    add(session, ThreadRow, id=f"TH-{name}")
    add(session, CaseRow, id=f"RC-{name}", thread_id=f"TH-{name}")
    place = {"order_number": order_number, "order_line": order_line, "quantity": quantity, "sku": "BRG-6005"}
    add(session, ReturnLineRow, id=f"RL-{name}", case_id=f"RC-{name}", **place)
    add(session, ClaimRow, id=f"CL-{name}", case_id=f"RC-{name}", line_id=f"RL-{name}")
    add(session, ConsentRow, id=f"CN-{name}", case_id=f"RC-{name}")
    said = {
        "case_id": f"RC-{name}",
        "line_id": f"RL-{name}",
        "claim_id": f"CL-{name}",
        "consent_id": f"CN-{name}",
    }
    add(session, ProposalRow, id=f"PR-{name}", order_number=order_number, order_line=order_line, **said)
    if not rma:
        return ""
    add(session, RmaRow, id=f"RMA-{name}", case_id=f"RC-{name}", state="issued")
    on = {
        "rma_id": f"RMA-{name}",
        "line_id": f"RL-{name}",
        "proposal_id": f"PR-{name}",
        "permit_id": f"PM-{name}",
    }
    add(session, RmaLineRow, id=f"RN-{name}", **on, **place)
    return f"RN-{name}"


def add_receipt(uow: UnitOfWork, name: str, *, of: str | None, quantity: int, **known: Any) -> str:
    """A receipt, on the RMA line of that return or on none."""
    on = {"rma_id": f"RMA-{of}", "rma_line_id": f"RN-{of}"} if of else {}
    return str(add(uow.session, ReceiptRow, id=f"RE-{name}", quantity=quantity, **{**on, **known}).id)


def add_disposition(
    uow: UnitOfWork, name: str, *, receipt: str, of: str | None, quantity: int, **known: Any
) -> str:
    """An inspection of pieces of a receipt, and what became of them."""
    add(uow.session, InspectionRow, id=f"IN-{name}", receipt_id=receipt, quantity=quantity)
    on = {"rma_id": f"RMA-{of}", "rma_line_id": f"RN-{of}"} if of else {}
    row = add(
        uow.session,
        DispositionRow,
        id=f"DS-{name}",
        inspection_id=f"IN-{name}",
        receipt_id=receipt,
        quantity=quantity,
        **{"chosen": "restock", "proposed": "restock", "state": "posted", **on, **known},
    )
    return str(row.id)


def add_claim(
    uow: UnitOfWork, of: str, disposition: str, *, cost_minor: int, allowance_minor: int = 0
) -> str:
    """A vendor claim for the pieces of a disposition."""
    row = add(
        uow.session,
        VendorClaimRow,
        id=f"VC-{disposition}",
        case_id=f"RC-{of}",
        rma_id=f"RMA-{of}",
        rma_line_id=f"RN-{of}",
        proposal_id=f"PR-{of}",
        disposition_id=disposition,
        cost_minor=cost_minor,
        allowance_minor=allowance_minor,
        state="filed",
    )
    return str(row.id)
