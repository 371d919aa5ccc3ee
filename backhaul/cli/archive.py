"""A home in one file, and back.

Our own database is copied before the systems outside: after a restore these may know of a command that we
still think under way, which is asked again under the same key and found. The other way round something would
be missing that we believe done. Photos come last: every row's photo is then there.
"""

import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from backhaul.bootstrap import stores
from backhaul.bootstrap.home_keys import LINK_KEY_FILE
from backhaul.bootstrap.operator import KEY_FILE, operator_key
from backhaul.cli.talk import is_our_server, server_address
from backhaul.domain.errors import BackhaulError, BadInput
from backhaul.settings import Settings
from backhaul.store import heartbeat, migrate
from backhaul.store.checkpoints import FILE_NAME
from backhaul.store.unit_of_work import Store

_BLOBS, _WORKER = "blobs", "worker"
_KEYS = (KEY_FILE, LINK_KEY_FILE)
_SECRETS = frozenset({_WORKER, *_KEYS})
_NOT_DATA = frozenset({"cache", "labels", ".setup-lock"})
"""Made again when needed"""
_BEFORE = "before-restore-"
_SHARED_MODE, _SECRET_MODE, _SECRET_FOLDER_MODE = 0o644, 0o600, 0o700


def write(settings: Settings, file: Path, *, with_keys: bool, force: bool) -> int:
    """Write a consistent copy of the home; the number of files in it.

    Raises:
        BadInput: The home holds nothing, the file exists, or it cannot be written.
    """
    if file.exists() and not force:
        raise BadInput(f"{file} exists; choose another name or say --force", field="file")
    home = settings.home
    if not (settings.erp_path.exists() or settings.sqlite_path.exists()):
        raise BadInput(f"there is nothing to back up in {home}; is BACKHAUL_HOME right?", field="home")
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as folder:
            packed = Path(folder) / "backup.tar.gz"
            with tarfile.open(packed, "w:gz") as tar:
                kept = _add_checkpoints(home, tar)
                kept += _add_databases(settings, tar, Path(folder))
                kept += _add_files(home, tar, with_keys=with_keys)
            packed.chmod(_SECRET_MODE)
            packed.replace(file)
    except OSError as error:
        raise BadInput(f"{file} cannot be written: {error.strerror}", field="file") from error
    return kept


def _add_checkpoints(home: Path, tar: tarfile.TarFile) -> int:
    """Before the database, so that it never tells of a checkpoint that the copy of the database lacks."""
    if not (home / FILE_NAME).exists():
        return 0
    tar.add(home / FILE_NAME, FILE_NAME, filter=_ordinary)
    return 1


def _add_databases(settings: Settings, tar: tarfile.TarFile, folder: Path) -> int:
    ours = [settings.sqlite_path, settings.checkpoints_path]
    outside = sorted(set(settings.home.glob("*.db")) - set(ours))
    found = [path for path in (*ours, *outside) if path.exists()]
    for path in found:
        copy = folder / path.name
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(copy)) as copied:
            live.backup(copied)
        tar.add(copy, path.name, filter=_ordinary)
        copy.unlink()
    return len(found)


def _add_files(home: Path, tar: tarfile.TarFile, *, with_keys: bool) -> int:
    kept = 0
    for path in sorted((home / _BLOBS).rglob("*")):
        if path.is_file() and not path.name.startswith("tmp"):
            tar.add(path, path.relative_to(home).as_posix(), filter=_ordinary)
            kept += 1
    for path in _secret_files(home) if with_keys else ():
        tar.add(path, path.relative_to(home).as_posix(), filter=_secret)
        kept += 1
    return kept


def _secret_files(home: Path) -> Iterator[Path]:
    yield from (path for path in sorted((home / _WORKER).rglob("*")) if path.is_file())
    yield from (home / name for name in _KEYS if (home / name).exists())


def _ordinary(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whose file it was and how it was shared here says nothing elsewhere."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = _SHARED_MODE
    return member


def _secret(member: tarfile.TarInfo) -> tarfile.TarInfo:
    _ordinary(member).mode = _SECRET_MODE
    return member


def read(settings: Settings, file: Path, *, force: bool) -> Path | None:
    """Put a backup back; where the former content went, if there was any.

    Raises:
        BadInput: The file is no backup, or the home is not empty.
        BackhaulError: A worker or the doors of this home are running.
    """
    _check_nothing_runs(settings)
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    former = [path for path in home.iterdir() if not _stays(path)]
    if former and not force:
        raise BadInput(f"{home} is not empty; --force moves what is there aside", field="home")
    with tempfile.TemporaryDirectory(dir=home, prefix=_BEFORE) as folder:
        _unpack(file, Path(folder))
        aside = _move_aside(former, home) if former else None
        for path in Path(folder).iterdir():
            path.replace(home / path.name)
    return aside


def _stays(path: Path) -> bool:
    return path.name in _NOT_DATA or path.name.startswith(_BEFORE)


def _check_nothing_runs(settings: Settings) -> None:
    home = settings.home
    if (home / KEY_FILE).exists() and is_our_server(server_address(settings), operator_key(settings)):
        raise BackhaulError(f"the doors of {home} are open; stop `backhaul web` first")
    if not (settings.database_url or settings.sqlite_path.exists()):
        return
    store = stores.open_store(settings)
    try:
        # Tables of another version may have no heartbeats; whoever made them is no worker of this one.
        if migrate.is_current(store.engine) and _somebody_works(store):
            raise BackhaulError(f"a worker uses {home}; stop it, and try again after 15 seconds")
    finally:
        store.close()


def _somebody_works(store: Store) -> bool:
    with store.read() as uow:
        return bool(heartbeat.living(uow))


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file, "r:gz") as tar:
            members = tar.getmembers()
            if strangers := [one.name for one in members if not _is_ours(one)]:
                raise BadInput(f"{file} is no backup of ours: it holds {strangers[0]}", field="file")
            if not any(one.name.endswith(".db") for one in members):
                raise BadInput(f"{file} is no backup of ours: there is no database in it", field="file")
            tar.extractall(folder, members, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadInput(f"{file} cannot be read as a backup: {error}", field="file") from error
    for path in folder.iterdir():
        if path.name in _SECRETS:
            path.chmod(_SECRET_FOLDER_MODE if path.is_dir() else _SECRET_MODE)


def _is_ours(member: tarfile.TarInfo) -> bool:
    parts = PurePosixPath(member.name).parts
    if not member.isfile() or ".." in parts or not parts:
        return False
    if len(parts) == 1:
        return parts[0] in {*_KEYS, FILE_NAME} or parts[0].endswith(".db")
    return parts[0] in {_BLOBS, _WORKER}


def _move_aside(former: list[Path], home: Path) -> Path:
    """Into a folder of the home itself, which may be a volume that cannot be renamed."""
    aside = home / f"{_BEFORE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside.mkdir()
    for path in former:
        path.replace(aside / path.name)
    return aside
