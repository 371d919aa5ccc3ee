"""Changing who works here and what they may do; whoever is changed is signed out. And sessions, one by one.

Sessions live on the machine's time, which callers pass in.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, NotAllowed, NotFound
from backhaul.store.house_tables import SessionRow, StaffRow
from backhaul.store.unit_of_work import UnitOfWork, existing, in_turn

_TURN = "staff"
SHORTEST_PASSWORD = 12
"""Characters"""


def change_roles(uow: UnitOfWork, staff_id: str, roles: Sequence[Role], *, actor: str) -> StaffRow:
    """Give somebody these roles and no others.

    Raises:
        NotFound: Nobody has that id.
        BadInput: No role was given.
        NotAllowed: Nobody would be left who may change roles.
    """
    if not roles:
        raise BadInput("Choose at least one role, or end this person's access.", field="roles")
    row = _locked(uow, staff_id)
    before, after = row.roles, sorted(role.value for role in set(roles))
    if before == after:
        return row
    if Role.ADMIN.value not in after:
        _keep_an_admin(uow, row)
    row.roles = after
    ended = end_sessions_of(uow, row.id)
    told = {"before": before, "after": after, "sessions_ended": ended}
    uow.record(Tag.STAFF_ROLES_CHANGED, actor=actor, subject=row.id, facts=told)
    return row


def deactivate(uow: UnitOfWork, staff_id: str, *, actor: str) -> StaffRow:
    """End somebody's access at once; what they did stays on record under their name.

    Raises:
        NotFound: Nobody has that id.
        NotAllowed: Nobody would be left who may change roles.
    """
    row = _locked(uow, staff_id)
    _keep_an_admin(uow, row)
    row.active = False
    ended = end_sessions_of(uow, row.id)
    uow.record(Tag.STAFF_DEACTIVATED, actor=actor, subject=row.id, facts={"sessions_ended": ended})
    return row


def reactivate(uow: UnitOfWork, staff_id: str, *, actor: str) -> StaffRow:
    """Let somebody in again, with the roles and the password of before."""
    row = _locked(uow, staff_id)
    if not row.active:
        row.active = True
        uow.record(Tag.STAFF_REACTIVATED, actor=actor, subject=row.id, facts={"roles": row.roles})
    return row


def set_password(
    uow: UnitOfWork, staff_id: str, password_hash: str, *, actor: str, but_for: str = ""
) -> StaffRow:
    """A new password: whoever is signed in with the old one is signed out, but for the session `but_for`."""
    row = _locked(uow, staff_id)
    row.password_hash = password_hash
    ended = end_sessions_of(uow, row.id, but_for=but_for)
    uow.record(Tag.STAFF_PASSWORD_SET, actor=actor, subject=row.id, facts={"sessions_ended": ended})
    return row


def _locked(uow: UnitOfWork, staff_id: str) -> StaffRow:
    # Of two admins who remove each other at once, the second one must see what the first one did.
    in_turn(uow, _TURN)
    return existing(uow, StaffRow, staff_id, "member of staff", lock=True)


def _keep_an_admin(uow: UnitOfWork, row: StaffRow) -> None:
    """NotAllowed when this is the last one who may change roles."""
    if not (row.active and Role.ADMIN.value in row.roles):
        return
    others = uow.session.scalars(sa.select(StaffRow).where(StaffRow.active.is_(True), StaffRow.id != row.id))
    # Outside demo nobody of the demo can sign in: they are no one to leave the house to.
    if not any(Role.ADMIN.value in one.roles and (row.demo or not one.demo) for one in others):
        raise NotAllowed(
            f"{row.name} is the last administrator. Make somebody else one first: nobody could give rights."
        )


def sessions(
    uow: UnitOfWork, *, now: datetime, kind: str | None = None, subject: str | None = None
) -> Sequence[SessionRow]:
    """Live sessions, the newest first; of one kind, and of one person when given."""
    query = sa.select(SessionRow).where(SessionRow.expires_at > now)
    if kind is not None:
        query = query.where(SessionRow.kind == kind)
    if subject is not None:
        query = query.where(SessionRow.subject == subject)
    return uow.session.scalars(query.order_by(SessionRow.created_at.desc(), SessionRow.id)).all()


def end_session(
    uow: UnitOfWork, session_id: str, *, actor: str, kind: str | None = None, subject: str | None = None
) -> None:
    """End one session; with `kind` and `subject` only one of that person.

    Raises:
        NotFound: It has ended, or is somebody else's.
    """
    row = uow.session.get(SessionRow, session_id)
    if row is None or subject not in {None, row.subject} or kind not in {None, row.kind}:
        raise NotFound("session", session_id)
    uow.session.delete(row)
    uow.record(Tag.SESSION_ENDED, actor=actor, subject=row.subject, facts={"kind": row.kind, "sessions": 1})


def end_others(uow: UnitOfWork, subject: str, *, but_for: str, actor: str) -> int:
    """End all sessions of a person but the one they are in; how many those were."""
    kind = uow.session.scalar(sa.select(SessionRow.kind).where(SessionRow.id == but_for)) or ""
    ended = end_sessions_of(uow, subject, but_for=but_for, kind=kind)
    if ended:
        uow.record(Tag.SESSION_ENDED, actor=actor, subject=subject, facts={"kind": kind, "sessions": ended})
    return ended


def end_sessions_of(uow: UnitOfWork, subject: str, *, but_for: str = "", kind: str = "staff") -> int:
    """Sign a person out everywhere, but for one session; how many there were."""
    mine = SessionRow.subject == subject, SessionRow.kind == kind, SessionRow.id != but_for
    return len(uow.session.execute(sa.delete(SessionRow).where(*mine).returning(SessionRow.id)).all())
