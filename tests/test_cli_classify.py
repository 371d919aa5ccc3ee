import json
import shutil
from pathlib import Path

from typer.testing import CliRunner, Result

from backhaul.cli.main import app


def classify(cache: Path, folder: Path, lines: list[str], *more: str) -> Result:
    home, file = folder / "home", folder / "texts.jsonl"
    shutil.copytree(cache, home / "cache")
    file.write_text("\n".join(lines), encoding="utf-8")
    return CliRunner().invoke(app, ["classify", str(file), *more], env={"BACKHAUL_HOME": str(home)})


def text(number: int | str, words: str, **more: str) -> str:
    return json.dumps({"id": number, "text": words, **more})


def test_each_text_gets_scope_reason_and_confidence_under_its_own_id(
    reader_cache: Path, tmp_path: Path
) -> None:
    lines = [
        text(1, "We ordered these by mistake and want to send them back.", label="kept apart"),
        "",
        text("b", "What will the weather be in Chicago tomorrow?"),
    ]

    done = classify(reader_cache, tmp_path, lines)

    assert done.exit_code == 0
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert list(first) == ["id", "in_scope", "reason", "confidence"]
    assert (first["id"], first["in_scope"], first["reason"]) == (1, True, "ordered_by_mistake")
    assert (second["id"], second["in_scope"], second["reason"]) == ("b", False, None)
    assert 0 <= first["confidence"] <= 1


def test_a_bad_line_is_named_and_the_others_are_answered(reader_cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    lines = [text(1, "It arrived broken."), "not json", json.dumps({"id": 3}), text(4, "Wrong size.")]

    done = classify(reader_cache, tmp_path, lines, "--out", str(out))

    assert done.exit_code == 2
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == [1, 4]
    assert "line 2: Invalid JSON" in done.stderr
    assert "line 3: text: Field required" in done.stderr
    assert "2 of 4 lines" in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["classify", str(tmp_path / "none.jsonl")])

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "none.jsonl cannot be read" in done.stderr
