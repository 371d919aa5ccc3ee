"""Lines that somebody else than the shipped agent wants proposed: an author's gold, or another agent."""

from collections.abc import Sequence
from typing import Any

from backhaul.domain.codes import Action, Reason, Resolution
from backhaul.simulation import acts
from backhaul.simulation.acts import Wish
from backhaul.simulation.floor import Floor
from backhaul.store import cases
from backhaul.store.conversation import Speaker
from evals.scenario import GoldLine, Sheet
from tools import proposals
from tools.proposals import Agreed, LineRequest


class Wanted(Sheet):
    """One order line, and what is to become of how many of its pieces."""

    order: str
    line: int
    quantity: int
    reason: Reason
    resolution: Resolution = Resolution.CREDIT
    action: Action = Action.CREATE_RMA
    """`create_rma`, or `returnless_refund` where the goods stay"""
    serials: tuple[str, ...] = ()
    received_sku: str | None = None
    confidence_permille: int = 1_000


def wanted_of(gold: GoldLine) -> Wanted:
    """What the author says is right."""
    return Wanted(
        order=gold.order,
        line=gold.line,
        quantity=gold.quantity,
        reason=gold.reason,
        resolution=gold.resolution,
        action=gold.action,
        serials=gold.serials,
        received_sku=gold.received_sku,
    )


def propose(
    floor: Floor,
    speaker: Speaker,
    lines: Sequence[Wanted],
    *,
    thread_id: str,
    message_id: str,
    words: str,
    by: str,
    payload: dict[str, Any] | None = None,
) -> None:
    """Propose lines in one consent, as the agent does after a yes; the worker decides on them.

    Raises:
        NotFound: An order is not the speaker's.
    """
    covered = [acts.return_line(floor, _wish(speaker, one, words)) for one in lines]
    pairs = list(zip(covered, lines, strict=True))
    kept = [line.line_id for line, wanted in pairs if wanted.action is Action.RETURNLESS_REFUND]
    requests = [
        LineRequest(
            line=line,
            words=words,
            payload=payload or {},
            reader=by,
            confidence_permille=wanted.confidence_permille,
            action=wanted.action,
        )
        for line, wanted in pairs
    ]
    agreed = Agreed(words, cases.consent_digest_of(covered, kept), message_id, message_id, 0)
    proposals.propose(
        floor.desk, speaker, thread_id=thread_id, case_id=None, requests=requests, agreed=agreed
    )


def _wish(speaker: Speaker, wanted: Wanted, words: str) -> Wish:
    return Wish(
        speaker=speaker,
        order_number=wanted.order,
        line=wanted.line,
        quantity=wanted.quantity,
        reason=wanted.reason,
        words=words,
        resolution=wanted.resolution,
        serials=wanted.serials,
        received_sku=wanted.received_sku,
    )
