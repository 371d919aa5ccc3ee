import io
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.demo_people import DEMO_STAFF
from backhaul.bootstrap.operator import ensure_operator_key
from backhaul.cli.main import app
from backhaul.settings import Settings
from backhaul.store import heartbeat, staff
from backhaul.store.checkpoints import FILE_NAME

pytestmark = pytest.mark.slow
"""Whole homes are backed up and restored by processes of their own"""

PHOTO = b"a photo"


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env={"BACKHAUL_HOME": str(home)})


@pytest.fixture
def home(seeded_home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(seeded_home, folder)
    settings = Settings(home=folder)
    stores.blob_store(settings).put(PHOTO)
    ensure_operator_key(settings)
    (folder / "worker").mkdir()
    (folder / "worker" / "signing.key").write_text("secret")
    return folder


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def account_name(home: Path) -> str:
    account = outside.erp_reads(Settings(home=home)).account("A-1001")
    return account.name if account else "unknown"


def test_what_was_backed_up_is_there_again_after_a_restore(home: Path, tmp_path: Path) -> None:
    file, fresh = tmp_path / "backup.tar.gz", tmp_path / "fresh"

    assert run(home, "backup", str(file)).exit_code == 0
    assert run(fresh, "restore", str(file)).exit_code == 0

    assert account_name(fresh) == "Harbor Mechanical"
    restored = Settings(home=fresh)
    store = stores.open_store(restored)
    with store.read() as uow:
        assert {row.email for row in staff.all_staff(uow) if row.demo} == {one.email for one in DEMO_STAFF}
    store.close()
    blob = next(path for path in (fresh / "blobs").rglob("*") if path.is_file())
    assert stores.blob_store(restored).get(blob.name) == PHOTO


def test_signed_checkpoints_of_the_audit_log_go_with_the_home(home: Path, tmp_path: Path) -> None:
    file, fresh = tmp_path / "backup.tar.gz", tmp_path / "fresh"
    (home / FILE_NAME).write_text("{}\n")

    assert run(home, "backup", str(file)).exit_code == 0
    assert run(fresh, "restore", str(file)).exit_code == 0

    assert (fresh / FILE_NAME).read_text() == "{}\n"


def test_a_change_that_is_not_yet_in_the_main_file_is_backed_up_too(home: Path, tmp_path: Path) -> None:
    file, fresh = tmp_path / "backup.tar.gz", tmp_path / "fresh"
    with closing(sqlite3.connect(home / "erp.db")) as writing:
        writing.execute("pragma journal_mode=wal")
        writing.execute("create table note (words text)")
        writing.execute("insert into note values ('kept')")
        writing.commit()
        assert run(home, "backup", str(file)).exit_code == 0

    assert run(fresh, "restore", str(file)).exit_code == 0

    with closing(sqlite3.connect(fresh / "erp.db")) as erp:
        assert erp.execute("select words from note").fetchone() == ("kept",)


def test_keys_are_backed_up_only_when_asked_for(home: Path, tmp_path: Path) -> None:
    without, with_keys = tmp_path / "without.tar.gz", tmp_path / "with.tar.gz"

    run(home, "backup", str(without))
    run(home, "backup", str(with_keys), "--with-keys")

    keys = {"worker/signing.key", "operator.key"}
    assert keys & set(names_in(without)) == set()
    assert keys <= set(names_in(with_keys))
    assert with_keys.stat().st_mode & 0o077 == 0


def test_a_home_that_is_in_use_is_restored_only_by_force_and_nothing_is_lost(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"
    run(home, "backup", str(file))
    (home / "erp.db").write_bytes(b"")

    refused = run(home, "restore", str(file))
    forced = run(home, "restore", str(file), "--force")

    assert (refused.exit_code, "is not empty" in refused.stderr) == (2, True)
    assert forced.exit_code == 0
    assert account_name(home) == "Harbor Mechanical"
    (aside,) = home.glob("before-restore-*")
    assert (aside / "operator.key").exists()


def test_nothing_is_restored_under_a_living_worker(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    run(home, "backup", str(file))
    store = stores.open_store(Settings(home=home))
    with store.begin() as uow:
        heartbeat.beat(uow, "here:1:a", bundle_hash="", policy_problem=None)
    store.close()

    done = run(home, "restore", str(file), "--force")

    assert (done.exit_code, "a worker uses" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", ["../outside.db", "worker/../../outside", "notes.txt"])
def test_a_file_that_is_no_backup_is_refused_whole(tmp_path: Path, name: str) -> None:
    file, fresh = tmp_path / "strange.tar.gz", tmp_path / "fresh"
    with tarfile.open(file, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("erp.db"), io.BytesIO())
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())

    done = run(fresh, "restore", str(file))

    assert (done.exit_code, "no backup of ours" in done.stderr) == (2, True)
    assert list(fresh.iterdir()) == []


def test_an_existing_backup_is_not_overwritten_by_accident(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    file.write_bytes(b"older")

    done = run(home, "backup", str(file))

    assert (done.exit_code, file.read_bytes()) == (2, b"older")


def test_an_empty_home_has_nothing_to_back_up(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing", "backup", str(tmp_path / "backup.tar.gz"))

    assert (done.exit_code, "nothing to back up" in done.stderr) == (2, True)
