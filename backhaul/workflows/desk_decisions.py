"""Posting what the desk decided once it cannot be undone any more."""

from backhaul.store import desk_decisions, reviews
from backhaul.workflows.world import WorkerWorld


def post_decisions(world: WorkerWorld) -> int:
    """Post what is due; each decision and the start of what follows share a transaction. How many."""
    with world.store.read() as uow:
        due = desk_decisions.due(uow)
    return sum(_post(world, review_id) for review_id in due)


def _post(world: WorkerWorld, review_id: str) -> bool:
    with world.store.begin() as uow:
        made = desk_decisions.post_if_due(uow, world.ids, review_id)
        if made is None:
            return False
        if made.is_told:
            again = desk_decisions.resume_id(review_id, reviews.review(uow, review_id).version)
            world.starter.start(uow, workflow="resume-review", workflow_id=again, args=[review_id])
    return True
