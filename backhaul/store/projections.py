"""What is stored for quick reading and follows from facts and ledger: it can be made again at any time."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from backhaul.domain.ledger_laws import AUTHORISED, RECEIVED, RELEASED
from backhaul.domain.lifecycle import RmaFacts, rma_state
from backhaul.domain.receiving import ParcelStatus
from backhaul.domain.returns import RmaState
from backhaul.store import dock, ledger, outbox, rmas
from backhaul.store.effect_tables import RmaRow
from backhaul.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Corrected:
    """An RMA whose stored state was not the one its facts amount to."""

    rma_id: str
    stored: str
    derived: RmaState


def rma_facts(uow: UnitOfWork, rma: RmaRow) -> RmaFacts:
    """What has happened to an RMA: pieces from the ledger, the rest from the rows."""
    entered = [ledger.on_rma_line(uow, line.id) for line in rmas.rma_lines(uow, rma.id)]
    settled = [one for one in dock.dispositions_of_rma(uow, rma.id) if one.settled_at is not None]
    return RmaFacts(
        authorised=sum(one[AUTHORISED] - one[RELEASED] for one in entered),
        received=sum(one[RECEIVED] for one in entered),
        settled=sum(one.quantity for one in settled),
        has_erp_number=rma.erp_number is not None,
        has_label=rmas.live_label(uow, rma.id) is not None,
        parcel=ParcelStatus(rma.parcel) if rma.parcel else None,
        cancelled=rma.cancelled_at is not None,
        expired=rma.expired_at is not None,
        refused_by_the_erp=outbox.is_owed_still(uow, rma),
    )


def rebuild(uow: UnitOfWork) -> Sequence[Corrected]:
    """Derive the state of every RMA again, and put right what differs."""
    corrected = []
    for rma in uow.session.scalars(sa.select(RmaRow).order_by(RmaRow.id)):
        derived = rma_state(rma_facts(uow, rma))
        if rma.state != derived.value:
            corrected.append(Corrected(rma.id, rma.state, derived))
            rma.state = derived.value
            rma.version += 1
    return corrected
