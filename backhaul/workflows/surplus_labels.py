"""Labels that a silent carrier sold without our hearing of it: found once it answers, entered, and voided."""

from dataclasses import dataclass
from datetime import timedelta

from backhaul.connectors.ports import Carrier, CarrierLabel
from backhaul.domain.codes import Action
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.store import due, ledger, rmas
from backhaul.store.effect_tables import CommandRow
from backhaul.workflows.label_carriers import DOUBT, LOOK_AGAIN, sold_under
from backhaul.workflows.label_steps import enter_label, void_one, void_unused, void_usable
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.stops import forged, hand_to_person
from backhaul.workflows.world import WorkerWorld, every_carrier

_SILENT_FOR, _NOTHING_SOLD_FOR = LOOK_AGAIN, timedelta(minutes=10)
_DOUBTED_FOR = timedelta(hours=24)
"""A request that was on its way for longer than that is not obeyed any more."""
_AT_WORK = {"intended", "sent"}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """One carrier and one command to buy a label, whose answer may have been lost."""

    rma_id: str
    command: CommandRow
    carrier: Carrier

    def sold(self) -> CarrierLabel | None:
        """What the carrier sold for the command; ConnectorUnavailable while it does not answer."""
        return sold_under(self.carrier, ledger.peer_key(self.command))

    def is_in_use(self, label: CarrierLabel) -> bool:
        """Whether this is the label that the command ended with."""
        return self.command.state == "confirmed" and label.tracking_number == self.command.external_id


def clear_doubts(world: WorkerWorld) -> int:
    """Ask the carriers that were silent what they sold; returns how many answers were due."""
    with world.store.read() as uow:
        waiting = [row.subject for row in due.passed(uow, DOUBT)]
    for subject in waiting:
        _clear(world, subject)
    return len(waiting)


def _clear(world: WorkerWorld, subject: str) -> None:
    found = _doubted(world, subject)
    if found is None:
        return _settle(world, subject)
    if found.command.state in _AT_WORK:
        return _ask_again(world, subject, _SILENT_FOR)
    try:
        label = found.sold()
    except ConnectorUnavailable:
        return _ask_again(world, subject, _SILENT_FOR)
    if label is None and world.clock.now() < found.command.created_at + _DOUBTED_FOR:
        # That it sold nothing yet proves nothing at first: the request may still be on its way.
        return _ask_again(world, subject, _NOTHING_SOLD_FOR)
    return _settle(world, subject, surplus=label is not None and not found.is_in_use(label))


def _ask_again(world: WorkerWorld, subject: str, after: timedelta) -> None:
    with world.store.begin() as uow:
        due.renew(uow, kind=DOUBT, subject=subject, at=uow.clock.now() + after)


def _settle(world: WorkerWorld, subject: str, *, surplus: bool = False) -> None:
    with world.store.begin() as uow:
        due.drop_due(uow, kind=DOUBT, subject=subject)
        if surplus:
            world.starter.start(
                uow, workflow="void-surplus", workflow_id=f"surplus-{subject}", args=[subject]
            )


def _doubted(world: WorkerWorld, subject: str) -> _Doubt | None:
    key, _, name = subject.rpartition("@")
    with world.store.read() as uow:
        command = ledger.command(uow, key)
    carrier = next((one for one in every_carrier(world) if one.name == name), None)
    if command is None or carrier is None or command.op != Action.CREATE_LABEL.value:
        return None
    return _Doubt(key.partition(":")[0], command, carrier)


async def void_surplus(run: Runner, world: WorkerWorld, subject: str) -> Json:
    """Void a label that was sold beside the one in use, with a command and a permit of its own."""
    entered = await run.step("enter surplus label", enter_surplus, world, subject)
    if "label" not in entered:
        return entered
    rma_id, label_id = str(entered["rma"]), str(entered["label"])
    voided = await run.step("void surplus label", void_one, world, rma_id, label_id)
    if voided["state"] != "confirmed":
        return await run.step("hand to a person", hand_to_person, world, rma_id, voided)
    return voided


def enter_surplus(world: WorkerWorld, subject: str) -> Json:
    """Put the label into our books before it is voided there too; a start about any other does nothing."""
    found = _doubted(world, subject)
    if found is None:
        return forged(world, subject, "no such command")
    label = found.sold()
    if label is None or found.is_in_use(label):
        return forged(world, subject, "no surplus label")
    with world.store.begin() as uow:
        rma = rmas.rma(uow, found.rma_id, lock=True)
        known = rmas.label_of(uow, label.tracking_number)
        # Older than every other, whatever the hosts' clocks said: the newest is the one that counts.
        first = min([one.created_at for one in rmas.labels(uow, rma.id)], default=found.command.created_at)
        at = first - timedelta(seconds=1)
        row = known or enter_label(world, uow, rma, label, ship_by=rma.return_by, created_at=at)
    return {"rma": found.rma_id, "label": row.id}


def void_all(world: WorkerWorld, rma_id: str) -> Json:
    """Void whatever label could still be used for an RMA that ends, also those that were sold unheard."""
    unheard = _enter_all(world, rma_id)
    return {"state": "rejected", "why": unheard} if unheard else void_usable(world, rma_id)


def void_never_used(world: WorkerWorld, rma_id: str) -> Json:
    """The same for an RMA whose goods will not come: the labels of parcels that moved are used up.

    Only while it is open may its labels be voided. A carrier that is still silent does not keep it open.
    """
    _enter_all(world, rma_id)
    return void_unused(world, rma_id)


def _enter_all(world: WorkerWorld, rma_id: str) -> str | None:
    """`None` once all is entered, else what keeps it from being so."""
    with world.store.read() as uow:
        doubts = due.open_subjects(uow, DOUBT, beginning=f"{rma_id}:label:")
    for subject in doubts:
        found = _doubted(world, subject)
        try:
            label = found.sold() if found else None
            if found is not None and label is not None and not found.is_in_use(label):
                enter_surplus(world, subject)
        except ConnectorUnavailable as silent:
            return f"{silent.peer} has not answered yet whether it sold a label"
    return None
