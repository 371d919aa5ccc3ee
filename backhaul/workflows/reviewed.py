"""What follows from a person's decision about a later effect, however late it comes."""

from collections.abc import Awaitable, Callable
from functools import partial

from backhaul.domain.codes import Action
from backhaul.store import reviews
from backhaul.workflows import claim_steps, dispose_steps, instead_steps
from backhaul.workflows.dock_work import (
    claim,
    credit_early,
    dispose,
    file_claim,
    make_good,
    make_good_otherwise,
)
from backhaul.workflows.fulfil_return import cancel_approved, end_approved, replace
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld


async def carry_reviewed(run: Runner, world: WorkerWorld, effect: Json) -> Json:
    """An effect that a person approved: the guard is asked once more before it happens."""
    rma_id, subject = str(effect["rma_id"]), str(effect["subject"])
    action = Action(effect["action"])
    if action is Action.REPLACEMENT and not subject:
        return await replace(run, world, rma_id, str(effect["line_id"]))
    if action is Action.CANCEL_RMA:
        # Asked for by the desk it ends without goods; by the customer it is called off before they are sent.
        carry = end_approved if effect.get("asked_by") else cancel_approved
        return await carry(run, world, rma_id)
    if action is Action.CREDIT_MEMO and subject == rma_id:
        return await credit_early(run, world, rma_id, str(effect["line_id"]), "")
    goes_on = _GOES_ON.get(action)
    return await goes_on(run, world, subject) if goes_on else {"state": "nothing follows"}


_MAKES_GOOD = (Action.CREDIT_MEMO, Action.REPLACEMENT, Action.REPAIR_ORDER)
_GOES_ON: dict[Action, Callable[[Runner, WorkerWorld, str], Awaitable[Json]]] = {
    Action.MOVE_STOCK: dispose,
    Action.VENDOR_CLAIM: file_claim,
    **{one: partial(make_good, approved=one) for one in _MAKES_GOOD},
}
"""The work that waited, by its effect; it is told which disposition or claim it is about"""


async def credit_instead(run: Runner, world: WorkerWorld, effect: Json) -> Json:
    """A person wants a credit in place of an exchange or a repair: it needs a yes of its own."""
    refused = {"ground": effect["note"], "message": effect["note"]}
    return await make_good_otherwise(run, world, str(effect["subject"]), str(effect["action"]), refused)


async def end_refused(run: Runner, world: WorkerWorld, effect: Json) -> Json:
    """A person said no. Goods wait for another disposition; a credit that is refused owes nothing more."""
    action, subject = Action(effect["action"]), str(effect["subject"])
    if action is Action.MOVE_STOCK:
        return await run.step("disposition refused", dispose_steps.refuse, world, subject)
    if action is Action.VENDOR_CLAIM:
        return await run.step("claim refused", claim_steps.refuse, world, subject)
    if action in _MAKES_GOOD and reviews.is_disposition(subject):
        ended = await run.step(
            "nothing is owed", instead_steps.refused_by_person, world, subject, action.value
        )
        await claim(run, world, subject)
        return ended
    return {"state": "refused"}
