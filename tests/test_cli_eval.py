"""What the gate of an evaluation says is what a release is proposed with."""

import json
from pathlib import Path

from typer.testing import CliRunner

from backhaul.cli.main import app
from evals.played import Run
from evals.runs import save_run
from tests.evals.sample_runs import ordinary_run

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


def test_a_name_is_told_as_it_was_given() -> None:
    done = CliRunner().invoke(app, ["eval", "check", "core:x:"])

    assert (done.exit_code, "no suite core:x:; there are" in done.stderr) == (2, True), done.stderr
