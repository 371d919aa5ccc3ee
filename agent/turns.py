"""What a turn amounted to, read from the rows: for the terminal, the examination and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agent.state import ReplyOut
from backhaul.store import cases, rmas
from backhaul.store.tables import ProposalRow
from backhaul.store.unit_of_work import UnitOfWork

_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class TurnLine:
    """A line the turn speaks of. `order_line` reads `SO-10442/1`; `confidence` is that of the reason, 0 to
    1.
    """

    order_line: str
    quantity: int
    reason: str
    confidence: float
    resolution: str
    verdict: str = ""
    rules: tuple[str, ...] = ()
    rma: str = ""


@dataclass(frozen=True, slots=True)
class TurnLabel:
    """A label the turn hands over; the prints are blobs."""

    label_id: str
    rma: str
    tracking_number: str
    carrier: str
    ship_by: date
    pdf_blob: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer. `outcome` is ask, consent, done, pending, review, denied or help; `seq` that of its
    message.
    """

    thread: str
    seq: int
    reply: str
    outcome: str
    case: str | None = None
    lines: tuple[TurnLine, ...] = ()
    labels: tuple[TurnLabel, ...] = ()


def turn_of(
    uow: UnitOfWork, thread_id: str, seq: int, said: ReplyOut, case_id: str | None, consent_id: str | None
) -> Turn:
    """Put a turn together from what was said and what is on record."""
    proposals = cases.proposals(uow, consent_id=consent_id) if consent_id else ()
    lines = tuple(_decided_line(uow, row) for row in proposals) or _drafted(said["meta"].get("cards", []))
    return Turn(
        thread=thread_id,
        seq=seq,
        reply=said["text"],
        outcome=said["outcome"],
        case=case_id,
        lines=lines,
        labels=_labels(uow, said["meta"].get("labels", [])),
    )


def _drafted(cards: Sequence[dict[str, Any]]) -> tuple[TurnLine, ...]:
    return tuple(
        TurnLine(
            order_line=card["order_line"],
            quantity=card["quantity"],
            reason=card["reason"],
            confidence=card["confidence_permille"] / _PERMILLE,
            resolution=card["resolution"],
        )
        for card in cards
    )


def _decided_line(uow: UnitOfWork, row: ProposalRow) -> TurnLine:
    verdict = cases.newest_verdict(uow, row.id)
    claim = cases.claim(uow, row.claim_id)
    booked = rmas.rma_of_proposal(uow, row.id)
    return TurnLine(
        order_line=f"{row.order_number}/{row.order_line}",
        quantity=row.quantity,
        reason=row.reason,
        confidence=(claim.confidence_permille if claim else 0) / _PERMILLE,
        resolution=row.resolution,
        verdict=verdict.outcome if verdict else "",
        rules=_rules(verdict.decision) if verdict else (),
        rma=(booked.erp_number or "") if booked else "",
    )


def _rules(decision: dict[str, Any]) -> tuple[str, ...]:
    """The rules that decided: those that failed."""
    found = decision.get("results") or decision.get("rules") or []
    return tuple(
        str(one.get("rule") or one.get("id"))
        for one in found
        if isinstance(one, dict) and one.get("status") == "failed"
    )


def _labels(uow: UnitOfWork, shown: Sequence[dict[str, Any]]) -> tuple[TurnLabel, ...]:
    found = []
    for one in shown:
        booked = next((row for row in rmas.labels(uow, one["rma_id"]) if row.id == one["label_id"]), None)
        if booked is not None:
            found.append(
                TurnLabel(
                    label_id=booked.id,
                    rma=one["rma"],
                    tracking_number=booked.tracking_number,
                    carrier=booked.carrier,
                    ship_by=booked.ship_by,
                    pdf_blob=booked.pdf_blob,
                )
            )
    return tuple(found)
