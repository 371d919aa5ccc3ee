"""Giving what began inline to the durable engine, which does its steps again: each is safe to repeat."""

from backhaul.domain.returns import RmaState
from backhaul.simulation.floor import Floor
from backhaul.store import rmas
from backhaul.workflows.durable import DurableClient

_ENDED = {RmaState.CLOSED.value, RmaState.CANCELLED.value, RmaState.EXPIRED.value}


def hand_over(floor: Floor, *, channel: str) -> int:
    """Start the workflow of every return of that channel that is not at its end; how many there are.

    One that was handed over before is left alone. The worker must not run meanwhile.
    """
    client = DurableClient(floor.store)
    try:
        with floor.store.begin() as uow:
            found = rmas.rmas_of_channel(uow, channel)
            open_ones = [row for row in found if row.state not in _ENDED]
            for row in open_ones:
                permits = [line.permit_id for line in rmas.rma_lines(uow, row.id)]
                name = f"return-{row.id}"
                client.start(uow, workflow="return", workflow_id=name, args=[row.id, permits])
    finally:
        client.close()
    return len(open_ones)
