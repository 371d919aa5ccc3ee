"""The kept parts of releases, and sources put together from several of them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from backhaul.bootstrap import release_files, releases
from backhaul.bootstrap.policy_shelf import PolicyShelf
from backhaul.domain.errors import BadInput, NotFound
from backhaul.domain.release import Component, Release, differences
from backhaul.settings import Settings
from tests.tools.signed_houses import copy_of_sources

CHANGED = {
    Component.CODE: "tools/guard.py",
    Component.READER: "agent/understanding/features.py",
    Component.EXEMPLARS: "agent/understanding/exemplars/acts.jsonl",
    Component.PROMPTS: "agent/prompts/read_a_message.txt",
}


def release_in(sources: Path, settings: Settings) -> Release:
    return releases.program(settings, sources=sources, bundle_hash=shelf_in(sources).current().bundle_hash)


def shelf_in(sources: Path) -> PolicyShelf:
    return PolicyShelf(sources / releases.POLICY_DOCUMENTS)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Release, Release]:
    """Two releases that differ in everything, each with its parts."""
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(home=folder / "home")
    first = copy_of_sources(folder / "first")
    second = Path(shutil.copytree(first, folder / "second"))
    for name in CHANGED.values():
        with (second / name).open("ab") as file:
            file.write(b"\n")
    controls = second / releases.POLICY_DOCUMENTS / "controls-2026b.yaml"
    controls.write_text(controls.read_text().replace("    values: 6\n", "    values: 7\n"))
    made = [release_in(one, settings) for one in (first, second)]
    for sources, release in zip((first, second), made, strict=True):
        release_files.keep(settings, release, shelf_in(sources).current().bundle, sources=sources)
    return settings, made[0], made[1]


def test_every_part_of_a_release_is_kept_with_its_manifest(kept: tuple[Settings, Release, Release]) -> None:
    settings, first, second = kept

    assert set(differences(first, second)) == {*CHANGED, Component.POLICIES}
    assert release_files.kept_manifest(settings, first.hash) == first
    folder = release_files.folder_of(settings, first.hash)
    found = {path.name for path in folder.iterdir()}
    assert found == {"release.json", "code.tar", "reader", "exemplars", "prompts", "policies"}


@pytest.mark.parametrize("component", [*CHANGED, Component.POLICIES])
def test_one_part_can_be_taken_from_another_release(
    kept: tuple[Settings, Release, Release], tmp_path: Path, component: Component
) -> None:
    settings, first, second = kept
    parts = {one: second.hash if one is component else first.hash for one in Component}

    sources = release_files.assembled(settings, parts, tmp_path / "sources")

    assert differences(first, release_in(sources, settings)) == (component,)
    assert getattr(release_in(sources, settings), component) == getattr(second, component)


def test_what_was_put_together_runs_as_the_release_that_it_is(
    kept: tuple[Settings, Release, Release], tmp_path: Path
) -> None:
    settings, first, second = kept
    parts = {one: second.hash if one is Component.CODE else first.hash for one in Component}
    sources = release_files.assembled(settings, parts, tmp_path / "sources")
    asks = (
        "from backhaul.bootstrap import releases; from backhaul.settings import Settings;"
        "print(releases.running(Settings()).hash)"
    )
    env = {**os.environ, "PYTHONPATH": f"{sources}:{releases.SOURCES}"}

    said = subprocess.run(
        [sys.executable, "-P", "-c", asks], env=env, capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == replace(first, code=second.code).hash


def test_what_was_not_kept_or_was_edited_is_told(
    kept: tuple[Settings, Release, Release], tmp_path: Path
) -> None:
    settings, first, second = kept
    with pytest.raises(BadInput, match="prompts"):
        release_files.assembled(settings, {Component.CODE: first.hash}, tmp_path / "sources")
    with pytest.raises(NotFound):
        release_files.kept_manifest(settings, "0" * 64)
    manifest = release_files.folder_of(settings, second.hash) / "release.json"
    manifest.write_text(json.dumps({**second.manifest(), "model": "another"}))

    with pytest.raises(BadInput, match="edited"):
        release_files.kept_manifest(settings, second.hash)
