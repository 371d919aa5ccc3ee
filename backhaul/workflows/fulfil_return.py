"""One workflow per RMA: issue it, buy the label, send the right part, tell the customer, wait for its end.

What the dock does with its goods are workflows of their own (`dock_work`); the last of them ends this one.
"""

from backhaul.domain.returns import OVER
from backhaul.workflows import (
    closing_steps,
    ending_steps,
    label_steps,
    rest_steps,
    rma_steps,
    settle_steps,
    stops,
    surplus_labels,
)
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld

_LONGEST_WAIT_SECONDS = 366 * 24 * 3600
"""The engine's own timeout is only a net; the business deadline is a `due` row that sends `expired`."""


async def fulfil_return(run: Runner, world: WorkerWorld, rma_id: str, permit_ids: list[str]) -> Json:
    """Carry an authorised RMA until all that came back is settled, it is cancelled, or it expires.

    A start with a permit that was not signed and spent for exactly this RMA does nothing and is audited.
    """
    checked = await run.step("verify permits", rma_steps.verify, world, rma_id, permit_ids)
    if "refused" in checked:
        return checked
    issued = await run.step("issue RMA", rma_steps.issue, world, rma_id)
    if issued["state"] != "confirmed":
        return await run.step("hand to a person", stops.hand_to_person, world, rma_id, issued)
    label = await run.step("buy label", label_steps.buy_label, world, rma_id, 1)
    if label["state"] != "confirmed":
        await run.step("hand label to a person", stops.hand_to_person, world, rma_id, label)
    for line_id in checked["replace"]:
        await replace(run, world, rma_id, line_id)
    announced = await run.step("announce to dock", rma_steps.announce, world, rma_id)
    told = await run.step("tell customer", settle_steps.tell_customer, world, rma_id)
    for problem in (announced, told):
        if problem["state"] == "rejected":
            await run.step("hand news to a person", stops.hand_to_person, world, rma_id, problem)
    return await _wait_for_end(run, world, rma_id)


async def _wait_for_end(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    """What a message says is looked up in the rows before it counts: a message can be forged."""
    while True:
        news = await run.wait("return", seconds=_LONGEST_WAIT_SECONDS) or {}
        kind, happened = news.get("kind"), Json()
        if kind == "delivered":
            happened = await run.step("parcel arrived", closing_steps.parcel_arrived, world, rma_id)
        elif kind == "closed":
            happened = await run.step("look how it ended", closing_steps.ended, world, rma_id)
            if happened.pop("given_up", False):
                # Goods that were made good ahead may have kept the rest bound until they came.
                await _free_the_rest(run, world, rma_id)
        elif kind == "expired":
            asked = await run.step("ask guard", closing_steps.authorise_expiry, world, rma_id)
            happened = await _close(run, world, rma_id, asked)
            if asked["state"] == "too late":
                happened = await _give_up_the_rest(run, world, rma_id)
        if happened.get("state") in OVER:
            return happened


async def _give_up_the_rest(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    """In our ledger first, then in the ERP: it must not wait for goods that we expect no more."""
    happened = await run.step("give up the rest", rest_steps.give_up_the_rest, world, rma_id)
    await _free_the_rest(run, world, rma_id)
    return happened


async def _free_the_rest(run: Runner, world: WorkerWorld, rma_id: str) -> None:
    freed = await run.step("free the rest in the ERP", rest_steps.free_in_the_erp, world, rma_id)
    if freed["state"] == "rejected":
        await run.step("hand the rest to a person", stops.hand_to_person, world, rma_id, freed)


async def cancel_approved(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    """Close an RMA after a person approved it: the guard is asked once more."""
    asked = await run.step("ask guard", closing_steps.authorise_approved, world, rma_id)
    return await _close(run, world, rma_id, asked)


async def end_return(run: Runner, world: WorkerWorld, rma_id: str, staff_id: str, why: str) -> Json:
    """End a return whose goods, or whose rest, will not come, because somebody of the desk says so."""
    asked = await run.step("ask guard to end it", ending_steps.ask, world, rma_id, staff_id, why)
    return await _end(run, world, rma_id, asked)


async def end_approved(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    """The same after a second person approved it: the guard is asked once more."""
    asked = await run.step("ask guard to end it", ending_steps.ask_again, world, rma_id)
    return await _end(run, world, rma_id, asked)


async def _end(run: Runner, world: WorkerWorld, rma_id: str, asked: Json) -> Json:
    """A label that its carrier does not take back was handed in: that does not keep the return open here."""
    if asked["state"] != "authorised":
        return asked
    await run.step("void unused labels", surplus_labels.void_never_used, world, rma_id)
    ended = await run.step("end in ERP", ending_steps.end, world, rma_id)
    if ended["state"] != "confirmed":
        return await run.step("hand to a person", stops.hand_to_person, world, rma_id, ended)
    return await run.step("finish", ending_steps.finish, world, rma_id)


async def replace(run: Runner, world: WorkerWorld, rma_id: str, line_id: str) -> Json:
    """Send the right goods before the others are back, if the policy permits it."""
    sent = await run.step("send replacement", settle_steps.send_replacement, world, rma_id, line_id)
    if sent["state"] == "rejected":
        await run.step("hand replacement over", settle_steps.hand_replacement, world, rma_id, line_id, sent)
    return sent


async def cancel_rma(run: Runner, world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Void the label and cancel the RMA, if the parcel has not moved yet."""
    asked = await run.step("ask guard", closing_steps.authorise_cancelling, world, rma_id, requested_by)
    return await _close(run, world, rma_id, asked)


async def _close(run: Runner, world: WorkerWorld, rma_id: str, asked: Json) -> Json:
    """The forward steps of cancelling and of expiry alike, each with its own command and permit."""
    if asked["state"] != "authorised":
        return asked
    voided = await run.step("void labels", surplus_labels.void_all, world, rma_id)
    if voided["state"] != "confirmed":
        return await run.step("keep open", closing_steps.keep_open, world, rma_id, voided)
    cancelled = await run.step("cancel in ERP", closing_steps.cancel, world, rma_id)
    if cancelled["state"] != "confirmed":
        return await run.step("hand to a person", stops.hand_to_person, world, rma_id, cancelled)
    return await run.step("take off the dock's list", closing_steps.take_off_the_list, world, rma_id)


async def reprint_label(run: Runner, world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Buy another label and void the one before, for a customer whose label was lost or spoilt."""
    next_one = await run.step("number the label", label_steps.next_label, world, rma_id, requested_by)
    if "refused" in next_one:
        return next_one
    label = await run.step("buy label", label_steps.buy_label, world, rma_id, next_one["n"])
    if label["state"] != "confirmed":
        return await run.step("hand label to a person", stops.hand_to_person, world, rma_id, label)
    voided = await run.step("void the label before", label_steps.void_replaced, world, rma_id)
    if voided["state"] != "confirmed":
        await run.step("hand old label to a person", stops.hand_to_person, world, rma_id, voided)
    return label
