import gzip
from pathlib import Path

import pytest

from backhaul.domain.errors import BadInput
from backhaul.domain.release import OFFLINE, Release
from evals.other_agents import MODEL
from evals.running import Order, head_of
from evals.runs import load_run, save_run
from tests.evals.sample_runs import ordinary_run, played, run_of


def message_of(path: Path) -> str:
    with pytest.raises(BadInput) as told:
        load_run(path)
    assert told.value.field == "path"
    assert str(told.value).startswith(str(path))
    return str(told.value)


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
def test_a_run_comes_back_as_it_was_kept(tmp_path: Path, name: str) -> None:
    run = ordinary_run()

    save_run(run, tmp_path / name)

    assert load_run(tmp_path / name) == run
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_run_of_nothing_comes_back_too(tmp_path: Path) -> None:
    save_run(run_of(), tmp_path / "run.json")

    assert load_run(tmp_path / "run.json").played == ()


def test_the_same_run_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("one.gz", "two.gz"):
        save_run(ordinary_run(), tmp_path / name)

    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_a_run_that_cannot_be_written_says_where_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no-folder.run\.json: the run cannot be written: No such file"):
        save_run(run_of(), tmp_path / "no-folder" / "run.json")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "there is no such file" in message_of(tmp_path / "run.json")


@pytest.mark.parametrize("name", ["run.json", "run.json.gz"])
@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_file_that_ends_early_is_said_to_be_cut_off(tmp_path: Path, name: str, kept: float) -> None:
    path = tmp_path / name
    save_run(ordinary_run(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])

    assert "the file is cut off" in message_of(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04", "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[]", "it names no format"),
        (b'{"version": 2}', "it names no format"),
        (b'{"format": "new"}', "it names no format"),
        (b'{"format": 1, "head": {}, "played": []}', "head.run_id: Field required (and "),
    ],
)
def test_a_file_of_another_kind_is_not_taken_for_a_run(tmp_path: Path, body: bytes, said: str) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(body)

    assert said in message_of(path)


def test_what_only_has_the_name_of_a_compressed_file_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    path.write_bytes(b'{"format": 1}')

    assert "it is not compressed so" in message_of(path)


def test_a_run_of_another_format_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "run.json.gz"
    path.write_bytes(gzip.compress(b'{"format": 7, "whatever": true}'))

    assert "kept in format 7, and this version reads format 1" in message_of(path)


def test_a_word_that_runs_do_not_have_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    save_run(run_of(played("good")), path)
    path.write_text(path.read_text().replace('"processes"', '"procceses"'))

    assert "head.processes: Field required" in message_of(path)


def test_a_case_that_stands_in_a_file_twice_cannot_be_compared_and_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    save_run(run_of(played("good"), played("good")), path)

    assert "core/good#0 stands in it more than once" in message_of(path)


RUNS_HERE = Release("code", "reader", "exemplars", "prompts", "gpt-5-mini at OpenAI", "policies")


@pytest.mark.parametrize(
    ("agent", "model"),
    [(MODEL, RUNS_HERE.model), (OFFLINE, OFFLINE), ("mine.agent:answer", "mine.agent:answer")],
)
def test_a_run_names_the_release_that_was_examined_and_no_other(agent: str, model: str) -> None:
    head = head_of(
        Order((), agent=agent), agent=agent, release=RUNS_HERE.hash, components=RUNS_HERE.manifest()
    )

    assert head.components["model"] == model
    assert head.release == Release.from_manifest(head.components).hash
    assert (head.release == RUNS_HERE.hash) is (agent == MODEL)
