"""Second node: numbers the message names are looked up among the speaker's own papers."""

from langgraph.runtime import Runtime

from agent.apart import apart
from agent.purchases import purchases_of
from agent.state import TurnContext, TurnState
from agent.tidy import tidied
from agent.understanding.claim import Claim

PAPERS = frozenset({"order", "po", "invoice", "tracking"})
"""References that must belong to an order. An unknown part number may be the wrong item that arrived."""


def look_up(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Add older orders that the message names to what is known; say which numbers lead nowhere."""
    turn = runtime.context
    if turn.heard.claim is None or "picked" in state["message"]:
        return {}
    return {"note": _not_found(looked_up(turn, turn.heard.claim, state["message"]["text"]))}


def looked_up(turn: TurnContext, claim: Claim, text: str) -> Claim:
    """Hear the text against the older orders it names as well, and tidy it; the claim as it was read."""
    found = tuple(
        line
        for ref in claim.order_refs
        if not ref.known
        for line in purchases_of(turn.desk, turn.speaker, ref.value)
        if line not in turn.heard.purchases
    )
    if found:
        turn.heard.purchases = (*turn.heard.purchases, *found)
        claim = turn.reader.read(text, turn.heard.purchases)
    turn.heard.as_read = claim
    bought = turn.heard.purchases
    turn.heard.claim = apart(tidied(claim, bought, text), text, bought)
    return claim


def _not_found(claim: Claim) -> str:
    strange = [ref.value for ref in claim.order_refs if not ref.known and ref.kind in PAPERS]
    if not strange:
        return ""
    return f"I cannot find {' or '.join(dict.fromkeys(strange))} on your account. Please check the number."
