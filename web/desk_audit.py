"""The audit tab of a case: what happened, by whom and when, and whether the log is whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from backhaul.domain.errors import NotAllowed
from backhaul.store import reviews, unread
from backhaul.store import staff as people
from backhaul.store.house_tables import AuditRow
from backhaul.store.unit_of_work import UnitOfWork
from backhaul.store.verify_chain import ChainVerified, verified
from web.desk_audit_words import sentence, who_did
from web.desk_case import places_of
from web.pages import render
from web.pulse import pulse
from web.who import DeskMember, DoorsHere

router = APIRouter(prefix="/desk")
_STAFF = ("staff:", "reviewer:")


@dataclass(frozen=True, slots=True)
class EventShown:
    """One event of the chain. `subject` is the record it is about."""

    seq: int
    at: datetime
    who: str
    said: str
    subject: str
    tag: str
    hash: str


@router.get("/{review_id}/audit")
def audit_tab(request: Request, review_id: str, doors: DoorsHere, who: DeskMember) -> Response:
    """Every event of the case's chain, and what the verifier says of it."""
    with doors.desk.store.read() as uow:
        row = reviews.review(uow, review_id)
        if reviews.waits_to_be_read(uow, row):
            raise NotAllowed("This case is read blind first; its log is shown once somebody has.")
        found = verified(uow, row.case_id)
        found_pulse = pulse(doors)
        context = {
            "who": who,
            "token": who.token,
            "silent": found_pulse.silent,
            "policy_trouble": found_pulse.trouble,
            "review": row,
            "verified": found,
            "events": _shown(uow, found, row.case_id),
            "beside": places_of(uow, row),
        }
    return render(request, "desk_audit.html", context)


def _shown(uow: UnitOfWork, found: ChainVerified, case_id: str) -> tuple[EventShown, ...]:
    names, hidden = _names(uow, found), unread.proposals_of_case(uow, case_id)
    return tuple(_event(row, names, hidden) for row in found.events)


def _event(row: AuditRow, names: Mapping[str, str], hidden: frozenset[str]) -> EventShown:
    """What is told of a line that waits to be read blind is that something happened, and not what."""
    is_hidden = bool(hidden & {row.subject, str(row.facts.get("proposal"))})
    said = "Told once it was read blind" if is_hidden else sentence(row.tag, row.facts)
    return EventShown(row.seq, row.at, who_did(row.actor, names), said, row.subject, row.tag, row.hash)


def _names(uow: UnitOfWork, found: ChainVerified) -> dict[str, str]:
    ids = {
        row.actor.partition(":")[2].split(" for ", maxsplit=1)[0]
        for row in found.events
        if row.actor.startswith(_STAFF)
    }
    known = {one: people.staff_by_id(uow, one) for one in ids}
    return {one: person.name for one, person in known.items() if person is not None}
