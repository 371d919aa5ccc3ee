"""Supplier recovery after the disposition: answers, evidence, and a claim that is sent again."""

from backhaul.domain.claims import ClaimState
from backhaul.workflows import claim_answers, claim_credit, claim_steps, stops
from backhaul.workflows.dock_work import file_claim
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld


async def claim_answer(run: Runner, world: WorkerWorld, answer_id: str) -> Json:
    """Act on a supplier's answer; what it approved is booked."""
    taken = await run.step("take answer", claim_answers.take, world, answer_id)
    if taken["state"] != ClaimState.APPROVED.value:
        return taken
    posted = await run.step("post vendor credit", claim_credit.credit, world, taken["claim_id"])
    return await _handed_over(run, world, posted)


async def claim_evidence(run: Runner, world: WorkerWorld, claim_id: str, staff_id: str) -> Json:
    """Compile a claim anew after somebody added to it, and file it when it is complete now."""
    added = await run.step("see who added", claim_answers.add_evidence, world, claim_id, staff_id)
    if "disposition_id" not in added:
        return added
    made = await run.step("compile claim", claim_steps.compile_claim, world, added["disposition_id"])
    if made["state"] != ClaimState.READY.value:
        return made
    return await file_claim(run, world, claim_id)


async def claim_again(run: Runner, world: WorkerWorld, claim_id: str, staff_id: str, sending: str) -> Json:
    """Send a claim once more, because the supplier asked for more or did not answer."""
    sent = await run.step("send claim again", claim_answers.send_again, world, claim_id, staff_id, sending)
    return await _handed_over(run, world, sent)


async def _handed_over(run: Runner, world: WorkerWorld, done: Json) -> Json:
    if done["state"] == "rejected":
        await run.step("hand claim to a person", stops.hand_to_person, world, done["rma_id"], done)
    return done
