"""An owner saves a broken policy document: the running worker goes on with the last good one, and says so."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from backhaul.bootstrap.demo_people import DEMO_STAFF
from backhaul.bootstrap.policy_copy import PolicyCopy
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.cli.doors import build_app
from backhaul.cli.main import app as command_line
from backhaul.domain.codes import Reason
from backhaul.domain.errors import PolicyError
from backhaul.settings import Settings
from backhaul.store import cases
from tests.house import propose, settings_for
from tests.workflows.processes import eventually, outdoors, worker

CONTROLS = "controls-2020a.yaml"
GOOD, BROKEN, MENDED = "stricter: lower", "stricter: lower\n    stricter: higher", "    values: 7\n"


@contextmanager
def desk(settings: Settings) -> Iterator[TestClient]:
    """The doors of a home, with a reviewer of the demo signed in."""
    with TestClient(build_app(settings), base_url="http://127.0.0.1:8000") as visitor:
        found = re.search(r'name="token" value="([0-9a-f]+)"', visitor.get("/").text)
        assert found is not None
        visitor.post(f"/demo/personas/{DEMO_STAFF[0].email}", data={"token": found[1]})
        yield visitor


def policy_show(settings: Settings) -> Result:
    environment = {"BACKHAUL_HOME": str(settings.home), "BACKHAUL_POLICIES": str(settings.policies)}
    return CliRunner().invoke(command_line, ["policy", "show"], env=environment)


def saved(path: Path, text: str) -> None:
    """Save as an editor does, and be sure that the time of the file is another one."""
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.processes
def test_a_running_worker_keeps_its_last_good_policy_and_the_desk_says_so_until_it_is_mended(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder)
    controls = folder / CONTROLS
    good = controls.read_text(encoding="utf-8")
    settings = settings_for(seeded_home, reader_cache, tmp_path, "").model_copy(update={"policies": folder})
    with outdoors(settings) as home, worker(settings), desk(settings) as reviewer:

        def problem() -> str | None:
            told: str | None = reviewer.get("/readyz").json()["policy_problem"]
            return told

        eventually(lambda: reviewer.get("/readyz").json()["ready"], "a worker")
        assert problem() is None

        saved(controls, good.replace(GOOD, BROKEN, 1))
        told = eventually(problem, "the worker to notice")
        twice = line_of(good.replace(GOOD, BROKEN, 1), "stricter: higher")
        assert told.startswith(f"{CONTROLS}:{twice} [FIN-2.1]")
        assert "'stricter' stands twice" in told
        page = reviewer.get("/desk").text
        assert "Decisions follow the last good edition." in page
        assert f"{CONTROLS}:{twice}" in page
        shown = policy_show(settings)
        assert (shown.exit_code, f"{CONTROLS}:{twice}" in shown.stderr) == (2, True)
        assert "the running worker keeps to the last good bundle" in shown.stderr
        sent = propose(home.desk, "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four")
        home.labelled(sent.consent_id)
        with home.store.read() as uow:
            before = cases.newest_verdict(uow, sent.proposals[0][0])

        saved(controls, good.replace("    values: 6\n", MENDED, 1))
        eventually(lambda: problem() is None, "the worker to take the mended file")
        assert "Decisions follow the last good edition." not in reviewer.get("/desk").text
        sent = propose(home.desk, "SO-15086", 2, 1, Reason.NO_LONGER_NEEDED, words="no longer needed, one")
        home.labelled(sent.consent_id)
        with home.store.read() as uow:
            after = cases.newest_verdict(uow, sent.proposals[0][0])
    assert before is not None
    assert after is not None
    assert before.bundle_hash == PolicyShelf(SHIPPED).current().bundle_hash
    assert after.bundle_hash == PolicyShelf(folder).current().bundle_hash != before.bundle_hash


@pytest.mark.slow
@pytest.mark.processes
def test_a_worker_started_on_broken_documents_says_why_and_decides_by_the_last_good_ones_it_has(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder)
    controls = folder / CONTROLS
    good = controls.read_text(encoding="utf-8")
    broken = good.replace(GOOD, BROKEN, 1)
    place = f"{CONTROLS}:{line_of(broken, 'stricter: higher')} [FIN-2.1]"
    settings = settings_for(seeded_home, reader_cache, tmp_path, "").model_copy(update={"policies": folder})
    saved(controls, broken)
    with outdoors(settings) as home, desk(settings) as reviewer:

        def ready() -> dict[str, Any]:
            told: dict[str, Any] = reviewer.get("/readyz").json()
            return told

        with worker(settings):
            told = eventually(lambda: ready() if ready()["policy_problem"] else None, "the worker's problem")
            assert told["ready"] is False
            assert place in told["reason"]
            page = reviewer.get("/desk").text
            assert "Nothing is decided at present" in page
            assert "has not been heard of" not in page
            shown = policy_show(settings)
            assert "the running worker decides nothing until it is mended" in shown.stderr

            saved(controls, good)
            eventually(lambda: ready()["ready"], "the worker to take the mended file")
            assert ready()["policy_problem"] is None

        saved(controls, broken)
        with worker(settings):
            told = eventually(lambda: ready() if ready()["policy_problem"] else None, "the worker's problem")
            assert told["policy_problem"].startswith(place)
            assert told["ready"] is True
            assert "Decisions follow the last good edition." in reviewer.get("/desk").text
            sent = propose(
                home.desk, "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four"
            )
            home.labelled(sent.consent_id)
        with home.store.read() as uow:
            verdict = cases.newest_verdict(uow, sent.proposals[0][0])
    assert verdict is not None
    assert verdict.bundle_hash == PolicyShelf(SHIPPED).current().bundle_hash


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped documents where a test may change them."""
    shutil.copytree(SHIPPED, tmp_path / "documents")
    return tmp_path / "documents"


def test_a_file_that_is_still_being_written_is_not_taken(folder: Path) -> None:
    shelf = PolicyShelf(folder, settle_seconds=3600)
    before = shelf.current()
    text = (folder / CONTROLS).read_text(encoding="utf-8")

    saved(folder / CONTROLS, text.replace("    values: 6\n", MENDED, 1))

    assert shelf.current() is before
    shelf.settle_seconds = 0
    assert shelf.current().bundle_hash != before.bundle_hash


def test_files_that_have_lain_still_are_taken_at_the_first_look(folder: Path) -> None:
    shelf = PolicyShelf(folder, settle_seconds=0.2)
    before = shelf.current()
    text = (folder / CONTROLS).read_text(encoding="utf-8")
    (folder / CONTROLS).write_text(text.replace("    values: 6\n", MENDED, 1), encoding="utf-8")
    time.sleep(0.3)

    assert shelf.current().bundle_hash != before.bundle_hash


def test_a_file_just_taken_away_is_waited_for(folder: Path) -> None:
    shelf = PolicyShelf(folder, settle_seconds=3600)
    before = shelf.current()

    (folder / CONTROLS).unlink()

    assert shelf.current() is before
    assert shelf.problem is None


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        pytest.param(
            lambda path: path.write_bytes(b"kind: Policy\nid: \xff"), "controls-2020a.yaml:2", id="bytes"
        ),
        pytest.param(lambda path: path.write_text(""), "controls-2020a.yaml:1", id="an empty file"),
        pytest.param(
            lambda path: path.write_text(f"kind: Policy\nid: {'4' * 6_000}"),
            "controls-2020a.yaml:2",
            id="digits",
        ),
        pytest.param(
            lambda path: path.write_text("kind: Policy\nid:\n" + "- " * 9_000),
            "controls-2020a.yaml:3",
            id="depth",
        ),
        pytest.param(
            lambda path: path.write_text('kind: Policy\n"i\\0d": 1'),
            "`i?d` does not belong here",
            id="an odd key",
        ),
        pytest.param(
            lambda path: (path.parent / "terms.yaml").symlink_to("/no/such/file"),
            "terms.yaml: is a link",
            id="a link",
        ),
        pytest.param(
            lambda path: (path.parent / "old.yaml").mkdir(), "old.yaml: is no file", id="a folder like a file"
        ),
        pytest.param(
            lambda path: os.mkfifo(path.parent / "queue.yaml"), "queue.yaml: is no file", id="a pipe"
        ),
        pytest.param(
            lambda path: path.rename(os.fsdecode(os.fsencode(path.parent) + b"/contr\xf4les.yaml")),
            r"the file name 'contr\udcf4les.yaml' holds a character that cannot be shown",
            id="a name from another system",
        ),
        pytest.param(lambda path: shutil.rmtree(path.parent), "no policy documents", id="no folder any more"),
    ],
)
def test_whatever_happens_to_the_files_the_last_good_policy_stays(
    folder: Path, breaks: Callable[[Path], object], words: str
) -> None:
    shelf = PolicyShelf(folder, settle_seconds=0)
    before = shelf.current()

    breaks(folder / CONTROLS)

    assert shelf.current() is before
    assert shelf.problem is not None
    assert words in shelf.problem


@pytest.mark.parametrize("name", [".#controls-2026b.yaml", "._terms-2026b.yaml", ".old.yaml"])
def test_what_an_editor_leaves_under_a_name_with_a_dot_hinders_no_change(folder: Path, name: str) -> None:
    shelf = PolicyShelf(folder, settle_seconds=0)
    before = shelf.current()
    (folder / name).symlink_to("ann@desk.example.1234:1790000000")
    text = (folder / CONTROLS).read_text(encoding="utf-8")

    saved(folder / CONTROLS, text.replace("    values: 6\n", MENDED, 1))

    assert shelf.current().bundle_hash != before.bundle_hash
    assert shelf.problem is None


def test_a_change_beside_a_link_to_nothing_is_taken_once_the_link_is_gone(folder: Path) -> None:
    shelf = PolicyShelf(folder, settle_seconds=0)
    before = shelf.current()
    link = folder / "draft.yaml"
    link.symlink_to("/no/such/file")
    text = (folder / CONTROLS).read_text(encoding="utf-8")
    saved(folder / CONTROLS, text.replace("    values: 6\n", MENDED, 1))
    assert (shelf.current(), shelf.problem is None) == (before, False)

    link.unlink()

    assert shelf.current().bundle_hash != before.bundle_hash
    assert shelf.problem is None


def test_what_is_kept_for_a_restart_is_what_was_taken_up_last(folder: Path, tmp_path: Path) -> None:
    copy = PolicyCopy(tmp_path / "worker")
    shelf = PolicyShelf(folder, settle_seconds=0, copy=copy)
    first = shelf.current()
    text = (folder / CONTROLS).read_text(encoding="utf-8")
    saved(folder / CONTROLS, text.replace("    values: 6\n", MENDED, 1))
    second = shelf.current()
    saved(folder / CONTROLS, "kind: Polcy\n")

    started_anew = PolicyShelf(folder, copy=copy)

    assert started_anew.current().bundle_hash == second.bundle_hash != first.bundle_hash
    assert started_anew.problem is not None
    assert started_anew.problem.startswith(f"{CONTROLS}:1: `kind` is 'Polcy'")
    assert [path.stat().st_mode & 0o777 for path in copy.folder.iterdir()] == [0o600]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"bundle": "', '"bundle": "0'), "is not what was kept"),
        (lambda text: text.replace("until: 2026-09-01}", "until: 2026-08-01}"), "cannot be used"),
        (lambda text: text[:2_000], "cannot be used"),
        (lambda _text: "[]", "cannot be used"),
    ],
    ids=["another hash", "other words", "half of it", "something else"],
)
def test_a_copy_that_is_not_what_was_kept_decides_nothing(
    folder: Path, tmp_path: Path, change: Callable[[str], str], says: str
) -> None:
    copy = PolicyCopy(tmp_path / "worker")
    PolicyShelf(folder, copy=copy).current()
    (file,) = copy.folder.iterdir()
    file.write_text(change(file.read_text("utf-8")), "utf-8")
    saved(folder / CONTROLS, "kind: Polcy\n")

    with pytest.raises(
        PolicyError, match=rf"{CONTROLS}:1: .*; and the copy of the last good documents {says}"
    ):
        PolicyShelf(folder, copy=copy).current()


def test_a_problem_nobody_foresaw_does_not_end_who_holds_the_shelf(folder: Path) -> None:
    shelf = PolicyShelf(folder, settle_seconds=0)
    before = shelf.current()

    shelf.folder = Path("no folder has such a name\0")

    assert shelf.current() is before
    assert shelf.problem is not None
    assert "cannot be read" in shelf.problem


def test_a_worker_does_not_start_on_documents_that_were_never_good(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no policy documents"):
        PolicyShelf(tmp_path).current()
