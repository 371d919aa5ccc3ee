"""Staff sign in at the company's own provider: to it, and back. Who comes back must be known here already."""

import secrets
from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import NotFound
from backhaul.store import provider_sign_ins, staff
from backhaul.store.provider_sign_ins import Begun
from web.pages import render
from web.provider import BACK, Provider, ProviderFault
from web.shield import keyed
from web.sign_in import ThrottleHere
from web.throttle import SIGN_IN_BY_PLACE, place_of
from web.who import DoorsHere, Visitor, VisitorHere, machine_now, member_of, remember, sign_in
from web.world import Doors

router = APIRouter()
log = structlog.get_logger(__name__)
_LASTS = timedelta(minutes=10)
_LONGEST = 4_096
NO_SUCH_PERSON = "Your account there opens nothing here. Ask an administrator to add your e-mail address."
BROKEN_OFF = "That sign-in broke off, or it is too old. Begin again."

Told = Annotated[str, Query(max_length=_LONGEST)]


def provider_of(request: Request, doors: DoorsHere) -> Provider:
    """The provider of this application; NotFound where none is configured."""
    if not doors.settings.oidc_issuer:
        raise NotFound("page", "provider")
    held: Provider | None = getattr(request.app.state, "provider", None)
    if held is None:
        held = request.app.state.provider = Provider(doors.settings)
    return held


ProviderHere = Annotated[Provider, Depends(provider_of)]


@router.get("/staff/sign-in/provider")
def leave(
    request: Request, doors: DoorsHere, known: VisitorHere, throttle: ThrottleHere, provider: ProviderHere
) -> Response:
    """Send the browser to the provider. What comes back is taken in this browser, and once."""
    throttle.check(SIGN_IN_BY_PLACE, "provider", place_of(request))
    state, begun = secrets.token_urlsafe(32), Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    try:
        address = provider.address(state, begun)
    except ProviderFault as fault:
        return _sorry(request, doors, known, fault)
    now = machine_now()
    with doors.desk.store.begin() as uow:
        provider_sign_ins.begin(uow, keyed(known.secret, state), begun, now=now, until=now + _LASTS)
    return remember(doors, RedirectResponse(address, status_code=303), known)


@router.get(BACK)
def come_back(
    request: Request,
    doors: DoorsHere,
    known: VisitorHere,
    throttle: ThrottleHere,
    provider: ProviderHere,
    code: Told = "",
    state: Told = "",
    iss: Told = "",
) -> Response:
    """Sign in whoever the provider vouches for, if they work here."""
    throttle.check(SIGN_IN_BY_PLACE, "provider", place_of(request))
    with doors.desk.store.begin() as uow:
        begun = provider_sign_ins.take(uow, keyed(known.secret, state), now=machine_now())
    if begun is None or not code:
        return _page(request, doors, known, BROKEN_OFF, 422)
    try:
        email = provider.verified_email(code, begun, named=iss)
    except ProviderFault as fault:
        return _sorry(request, doors, known, fault)
    with doors.desk.store.read() as uow:
        row = staff.staff_by_email(uow, email) if email else None
    if row is None or not staff.may_enter(row, demo=doors.settings.demo):
        return _page(request, doors, known, NO_SUCH_PERSON, 422)
    page = RedirectResponse(member_of(row, "").home, status_code=303)
    sign_in(doors, page, staff.Claimant("staff", row.id, row.name), request)
    return page


def _sorry(request: Request, doors: Doors, known: Visitor, fault: ProviderFault) -> Response:
    log.warning("provider_fault", why=fault.why)
    return _page(request, doors, known, str(fault), 503)


def _page(request: Request, doors: Doors, known: Visitor, problem: str, status: int) -> Response:
    context = {"token": known.token, "email": "", "problem": problem, "provider": True}
    return remember(doors, render(request, "staff_sign_in.html", context, status=status), known)
