"""How the words of a case were read, and what they really say, for the reader to learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput
from backhaul.store import cases, corrections
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork

Really = Annotated[str, Form(max_length=40)]
"""A reason that the words say; empty is as they were read"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader took for the reason of a line, and what else it could be said to be."""

    read: Reason
    others: Sequence[Reason]


def reading_of(uow: UnitOfWork, row: ReviewRow) -> Reading | None:
    """How the words under review were read; None where no reason was read from any."""
    claim = cases.claim(uow, cases.proposal(uow, row.proposal_id).claim_id) if row.proposal_id else None
    read = corrections.reason_read(claim) if claim else None
    return Reading(read, [one for one in Reason if one is not read]) if read else None


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
