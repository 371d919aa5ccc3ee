"""The ways in: a one-time code by e-mail, an order number with its postal code, or a password for staff.

Every answer is worded the same whether or not somebody is on file, and takes the same time as far as we can
help it.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pwdlib import PasswordHash

from backhaul.connectors.ports import Letter
from backhaul.store import staff as people
from web.errors import TooOften
from web.pages import render
from web.throttle import CODES_BY_NAME, SIGN_IN_BY_NAME, SIGN_IN_BY_PLACE, Throttle, place_of
from web.who import (
    DoorsHere,
    VisitorHere,
    customer_form,
    machine_now,
    member_of,
    remember,
    sign_in,
    sign_out,
    staff_form,
    visitor_form,
)
from web.world import Doors

router = APIRouter()
CODE_LASTS = timedelta(minutes=10)
_DIGITS = 6
_LONGEST = 200
_HASH = PasswordHash.recommended()
_AT_ONCE = BoundedSemaphore(2)
"""Argon2 takes 64 MB and a tenth of a second each: more at once would starve the pages."""

NO_MATCH_CODE = "That code does not fit, or it is too old. Ask for a new one."
NO_MATCH_ORDER = "We could not match that order number and postal code."
NO_MATCH_STAFF = "That address and password do not fit together."

Field = Annotated[str, Form(max_length=_LONGEST)]


@cache
def _nobodys() -> str:
    """Checked when no one has the address, so that a stranger costs as much time as a colleague."""
    return hash_password(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """An Argon2 hash for a new password; about 0.1 s."""
    return _HASH.hash(password)


def throttle_of(request: Request) -> Throttle:
    """The counters of this application."""
    throttle: Throttle = request.app.state.throttle
    return throttle


ThrottleHere = Annotated[Throttle, Depends(throttle_of)]


@router.get("/sign-in")
def customer_door(request: Request, doors: DoorsHere, known: VisitorHere) -> Response:
    """Both ways in for customers."""
    return remember(doors, render(request, "sign_in.html", _customer_page(known.token)), known)


def _customer_page(token: str, **said: str) -> dict[str, str]:
    return {
        "token": token,
        "email": "",
        "order": "",
        "code_problem": "",
        "order_problem": "",
        "step": "address",
        **said,
    }


@router.post("/sign-in/code", dependencies=[Depends(visitor_form)])
def send_code(
    request: Request,
    doors: DoorsHere,
    known: VisitorHere,
    throttle: ThrottleHere,
    later: BackgroundTasks,
    email: Field,
) -> Response:
    """Send a code if the address is on file; the page says the same in both cases."""
    address = email.strip().lower()
    throttle.check(SIGN_IN_BY_PLACE, "code", place_of(request))
    throttle.check(CODES_BY_NAME, "code", address)
    # After the answer: sending takes longer than not sending, and would tell who is on file.
    later.add_task(_send_code, doors, address, known.secret)
    page = render(request, "sign_in.html", _customer_page(known.token, email=address, step="code"))
    page.background = later
    return page


def _send_code(doors: Doors, address: str, secret: str) -> None:
    contact = doors.desk.erp.contact_by_email(address)
    if contact is None:
        return
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    with doors.desk.store.begin() as uow:
        people.add_login_code(
            uow,
            doors.desk.ids,
            email=address,
            code_hash=_keyed(secret, address, code),
            now=machine_now(),
            lasts=CODE_LASTS,
        )
    minutes = int(CODE_LASTS.total_seconds() // 60)
    letter = Letter(
        to=contact.email,
        subject=f"{code} is your sign-in code",
        body=(
            f"Hello {contact.name},\n\nyour code is {code}. It works once, for {minutes} minutes, "
            "in the browser you asked from.\n\nIf you did not ask for it, you need not do anything."
        ),
    )
    doors.notifier.send(letter, key=f"login-{doors.desk.ids.new('LT', 12)}")


def _keyed(secret: str, address: str, code: str) -> str:
    """Bound to the browser that asked: neither the database nor a code read by others is enough."""
    return hmac.new(secret.encode(), f"{address}\n{code}".encode(), hashlib.sha256).hexdigest()


@router.post("/sign-in/code/check", dependencies=[Depends(visitor_form)])
def use_code(
    request: Request, doors: DoorsHere, known: VisitorHere, throttle: ThrottleHere, email: Field, code: Field
) -> Response:
    """Sign in with the code."""
    address = email.strip().lower()
    throttle.check(SIGN_IN_BY_PLACE, "check", place_of(request))
    given = "".join(letter for letter in code if letter.isdigit())
    with doors.desk.store.begin() as uow:
        fits = people.use_login_code(
            uow, email=address, code_hash=_keyed(known.secret, address, given), now=machine_now()
        )
    contact = doors.desk.erp.contact_by_email(address) if fits else None
    if contact is None:
        said = _customer_page(known.token, email=address, step="code", code_problem=NO_MATCH_CODE)
        return render(request, "sign_in.html", said, status=422)
    page = RedirectResponse("/chat", status_code=303)
    sign_in(
        doors,
        page,
        people.Claimant("customer", contact.contact_id, contact.name, contact.account_id),
        request,
    )
    return page


@router.post("/sign-in/order", dependencies=[Depends(visitor_form)])
def by_order(
    request: Request,
    doors: DoorsHere,
    known: VisitorHere,
    throttle: ThrottleHere,
    order: Field,
    postal_code: Field,
) -> Response:
    """Open one order with what is printed on its packing slip."""
    number = order.strip().upper()
    throttle.check(SIGN_IN_BY_PLACE, "order", place_of(request))
    throttle.check(SIGN_IN_BY_NAME, "order", number)
    found = doors.desk.erp.order(number)
    account = doors.desk.erp.account(found.account_id) if found else None
    expected = _postal(account.ship_to.postal_code) if account else ""
    if found is None or not expected or not hmac.compare_digest(expected, _postal(postal_code)):
        said = _customer_page(known.token, order=order.strip(), order_problem=NO_MATCH_ORDER)
        return render(request, "sign_in.html", said, status=422)
    page = RedirectResponse("/chat", status_code=303)
    sign_in(
        doors,
        page,
        people.Claimant(
            "customer", f"order-{found.number}", f"Order {found.number}", found.account_id, found.number
        ),
        request,
    )
    return page


def _postal(code: str) -> str:
    """Five digits count; ZIP+4 and blanks do not."""
    return "".join(letter for letter in code if letter.isascii() and letter.isalnum())[:5].upper()


@router.post("/sign-out", dependencies=[Depends(customer_form)])
def customer_leaves(request: Request, doors: DoorsHere) -> Response:
    """End the customer's session."""
    page = RedirectResponse("/", status_code=303)
    sign_out(doors, request, page, "customer")
    return page


@router.get("/staff/sign-in")
def staff_door(request: Request, doors: DoorsHere, known: VisitorHere) -> Response:
    """The way in for staff."""
    offers = bool(doors.settings.oidc_issuer)
    context = {"token": known.token, "email": "", "problem": "", "provider": offers}
    page = render(request, "staff_sign_in.html", context)
    return remember(doors, page, known)


@router.post("/staff/sign-in", dependencies=[Depends(visitor_form)])
def staff_enters(
    request: Request,
    doors: DoorsHere,
    known: VisitorHere,
    throttle: ThrottleHere,
    email: Field,
    password: Annotated[str, Form(max_length=1_000)],
) -> Response:
    """Check the password and open the desk."""
    throttle.check(SIGN_IN_BY_PLACE, "staff", place_of(request))
    throttle.check(SIGN_IN_BY_NAME, "staff", email.strip().lower())
    with doors.desk.store.read() as uow:
        row = people.staff_by_email(uow, email)
    nobodys = _nobodys()  # asked for in both cases, because making it the first time takes time as well
    right = fits(password, row.password_hash if row else nobodys)
    if not right or row is None or not people.may_enter(row, demo=doors.settings.demo):
        offers = bool(doors.settings.oidc_issuer)
        said = {"token": known.token, "email": email, "problem": NO_MATCH_STAFF, "provider": offers}
        return render(request, "staff_sign_in.html", said, status=422)
    page = RedirectResponse(member_of(row, "").home, status_code=303)
    sign_in(doors, page, people.Claimant("staff", row.id, row.name), request)
    return page


def fits(password: str, hashed: str) -> bool:
    """Whether that is the password; only some are tried at once."""
    if not _AT_ONCE.acquire(timeout=5):
        raise TooOften(5)
    try:
        return _HASH.verify(password, hashed)
    finally:
        _AT_ONCE.release()


@router.post("/staff/sign-out", dependencies=[Depends(staff_form)])
def staff_leaves(request: Request, doors: DoorsHere) -> Response:
    """End the session of staff."""
    page = RedirectResponse("/", status_code=303)
    sign_out(doors, request, page, "staff")
    return page
