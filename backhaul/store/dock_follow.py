"""What followed from a disposition: the customer's side of it, and the supplier's."""

from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.store.effect_tables import ReplacementRow
from backhaul.store.money_tables import CreditMemoRow, RepairRow, VendorClaimRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Followed:
    """Each is `None` as long as there is none."""

    credit: CreditMemoRow | None
    replacement: ReplacementRow | None
    repair: RepairRow | None
    claim: VendorClaimRow | None


def what_followed(uow: UnitOfWork, disposition_id: str) -> Followed:
    """Credit memo, replacement, repair order and vendor claim of the pieces of a disposition."""
    one = uow.session.scalars
    return Followed(
        credit=one(sa.select(CreditMemoRow).where(CreditMemoRow.subject == disposition_id)).first(),
        replacement=one(
            sa.select(ReplacementRow).where(ReplacementRow.disposition_id == disposition_id)
        ).first(),
        repair=one(sa.select(RepairRow).where(RepairRow.disposition_id == disposition_id)).first(),
        claim=one(sa.select(VendorClaimRow).where(VendorClaimRow.disposition_id == disposition_id)).first(),
    )
