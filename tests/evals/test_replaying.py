"""A kept release plays again as what it was: nothing that was edited, and nothing of the house around it."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backhaul.bootstrap import release_files, releases
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.cli.main import app
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.release import Component, Release
from backhaul.settings import Settings
from evals.elsewhere import DoesNotPlay, play_with
from evals.scenario import Scenario
from tests.evals.test_scenarios import SENSORS
from tests.tools.signed_houses import copy_of_sources

pytestmark = pytest.mark.slow
"""Homes are kept and played again"""

SCENARIO = Scenario.model_validate(SENSORS)
STRICTER = ('silver: "1000.00"', 'silver: "10.00"')


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def release(settings: Settings) -> Release:
    """What runs here, kept."""
    book = PolicyShelf(SHIPPED).current()
    runs = releases.program(settings, bundle_hash=book.bundle_hash)
    release_files.keep(settings, runs, book.bundle)
    return runs


def sources_of(settings: Settings, release: Release) -> Path:
    parts = dict.fromkeys(Component, release.hash)
    return release_files.assembled(settings, parts, settings.home.parent / "sources")


def stricter_documents(folder: Path) -> Path:
    shutil.copytree(SHIPPED, folder)
    controls = folder / "controls-2026b.yaml"
    controls.write_text(controls.read_text("utf-8").replace(*STRICTER), "utf-8")
    return folder


@pytest.mark.slow
def test_other_policies_of_the_house_do_not_decide_a_replay(
    settings: Settings, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKHAUL_POLICIES", str(stricter_documents(tmp_path / "stricter")))

    (played,) = play_with(sources_of(settings, release), [SCENARIO], suite="replay", release=release)

    assert played.found is not None, played.error
    assert [line.outcome for line in played.found.lines] == ["permit"]


@pytest.mark.slow
def test_kept_documents_that_were_edited_do_not_play(settings: Settings, release: Release) -> None:
    kept = release_files.folder_of(settings, release.hash) / "policies"
    shutil.rmtree(kept)
    stricter_documents(kept)

    with pytest.raises(DoesNotPlay, match="policies"):
        play_with(sources_of(settings, release), [SCENARIO], suite="replay", release=release)


def test_what_changes_while_it_is_kept_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    sources = copy_of_sources(tmp_path / "running")
    book = PolicyShelf(sources / releases.POLICY_DOCUMENTS).current()
    runs = releases.program(settings, sources=sources, bundle_hash=book.bundle_hash)
    with (sources / "tools/guard.py").open("ab") as file:
        file.write(b"\n")

    with pytest.raises(BadInput, match="code changed"):
        release_files.keep(settings, runs, book.bundle, sources=sources)
    other = PolicyShelf(stricter_documents(tmp_path / "stricter")).current().bundle
    with pytest.raises(BadInput, match="policies"):
        release_files.keep(settings, runs, other, sources=sources)
    assert list((settings.home / "releases").iterdir()) == []


def test_a_kept_release_is_named_by_how_its_hash_begins(settings: Settings, release: Release) -> None:
    assert release_files.kept_named(settings, release.hash[:12].upper()) == release.hash
    for beginning in ("", "..", release.hash[:7]):
        with pytest.raises(BadInput, match="at least 8"):
            release_files.kept_named(settings, beginning)
    with pytest.raises(NotFound, match="release propose"):
        release_files.kept_named(settings, "0" * 64)


def test_kept_parts_that_cannot_be_read_are_told(settings: Settings, release: Release) -> None:
    for name in ("release.json", "code.tar"):
        (release_files.folder_of(settings, release.hash) / name).write_bytes(b"{")

    with pytest.raises(BadInput, match="edited"):
        release_files.kept_manifest(settings, release.hash)
    with pytest.raises(BadInput, match="edited"):
        sources_of(settings, release)


def test_a_replay_in_a_home_without_the_case_says_so_in_a_line(settings: Settings, release: Release) -> None:
    env = {"BACKHAUL_HOME": str(settings.home)}
    asked = ["eval", "replay", "RC-NOWHERE", "--release", release.hash[:12]]

    done = CliRunner().invoke(app, asked, env=env)

    assert (done.exit_code, "no case RC-NOWHERE" in done.stderr) == (2, True), done.output
