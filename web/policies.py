"""The policies page: what is in force, who owns it, what is coming, and who changed what."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from backhaul.domain.codes import Action
from backhaul.domain.errors import BadInput, NotAllowed
from backhaul.store import decisions, heartbeat, reviews
from policies.model import Owner
from web.desk_view import shown_verdict
from web.pages import render
from web.policies_changes import edition_changes
from web.policies_trace import table_units
from web.policies_view import read_policies
from web.pulse import pulse
from web.who import DoorsHere, Member, PolicyReader
from web.world import Doors

router = APIRouter(prefix="/policies")
_FEW = 4
"""So few results of a search are shown in full."""


def frame(doors: Doors, who: Member, here: str) -> dict[str, Any]:
    """What every page about policies shows: who reads, which bundle runs, and which is on disk."""
    found = pulse(doors)
    with doors.desk.store.read() as uow:
        running = {row.bundle_hash for row in heartbeat.living(uow)} - {heartbeat.NO_BUNDLE}
    return {
        "who": who,
        "token": who.token,
        "here": here,
        "silent": found.silent,
        "policy_trouble": found.trouble,
        "running": sorted(running),
        "on_disk": doors.desk.policies().bundle_hash,
    }


@router.get("")
def policies(
    request: Request,
    doors: DoorsHere,
    who: PolicyReader,
    q: Annotated[str, Query(max_length=100)] = "",
    owner: Annotated[str, Query(max_length=30)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """The tables and rules of a day, by owner; a search finds them by any word."""
    today = doors.desk.clock.now().date()
    day = _day(on) or today
    everything = read_policies(doors.desk.policies().bundle, day)
    chosen = owner if owner in set(Owner) else ""
    read = everything.filtered(q, chosen)
    context = {
        **frame(doors, who, "rules"),
        "read": read,
        "owners": everything.owners,
        "owner": chosen,
        "q": q,
        "day": day,
        "today": today,
        "is_today": day == today,
        "found": len(read.tables) + len(read.rules),
        "open_all": bool(q or chosen) and len(read.tables) + len(read.rules) <= _FEW,
    }
    return render(request, "policies.html", context)


@router.get("/editions")
def editions(request: Request, doors: DoorsHere, who: PolicyReader) -> Response:
    """Documents in force, coming and past; what each changed; and which bundles decided."""
    bundle = doors.desk.policies().bundle
    with doors.desk.store.read() as uow:
        bundles = decisions.bundles(uow)
    context = {
        **frame(doors, who, "editions"),
        "read": read_policies(bundle, doors.desk.clock.now().date()),
        "changes": edition_changes(bundle),
        "bundles": bundles,
    }
    return render(request, "policies_editions.html", context)


@router.get("/decisions/{verdict_id}")
def decision(request: Request, verdict_id: str, doors: DoorsHere, who: PolicyReader) -> Response:
    """One decision on record, rule by rule, as it was made."""
    with doors.desk.store.read() as uow:
        row = decisions.verdict(uow, verdict_id)
        review = reviews.review_of_proposal(uow, row.proposal_id, Action(row.action), row.proposal_id)
        if review is not None and reviews.waits_to_be_read(uow, review):
            raise NotAllowed("This decision is read blind first; it is shown once somebody on the desk has.")
        context = {
            **frame(doors, who, "decision"),
            "row": row,
            "trace": shown_verdict(row, table_units(doors.desk.policies().bundle)).trace,
        }
    return render(request, "policies_decision.html", context)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as wrong:
        raise BadInput(f"{typed} is no day; write it like 2026-03-31.", field="on") from wrong
