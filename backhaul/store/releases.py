"""Releases on record: proposing one, signing it, going back to an earlier one, and which is in force.

Every act has its event in the audit log, and where a release counts the rows are held against it: a manifest
that was edited, or a signature or an entry that nobody made here, puts nothing in force.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from backhaul.domain.release import SHORT, SHORTEST, Gate, GateResult, Release
from backhaul.store.house_tables import AuditRow
from backhaul.store.release_tables import ReleaseInForceRow, ReleaseRow, ReleaseSignatureRow
from backhaul.store.reviews import staff_roles
from backhaul.store.unit_of_work import UnitOfWork, in_turn

MAY_RELEASE = frozenset({Role.POLICY_OWNER.value, Role.APPROVER.value, Role.ADMIN.value})
"""Who may propose, sign and go back"""
_SIGNED, _ROLLBACK = "signed", "rollback"
_TAG_OF = {_SIGNED: Tag.RELEASE_SIGNED, _ROLLBACK: Tag.RELEASE_ROLLED_BACK}
_TURN = "release"


def propose(uow: UnitOfWork, release: Release, *, by: str, note: str, gate: Gate | None) -> ReleaseRow:
    """Put a release on record, by the id of a member of staff.

    Its author may propose it again until it is signed, with another note or with the gate's answer.

    Raises:
        NotAllowed: They may not, or somebody else proposed it.
        InvalidTransition: It is signed already.
    """
    _check_may(uow, by)
    in_turn(uow, _TURN)
    row = uow.session.get(ReleaseRow, release.hash)
    if row is None:
        row = ReleaseRow(hash=release.hash, components=release.manifest(), proposed_by=by)
        uow.session.add(row)
    elif row.proposed_by != by:
        raise NotAllowed(f"release {row.hash[:SHORT]} is somebody else's, who may propose it again")
    elif signature(uow, row.hash) is not None:
        raise InvalidTransition(f"release {row.hash[:SHORT]}", state="signed", event="proposing it again")
    row.proposed_at, row.note = uow.clock.now(), note
    row.gate = None if gate is None else {**gate.result_and_run(), "figures": dict(gate.figures)}
    uow.session.flush()
    told = gate.result_and_run() if gate else {}
    uow.record(Tag.RELEASE_PROPOSED, actor=_actor(by), subject=row.hash, facts=told)
    return row


def sign(uow: UnitOfWork, row: ReleaseRow, *, by: str) -> ReleaseInForceRow:
    """Put a second name under a release; from then on it may decide by itself.

    Raises:
        NotAllowed: They may not, or they are its author.
        InvalidTransition: It is signed already.
        BadInput: Its gate has not passed, or its manifest is not what was proposed.
    """
    _check_may(uow, by)
    in_turn(uow, _TURN)
    if signature(uow, row.hash) is not None:
        raise InvalidTransition(f"release {row.hash[:SHORT]}", state="signed", event="signing it")
    if row.proposed_by == by:
        raise NotAllowed("who proposed a release does not sign it; somebody else has to")
    if fault := _fault_of_proposal(uow, row):
        raise BadInput(f"release {row.hash[:SHORT]} cannot be signed: {fault}", field="hash")
    uow.session.add(ReleaseSignatureRow(release_hash=row.hash, signed_by=by, signed_at=uow.clock.now()))
    return _put_in_force(uow, row, by=by, kind=_SIGNED)


def roll_back(uow: UnitOfWork, row: ReleaseRow, *, by: str) -> ReleaseInForceRow:
    """Put a release in force that was in force before; its signature stands.

    Raises:
        NotAllowed: They may not.
        BadInput: It never was in force, is so now, or something on record about it was altered.
    """
    _check_may(uow, by)
    in_turn(uow, _TURN)
    before = history(uow)
    if all(entry.release_hash != row.hash for entry in before):
        raise BadInput(f"release {row.hash[:SHORT]} was never in force; sign it instead", field="hash")
    if before[-1].release_hash == row.hash:
        raise BadInput(f"release {row.hash[:SHORT]} is in force already", field="hash")
    if fault := _fault_of_proposal(uow, row) or _fault_of_signature(uow, row):
        raise BadInput(f"release {row.hash[:SHORT]} cannot be put in force: {fault}", field="hash")
    return _put_in_force(uow, row, by=by, kind=_ROLLBACK)


def obstacle(uow: UnitOfWork, release_hash: str) -> str | None:
    """Why this release may not decide by itself, in words; None when it may."""
    entry = in_force(uow)
    if entry is None:
        return "no release was ever put in force"
    if entry.release_hash != release_hash:
        return f"{release_hash[:SHORT]} runs here, and {entry.release_hash[:SHORT]} is in force"
    row = uow.session.get(ReleaseRow, release_hash, populate_existing=True)
    if row is None:
        return f"{release_hash[:SHORT]} is not on record"
    return _fault_of_proposal(uow, row) or _fault_of_signature(uow, row) or _fault_of_entry(uow, entry)


def release_of(row: ReleaseRow) -> Release:
    """The release that a row describes.

    Raises:
        BadInput: The manifest was edited: its hash is another one.
    """
    release = Release.from_manifest(row.components)
    if release.hash != row.hash:
        raise BadInput(f"the manifest of release {row.hash[:SHORT]} was edited", field="components")
    return release


def named(uow: UnitOfWork, beginning: str) -> ReleaseRow:
    """The release whose hash begins so.

    Raises:
        NotFound: There is none.
        BadInput: Less than eight characters were given, or several begin so.
    """
    wanted = beginning.strip().lower()
    if len(wanted) < SHORTEST:
        raise BadInput(f"give at least {SHORTEST} characters of the hash of a release", field="hash")
    found = [row for row in all_releases(uow) if row.hash.startswith(wanted)]
    if not found:
        raise NotFound("release", beginning)
    if len(found) > 1:
        raise BadInput(f"{len(found)} releases begin with {beginning}; give more of the hash", field="hash")
    return found[0]


def all_releases(uow: UnitOfWork) -> Sequence[ReleaseRow]:
    """Every release on record, the newest first."""
    return uow.session.scalars(sa.select(ReleaseRow).order_by(ReleaseRow.proposed_at.desc())).all()


def signature(uow: UnitOfWork, release_hash: str) -> ReleaseSignatureRow | None:
    """The name under a release, or None."""
    return uow.session.get(ReleaseSignatureRow, release_hash, populate_existing=True)


def history(uow: UnitOfWork) -> Sequence[ReleaseInForceRow]:
    """What was in force from when on, oldest first."""
    return uow.session.scalars(sa.select(ReleaseInForceRow).order_by(ReleaseInForceRow.id)).all()


def in_force(uow: UnitOfWork) -> ReleaseInForceRow | None:
    """The newest entry of the history."""
    newest = sa.select(ReleaseInForceRow).order_by(ReleaseInForceRow.id.desc()).limit(1)
    return uow.session.scalars(newest).first()


def _check_may(uow: UnitOfWork, staff_id: str) -> None:
    if not staff_roles(uow, staff_id) & MAY_RELEASE:
        raise NotAllowed(f"releases are for people with one of the roles {', '.join(sorted(MAY_RELEASE))}")


def _put_in_force(uow: UnitOfWork, row: ReleaseRow, *, by: str, kind: str) -> ReleaseInForceRow:
    entry = ReleaseInForceRow(release_hash=row.hash, since=uow.clock.now(), put_by=by, kind=kind)
    uow.session.add(entry)
    uow.session.flush()
    uow.record(_TAG_OF[kind], actor=_actor(by), subject=row.hash, facts={"entry": entry.id})
    return entry


def _fault_of_proposal(uow: UnitOfWork, row: ReleaseRow) -> str | None:
    try:
        release_of(row)
    except BadInput:
        return "its manifest was edited"
    gate = row.gate or {}
    if gate.get("result") != GateResult.PASSED.value:
        return f"its gate has not passed ({gate.get('result') or 'it was not examined'})"
    told = list(_events(uow, Tag.RELEASE_PROPOSED, row.hash, row.proposed_by))
    if not told or told[-1].get("result") != gate["result"] or told[-1].get("run") != gate.get("run"):
        return "the audit log does not tell of this proposal"
    return None


def _fault_of_signature(uow: UnitOfWork, row: ReleaseRow) -> str | None:
    name = signature(uow, row.hash)
    if name is None:
        return "nobody has signed it"
    if name.signed_by == row.proposed_by:
        return "its author has signed it"
    if not any(_events(uow, Tag.RELEASE_SIGNED, row.hash, name.signed_by)):
        return "the audit log does not tell of its signature"
    return None


def _fault_of_entry(uow: UnitOfWork, entry: ReleaseInForceRow) -> str | None:
    """Of all acts that put a release in force the log has to tell of this one last: none was taken away."""
    acts = sa.select(AuditRow).where(AuditRow.tag.in_([tag.value for tag in _TAG_OF.values()]))
    last = uow.session.scalars(acts.order_by(AuditRow.id.desc()).limit(1)).first()
    made = (_TAG_OF.get(entry.kind), entry.release_hash, _actor(entry.put_by), entry.id)
    if last is None or (last.tag, last.subject, last.actor, last.facts.get("entry")) != made:
        return "the audit log does not tell that it was put in force last"
    return None


def _events(uow: UnitOfWork, tag: Tag, release_hash: str, staff_id: str) -> Iterator[dict[str, Any]]:
    """What the audit log keeps of such acts of one person on a release, oldest first."""
    query = sa.select(AuditRow.facts).where(
        AuditRow.tag == tag.value, AuditRow.subject == release_hash, AuditRow.actor == _actor(staff_id)
    )
    yield from uow.session.scalars(query.order_by(AuditRow.id))


def _actor(staff_id: str) -> str:
    return f"staff:{staff_id}"
