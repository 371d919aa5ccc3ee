"""Who is at the door: cookies and sessions. Customer and staff have one each, to be open side by side."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Form, Request
from fastapi.responses import Response

from backhaul.domain.clock import SystemClock
from backhaul.domain.codes import Role
from backhaul.domain.errors import NotAllowed
from backhaul.store import staff as people
from backhaul.store.conversation import Speaker
from backhaul.store.house_tables import StaffRow
from backhaul.store.own_returns import CALLS
from web.browsers import browser_of
from web.errors import NotSignedIn
from web.shield import check_form, form_token, new_secret
from web.world import Doors

Side = Literal["customer", "staff"]
COOKIES: dict[str, str] = {"customer": "backhaul_customer", "staff": "backhaul_staff"}
VISITOR = "backhaul_visitor"
DOOR_OF: dict[str, str] = {"customer": "/sign-in", "staff": "/staff/sign-in"}
LASTS = {"customer": timedelta(hours=12), "staff": timedelta(hours=10)}
_VISITOR_LASTS = timedelta(days=1)
DESK_ROLES = frozenset({Role.REVIEWER, Role.APPROVER})
DOCK_ROLES = frozenset({Role.INSPECTOR, Role.ADMIN})
SEND_BACK_ROLES = DESK_ROLES | {Role.ADMIN}
"""Who may send goods back that no return claims"""
CLAIM_ROLES = frozenset({Role.FINANCE, Role.REVIEWER, Role.ADMIN})
"""Who works on claims against suppliers"""
STUCK_ROLES = frozenset({Role.REVIEWER, Role.ADMIN})
"""Who may have something done about what stands still"""
FINANCE_ROLES = frozenset({Role.FINANCE, Role.ADMIN})
FINANCE_READERS = FINANCE_ROLES | {Role.APPROVER, Role.AUDITOR}
ADMIN_ROLES = frozenset({Role.ADMIN})
"""Who looks after people, their rights and their sessions"""
POLICY_ROLES = DESK_ROLES | {Role.POLICY_OWNER, Role.FINANCE, Role.AUDITOR}
INSIGHT_ROLES = POLICY_ROLES | {Role.ADMIN}
"""Who reads the figures of the house"""


def machine_now() -> datetime:
    """Sessions live on the machine's time, whatever the demo does to the calendar."""
    return SystemClock().now()


def doors_of(request: Request) -> Doors:
    """What the application was handed."""
    doors: Doors = request.app.state.doors
    return doors


DoorsHere = Annotated[Doors, Depends(doors_of)]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Anybody, signed in or not. `token` goes into forms of pages that need no session."""

    secret: str
    is_new: bool

    @property
    def token(self) -> str:
        return form_token(self.secret)


def visitor(request: Request) -> Visitor:
    """Knows a browser again between showing a form and getting it back."""
    known = request.cookies.get(VISITOR, "")
    return Visitor(known, is_new=False) if known else Visitor(new_secret(), is_new=True)


@dataclass(frozen=True, slots=True)
class Customer:
    """A signed-in customer. With `order_scope` only that order may be shown, and no prices.

    With `colleague` it is a member of staff of that name, who acts for the customer on the telephone.
    """

    subject: str
    name: str
    account_id: str
    order_scope: str | None
    token: str
    colleague: str = ""

    @property
    def speaker(self) -> Speaker:
        """Whom the agent talks for."""
        by = f"{self.subject} for {self.account_id}" if self.colleague else f"contact:{self.subject}"
        return Speaker(self.account_id, self.name, by, self.order_scope)

    @property
    def channel(self) -> str:
        """How a conversation that begins now came in."""
        return CALLS if self.colleague else "web"


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in member of staff."""

    user_id: str
    name: str
    email: str
    roles: frozenset[Role]
    token: str

    @property
    def on_desk(self) -> bool:
        return bool(self.roles & DESK_ROLES)

    @property
    def on_dock(self) -> bool:
        return bool(self.roles & DOCK_ROLES)

    @property
    def reads_policies(self) -> bool:
        return bool(self.roles & POLICY_ROLES)

    @property
    def works_on_claims(self) -> bool:
        return bool(self.roles & CLAIM_ROLES)

    @property
    def reads_claims(self) -> bool:
        return self.works_on_claims or Role.AUDITOR in self.roles

    @property
    def acts_on_stuck(self) -> bool:
        return bool(self.roles & STUCK_ROLES)

    @property
    def reads_stuck(self) -> bool:
        return self.acts_on_stuck or Role.FINANCE in self.roles

    @property
    def works_in_finance(self) -> bool:
        return bool(self.roles & FINANCE_ROLES)

    @property
    def reads_finance(self) -> bool:
        return bool(self.roles & FINANCE_READERS)

    @property
    def looks_after_people(self) -> bool:
        return bool(self.roles & ADMIN_ROLES)

    @property
    def reads_insight(self) -> bool:
        return bool(self.roles & INSIGHT_ROLES)

    @property
    def home(self) -> str:
        """Where this person's work is."""
        if self.on_desk:
            return "/desk"
        if self.roles == ADMIN_ROLES:
            return "/admin/people"
        return "/policies" if self.reads_policies and not self.on_dock else "/dock"


def session_id_of(secret: str) -> str:
    """The stored name of a session; the cookie itself is stored nowhere."""
    return hashlib.sha256(secret.encode()).hexdigest()


def session_here(request: Request, side: str) -> str:
    """The stored name of the session that this browser says it has."""
    return session_id_of(request.cookies.get(COOKIES[side], ""))


def customer_or_none(request: Request, doors: DoorsHere) -> Customer | None:
    """Who is signed in as a customer, if anybody."""
    secret = request.cookies.get(COOKIES["customer"], "")
    if not secret:
        return None
    with doors.desk.store.read() as uow:
        row = people.live_session(uow, session_id_of(secret), kind="customer", now=machine_now())
    if row is None or row.account_id is None:
        return None
    colleague = ""
    if row.subject.startswith(people.CALL):
        member = member_or_none(request, doors)
        if member is None or not member.on_desk or row.subject != f"{people.CALL}{member.user_id}":
            # A call lasts no longer than the colleague is signed in, and is nobody else's.
            return None
        colleague = member.name
    return Customer(
        row.subject, row.contact_name, row.account_id, row.order_scope, form_token(secret), colleague
    )


def member_or_none(request: Request, doors: DoorsHere) -> Member | None:
    """Who is signed in as staff, if anybody; somebody made inactive is out at once."""
    secret = request.cookies.get(COOKIES["staff"], "")
    if not secret:
        return None
    with doors.desk.store.read() as uow:
        session = people.live_session(uow, session_id_of(secret), kind="staff", now=machine_now())
        row = people.staff_by_id(uow, session.subject) if session else None
    if row is None or not people.may_enter(row, demo=doors.settings.demo):
        return None
    return member_of(row, form_token(secret))


def member_of(row: StaffRow, token: str) -> Member:
    """The member of staff behind a row."""
    return Member(row.id, row.name, row.email, frozenset(Role(role) for role in row.roles), token)


def customer(found: Annotated[Customer | None, Depends(customer_or_none)]) -> Customer:
    """A page for customers."""
    if found is None:
        raise NotSignedIn(DOOR_OF["customer"])
    return found


def staff_with(roles: frozenset[Role]) -> Callable[[Member | None], Member]:
    """A page for staff with one of those roles."""

    def check(found: Annotated[Member | None, Depends(member_or_none)]) -> Member:
        if found is None:
            raise NotSignedIn(DOOR_OF["staff"])
        if not found.roles & roles:
            raise NotAllowed("Your role has no access to this page. Ask an administrator if it should.")
        return found

    return check


CustomerHere = Annotated[Customer, Depends(customer)]
VisitorHere = Annotated[Visitor, Depends(visitor)]
DeskMember = Annotated[Member, Depends(staff_with(DESK_ROLES))]
DockMember = Annotated[Member, Depends(staff_with(DOCK_ROLES | DESK_ROLES))]
ClaimMember = Annotated[Member, Depends(staff_with(CLAIM_ROLES))]
ClaimReader = Annotated[Member, Depends(staff_with(CLAIM_ROLES | {Role.AUDITOR}))]
StuckMember = Annotated[Member, Depends(staff_with(STUCK_ROLES))]
StuckReader = Annotated[Member, Depends(staff_with(STUCK_ROLES | {Role.FINANCE}))]
FinanceReader = Annotated[Member, Depends(staff_with(FINANCE_READERS))]
InsightReader = Annotated[Member, Depends(staff_with(INSIGHT_ROLES))]
PolicyReader = Annotated[Member, Depends(staff_with(POLICY_ROLES))]
AdminMember = Annotated[Member, Depends(staff_with(ADMIN_ROLES))]
AnyMember = Annotated[Member, Depends(staff_with(frozenset(Role)))]
Token = Annotated[str, Form()]


def visitor_form(request: Request, token: Token = "") -> None:
    """A form of a page without session is our own."""
    check_form(request, secret=request.cookies.get(VISITOR, ""), token=token)


def customer_form(request: Request, who: CustomerHere, token: Token = "") -> None:
    """A customer's form is our own and of this session; who is not signed in hears that first."""
    del who
    check_form(request, secret=request.cookies.get(COOKIES["customer"], ""), token=token)


def staff_form(request: Request, who: AnyMember, token: Token = "") -> None:
    """A form of staff is our own and of this session; who is not signed in hears that first."""
    del who
    check_form(request, secret=request.cookies.get(COOKIES["staff"], ""), token=token)


def sign_in(
    doors: Doors, response: Response, claimant: people.Claimant, request: Request | None = None
) -> None:
    """Open a session and hand over its cookie; every sign-in has a fresh secret.

    Whoever was signed in on that side of the same browser is signed out.
    """
    secret = new_secret()
    lasts = LASTS[claimant.kind]
    if request is not None:
        claimant = replace(claimant, browser=browser_of(request))
    with doors.desk.store.begin() as uow:
        if request is not None:
            people.close_session(uow, session_here(request, claimant.kind))
        people.forget_expired(uow, now=machine_now())
        people.open_session(uow, claimant, session_id=session_id_of(secret), now=machine_now(), lasts=lasts)
    set_cookie(doors, response, COOKIES[claimant.kind], secret, lasts)


def sign_out(doors: Doors, request: Request, response: Response, side: Side) -> None:
    """Close the session here and in the browser."""
    secret = request.cookies.get(COOKIES[side], "")
    with doors.desk.store.begin() as uow:
        people.close_session(uow, session_id_of(secret))
    response.delete_cookie(COOKIES[side], path="/")


def remember(doors: Doors, response: Response, known: Visitor) -> Response:
    """Give a new visitor the cookie that its forms will be checked with."""
    if known.is_new:
        set_cookie(doors, response, VISITOR, known.secret, _VISITOR_LASTS)
    return response


def set_cookie(doors: Doors, response: Response, name: str, value: str, lasts: timedelta) -> None:
    """A cookie no script can read and no other site can make the browser send."""
    response.set_cookie(
        name,
        value,
        max_age=int(lasts.total_seconds()),
        path="/",
        secure=doors.settings.cookies_need_tls,
        httponly=True,
        samesite="lax",
    )
