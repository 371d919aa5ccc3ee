"""Who may sign in: staff, sessions and one-time codes; and the letters that were sent.

Sessions and codes live on the machine's time, which callers pass in: a business clock that demo moves by days
must not sign anybody out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput
from backhaul.store.house_tables import LetterRow, LoginCodeRow, SessionRow, StaffRow
from backhaul.store.unit_of_work import UnitOfWork

MOST_ATTEMPTS = 5
"""Guesses at one code; six digits and five guesses leave one chance in 200,000."""

CALL = "staff:"
"""How the subject of a session begins in which a colleague acts for a customer who telephones"""


@dataclass(frozen=True, slots=True)
class Claimant:
    """Whom a session speaks for.

    `subject` is a staff id, a contact id, `order-<number>` for a guest, or `staff:<id>` for a colleague who
    acts for a customer on the telephone.
    """

    kind: str
    subject: str
    name: str
    account_id: str | None = None
    order_scope: str | None = None
    browser: str = ""


def add_staff(
    uow: UnitOfWork,
    ids: Ids,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    password_hash: str,
    actor: str,
    demo: bool = False,
) -> StaffRow:
    """Add a member of staff with a hashed password.

    Raises:
        BadInput: Somebody with that address exists, or no role was given.
    """
    if staff_by_email(uow, email) is not None:
        raise BadInput(f"{email} is already a member of staff", field="email")
    if not roles:
        raise BadInput(f"{email} needs at least one role", field="roles")
    row = StaffRow(
        id=ids.new("ST"),
        email=email.strip().lower(),
        name=name,
        roles=sorted(role.value for role in roles),
        password_hash=password_hash,
        active=True,
        demo=demo,
        created_at=uow.clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.record(Tag.STAFF_ADDED, actor=actor, subject=row.id, facts={"roles": row.roles})
    return row


def may_enter(row: StaffRow, *, demo: bool) -> bool:
    """Whether somebody may work here: active, and outside demo nobody whose password is printed."""
    return row.active and (demo or not row.demo)


def staff_by_email(uow: UnitOfWork, email: str) -> StaffRow | None:
    """The member of staff with that address, active or not; upper and lower case are the same."""
    return uow.session.scalars(sa.select(StaffRow).where(StaffRow.email == email.strip().lower())).first()


def staff_by_id(uow: UnitOfWork, staff_id: str) -> StaffRow | None:
    """The member of staff, or `None`."""
    return uow.session.get(StaffRow, staff_id)


def asked_for_it(person: StaffRow, requested_by: str) -> bool:
    """Whether a request was made by this member of staff, under the id, the address or its first part."""
    return is_asker(requested_by, staff_id=person.id, email=person.email)


def is_asker(requested_by: str, *, staff_id: str, email: str) -> bool:
    """Whether `requested_by`, such as `cli:rita for A-1001`, names the person with this id and address."""
    asker = requested_by.partition(" for ")[0].partition(":")[2].lower()
    return asker in {staff_id.lower(), email.lower(), email.partition("@")[0].lower()}


def all_staff(uow: UnitOfWork) -> Sequence[StaffRow]:
    """Everybody, by name."""
    return uow.session.scalars(sa.select(StaffRow).order_by(StaffRow.name, StaffRow.id)).all()


def open_session(
    uow: UnitOfWork, claimant: Claimant, *, session_id: str, now: datetime, lasts: timedelta
) -> SessionRow:
    """Sign somebody in. `session_id` is the hash of the cookie's secret, which is stored nowhere."""
    row = SessionRow(
        id=session_id,
        kind=claimant.kind,
        subject=claimant.subject,
        account_id=claimant.account_id,
        contact_name=claimant.name,
        order_scope=claimant.order_scope,
        browser=claimant.browser,
        created_at=now,
        expires_at=now + lasts,
    )
    uow.session.add(row)
    uow.session.flush()
    if claimant.subject.startswith(CALL):
        uow.record(Tag.CALL_TAKEN, actor=claimant.subject, subject=claimant.account_id or "")
        return row
    tag = Tag.STAFF_SIGNED_IN if claimant.kind == "staff" else Tag.CUSTOMER_SIGNED_IN
    actor = f"staff:{claimant.subject}" if claimant.kind == "staff" else f"contact:{claimant.subject}"
    uow.record(tag, actor=actor, subject=claimant.subject)
    return row


def live_session(uow: UnitOfWork, session_id: str, *, kind: str, now: datetime) -> SessionRow | None:
    """The session of that kind, or `None` when there is none or it has expired."""
    row = uow.session.get(SessionRow, session_id)
    return row if row is not None and row.kind == kind and row.expires_at > now else None


def close_session(uow: UnitOfWork, session_id: str) -> None:
    """Sign out; closing twice changes nothing."""
    uow.session.execute(sa.delete(SessionRow).where(SessionRow.id == session_id))


def forget_expired(uow: UnitOfWork, *, now: datetime) -> None:
    """Remove sessions and codes that can no longer be used."""
    uow.session.execute(sa.delete(SessionRow).where(SessionRow.expires_at < now))
    uow.session.execute(sa.delete(LoginCodeRow).where(LoginCodeRow.expires_at < now))


def add_login_code(
    uow: UnitOfWork, ids: Ids, *, email: str, code_hash: str, now: datetime, lasts: timedelta
) -> None:
    """Keep the keyed hash of a code that is about to be sent; earlier codes for the address end."""
    uow.session.execute(sa.delete(LoginCodeRow).where(LoginCodeRow.email == email))
    row = LoginCodeRow(
        id=ids.new("LC", 12), email=email, code_hash=code_hash, created_at=now, expires_at=now + lasts
    )
    uow.session.add(row)


def use_login_code(uow: UnitOfWork, *, email: str, code_hash: str, now: datetime) -> bool:
    """Whether that is the live code for the address. It works once, and wrong guesses are counted.

    The caller commits in both cases: a guess that is rolled back would be free.
    """
    query = sa.select(LoginCodeRow).where(
        LoginCodeRow.email == email,
        LoginCodeRow.used_at.is_(None),
        LoginCodeRow.expires_at > now,
        LoginCodeRow.attempts < MOST_ATTEMPTS,
    )
    row = uow.session.scalars(query.with_for_update(key_share=True)).first()
    if row is None:
        return False
    row.attempts += 1
    if row.code_hash != code_hash:
        return False
    row.used_at = now
    return True


def letters(uow: UnitOfWork, *, recipient: str | None = None, limit: int = 50) -> Sequence[LetterRow]:
    """What was sent, newest first; to one address when given."""
    query = sa.select(LetterRow)
    if recipient is not None:
        query = query.where(LetterRow.recipient == recipient)
    return uow.session.scalars(query.order_by(LetterRow.created_at.desc(), LetterRow.key).limit(limit)).all()


def letter(uow: UnitOfWork, key: str) -> LetterRow | None:
    """The letter, or `None`."""
    return uow.session.get(LetterRow, key)
