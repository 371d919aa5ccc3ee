"""What happens at the dock, carried on: receipt, match, disposition and what the customer gets for it.

Each act of the dock is a workflow of its own and not a message to the RMA's: a parcel may come in parts,
without papers, or after its return has ended, and what is done for one part must not wait for another.
"""

from collections.abc import Callable

from backhaul.domain.codes import Action
from backhaul.workflows import (
    claim_steps,
    credit_steps,
    dispose_steps,
    early_steps,
    instead_steps,
    match_steps,
    receipt_posting,
    receive_steps,
    send_back_steps,
    settle_steps,
    stops,
)
from backhaul.workflows.runner import Json, Runner
from backhaul.workflows.world import WorkerWorld

_Step = Callable[[WorkerWorld, str], Json]
_GIVES: dict[str, tuple[_Step, _Step]] = {
    Action.CREDIT_MEMO.value: (credit_steps.authorise_credit, credit_steps.credit),
    Action.REPLACEMENT.value: (settle_steps.authorise_exchange, settle_steps.exchange),
    Action.REPAIR_ORDER.value: (credit_steps.authorise_repair, credit_steps.repair),
}
"""How each thing that may be owed is asked for and given"""


async def receive(run: Runner, world: WorkerWorld, receipt_id: str) -> Json:
    """Book what a person counted, and put the goods into quarantine."""
    booked = await run.step("book receipt", receive_steps.book, world, receipt_id)
    for one in booked.get("receipts", []):
        posted = await run.step("post receipt to ERP", receipt_posting.post, world, one)
        if posted["state"] == "rejected":
            await run.step("hand receipt to a person", receipt_posting.hand_over, world, one, posted)
        elif posted.get("found_its_rma"):
            await put_under(run, world, one)
    return booked


async def match_receipt(
    run: Runner, world: WorkerWorld, receipt_id: str, rma_line_id: str, staff_id: str
) -> Json:
    """Receive unmatched goods on the line of the RMA that somebody says they belong to."""
    matched = await run.step("match receipt", match_steps.match, world, receipt_id, rma_line_id, staff_id)
    if matched["state"] == "booked":
        await put_under(run, world, receipt_id)
    return matched


async def put_under(run: Runner, world: WorkerWorld, receipt_id: str) -> None:
    """Tell the ERP whose goods it took in without papers, or have a person see to it."""
    told = await run.step("put under its RMA in the ERP", receipt_posting.put_under, world, receipt_id)
    if told["state"] == "rejected":
        await run.step("hand match to a person", receipt_posting.hand_match_over, world, receipt_id, told)


async def send_back(run: Runner, world: WorkerWorld, receipt_id: str, staff_id: str, said: str) -> Json:
    """Send goods that no return claims back to their sender, because somebody of the desk says so."""
    left = await run.step("send back", send_back_steps.send_back, world, receipt_id, staff_id, said)
    if left["state"] != "sent back":
        return left
    # What was counted a moment ago may not stand in the ERP yet; what it does not know need not leave it.
    came = await run.step("post receipt to ERP", receipt_posting.post, world, receipt_id)
    if came["state"] != "confirmed":
        return left
    gone = await run.step("take out of the ERP", send_back_steps.take_out, world, receipt_id)
    if gone["state"] == "rejected":
        await run.step("hand receipt to a person", send_back_steps.hand_over, world, receipt_id, gone)
    return left


async def dispose(run: Runner, world: WorkerWorld, disposition_id: str) -> Json:
    """Move inspected goods where they belong, make the customer good, and ask the supplier to pay."""
    asked = await run.step("ask guard for the move", dispose_steps.authorise_move, world, disposition_id)
    if asked["state"] != "authorised":
        return asked
    moved = await run.step("move stock", dispose_steps.move, world, disposition_id)
    if moved["state"] != "confirmed":
        return await run.step("hand move to a person", dispose_steps.hand_over, world, disposition_id, moved)
    given = await make_good(run, world, disposition_id)
    await claim(run, world, disposition_id)
    return given


async def make_good(
    run: Runner, world: WorkerWorld, disposition_id: str, approved: Action | None = None
) -> Json:
    """Give the customer what these pieces are owed, and close the RMA when that was the last of it.

    `approved` is what a person said yes to, which need not be what the customer had wished.
    """
    yes_to = approved.value if approved else None
    given = await run.step("see what is owed", credit_steps.owed, world, disposition_id, yes_to)
    if given["action"] is not None:
        given = await _give(run, world, disposition_id, given["action"])
    await run.step("close", credit_steps.close_of, world, disposition_id)
    return given


async def _give(run: Runner, world: WorkerWorld, disposition_id: str, action: str) -> Json:
    """What the policy denies is asked for as a credit; when that is denied as well, nothing is owed."""
    authorise, give = _GIVES[action]
    given = await run.step(f"ask guard for {action}", authorise, world, disposition_id)
    if given["state"] == "denied" and action != Action.CREDIT_MEMO.value:
        return await _give_instead(run, world, disposition_id, action, given)
    return await _carry(run, world, disposition_id, action, given, give)


async def make_good_otherwise(
    run: Runner, world: WorkerWorld, disposition_id: str, wished: str, refused: Json
) -> Json:
    """Ask for a credit in place of what was wished and refused, and close the RMA when nothing is owed."""
    given = await _give_instead(run, world, disposition_id, wished, refused)
    await run.step("close", credit_steps.close_of, world, disposition_id)
    return given


async def _give_instead(
    run: Runner, world: WorkerWorld, disposition_id: str, wished: str, refused: Json
) -> Json:
    ask = instead_steps.authorise_credit_instead
    given = await run.step("ask guard for a credit instead", ask, world, disposition_id, wished, refused)
    return await _carry(run, world, disposition_id, wished, given, credit_steps.credit)


async def _carry(
    run: Runner, world: WorkerWorld, disposition_id: str, wished: str, given: Json, give: _Step
) -> Json:
    if given["state"] == "authorised":
        given = await run.step(give.__name__, give, world, disposition_id)
    if given["state"] == "denied":
        await run.step("nothing is owed", instead_steps.denied, world, disposition_id, wished, given)
    if given["state"] == "rejected":
        await run.step("hand over", dispose_steps.hand_over, world, disposition_id, given)
    return given


async def claim(run: Runner, world: WorkerWorld, disposition_id: str) -> Json:
    """Compile the claim for what goes back to its maker, and file it when the packet is complete."""
    compiled = await run.step("compile claim", claim_steps.compile_claim, world, disposition_id)
    if compiled.get("state") != "ready":
        return compiled
    return await file_claim(run, world, str(compiled["claim_id"]))


async def file_claim(run: Runner, world: WorkerWorld, claim_id: str) -> Json:
    """Send a complete claim to its supplier."""
    asked = await run.step("ask guard for the claim", claim_steps.authorise_claim, world, claim_id)
    if asked["state"] != "authorised":
        return asked
    filed = await run.step("file claim", claim_steps.file, world, claim_id)
    if filed["state"] == "rejected":
        return await run.step("hand claim to a person", stops.hand_to_person, world, filed["rma_id"], filed)
    return filed


async def credit_without_goods(run: Runner, world: WorkerWorld, proposal_id: str) -> Json:
    """Post a credit for goods that stay with the customer, as its permit says."""
    return await run.step("credit", early_steps.credit_proposal, world, proposal_id)


async def credit_early(run: Runner, world: WorkerWorld, rma_id: str, line_id: str, staff_id: str) -> Json:
    """Credit a line before its goods are back, because somebody of finance or the desk asks for it."""
    asked = await run.step(
        "ask guard for the credit", early_steps.authorise_early, world, rma_id, line_id, staff_id
    )
    if asked["state"] != "authorised":
        return asked
    given = await run.step("credit", early_steps.credit_early, world, rma_id, line_id)
    if given["state"] == "rejected":
        await run.step("hand over", stops.hand_to_person, world, rma_id, given)
    return given
