"""Houses in which only a signed release decides by itself, over copies of the sources that can be changed."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from backhaul.bootstrap import releases
from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.bootstrap.worker import Replaced
from backhaul.domain.codes import Reason
from backhaul.domain.release import Gate, GateResult, Release
from backhaul.store import cases, reviews, staff
from backhaul.store import releases as records
from backhaul.store.release_tables import ReleaseRow
from backhaul.store.tables import ProposalRow, ReviewRow, VerdictRow
from backhaul.store.unit_of_work import UnitOfWork
from tests.house import House, open_house
from tests.tools.racers import SureOfReasons
from tools.release_control import ReleaseControl
from tools.verdicts import ground_of

PETRA, ARNE = "petra.policy@halden.example", "arne.approver@halden.example"
PACKAGES = ("agent", "backhaul", "policies", "tools")
PASSED = Gate(GateResult.PASSED, "RUN-1", {"right": 0.97})


def open_signed_house(seeded_home: Path, tmp_path: Path, url: str = "") -> Iterator[House]:
    """A house where a release must be signed; whoever scores reasons in it takes no time to load."""
    no_cache = tmp_path / "no-cache"
    no_cache.mkdir()
    for house in open_house(seeded_home, no_cache, tmp_path, url, Replaced(scorer=SureOfReasons())):
        house.shelf.settle_seconds = 0
        run(house, releases.program(house.settings))
        yield house


def run(house: House, program: Release, *, doors: Release | None = None) -> None:
    """What a restart of both processes on these sources comes to; `doors` if they run others."""
    guard = replace(house.world.guard, release=ReleaseControl(program, required=True))
    house.world = house.engine.world = replace(house.world, guard=guard)
    hash_of_doors = (doors or program).hash
    house.desk = replace(house.desk, program=lambda _: hash_of_doors)


def runs_now(house: House) -> Release:
    """The release that decides in this house."""
    program = house.world.guard.release.program
    assert program is not None
    return replace(program, policies=house.shelf.current().bundle_hash)


def person(uow: UnitOfWork, email: str) -> str:
    row = staff.staff_by_email(uow, email)
    assert row is not None
    return row.id


def propose(house: House, *, by: str = PETRA, gate: Gate | None = PASSED) -> str:
    """Put what runs here on record; its hash."""
    with house.store.begin() as uow:
        return records.propose(uow, runs_now(house), by=person(uow, by), note="", gate=gate).hash


def sign(house: House, release_hash: str, *, by: str = ARNE) -> None:
    with house.store.begin() as uow:
        records.sign(uow, records.named(uow, release_hash), by=person(uow, by))


def roll_back(house: House, release_hash: str, *, by: str = ARNE) -> None:
    with house.store.begin() as uow:
        records.roll_back(uow, records.named(uow, release_hash), by=person(uow, by))


def on_record(house: House, release_hash: str) -> ReleaseRow:
    with house.store.read() as uow:
        return records.named(uow, release_hash)


def sign_off(house: House) -> str:
    """Put what runs here in force, by two people."""
    release_hash = propose(house)
    sign(house, release_hash)
    return release_hash


def ask(house: House, order: str, line: int) -> ProposalRow:
    """Propose one piece of a line, and have it decided."""
    sent = house.propose(order, line, 1, Reason.NO_LONGER_NEEDED, words="we no longer need it")
    with house.store.read() as uow:
        (row,) = cases.proposals(uow, consent_id=sent.consent_id)
    return row


def verdict_on(house: House, proposal: ProposalRow) -> VerdictRow:
    """The newest verdict on the proposal itself."""
    with house.store.read() as uow:
        return [row for row in cases.verdicts(uow, proposal.id) if row.action == proposal.action][-1]


def approve(house: House, proposal: ProposalRow, *, by: str = ARNE) -> ProposalRow:
    """What the desk does with the review of a proposal: say yes, and let the worker act on it."""
    with house.store.begin() as uow:
        row = reviews.review_of_proposal(uow, proposal.id)
        assert row is not None
        command = verdict_of(uow, row).command_digest
        reviews.approve(uow, house.desk.ids, row, user_id=person(uow, by), command_digest=command, note="")
        row.version += 1
        house.engine.start(uow, workflow="resume-review", workflow_id=f"resume-{row.id}", args=[row.id])
    with house.store.read() as uow:
        return cases.proposal(uow, proposal.id)


def verdict_of(uow: UnitOfWork, row: ReviewRow) -> VerdictRow:
    verdict = reviews.newest_verdict(uow, row)
    assert verdict is not None
    return verdict


def answers_of(verdict: VerdictRow) -> list[tuple[str, str, str]]:
    """What every rule said."""
    return [(one["rule"], one["status"], one["effect"]) for one in verdict.decision["results"]]


def reason_of(verdict: VerdictRow) -> str:
    """Why, for colleagues."""
    return ground_of(verdict)


def copy_of_sources(folder: Path) -> Path:
    """The packages as they stand here, in a folder where they may be changed."""
    for package in PACKAGES:
        shutil.copytree(
            releases.SOURCES / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def publish(house: House, folder: Path, change: tuple[str, str]) -> None:
    """Put documents in force in which one text is another."""
    folder.mkdir(exist_ok=True)
    for name, text in read_documents(SHIPPED).items():
        (folder / name).write_text(text.replace(*change), encoding="utf-8")
    house.shelf.folder = folder
