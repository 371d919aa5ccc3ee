"""What follows from a person's decision about a later effect, however late it comes."""

from collections.abc import Awaitable, Callable

from backhaul.domain.codes import Action
from backhaul.store import reviews
from backhaul.workflows import claim_steps, credit_steps, dispose_steps
from backhaul.workflows.dock_work import claim, credit_early, dispose, file_claim, make_good
from backhaul.workflows.fulfil_return import cancel_approved, replace
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld


async def carry_reviewed(run: Runner, world: WorkerWorld, effect: Json) -> Json:
    """An effect that a person approved: the guard is asked once more before it happens."""
    rma_id, subject = str(effect["rma_id"]), str(effect["subject"])
    action = Action(effect["action"])
    if action is Action.REPLACEMENT and not subject:
        return await replace(run, world, rma_id, str(effect["line_id"]))
    if action is Action.CANCEL_RMA:
        return await cancel_approved(run, world, rma_id)
    if action is Action.CREDIT_MEMO and subject == rma_id:
        return await credit_early(run, world, rma_id, str(effect["line_id"]), "")
    goes_on = _GOES_ON.get(action)
    return await goes_on(run, world, subject) if goes_on else {"state": "nothing follows"}


_GOES_ON: dict[Action, Callable[[Runner, WorkerWorld, str], Awaitable[Json]]] = {
    Action.MOVE_STOCK: dispose,
    Action.CREDIT_MEMO: make_good,
    Action.REPLACEMENT: make_good,
    Action.REPAIR_ORDER: make_good,
    Action.VENDOR_CLAIM: file_claim,
}
"""The work that waited, by its effect; it is told which disposition or claim it is about"""


async def end_refused(run: Runner, world: WorkerWorld, effect: Json) -> Json:
    """A person said no. Goods wait for another disposition; a credit that is refused owes nothing more."""
    action, subject = Action(effect["action"]), str(effect["subject"])
    if action is Action.MOVE_STOCK:
        return await run.step("disposition refused", dispose_steps.refuse, world, subject)
    if action is Action.VENDOR_CLAIM:
        return await run.step("claim refused", claim_steps.refuse, world, subject)
    owed = action in {Action.CREDIT_MEMO, Action.REPAIR_ORDER, Action.REPLACEMENT}
    if owed and reviews.is_disposition(subject):
        ended = await run.step("nothing is owed", credit_steps.settled_otherwise, world, subject)
        await claim(run, world, subject)
        return ended
    return {"state": "refused"}
