"""How each request of a house went, in one row: what it is worth, how long it took, who had to look."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from backhaul.domain.receiving import ParcelStatus
from backhaul.store.effect_tables import LabelRow, ReplacementRow, RmaRow
from backhaul.store.money_tables import CreditMemoRow, RepairRow, VendorClaimRow
from backhaul.store.tables import ConsentRow, ProposalRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Played:
    """One request. Cents are of the currency of its order; claims of the ledger currency."""

    case_id: str
    proposal_id: str
    order_number: str
    order_line: int
    quantity: int
    state: str
    asked_at: datetime
    made_good_at: datetime | None
    """Credited, or its replacement or repair ordered, whichever was first"""
    parcel_seconds: float
    """From label to our dock, where the customer was made good only afterwards"""
    reviews: int
    credited_minor: int
    fees_minor: int
    recovered_minor: int


def requests_played(uow: UnitOfWork) -> Sequence[Played]:
    """Every request that was agreed to, in the order of asking."""
    run = uow.session.execute
    made_good, memos = _made_good(uow), defaultdict[str, list[CreditMemoRow]](list)
    for memo in uow.session.scalars(sa.select(CreditMemoRow)):
        memos[memo.proposal_id].append(memo)
    reviews = Counter(uow.session.scalars(sa.select(ReviewRow.case_id)))
    parcels = {case_id: (bought, came) for case_id, bought, came in run(_parcels())}
    recovered = Counter[str]()
    claims = sa.select(VendorClaimRow.proposal_id, VendorClaimRow.approved_minor)
    for proposal_id, minor in run(claims.where(VendorClaimRow.state == "credited")):
        recovered[proposal_id] += minor or 0
    asked = sa.select(ProposalRow, ConsentRow.given_at).join(
        ConsentRow, ConsentRow.id == ProposalRow.consent_id
    )
    return [
        _played(row, given_at, made_good.get(row.id), parcels.get(row.case_id), reviews, memos, recovered)
        for row, given_at in run(asked.order_by(ConsentRow.given_at, ProposalRow.id))
    ]


def _played(
    row: ProposalRow,
    asked_at: datetime,
    made_good_at: datetime | None,
    parcel: tuple[datetime, datetime] | None,
    reviews: Counter[str],
    memos: dict[str, list[CreditMemoRow]],
    recovered: Counter[str],
) -> Played:
    waits_for_parcel = parcel is not None and made_good_at is not None and made_good_at >= parcel[1]
    return Played(
        case_id=row.case_id,
        proposal_id=row.id,
        order_number=row.order_number,
        order_line=row.order_line,
        quantity=row.quantity,
        state=row.state,
        asked_at=asked_at,
        made_good_at=made_good_at,
        parcel_seconds=(parcel[1] - parcel[0]).total_seconds() if parcel and waits_for_parcel else 0,
        reviews=reviews[row.case_id],
        credited_minor=sum(one.amount_minor for one in memos.get(row.id, ())),
        fees_minor=sum(one.restocking_fee_minor + one.return_freight_minor for one in memos.get(row.id, ())),
        recovered_minor=recovered[row.id],
    )


def _parcels() -> Any:
    """When the label of a case was bought, and when its parcel came to our dock."""
    return (
        sa.select(RmaRow.case_id, sa.func.min(LabelRow.created_at), sa.func.min(LabelRow.scanned_at))
        .join(RmaRow, RmaRow.id == LabelRow.rma_id)
        .where(LabelRow.parcel == ParcelStatus.DELIVERED.value)
        .group_by(RmaRow.case_id)
    )


def _made_good(uow: UnitOfWork) -> dict[str, datetime]:
    """When the first of a request was made good, by its id; replacements lead there by their line."""
    found: dict[str, datetime] = {}

    def note(proposal_id: str, at: datetime) -> None:
        found[proposal_id] = min(at, found.get(proposal_id, at))

    of_memo = sa.select(CreditMemoRow.proposal_id, CreditMemoRow.created_at)
    for proposal_id, at in uow.session.execute(of_memo):
        note(proposal_id, at)
    for table in (ReplacementRow, RepairRow):
        by_line = sa.select(ProposalRow.id, table.created_at).join(
            ProposalRow, ProposalRow.line_id == table.line_id
        )
        for proposal_id, at in uow.session.execute(by_line):
            note(proposal_id, at)
    return found
