"""Tampering with the audit log in every way we could think of: each is found, and told where."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from backhaul.cli.main import app
from backhaul.domain.audit import Tag
from backhaul.domain.clock import MovedClock
from backhaul.store import checkpoints
from backhaul.store.database import open_engine
from backhaul.store.house_tables import AuditRow
from backhaul.store.money_tables import CheckpointRow
from backhaul.store.unit_of_work import Store, event_of
from backhaul.store.verify import Verified, open_for_reading, verify
from tools.permits import Signer


def signer() -> Signer:
    key = Ed25519PrivateKey.generate()
    return Signer(key.public_key().public_bytes_raw().hex()[:16], key)


@dataclass
class Log:
    """Two cases that grew a little between three checkpoints."""

    store: Store
    clock: MovedClock
    url: str
    file: Path
    signer: Signer = field(default_factory=signer)

    def happens(self, case_id: str, times: int) -> None:
        for number in range(times):
            with self.store.begin() as uow:
                facts = {"number": number, "who": "dora"}
                uow.record(Tag.PARCEL_MOVED, actor="carrier:x", subject="BHL-1", case_id=case_id, facts=facts)

    def sign(self, by: Signer | None = None, *, into_file: bool = True) -> bool:
        self.clock.advance(days=1)
        with self.store.begin() as uow:
            file = self.file if into_file else None
            return checkpoints.sign_checkpoint(uow, by or self.signer, file=file) is not None

    def look(self, *, with_file: bool = True) -> Verified:
        engine = open_for_reading(self.url)
        keys = {self.signer.key_id: self.signer.public_hex}
        found = verify(engine, keys, filed=checkpoints.read_file(self.file) if with_file else ())
        engine.dispose()
        return found

    def told(self, *, with_file: bool = True) -> list[str]:
        return [str(one) for one in self.look(with_file=with_file).tampering]

    def plant(self, statement: sa.Executable) -> None:
        with self.store.begin() as uow:
            uow.session.execute(statement)

    def chain_anew(self, case_id: str, seq: int) -> None:
        """Edit an event, and hash it and all after it again, as somebody would who knows the code."""
        with self.store.begin() as uow:
            rows = uow.session.scalars(
                sa.select(AuditRow).where(AuditRow.chain == case_id).order_by(AuditRow.seq)
            ).all()
            previous = ""
            for row in rows:
                row.actor = "carrier:y" if row.seq == seq else row.actor
                row.previous_hash = previous
                row.hash = previous = event_of(row).hash


@pytest.fixture
def log(database_url: str, tmp_path: Path) -> Iterator[Log]:
    clock = MovedClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    opened = Log(Store(open_engine(database_url), clock), clock, database_url, tmp_path / "checkpoints.jsonl")
    for more_a, more_b in ((3, 2), (2, 0), (2, 3)):
        opened.happens("RC-A", more_a)
        opened.happens("RC-B", more_b)
        assert opened.sign()
    yield opened
    opened.store.close()


@pytest.fixture
def short(sqlite_database_url: str, tmp_path: Path) -> Iterator[Log]:
    """One case of three events and one checkpoint, in a file."""
    clock = MovedClock(datetime(2026, 11, 2, 12, tzinfo=UTC))
    store = Store(open_engine(sqlite_database_url), clock)
    opened = Log(store, clock, sqlite_database_url, tmp_path / "checkpoints.jsonl")
    opened.happens("RC-A", 3)
    assert opened.sign()
    yield opened
    store.close()


def of(case_id: str, *more: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(AuditRow.chain == case_id, *more)


def test_a_log_nobody_touched_is_true(log: Log) -> None:
    log.happens("RC-A", 2)
    found = log.look()

    assert found.tampering == []
    assert (found.events, found.chains, found.checkpoints, found.after_last) == (14, 2, 3, 2)


def test_nothing_new_is_not_signed_again(log: Log) -> None:
    assert not log.sign()
    log.happens("RC-C", 1)
    assert log.sign()


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "carrier:y"},
        {"facts": {"number": 0, "who": "dana"}},
        {"subject": "BHL-2"},
        {"at": datetime(2026, 11, 2, 13, tzinfo=UTC)},
        {"tag": "carrier:parcel:moved "},
    ],
)
def test_an_edited_event_is_found_and_located(log: Log, change: dict[str, object]) -> None:
    log.plant(sa.update(AuditRow).where(of("RC-A", AuditRow.seq == 5)).values(**change))

    (told,) = log.told()
    assert told == (
        "RC-A event 5: its content was edited: it does not give its hash; "
        "true up to event 3, checkpoint 1 of 2026-11-03 12:00 UTC"
    )


def test_an_edited_hash_is_found(log: Log) -> None:
    log.plant(sa.update(AuditRow).where(of("RC-A", AuditRow.seq == 5)).values(hash="0" * 64))

    assert {one.event for one in log.look().tampering} == {4, 5}


def test_events_removed_in_the_middle_are_found(log: Log) -> None:
    log.plant(sa.delete(AuditRow).where(of("RC-A", AuditRow.seq.in_([4, 5]))))

    (told,) = log.told()
    assert told.startswith("RC-A event 4: events 4 to 5 removed; true up to event 3, checkpoint 1 of")


def test_a_tail_that_was_cut_off_is_found(log: Log) -> None:
    log.plant(sa.delete(AuditRow).where(of("RC-A", AuditRow.seq > 5)))

    (told,) = log.told()
    assert "RC-A event 6: the end of the chain was cut off: checkpoint 3 of" in told
    assert "had seen event 7; true up to event 5, checkpoint 2 of" in told


def test_a_chain_that_was_removed_is_found(log: Log) -> None:
    log.plant(sa.delete(AuditRow).where(of("RC-B")))

    assert [(one.chain, one.event) for one in log.look().tampering] == [("RC-B", 1)]


def test_a_chain_made_anew_is_found_and_so_is_since_when(log: Log) -> None:
    log.chain_anew("RC-A", 4)

    (told,) = log.told()
    assert told == (
        "RC-A event 4: the chain was made anew from here or later: checkpoint 2 of 2026-11-04 12:00 UTC "
        "signed another event 5; true up to event 3, checkpoint 1 of 2026-11-03 12:00 UTC"
    )


def made_anew(log: Log, by: Signer) -> None:
    """The whole log, and checkpoints to go with it."""
    for case_id in ("RC-A", "RC-B"):
        log.chain_anew(case_id, 1)
    log.plant(sa.delete(CheckpointRow))
    assert log.sign(by, into_file=False)


def test_everything_made_anew_is_found_by_its_foreign_signature_and_by_the_file(log: Log) -> None:
    made_anew(log, signer())

    told = log.told()
    assert "checkpoint 1 in the database: it was signed with key" in told[0]
    assert sum("it was removed from the database" in one for one in told) == 3
    assert sum("the chain was made anew from here or later" in one for one in told) == 2
    assert any("none of ours" in one for one in log.told(with_file=False))


def test_everything_made_anew_under_the_name_of_our_key_is_a_forgery(log: Log) -> None:
    made_anew(log, Signer(log.signer.key_id, Ed25519PrivateKey.generate()))

    assert "checkpoint 1 in the database: it is forged: our key did not sign it" in log.told(with_file=False)


def test_a_removed_checkpoint_is_missed_by_the_next_one(log: Log) -> None:
    log.plant(sa.delete(CheckpointRow).where(CheckpointRow.id == 2))

    assert log.told(with_file=False) == ["checkpoint 2 in the database: a checkpoint before it was removed"]
    assert "checkpoint 2 in the file: it was removed from the database" in log.told()


def test_the_newest_checkpoint_and_what_it_covered_taken_away_is_found_by_the_file(log: Log) -> None:
    log.plant(sa.delete(CheckpointRow).where(CheckpointRow.id == 3))
    log.plant(sa.delete(AuditRow).where(of("RC-A", AuditRow.seq > 5)))

    assert log.told(with_file=False) == [], "the database alone is consistent"
    assert "checkpoint 3 in the file: it was removed from the database" in log.told()
    assert any("RC-A event 6: the end of the chain was cut off" in one for one in log.told())


def test_an_edited_checkpoint_swears_nothing(log: Log) -> None:
    with log.store.begin() as uow:
        row = uow.session.get(CheckpointRow, 2)
        assert row is not None
        row.heads = {**row.heads, "RC-A": [5, "0" * 64]}

    assert log.told(with_file=False) == [
        "checkpoint 2 in the database: it was edited: it does not give its digest"
    ]


def test_a_line_taken_out_of_the_file_is_found(log: Log) -> None:
    lines = log.file.read_text().splitlines()
    log.file.write_text("\n".join([lines[0], lines[2]]) + "\n")

    assert log.told() == [
        "checkpoint 2 in the file: a checkpoint before it was removed",
        "checkpoint 2 in the database: it was removed from the file",
    ]


def test_a_file_that_fell_behind_is_brought_up_to_date(log: Log) -> None:
    whole = log.file.read_text()
    log.file.write_text("".join(whole.splitlines(keepends=True)[:1]))
    assert log.told() == []

    log.happens("RC-B", 1)
    assert log.sign()

    assert log.file.read_text().startswith(whole)
    assert len(checkpoints.read_file(log.file)) == 4


@pytest.mark.parametrize("forge", [lambda line: line[:-9], lambda _: "{}", lambda _: "[1]"])
def test_a_line_that_is_no_checkpoint_is_missed(log: Log, forge: Callable[[str], str]) -> None:
    lines = log.file.read_text().splitlines()
    log.file.write_text("\n".join([lines[0], forge(lines[1]), lines[2]]) + "\n")

    assert "checkpoint 2 in the database: it was removed from the file" in log.told()


@pytest.mark.parametrize("column", ["at", "actor", "tag", "subject", "facts"])
def test_every_byte_of_an_event_counts(short: Log, column: str) -> None:
    """Whatever a byte turns into, the verifier tells the event and does not stumble over it."""
    with short.store.read() as uow:
        value = uow.session.scalar(sa.text(f"SELECT {column} FROM audit_event WHERE seq = 2"))  # noqa: S608 - ours
    write = sa.text(f"UPDATE audit_event SET {column} = :value WHERE seq = 2")  # noqa: S608 - our column
    for place in range(len(value)):
        spoilt = value[:place] + ("%" if value[place] != "%" else "&") + value[place + 1 :]
        short.plant(write.bindparams(value=spoilt))
        assert [one.event for one in short.look().tampering] == [2], f"{column} {place}"

    short.plant(write.bindparams(value=value))
    assert short.told() == []


def test_what_is_no_text_and_no_number_is_told_as_well(short: Log) -> None:
    short.plant(sa.text("UPDATE audit_event SET facts = x'ff', seq = 'two' WHERE seq = 2"))

    assert short.told()


def test_a_copy_is_verified_at_a_terminal_with_nothing_but_a_key(
    short: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKHAUL_HOME", str(tmp_path / "elsewhere"))
    copy = short.url.removeprefix("sqlite:///")
    words = ["--database", copy, "--key", short.signer.public_hex, "--checkpoints", str(short.file)]
    fine = CliRunner().invoke(app, ["audit", "verify", *words])
    short.chain_anew("RC-A", 2)
    wrong = CliRunner().invoke(app, ["audit", "verify", *words])

    assert fine.output == "1 chains, 3 events, 1 checkpoints, 0 events after the last one, 0 faults\n"
    assert wrong.exit_code == 1
    assert "RC-A event 1: the chain was made anew from here or later" in wrong.output


def test_a_line_of_the_file_says_what_the_row_says(log: Log) -> None:
    with log.store.read() as uow:
        rows = checkpoints.checkpoints(uow)

    assert checkpoints.read_file(log.file) == rows
    assert json.loads(log.file.read_text().splitlines()[0])["key_id"] == log.signer.key_id
