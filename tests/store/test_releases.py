"""Releases on record: who may do what, and what was written by nobody puts nothing in force."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.clock import Ids, SystemClock
from backhaul.domain.codes import Role
from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed, NotFound
from backhaul.domain.release import Gate, GateResult, Release
from backhaul.store import releases, staff
from backhaul.store.audit import events, faults
from backhaul.store.database import open_engine
from backhaul.store.house_tables import StaffRow
from backhaul.store.release_tables import ReleaseInForceRow, ReleaseRow, ReleaseSignatureRow
from backhaul.store.unit_of_work import Store, UnitOfWork

FIRST = Release("code", "reader", "exemplars", "prompts", "offline", "policies")
SECOND = replace(FIRST, prompts="other prompts")
PASSED = Gate(GateResult.PASSED, "RUN-1", {"right": 0.97})
PEOPLE = {"petra": Role.POLICY_OWNER, "arne": Role.APPROVER, "ada": Role.ADMIN, "dora": Role.INSPECTOR}


@pytest.fixture
def store(sqlite_database_url: str) -> Iterator[Store]:
    yield from with_people(sqlite_database_url)


def with_people(database_url: str) -> Iterator[Store]:
    opened = Store(open_engine(database_url), SystemClock())
    with opened.begin() as uow:
        for name, role in PEOPLE.items():
            email = f"{name}@halden.example"
            staff.add_staff(uow, Ids(), email=email, name=name, roles=[role], password_hash="-", actor="test")
    yield opened
    opened.close()


def who(uow: UnitOfWork, name: str) -> str:
    row = staff.staff_by_email(uow, f"{name}@halden.example")
    assert row is not None
    return row.id


def propose(store: Store, release: Release, *, by: str = "petra", gate: Gate | None = PASSED) -> None:
    with store.begin() as uow:
        releases.propose(uow, release, by=who(uow, by), note="", gate=gate)


def sign(store: Store, release: Release, *, by: str = "arne") -> None:
    with store.begin() as uow:
        releases.sign(uow, releases.named(uow, release.hash), by=who(uow, by))


def roll_back(store: Store, release: Release, *, by: str = "arne") -> None:
    with store.begin() as uow:
        releases.roll_back(uow, releases.named(uow, release.hash), by=who(uow, by))


def obstacle(store: Store, release: Release) -> str | None:
    with store.read() as uow:
        return releases.obstacle(uow, release.hash)


def test_a_release_is_in_force_once_a_second_person_has_signed_it(store: Store) -> None:
    propose(store, FIRST)
    assert obstacle(store, FIRST) == "no release was ever put in force"

    sign(store, FIRST)

    assert obstacle(store, FIRST) is None
    assert "is in force" in (obstacle(store, SECOND) or "")


def test_every_act_stands_in_the_audit_log(database_url: str) -> None:
    for store in with_people(database_url):
        acts_are_told(store)


def acts_are_told(store: Store) -> None:
    for release in (FIRST, SECOND):
        propose(store, release)
        sign(store, release)
    roll_back(store, FIRST)

    with store.read() as uow:
        told = [(one.tag, one.subject) for one in events(uow) if ":release:" in one.tag]
        assert faults(uow, "system") == []
    assert told[-1] == (Tag.RELEASE_ROLLED_BACK, FIRST.hash)
    assert [tag for tag, _ in told[:2]] == [Tag.RELEASE_PROPOSED, Tag.RELEASE_SIGNED]
    assert obstacle(store, FIRST) is None
    assert obstacle(store, SECOND) is not None


def test_its_author_does_not_sign_it(store: Store) -> None:
    propose(store, FIRST, by="arne")

    with pytest.raises(NotAllowed, match="somebody else has to"):
        sign(store, FIRST, by="arne")
    assert obstacle(store, FIRST) is not None


def test_who_has_no_part_in_releases_can_do_nothing_with_them(store: Store) -> None:
    with pytest.raises(NotAllowed, match="roles"):
        propose(store, FIRST, by="dora")
    propose(store, FIRST)
    with pytest.raises(NotAllowed, match="roles"):
        sign(store, FIRST, by="dora")


@pytest.mark.parametrize(
    "gate", [Gate(GateResult.FAILED, "RUN-2", {}), Gate(GateResult.NOT_ENOUGH_EVIDENCE, "RUN-3", {}), None]
)
def test_what_did_not_pass_its_gate_is_not_signed(store: Store, gate: Gate | None) -> None:
    propose(store, FIRST, gate=gate)

    with pytest.raises(BadInput, match="its gate has not passed"):
        sign(store, FIRST)


def test_its_author_may_bring_the_gates_answer_later_until_it_is_signed(store: Store) -> None:
    propose(store, FIRST, gate=None)
    with pytest.raises(NotAllowed, match="somebody else's"):
        propose(store, FIRST, by="ada")
    propose(store, FIRST)
    sign(store, FIRST)

    for again in (propose, sign):
        with pytest.raises(InvalidTransition, match="signed"):
            again(store, FIRST)


def test_one_goes_back_only_to_what_was_in_force(store: Store) -> None:
    propose(store, FIRST)
    with pytest.raises(BadInput, match="never in force"):
        roll_back(store, FIRST)
    sign(store, FIRST)
    with pytest.raises(BadInput, match="in force already"):
        roll_back(store, FIRST)


def test_a_release_is_named_by_how_its_hash_begins(store: Store) -> None:
    propose(store, FIRST)

    with store.read() as uow:
        assert releases.named(uow, FIRST.hash[:8].upper()).hash == FIRST.hash
        with pytest.raises(NotFound):
            releases.named(uow, SECOND.hash)
        with pytest.raises(BadInput, match="at least 8"):
            releases.named(uow, FIRST.hash[:7])


def forge(store: Store, *statements: sa.Executable) -> None:
    """What somebody does who can write to the database and has no command for it."""
    with store.begin() as uow:
        for statement in statements:
            uow.session.execute(statement)


def staff_id(name: str) -> sa.ScalarSelect[Any]:
    return sa.select(StaffRow.id).where(StaffRow.name == name).scalar_subquery()


SIGNED_BY = sa.update(ReleaseSignatureRow)
FORGERIES = {
    "an edited manifest": (
        sa.update(ReleaseRow).values(components=SECOND.manifest()),
        "its manifest was edited",
    ),
    "a part that was dropped": (
        sa.update(ReleaseRow).values(components={"code": "code"}),
        "its manifest was edited",
    ),
    "a signature of somebody else": (
        SIGNED_BY.values(signed_by=staff_id("ada")),
        "the audit log does not tell of its signature",
    ),
    "its author's own signature": (SIGNED_BY.values(signed_by=staff_id("petra")), "its author has signed it"),
    "no signature": (sa.delete(ReleaseSignatureRow), "nobody has signed it"),
    "another author": (
        sa.update(ReleaseRow).values(proposed_by=staff_id("ada")),
        "the audit log does not tell of this proposal",
    ),
    "a gate of another run": (
        sa.update(ReleaseRow).values(gate={"result": "passed", "run": "RUN-9", "figures": {}}),
        "the audit log does not tell of this proposal",
    ),
    "a gate that did not pass": (
        sa.update(ReleaseRow).values(gate={"result": "failed", "run": "RUN-1", "figures": {}}),
        "its gate has not passed (failed)",
    ),
}


@pytest.mark.parametrize(("forgery", "noticed"), FORGERIES.values(), ids=FORGERIES)
def test_a_row_that_was_altered_puts_nothing_in_force(
    store: Store, forgery: sa.Executable, noticed: str
) -> None:
    propose(store, FIRST)
    sign(store, FIRST)

    forge(store, forgery)

    assert obstacle(store, FIRST) == noticed


def entry(release: Release, kind: str) -> sa.Executable:
    return sa.insert(ReleaseInForceRow).values(
        release_hash=release.hash, since=SystemClock().now(), put_by=staff_id("arne"), kind=kind
    )


def test_an_entry_that_nobody_made_puts_nothing_in_force(store: Store) -> None:
    for release in (FIRST, SECOND):
        propose(store, release)
        sign(store, release)

    forge(store, entry(FIRST, "signed"))

    assert obstacle(store, FIRST) == "the audit log does not tell that it was put in force last"


def test_a_signature_that_nobody_gave_puts_nothing_in_force(store: Store) -> None:
    propose(store, FIRST)
    signature = sa.insert(ReleaseSignatureRow).values(
        release_hash=FIRST.hash, signed_by=staff_id("arne"), signed_at=SystemClock().now()
    )

    forge(store, signature, entry(FIRST, "signed"))

    assert obstacle(store, FIRST) == "the audit log does not tell of its signature"


def test_an_entry_that_was_taken_away_brings_back_nothing(store: Store) -> None:
    for release in (FIRST, SECOND):
        propose(store, release)
        sign(store, release)

    forge(store, sa.delete(ReleaseInForceRow).where(ReleaseInForceRow.release_hash == SECOND.hash))

    assert obstacle(store, FIRST) == "the audit log does not tell that it was put in force last"
