"""Two releases differ in every part, and one of the differences matters: the search names that one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from backhaul.bootstrap import release_files, releases
from backhaul.bootstrap.policy_shelf import PolicyShelf
from backhaul.domain.release import Component
from backhaul.settings import Settings
from evals.bisecting import bisect
from evals.suite import SUITES, read_file
from tests.tools.signed_houses import copy_of_sources

pytestmark = pytest.mark.slow

SCENARIOS = read_file(SUITES / "core" / "first.yaml")
HARMLESS = {
    Component.CODE: "tools/guard.py",
    Component.READER: "agent/understanding/features.py",
    Component.PROMPTS: "agent/prompts/read_a_message.txt",
}
"""A line end more: another digest, and the same decisions"""
EXEMPLARS = "agent/understanding/exemplars/acts.jsonl"


def replaced(sources: Path, name: str, old: str, new: str) -> None:
    path = sources / name
    text = path.read_text("utf-8")
    assert old in text, f"{name} has no {old!r} any more"
    path.write_text(text.replace(old, new), "utf-8")


def lower_limit(sources: Path) -> None:
    replaced(sources, "policies/documents/controls-2026b.yaml", 'silver: "1000.00"', 'silver: "10.00"')


def never_sure(sources: Path) -> None:
    replaced(sources, "tools/signals.py", "return min(claimed_permille, ", "return min(100, ")


def flat_confidence(sources: Path) -> None:
    name = "agent/understanding/classifier.py"
    replaced(sources, name, "+ self.bias) / self.temperature", "+ self.bias) / (50 * self.temperature)")


def other_reason(sources: Path) -> None:
    folder = sources / "agent/understanding/exemplars"
    shutil.copyfile(folder / "defective.jsonl", folder / "no_longer_needed.jsonl")


@pytest.mark.parametrize(
    ("component", "plant"),
    [
        (Component.POLICIES, lower_limit),
        (Component.CODE, never_sure),
        (Component.READER, flat_confidence),
        (Component.EXEMPLARS, other_reason),
    ],
)
def test_the_one_part_that_matters_is_named(
    tmp_path: Path, component: Component, plant: Callable[[Path], None]
) -> None:
    settings = Settings(home=tmp_path / "home")
    first = copy_of_sources(tmp_path / "first")
    second = Path(shutil.copytree(first, tmp_path / "second"))
    for name in HARMLESS.values():
        with (second / name).open("ab") as file:
            file.write(b"\n")
    replaced(second, "policies/documents/controls-2026b.yaml", "    values: 6\n", "    values: 7\n")
    acts = (second / EXEMPLARS).read_text("utf-8")
    (second / EXEMPLARS).write_text(acts.replace("{", "{ ", 1), "utf-8")
    plant(second)
    hashes = [kept(settings, sources) for sources in (first, second)]

    found = bisect(settings, *hashes, SCENARIOS, suite="core", tell=lambda _: None)

    assert set(found.changed) == {*Component} - {Component.MODEL}
    assert found.causes
    assert {cause.parts for cause in found.causes} == {(component,)}
    assert all(cause.alone for cause in found.causes)


def kept(settings: Settings, sources: Path) -> str:
    bundle = PolicyShelf(sources / releases.POLICY_DOCUMENTS).current().bundle
    release = releases.program(settings, sources=sources, bundle_hash=bundle.hash)
    release_files.keep(settings, release, bundle, sources=sources)
    return release.hash
