"""A request read in one go, where nobody can be asked: a technician's note. The graph's own reading and
matching, without its questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.draft import merge, names_item, only_order, with_order
from agent.filling import Said, fill, plain_line
from agent.look_up import PAPERS, looked_up
from agent.match import tied_to_orders
from agent.purchases import purchases_of
from agent.questions import WITHOUT_SERIALS
from agent.reader import Reader
from agent.state import DraftLine, Heard, TurnContext, of_claim
from agent.understanding.claim import Claim, ClaimLine, PurchasedLine
from backhaul.domain.codes import Reason
from backhaul.store.conversation import Speaker
from tools.desk import Desk


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of the note: the draft line, the claim it was read from, and what a person has to settle."""

    line: DraftLine
    said: Mapping[str, Any]
    lacks: tuple[str, ...]
    """item, quantity, reason, serial, received or resolution, in the order in which the agent would ask"""


@dataclass(frozen=True, slots=True)
class Noted:
    """What was read. `strange` are numbers of papers that lead nowhere on this account."""

    claim: Claim
    things: tuple[Thing, ...]
    purchases: tuple[PurchasedLine, ...]
    strange: tuple[str, ...]


def read_note(desk: Desk, reader: Reader, speaker: Speaker, text: str) -> Noted:
    """Read the words against what the account bought and tie each thing to the one order line it can mean."""
    heard = Heard(purchases=purchases_of(desk, speaker))
    turn = TurnContext(desk, reader, speaker, thread_id="", graph_thread="", heard=heard)
    as_read = looked_up(turn, reader.read(text, heard.purchases), text)
    claim = heard.claim or as_read
    said = Said(text, claim, as_read, None, lambda: desk.ids.new("RL"))
    mentions = _mentions(said) if claim.lines else [(line, ClaimLine()) for line in merge([], said)]
    first_said = {line.line_id: mention for line, mention in mentions}
    things = [
        Thing(line, line.said or {**plain_line(first_said[line.line_id]), **of_claim(claim)}, lacking(line))
        for line in tied_to_orders(turn, [line for line, _ in mentions], claim)
    ]
    strange = [ref.value for ref in as_read.order_refs if not ref.known and ref.kind in PAPERS]
    return Noted(as_read, tuple(things), heard.purchases, tuple(dict.fromkeys(strange)))


def _mentions(said: Said) -> list[tuple[DraftLine, ClaimLine]]:
    """A draft line for each thing the one message names; what names nothing says more about the one before.

    No mention is taken for an earlier one by its words, as in a conversation: two parts of a kind in one note
    are two parts. Those that turn out to be the same order line are joined afterwards.
    """
    order = only_order(said.claim)
    found: list[tuple[DraftLine, ClaimLine]] = []
    for line in said.claim.lines:
        mention = with_order(line, order)
        if found and not names_item(mention):
            found[-1] = (fill(found[-1][0], mention, said), found[-1][1])
        else:
            found.append((fill(DraftLine(line_id=said.new_id()), mention, said), mention))
    return found


def lacking(line: DraftLine) -> tuple[str, ...]:
    """What the words do not say, or not clearly, of all that a return line needs."""
    if not line.order_number:
        return ("item",)
    reason = Reason(line.reason) if line.reason else None
    several = bool(line.unit_serials) and len(line.serials) != line.quantity
    wants = {
        "quantity": not 0 < line.quantity <= line.returnable,
        "reason": reason is None,
        "serial": bool(line.strange_serials) or (several and line.reason not in WITHOUT_SERIALS),
        "received": reason is Reason.WRONG_ITEM and not (line.received_sku or line.received_words),
        "resolution": not line.resolution,
    }
    return tuple(name for name, wanted in wants.items() if wanted)
