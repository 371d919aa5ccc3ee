"""Steps of supplier recovery: compile the claim, ask the guard, file it."""

from backhaul.workflows.runner import Json
from backhaul.workflows.world import WorkerWorld


def compile_claim(world: WorkerWorld, disposition_id: str) -> Json:
    """Put the packet of a claim together, when the goods go back to their maker."""
    del world, disposition_id
    return {"state": "none"}


def authorise_claim(world: WorkerWorld, claim_id: str) -> Json:
    """Ask the guard whether the claim may be filed."""
    del world
    return {"state": "denied", "claim_id": claim_id}


def file(world: WorkerWorld, claim_id: str) -> Json:
    """Send the claim to its supplier."""
    del world
    return {"state": "rejected", "claim_id": claim_id, "rma_id": ""}
