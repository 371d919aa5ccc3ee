"""How the words of a case were read, and what they really say, for the reader to learn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form

from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput
from backhaul.store import cases, corrections
from backhaul.store.tables import ClaimRow, ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

Really = Annotated[str, Form(max_length=40)]
"""A reason that the words say; empty is as they were read"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader took for the reason of a line, and what else it could be said to be."""

    read: Reason
    others: Sequence[Reason]
    told: str
    """Who read it, what that took, and the second opinion, in a line"""


def reading_of(uow: UnitOfWork, row: ReviewRow) -> Reading | None:
    """How the words under review were read; None where no reason was read from any."""
    claim = cases.claim(uow, cases.proposal(uow, row.proposal_id).claim_id) if row.proposal_id else None
    read = corrections.reason_read(claim) if claim else None
    if claim is None or read is None:
        return None
    return Reading(read, [one for one in Reason if one is not read], _told(claim, read))


def _told(claim: ClaimRow, read: Reason) -> str:
    asked: Mapping[str, Any] = claim.payload.get("asked") or {}
    if not asked:
        return f"Read by the {claim.reader} reader."
    took = f"{asked['model']}, prompt {asked['prompt']}, {asked['tokens_in'] + asked['tokens_out']} tokens"
    if asked["fell_back"]:
        return f"Read by the offline reader: {took}, was not used ({asked['fell_back']})."
    return f"Read by {took}; {_second_opinion(claim, read)}."


def _second_opinion(claim: ClaimRow, read: Reason) -> str:
    opinion = claim.payload.get("second_opinion")
    if not opinion:
        return "the offline reader reads no reason"
    reason, permille = opinion
    agrees = "agrees" if reason == read.value else "disagrees, which halves the confidence"
    return f"offline reader: {reason.replace('_', ' ')} {permille // 10} %, {agrees}"


def note_what_words_say(uow: UnitOfWork, row: ReviewRow, really: str, *, by: str) -> None:
    """Keep what a reviewer says that the words say, for a second look. The decision stays as it is.

    Raises:
        BadInput: It is no reason.
    """
    if not really:
        return
    if really not in set(Reason):
        raise BadInput("Choose what the words really say from the list.", field="really")
    corrections.note_of_review(uow, row, right=Reason(really), by=by)
