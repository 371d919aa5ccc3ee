"""Releases by terminal: the acts, and what stands on record."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backhaul.bootstrap import release_files, releases
from backhaul.bootstrap.policy_shelf import PolicyShelf, policy_folder
from backhaul.bootstrap.teaching import HeadsInUse
from backhaul.cli.acting import member_named, open_ready_store, password_for
from backhaul.domain.errors import BadInput
from backhaul.domain.release import SHORT, Component, Gate, GateResult, Release, differences
from backhaul.settings import Settings
from backhaul.store import releases as records
from backhaul.store import staff
from backhaul.store.house_tables import StaffRow
from backhaul.store.release_tables import ReleaseInForceRow, ReleaseRow
from backhaul.store.unit_of_work import UnitOfWork

_HASH = re.compile("[0-9a-f]{64}")


class _GateFile(BaseModel):
    """What an examination hands in. `release` is the hash that it examined: it speaks for no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    result: GateResult
    run: str
    figures: dict[str, Any] = {}
    release: str


@dataclass(frozen=True, slots=True)
class _Acting:
    """Somebody with an open transaction; `learnt` marks the heads that the reader reads with."""

    uow: UnitOfWork
    who: StaffRow
    learnt: str


@contextmanager
def _acting(settings: Settings, email: str, *, password_stdin: bool) -> Iterator[_Acting]:
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store, store.begin() as uow:
        learnt = HeadsInUse(settings, store).mark(uow)
        yield _Acting(uow, member_named(uow, email, password), learnt)


def propose(console: Console, email: str, *, note: str, gate: Path | None, password_stdin: bool) -> None:
    """Put what runs here on record, and keep its parts beside the database.

    Raises:
        BadInput: The gate's file cannot be used, or is about another release.
        NotAllowed: This person may not.
    """
    settings = Settings()
    shelf = PolicyShelf(policy_folder(settings))
    book = shelf.current()
    with _acting(settings, email, password_stdin=password_stdin) as acting:
        release = releases.program(settings, bundle_hash=book.bundle_hash, learnt=acting.learnt)
        answer = _gate_in(gate, release) if gate else None
        records.propose(acting.uow, release, by=acting.who.id, note=note, gate=answer)
        folder = release_files.keep(settings, release, book.bundle, learnt=acting.learnt)
    said = answer.result.value if answer else "not examined yet"
    console.print(f"proposed {release.hash}\ngate: {said}\nits parts are kept in {folder}", markup=False)
    if answer and answer.result is GateResult.PASSED:
        console.print(
            f"somebody else signs it: backhaul release sign {release.hash[:SHORT]} --as EMAIL", markup=False
        )


def _gate_in(file: Path, release: Release) -> Gate:
    try:
        read = _GateFile.model_validate_json(file.read_bytes())
    except OSError as wrong:
        raise BadInput(f"{file} cannot be read: {wrong.strerror}", field="gate") from wrong
    except ValidationError as wrong:
        fault = wrong.errors()[0]
        where = ".".join(map(str, fault["loc"])) or "the file"
        raise BadInput(f"{file} is no answer of a gate; {where}: {fault['msg']}", field="gate") from wrong
    if read.release != release.hash:
        about, runs = read.release[:SHORT], release.hash[:SHORT]
        raise BadInput(
            f"{file} is about release {about}, and {runs} runs here; examine what runs here, and propose it "
            "with that answer",
            field="gate",
        )
    return Gate(read.result, read.run, read.figures)


def sign(console: Console, hash_: str, email: str, *, password_stdin: bool) -> None:
    """Sign a release; see `records.sign` for what is refused."""
    settings = Settings()
    with _acting(settings, email, password_stdin=password_stdin) as acting:
        row = records.named(acting.uow, hash_)
        records.sign(acting.uow, row, by=acting.who.id)
    console.print(f"signed {row.hash}; it is in force", markup=False)
    _tell_whether_it_runs(console, settings, row, acting.learnt)


def roll_back(console: Console, hash_: str, email: str, *, password_stdin: bool) -> None:
    """Put an earlier release in force again; see `records.roll_back` for what is refused."""
    settings = Settings()
    with _acting(settings, email, password_stdin=password_stdin) as acting:
        row = records.named(acting.uow, hash_)
        records.roll_back(acting.uow, row, by=acting.who.id)
    console.print(f"{row.hash} is in force again", markup=False)
    _tell_whether_it_runs(console, settings, row, acting.learnt)


def _tell_whether_it_runs(console: Console, settings: Settings, row: ReleaseRow, learnt: str) -> None:
    apart = differences(records.release_of(row), releases.running(settings, learnt=learnt))
    if apart:
        console.print(
            f"What runs here differs from it: {_names(apart)}. Until both processes run what is in force, a "
            f"person decides everything; the parts of {row.hash[:SHORT]} are in "
            f"{release_files.folder_of(settings, row.hash)}.",
            markup=False,
        )


def show(console: Console, hash_: str) -> None:
    """A release with its parts; those in which the release in force differs are marked."""
    settings = Settings()
    with open_ready_store(settings) as store, store.read() as uow:
        row = records.named(uow, hash_) if hash_ else None
        learnt = HeadsInUse(settings, store).mark(uow)
        release = records.release_of(row) if row else releases.running(settings, learnt=learnt)
        row = row or uow.session.get(ReleaseRow, release.hash)
        entry = records.in_force(uow)
        lines = [*_record_lines(uow, row), *_force_lines(uow, release, entry, settings)]
        other = _in_force_release(uow, entry)
    console.print(f"release {release.hash}", markup=False)
    console.print(_parts(release, other))
    for line in lines:
        console.print(line, markup=False)


def _record_lines(uow: UnitOfWork, row: ReleaseRow | None) -> list[str]:
    if row is None:
        return ["It is what runs here, and was not proposed; see `backhaul release propose`."]
    gate = row.gate or {}
    said = f"{gate.get('result')}, run {gate.get('run')}" if gate else "not examined"
    name = records.signature(uow, row.hash)
    signed = f"signed by {_who(uow, name.signed_by)} at {name.signed_at:%Y-%m-%d %H:%M} UTC" if name else ""
    proposed = f"proposed by {_who(uow, row.proposed_by)} at {row.proposed_at:%Y-%m-%d %H:%M} UTC"
    return [f"{proposed}: {row.note}" if row.note else proposed, f"gate: {said}", signed or "not signed"]


def _force_lines(
    uow: UnitOfWork, release: Release, entry: ReleaseInForceRow | None, settings: Settings
) -> list[str]:
    why = records.obstacle(uow, release.hash)
    force = f"Not in force: {why}."
    if entry and not why:
        force = f"In force since {entry.since:%Y-%m-%d %H:%M} UTC."
    if not settings.releases_are_required:
        return [force, "BACKHAUL_RELEASE_CONTROL is off: it decides by itself all the same."]
    return [force] if not why else [force, "A person decides everything until it is."]


def _in_force_release(uow: UnitOfWork, entry: ReleaseInForceRow | None) -> Release | None:
    row = uow.session.get(ReleaseRow, entry.release_hash) if entry else None
    try:
        return records.release_of(row) if row else None
    except BadInput:  # its manifest was edited, which the line about what is in force says
        return None


def _parts(release: Release, in_force: Release | None) -> Table:
    apart = differences(in_force, release) if in_force else ()
    table = Table("part", "", "in force", box=None, header_style="dim")
    for one in Component:
        beside = getattr(in_force, one.value) if one in apart else "the same" if in_force else ""
        table.add_row(one.value, escape(_short(getattr(release, one.value))), escape(_short(beside)))
    return table


def _short(identity: str) -> str:
    return identity[:SHORT] if _HASH.fullmatch(identity) else identity


def list_all(console: Console) -> None:
    """Every release on record."""
    table = Table("release", "proposed", "by", "gate", "signed by", "in force", box=None, header_style="dim")
    with open_ready_store(Settings()) as store, store.read() as uow:
        rows, entry = records.all_releases(uow), records.in_force(uow)
        since = {one.release_hash: f"{one.since:%Y-%m-%d}" for one in records.history(uow)}
        for row in rows:
            name = records.signature(uow, row.hash)
            held = since.get(row.hash, "")
            cells = (
                row.hash[:SHORT],
                f"{row.proposed_at:%Y-%m-%d}",
                _name(uow, row.proposed_by),
                str((row.gate or {}).get("result", "not examined")),
                _name(uow, name.signed_by) if name else "",
                f"since {held}"
                if entry and entry.release_hash == row.hash
                else f"was {held}"
                if held
                else "",
            )
            table.add_row(*map(escape, cells))
    console.print(table if rows else "no release yet; see `backhaul release propose`")


def _names(parts: tuple[Component, ...]) -> str:
    return ", ".join(one.value for one in parts)


def _who(uow: UnitOfWork, staff_id: str) -> str:
    person = staff.staff_by_id(uow, staff_id)
    return person.email if person else staff_id


def _name(uow: UnitOfWork, staff_id: str) -> str:
    person = staff.staff_by_id(uow, staff_id)
    return person.name if person else staff_id
