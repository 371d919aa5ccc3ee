"""What the driver of the cases holds: the web side's half of a home, and the hands of dock and carriers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import build_desk
from backhaul.connectors import webhooks
from backhaul.domain.receiving import ParcelStatus
from backhaul.settings import Settings
from backhaul.store import audit, reviews, rmas, staff, stuck
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import LabelRow, RmaRow
from backhaul.store.unit_of_work import Store
from backhaul.workflows.durable import DurableClient
from evals.chaos.notebook import Notebook
from tools.desk import Desk

_INSPECTOR = "dora.dock@halden.example"
_JOURNEY = (ParcelStatus.DROPPED_OFF, ParcelStatus.IN_TRANSIT, ParcelStatus.DELIVERED)


@dataclass(frozen=True, slots=True)
class Ground:
    """A home in which cases are driven. It holds no guard, no key and no engine that executes."""

    settings: Settings
    store: Store
    desk: Desk
    starter: DurableClient
    carriers: dict[str, Any]
    notes: Notebook
    inspector: str

    def start(self, workflow: str, workflow_id: str, *args: Any) -> None:
        """Start a workflow, as the web side does."""
        with self.store.begin() as uow:
            self.starter.start(uow, workflow=workflow, workflow_id=workflow_id, args=args)

    def rma_of(self, case_id: str) -> RmaRow | None:
        """The RMA of a case, once there is one."""
        with self.store.read() as uow:
            return next(iter(rmas.rmas_of_case(uow, case_id)), None)

    def labels_of(self, rma_id: str) -> list[LabelRow]:
        """Labels that can be used, newest first."""
        with self.store.read() as uow:
            return [one for one in rmas.labels(uow, rma_id) if one.voided_at is None]

    def deliver(self, label: LabelRow) -> list[dict[str, Any]]:
        """Let the parcel travel; its scans as the carrier would write them in messages."""
        at = self.store.clock.now()
        carrier = self.carriers[label.carrier]
        return [
            webhooks.written(
                carrier.report(label.tracking_number, status, at=at + timedelta(minutes=minutes))
            )
            for minutes, status in enumerate(_JOURNEY)
        ]

    def move_on(self, *, days: int = 0, seconds: int = 0) -> None:
        """Move the business clock, for everybody."""
        with self.store.begin() as uow:
            move_clock(uow, seconds=days * 86_400 + seconds, actor="chaos")

    def why_stuck(self, case_id: str) -> str:
        """Why a person finds this case, on the desk or on the list of what is stuck; empty when none does."""
        with self.store.read() as uow:
            waiting = [
                one for one in reviews.reviews_of_case(uow, case_id) if one.state in reviews.OPEN_STATES
            ]
            if waiting:
                return waiting[0].why
            return next((one.what for one in stuck.stuck(uow) if one.case_id == case_id), "")

    def ran_out(self, case_id: str) -> bool:
        """Whether the RMA of a case expired because its deadline passed."""
        rma = self.rma_of(case_id)
        return rma is not None and rma.expired_at is not None

    def audit_faults(self, case_id: str) -> list[str]:
        """What is wrong with the case's chain of audit events."""
        with self.store.read() as uow:
            return audit.faults(uow, case_id)


@contextmanager
def open_ground(settings: Settings, notes: Notebook) -> Iterator[Ground]:
    """Open the web side's half of a home."""
    store = stores.open_store(settings)
    starter = DurableClient(store)
    sold_by = (*outside.carriers(settings, store.clock), outside.drop_off(settings, store.clock))
    with store.read() as uow:
        person = staff.staff_by_email(uow, _INSPECTOR)
    try:
        yield Ground(
            settings,
            store,
            build_desk(settings, store, starter),
            starter,
            {one.name: one for one in sold_by},
            notes,
            person.id if person else "",
        )
    finally:
        for carrier in sold_by:
            carrier.close()
        starter.close()
        store.close()
