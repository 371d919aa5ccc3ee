"""`backhaul release`: two people put in force what runs here, in the words of a terminal."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.bootstrap import releases
from backhaul.cli.main import app
from backhaul.settings import Settings

PETRA, ARNE, DORA = (f"{name}@halden.example" for name in ("petra.policy", "arne.approver", "dora.dock"))


@pytest.fixture
def home(seeded_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seeded_home, tmp_path / "home"))


def release(home: Path, *arguments: str, control: str = "required") -> Result:
    env = {"BACKHAUL_HOME": str(home), "BACKHAUL_DEMO": "1", "BACKHAUL_RELEASE_CONTROL": control}
    return CliRunner().invoke(app, ["release", *arguments], env=env)


def running() -> str:
    return releases.running(Settings()).hash


def gate(home: Path, result: str = "passed", **more: object) -> str:
    file = home / "gate.json"
    said = {"result": result, "run": "RUN-7", "figures": {"right": 0.97}, "release": running(), **more}
    file.write_text(json.dumps(said))
    return str(file)


def test_one_proposes_and_another_signs(home: Path) -> None:
    none = release(home, "list").stdout
    before = release(home, "show").stdout
    proposed = release(home, "propose", "--as", PETRA, "--note", "wider windows", "--gate", gate(home))
    own = release(home, "sign", running(), "--as", PETRA)
    not_for_the_dock = release(home, "sign", running(), "--as", DORA)
    signed = release(home, "sign", running()[:12], "--as", ARNE)
    again = release(home, "sign", running()[:12], "--as", ARNE)
    shown, listed = release(home, "show", running()[:8]).stdout, release(home, "list").stdout

    assert "no release yet" in none
    assert "no release was ever put in force" in before
    assert "A person decides everything" in before
    assert (proposed.exit_code, running() in proposed.stdout) == (0, True)
    assert (home / "releases" / running() / "code.tar").exists()
    assert (own.exit_code, not_for_the_dock.exit_code, again.exit_code) == (2, 2, 2)
    assert "somebody else has to" in own.stderr
    assert "one of the roles" in not_for_the_dock.stderr
    assert "is signed" in again.stderr
    assert signed.exit_code == 0, signed.stderr
    for words in (
        f"proposed by {PETRA}",
        "wider windows",
        "passed, run RUN-7",
        f"signed by {ARNE}",
        "In force",
    ):
        assert words in shown
    assert running()[:12] in listed


def test_what_cannot_be_done_is_told_in_a_line(home: Path) -> None:
    nobody = release(home, "propose", "--as", "nobody@halden.example")
    unknown = release(home, "sign", "0" * 64, "--as", ARNE)
    no_gate = release(home, "propose", "--as", PETRA, "--gate", str(home / "missing.json"))
    odd_gate = release(home, "propose", "--as", PETRA, "--gate", gate(home, "splendid"))
    other_gate = release(home, "propose", "--as", PETRA, "--gate", gate(home, release="0" * 64))
    no_release = release(home, "propose", "--as", PETRA, "--gate", gate(home, release=None))
    failed = release(home, "propose", "--as", PETRA, "--gate", gate(home, "failed"))
    not_signed = release(home, "sign", running(), "--as", ARNE)
    not_back = release(home, "rollback", running(), "--as", ARNE)

    told = (nobody, unknown, no_gate, odd_gate, other_gate, no_release, not_signed, not_back)
    assert [one.exit_code for one in told] == [2] * len(told)
    assert failed.exit_code == 0
    for said, words in (
        (nobody, "no active member of staff"),
        (unknown, "no release 0000"),
        (no_gate, "cannot be read"),
        (odd_gate, "result"),
        (other_gate, "is about release 0000"),
        (no_release, "release: Input should be a valid string"),
        (not_signed, "its gate has not passed (failed)"),
        (not_back, "never in force"),
    ):
        assert words in said.stderr, said.stderr
        assert said.stderr.count("\n") == 1


def test_outside_demo_a_password_says_who_it_is(home: Path) -> None:
    env = {"BACKHAUL_HOME": str(home), "BACKHAUL_DEMO": "0"}
    arguments = ["release", "propose", "--as", PETRA, "--password-stdin"]

    wrong = CliRunner().invoke(app, arguments, input="guessed\n", env=env)

    assert (wrong.exit_code, "do not fit together" in wrong.stderr) == (2, True)


def test_where_nothing_is_required_the_release_is_named_all_the_same(home: Path) -> None:
    assert "BACKHAUL_RELEASE_CONTROL is off" in release(home, "show", control="off").stdout
