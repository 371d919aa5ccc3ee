"""One workflow per RMA: issue it, buy the label, send the right part, tell the customer, wait."""

from backhaul.workflows import rma_steps, settle_steps
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld

_LONGEST_WAIT_SECONDS = 366 * 24 * 3600
"""The engine's own timeout is only a net; the business deadline is a `due` row that sends `expired`."""


async def fulfil_return(run: Runner, world: WorkerWorld, rma_id: str, permit_ids: list[str]) -> Json:
    """Carry an authorised RMA until its parcel arrives, it is cancelled, or it expires.

    A start with a permit that was not signed and spent for exactly this RMA does nothing and is audited.
    """
    checked = await run.step("verify permits", rma_steps.verify, world, rma_id, permit_ids)
    if "refused" in checked:
        return checked
    issued = await run.step("issue RMA", rma_steps.issue, world, rma_id)
    if issued["state"] != "confirmed":
        return await run.step("hand to a person", rma_steps.hand_to_person, world, rma_id, issued)
    label = await run.step("buy label", rma_steps.buy_label, world, rma_id, 1)
    if label["state"] != "confirmed":
        await run.step("hand label to a person", rma_steps.hand_to_person, world, rma_id, label)
    for line_id in checked["replace"]:
        await run.step("send replacement", settle_steps.send_replacement, world, rma_id, line_id)
    await run.step("announce to dock", rma_steps.announce, world, rma_id)
    await run.step("tell customer", settle_steps.tell_customer, world, rma_id)
    return await _wait_for_parcel(run, world, rma_id)


async def _wait_for_parcel(run: Runner, world: WorkerWorld, rma_id: str) -> Json:
    while True:
        news = await run.wait("return", seconds=_LONGEST_WAIT_SECONDS)
        kind = (news or {}).get("kind", "silence")
        if kind == "delivered":
            return await run.step("parcel arrived", settle_steps.parcel_arrived, world, rma_id)
        if kind == "expired":
            expired = await run.step("expire", settle_steps.expire, world, rma_id)
            if expired["state"] == "expired":
                return expired
        if kind == "cancelled":
            return {"state": "cancelled"}
        if kind == "effect_reviewed" and news is not None and news["go"]:
            await run.step("send replacement", settle_steps.send_replacement, world, rma_id, news["line_id"])


async def cancel_rma(run: Runner, world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Void the label and cancel the RMA, if the parcel has not moved yet."""
    asked = await run.step("ask guard", settle_steps.authorise_cancel, world, rma_id, requested_by)
    if asked["state"] == "review":
        return await run.step("hand to a person", rma_steps.hand_to_person, world, rma_id, asked)
    if asked["state"] != "authorised":
        return asked
    await run.step("void label", settle_steps.void_label, world, rma_id)
    return await run.step("cancel in ERP", settle_steps.cancel, world, rma_id)


async def reprint_label(run: Runner, world: WorkerWorld, rma_id: str, requested_by: str) -> Json:
    """Void the label and buy another one, for a customer whose label was lost or spoilt."""
    next_one = await run.step("number the label", rma_steps.next_label, world, rma_id, requested_by)
    if "refused" in next_one:
        return next_one
    label = await run.step("buy label", rma_steps.buy_label, world, rma_id, next_one["n"])
    if label["state"] != "confirmed":
        await run.step("hand label to a person", rma_steps.hand_to_person, world, rma_id, label)
    return label
