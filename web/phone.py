"""Acting for a customer who telephones: a colleague uses the customer's own pages, and it is written down so.

What is asked for in a call is asked for by the colleague, `staff:<id> for <account>`: in the conversation,
the consent, the proposal and the audit log. They can never approve it; the guard sees to that.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backhaul.domain.errors import NotFound
from backhaul.domain.trade import Account, Contact
from backhaul.store.staff import CALL, Claimant
from web.pages import render
from web.who import (
    Customer,
    DeskMember,
    DoorsHere,
    customer_or_none,
    sign_in,
    sign_out,
    staff_form,
)
from web.world import Doors

router = APIRouter(prefix="/phone")
_MOST = 12
_SHORTEST = 3
_DIGITS = 7
"""So many digits at the end of a telephone number tell people apart"""
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may be calling."""

    account: Account
    contact: Contact


@router.get("")
def who_calls(
    request: Request,
    doors: DoorsHere,
    who: DeskMember,
    acting: Annotated[Customer | None, Depends(customer_or_none)],
    q: Annotated[str, Query(max_length=_LONGEST)] = "",
) -> Response:
    """Find the person who is on the line."""
    context = {
        "who": who,
        "token": who.token,
        "q": q.strip(),
        "callers": _callers(doors, q.strip()) if q.strip() else [],
        "acting": acting if acting and acting.colleague else None,
    }
    return render(request, "phone.html", context)


@router.post("", dependencies=[Depends(staff_form)])
def take_call(
    doors: DoorsHere,
    who: DeskMember,
    account: Annotated[str, Form(max_length=_LONGEST)] = "",
    contact: Annotated[str, Form(max_length=_LONGEST)] = "",
) -> Response:
    """Begin to act for one person of a customer's, until the call or the colleague's own session ends."""
    found = next((one for one in doors.desk.erp.contacts(account) if one.contact_id == contact), None)
    if found is None:
        raise NotFound("contact", contact)
    page = RedirectResponse("/chat", status_code=303)
    sign_in(doors, page, Claimant("customer", f"{CALL}{who.user_id}", found.name, found.account_id))
    return page


@router.post("/end", dependencies=[Depends(staff_form)])
def end_call(request: Request, doors: DoorsHere, who: DeskMember) -> Response:
    """The call is over: the customer's pages are shut."""
    del who
    page = RedirectResponse("/phone", status_code=303)
    sign_out(doors, request, page, "customer")
    return page


def _callers(doors: Doors, asked: str) -> list[Caller]:
    """People who fit a company, a person, an address, a telephone or an order number."""
    order = doors.desk.erp.order(asked.upper())
    known = [
        account
        for account in doors.desk.erp.accounts()
        if order is None or account.account_id == order.account_id
    ]
    people = (
        Caller(account, one) for account in known for one in doors.desk.erp.contacts(account.account_id)
    )
    return [one for one in people if order is not None or _fits(one, asked)][:_MOST]


def _fits(one: Caller, asked: str) -> bool:
    wanted = asked.casefold()
    if len(wanted) < _SHORTEST:
        return False
    digits = "".join(letter for letter in wanted if letter.isdigit())
    phone = "".join(letter for letter in one.contact.phone if letter.isdigit())
    by_phone = len(digits) >= _DIGITS and phone.endswith(digits[-_DIGITS:])
    told = (one.account.account_id, one.account.name, one.contact.name, one.contact.email)
    return by_phone or any(wanted in text.casefold() for text in told)
