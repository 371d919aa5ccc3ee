"""What the engine could not finish, kept in a table of ours, and going on with it when a person asks."""

from collections.abc import Sequence

from backhaul.store import broken_work
from backhaul.store.unit_of_work import in_turn
from backhaul.workflows import durable
from backhaul.workflows.durable import Broken
from backhaul.workflows.effects import mark_unknown
from backhaul.workflows.world import WorkerWorld


def note_broken(world: WorkerWorld, broken: Sequence[Broken]) -> None:
    """Keep what broke off, and drop what no longer does; commands that it left without answer are unknown."""
    found = {one.work.workflow_id: one for one in broken}
    with world.store.read() as uow:
        known = broken_work.known(uow)
    if found.keys() == known:
        return
    with world.store.begin() as uow:
        # Every worker looks once a second: one of them at a time.
        in_turn(uow, "broken work")
        known = broken_work.known(uow)
        for workflow_id in found.keys() - known:
            rma = broken_work.rma_behind(uow, workflow_id)
            if rma is not None:
                mark_unknown(uow, rma.case_id, rma.id, "could not be completed")
            one = found[workflow_id]
            broken_work.keep(uow, workflow_id, name=one.work.name, why=one.why)
        broken_work.drop(uow, known - found.keys(), also_asked_for=False)


def go_on_as_asked(world: WorkerWorld) -> int:
    """Go on with what people asked for; returns how many. A second round finds it at work, and leaves it."""
    with world.store.read() as uow:
        waiting = broken_work.asked_for(uow)
    for workflow_id in waiting:
        durable.go_on(workflow_id)
        with world.store.begin() as uow:
            broken_work.drop(uow, [workflow_id], also_asked_for=True)
    return len(waiting)
