"""The commands of `eval`: what the gate answers is what a release is proposed with, and faults are lines."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from backhaul.cli import evaluating
from backhaul.cli.main import app
from evals import player, running, suite
from evals.played import Run, RunHead
from evals.runs import save_run
from tests.evals.sample_runs import COMPONENTS, ordinary_run, played
from tests.evals.test_scenarios import SENSORS

THRESHOLDS = "suites: {{core: {{figures: {{passed: {{{side}, sees: 1.0}}}}}}}}"


def judged(folder: Path, run: Run, side: str) -> tuple[int, dict[str, object]]:
    save_run(run, folder / "run.json")
    (folder / "gate.yaml").write_text(THRESHOLDS.format(side=side), encoding="utf-8")
    names = {"--thresholds": "gate.yaml", "--answer": "answer.json", "--junit": "gate.xml"}
    options = [word for name, file in names.items() for word in (name, str(folder / file))]
    done = CliRunner().invoke(app, ["eval", "gate", str(folder / "run.json"), *options])
    return done.exit_code, json.loads((folder / "answer.json").read_text("utf-8"))


def test_the_answer_names_result_run_and_release(tmp_path: Path) -> None:
    run = ordinary_run()

    code, answer = judged(tmp_path, run, "ceiling: 0.0")

    assert (code, answer["result"]) == (1, "failed")
    assert (answer["run"], answer["release"]) == (run.head.run_id, run.head.release)
    assert (tmp_path / "gate.xml").exists()


def test_a_run_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["eval", "gate", str(tmp_path / "none.json")])

    assert done.exit_code == 2
    assert "none.json" in done.output


def asked(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["eval", *map(str, words)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def kept(folder: Path, run: Run) -> Path:
    save_run(run, folder / "run.json.gz")
    return folder / "run.json.gz"


def test_files_are_written_into_folders_that_were_not_there(tmp_path: Path) -> None:
    run, places = kept(tmp_path, ordinary_run()), [tmp_path / name / "file" for name in ("a", "b", "c")]

    assert asked("report", run, "--out", places[0])[0] == 0
    assert asked("gate", run, "--junit", places[1], "--answer", places[2])[0] == 1
    assert all(place.exists() for place in places)


def test_a_place_where_nothing_can_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    run, in_a_file = kept(tmp_path, ordinary_run()), tmp_path / "run.json.gz" / "file"

    for words in (("report", run, "--out"), ("gate", run, "--junit"), ("gate", run, "--answer")):
        for place in (in_a_file, tmp_path):
            code, said = asked(*words, place)
            assert (code, said.count("\n")) == (2, 1), said
            assert f"{place} cannot be written" in said


def test_a_run_that_could_not_be_kept_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "run", lambda *_, **__: pytest.fail("it was begun"))

    code, said = asked("run", "core", "--limit", 1, "--out", tmp_path)

    assert (code, f"{tmp_path} cannot be written" in said) == (2, True)


def test_without_inspect_nothing_is_loaded_before_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "find_spec", lambda _: None)
    monkeypatch.setattr(suite, "load_suite", lambda _: pytest.fail("a suite was loaded"))

    assert asked("run", "no-such-suite") == (2, f"backhaul: {evaluating._NO_INSPECT}\n")  # noqa: SLF001 - its words


def test_a_suite_that_is_named_twice_is_played_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def played_of(order: running.Order, *, head: RunHead, tell: object) -> Run:
        del tell
        assert [one.name for one in order.suites] == ["edge", "core"]
        return Run(head=head, played=())

    monkeypatch.setattr(running, "run", played_of)

    assert asked("run", "edge", "core", "edge", "--out", tmp_path / "run.json")[0] == 0


def test_another_agent_passes_no_gate_for_a_release(tmp_path: Path) -> None:
    run = kept(tmp_path, ordinary_run(agent="mine:answer"))

    code, said = asked("gate", run, "--answer", tmp_path / "answer.json")

    assert code == 2
    assert "mine:answer" in said
    assert not (tmp_path / "answer.json").exists()


def test_the_offline_reader_passes_no_gate_for_a_release_with_a_model(tmp_path: Path) -> None:
    with_a_model = {**COMPONENTS, "model": "some-model at OpenAI, 500 tokens"}

    for agent, code in (("offline", 2), ("model", 1)):
        run = kept(tmp_path, ordinary_run(agent=agent, components=with_a_model))
        assert asked("gate", run, "--answer", tmp_path / "answer.json")[0] == code


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\x00", "is no YAML"),
        (b"scenarios: 5", "`scenarios` has to be a list"),
        (b"goals: {a: 1}", "`goals` has to be a list"),
        (b"scenarios: []", "holds no scenario"),
    ],
)
def test_a_file_that_holds_no_scenarios_is_told_in_a_line(tmp_path: Path, text: bytes, told: str) -> None:
    (tmp_path / "some.yaml").write_bytes(text)

    code, said = asked("check", tmp_path / "some.yaml")

    assert (code, told in said) == (2, True), said


@pytest.mark.parametrize("name", ["", ".", "..", "croe"])
def test_what_is_no_suite_is_not_checked(name: str) -> None:
    assert asked("check", name)[0] == 2


def test_thresholds_that_are_no_text_are_told_in_a_line(tmp_path: Path) -> None:
    run = kept(tmp_path, ordinary_run())

    code, said = asked("gate", run, "--thresholds", run)

    assert (code, "holds no thresholds" in said) == (2, True), said


def test_what_an_author_wrote_is_no_markup(tmp_path: Path) -> None:
    line = {**SENSORS["gold"]["lines"][0], "order": "[/x] [bold]"}
    (tmp_path / "some.yaml").write_text(
        yaml.safe_dump({"scenarios": [{**SENSORS, "gold": {"lines": [line]}}]}), encoding="utf-8"
    )

    code, said = asked("check", tmp_path / "some.yaml")

    assert code == 1
    assert "broken two-spare-sensors: gold names [/x] [bold]/1, which the world has not" in said


def test_a_scenario_that_is_not_there_is_not_tried_in_silence(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text(yaml.safe_dump({"scenarios": [SENSORS]}), encoding="utf-8")

    code, said = asked("try", tmp_path / "some.yaml", "--id", "three-spare-sensors")

    assert (code, "no scenario three-spare-sensors" in said) == (2, True), said


def test_what_customers_say_cannot_command_the_terminal_of_who_tries_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = "\x1b[2J[/red] spare"
    (tmp_path / "some.yaml").write_text(yaml.safe_dump({"scenarios": [SENSORS]}), encoding="utf-8")
    monkeypatch.setattr(player, "play", lambda *_: played("hostile", says=hostile, error=hostile))

    code, said = asked("try", tmp_path / "some.yaml")

    assert (code, "\x1b" in said) == (0, False)
    assert said.count("[2J[/red] spare") == 2


def test_a_name_is_told_as_it_was_given() -> None:
    done = CliRunner().invoke(app, ["eval", "check", "core:x:"])

    assert (done.exit_code, "no suite core:x:; there are" in done.stderr) == (2, True), done.stderr
