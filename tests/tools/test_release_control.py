"""Only a signed release decides by itself: one byte of any part, and a person decides everything."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from backhaul.bootstrap import releases
from backhaul.bootstrap.policy_shelf import SHIPPED
from backhaul.bootstrap.worker import Replaced, build_world
from backhaul.domain.codes import Action
from backhaul.domain.release import Component, Release, differences
from backhaul.settings import Settings
from backhaul.store import cases, rmas
from tests.house import House
from tests.tools import signed_houses as signed
from tests.tools.racers import SureOfReasons
from tools.release_control import RULE

PERMITTED = iter(
    [
        ("SO-14922", 2),
        ("SO-14922", 3),
        ("SO-15086", 1),
        ("SO-15086", 2),
        ("SO-15084", 1),
        ("SO-15055", 1),
        ("SO-15036", 1),
        ("SO-15036", 2),
        ("SO-14945", 2),
        ("SO-14945", 3),
        ("SO-14945", 5),
    ]
)
"""Lines of which the policy permits a piece to come back, each for one test"""
DENIED, PHOTO_MISSING = ("SO-14174", 1), ("SO-15122", 2)
OTHER_LABELS = ("    values: 6\n", "    values: 7\n")


@dataclass(frozen=True)
class Stage:
    """A house with sources of its own, and the release that they are."""

    house: House
    sources: Path
    weights: Path
    base: Release


@pytest.fixture(scope="module")
def stage(seeded_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("releases")
    sources, weights = signed.copy_of_sources(folder / "sources"), folder / "weights"
    weights.mkdir()
    (weights / "model.safetensors").write_bytes(b"weights")
    (folder / "house").mkdir()
    for house in signed.open_signed_house(seeded_home, folder / "house"):
        base = releases.program(house.settings, sources=sources, weights=weights)
        yield Stage(house, sources, weights, base)


@pytest.fixture
def house(stage: Stage) -> House:
    """The house as it is at first, with what runs there in force."""
    stage.house.shelf.folder = SHIPPED
    signed.run(stage.house, stage.base)
    in_force(stage.house)
    return stage.house


def in_force(house: House) -> str:
    """Have what runs here in force, whatever was before."""
    runs = signed.runs_now(house).hash
    with house.store.read() as uow:
        known = signed.records.obstacle(uow, runs) is None
        before = [one.release_hash for one in signed.records.history(uow)]
    if known:
        return runs
    if runs in before:
        signed.roll_back(house, runs)
        return runs
    return signed.sign_off(house)


def byte_in(name: str) -> Callable[[Stage, Path], Release]:
    """The release after one byte was added to a file of the sources."""

    def changed(stage: Stage, folder: Path) -> Release:
        sources = folder / "sources"
        shutil.copytree(stage.sources, sources)
        with (sources / name).open("ab") as file:
            file.write(b"\n")
        return releases.program(stage.house.settings, sources=sources, weights=stage.weights)

    return changed


def byte_in_the_weights(stage: Stage, folder: Path) -> Release:
    (folder / "model.safetensors").write_bytes(b"weightz")
    return releases.program(stage.house.settings, sources=stage.sources, weights=folder)


def another_model(stage: Stage, _folder: Path) -> Release:
    settings = stage.house.settings.model_copy(update={"openai_api_key": SecretStr("key of the tests")})
    return releases.program(settings, sources=stage.sources, weights=stage.weights)


def another_policy(stage: Stage, folder: Path) -> Release:
    signed.publish(stage.house, folder, OTHER_LABELS)
    return stage.base


CHANGES = {
    "code": (Component.CODE, byte_in("tools/guard.py")),
    "a figure beside the code": (Component.CODE, byte_in("tools/recovery_figures.yaml")),
    "the recipe of the reader": (Component.READER, byte_in("agent/understanding/counts.py")),
    "weights": (Component.READER, byte_in_the_weights),
    "an exemplar": (Component.EXEMPLARS, byte_in("agent/understanding/exemplars/recall.jsonl")),
    "a prompt": (Component.PROMPTS, byte_in("agent/prompts/read_a_message.txt")),
    "the model": (Component.MODEL, another_model),
    "a policy": (Component.POLICIES, another_policy),
}


@pytest.mark.parametrize(("component", "change"), CHANGES.values(), ids=CHANGES)
def test_a_changed_byte_leaves_the_decision_to_a_person_until_somebody_else_signs(
    stage: Stage, house: House, tmp_path: Path, component: Component, change: Callable[[Stage, Path], Release]
) -> None:
    before = signed.runs_now(house)
    line = next(PERMITTED)

    signed.run(house, change(stage, tmp_path))
    held = signed.ask(house, *line)

    assert differences(before, signed.runs_now(house)) == (component,)
    verdict = signed.verdict_on(house, held)
    assert (held.state, verdict.outcome, verdict.decision["shadowed"]) == ("review", "escalate", "permit")
    assert verdict.release == signed.runs_now(house).hash
    assert "not been signed off" in signed.reason_of(verdict)
    assert "signed" not in verdict.message, "customers read nothing of it"

    signed.sign_off(house)
    assert signed.ask(house, *line).state == "permitted"


def test_going_back_restores_the_decisions_of_before(house: House, tmp_path: Path) -> None:
    line, first = next(PERMITTED), signed.runs_now(house).hash
    said = signed.answers_of(signed.verdict_on(house, signed.ask(house, *line)))
    signed.publish(house, tmp_path / "newer", ("    values: 6\n", "    values: 8\n"))
    second = signed.sign_off(house)
    newer = signed.verdict_on(house, signed.ask(house, *line))

    signed.roll_back(house, first)
    still_newer = signed.ask(house, *line)
    house.shelf.folder = SHIPPED
    again = signed.verdict_on(house, signed.ask(house, *line))

    assert (newer.outcome, newer.release) == ("permit", second)
    assert still_newer.state == "review"
    assert (again.outcome, again.release, signed.answers_of(again)) == ("permit", first, said)


def test_refusals_and_questions_wait_for_a_person_as_well(house: House, tmp_path: Path) -> None:
    signed.publish(house, tmp_path / "unsigned", ("    values: 6\n", "    values: 9\n"))

    denied, asked = signed.ask(house, *DENIED), signed.ask(house, *PHOTO_MISSING)

    shadowed = [signed.verdict_on(house, one).decision["shadowed"] for one in (denied, asked)]
    assert ([denied.state, asked.state], shadowed) == (["review", "review"], ["deny", "ask"])
    # A yes does not lift what the policy forbids: it is the look that somebody had at the refusal.
    assert signed.approve(house, denied).state == "denied"


def test_what_a_person_approved_goes_on_without_a_signature(house: House, tmp_path: Path) -> None:
    signed.publish(house, tmp_path / "unsigned", ("    values: 6\n", "    values: 10\n"))
    held = signed.ask(house, *next(PERMITTED))

    carried = signed.approve(house, held)

    assert (carried.state, signed.verdict_on(house, held).outcome) == ("permitted", "permit")
    with house.store.read() as uow:
        rma = rmas.rma_of_proposal(uow, held.id)
        assert rma is not None
        assert rmas.live_label(uow, rma.id) is not None, "the label belongs to what was approved"
        labels = [row for row in cases.verdicts(uow, held.id) if row.action == Action.CREATE_LABEL.value]
    assert [row.outcome for row in labels] == ["permit"]


def test_an_agent_of_another_version_proposes_what_a_person_decides(stage: Stage, house: House) -> None:
    signed.run(house, stage.base, doors=another_model(stage, Path()))

    held = signed.ask(house, *next(PERMITTED))

    assert held.state == "review"
    assert "another version than the worker" in signed.reason_of(signed.verdict_on(house, held))


def test_a_decision_from_before_releases_were_kept_can_still_be_read(house: House) -> None:
    proposal = signed.ask(house, *DENIED)
    with house.store.begin() as uow:
        (row,) = cases.verdicts(uow, proposal.id)
        row.release = None

    assert signed.verdict_on(house, proposal).release is None


@pytest.mark.parametrize(("chosen", "required"), [("required", True), ("off", False), (None, False)])
def test_the_worker_is_controlled_as_its_settings_say(
    house: House, chosen: str | None, *, required: bool
) -> None:
    settings = Settings(home=house.settings.home, release_control=chosen)
    world = build_world(settings, house.store, house.shelf, house.engine, Replaced(scorer=SureOfReasons()))

    assert world.guard.release.required is required
    assert world.guard.release.program == releases.program(settings)


def test_outside_demo_a_release_has_to_be_signed() -> None:
    assert Settings(demo=False).releases_are_required
    assert not Settings(demo=False, release_control="off").releases_are_required


def test_an_empty_variable_leaves_it_to_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_RELEASE_CONTROL", "")

    assert Settings(demo=False).releases_are_required
    assert not Settings(demo=True).releases_are_required


def test_the_rule_is_named_in_the_trace(house: House, tmp_path: Path) -> None:
    signed.publish(house, tmp_path / "unsigned", ("    values: 6\n", "    values: 11\n"))

    verdict = signed.verdict_on(house, signed.ask(house, *DENIED))

    assert verdict.decision["results"][0]["rule"] == RULE
