import re
import stat
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backhaul.bootstrap.operator import ensure_operator_key, home_proof, operator_key
from backhaul.bootstrap.readiness import check_ready
from backhaul.cli.main import app
from backhaul.domain.errors import BackhaulError, NotAllowed
from backhaul.settings import Settings

HEAVY = ("dbos", "fastapi", "httpx", "langgraph", "sentence_transformers", "sklearn", "sqlalchemy", "torch")


def test_help_does_not_wait_for_agent_model_and_databases() -> None:
    program = f"import sys, backhaul.cli.main; print([name for name in {HEAVY} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "command",
    ["up", "web", "worker", "migrate", "seed", "chat", "propose", "classify", "backup", "restore"],
)
def test_every_command_says_what_it_is_for(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])

    assert (done.exit_code, command in done.stdout) == (0, True)


def test_a_setting_that_makes_no_sense_is_named_in_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["user", "list"], env={"BACKHAUL_HOME": str(tmp_path), "BACKHAUL_PORT": "eighty"}
    )

    assert done.exit_code == 2
    assert done.stderr.startswith("backhaul: setting BACKHAUL_PORT:")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", [["up"], ["migrate"], ["user", "list"], ["chat", "--account", "A-1", "hi"]]
)
def test_a_home_that_cannot_be_used_is_named_in_one_line(tmp_path: Path, command: list[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")

    done = CliRunner().invoke(app, command, env={"BACKHAUL_HOME": str(taken), "BACKHAUL_PORT": "8497"})

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"backhaul: BACKHAUL_HOME {taken} cannot be made a folder")


@pytest.mark.parametrize("command", ["worker", "web"])
def test_nothing_starts_on_tables_that_are_not_there(tmp_path: Path, command: str) -> None:
    done = CliRunner().invoke(app, [command], env={"BACKHAUL_HOME": str(tmp_path)})

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "run `backhaul migrate` first" in done.stderr


@pytest.mark.parametrize(("demo", "cure"), [("1", "backhaul seed"), ("0", None)])
def test_migrating_makes_a_home_for_production_whole_and_leaves_the_demo_to_seed(
    tmp_path: Path, demo: str, cure: str | None
) -> None:
    env = {"BACKHAUL_HOME": str(tmp_path), "BACKHAUL_DEMO": demo}

    done = CliRunner().invoke(app, ["migrate"], env=env)

    assert done.exit_code == 0
    ready = Settings(home=tmp_path, demo=demo == "1")
    with pytest.raises(BackhaulError, match=cure) if cure else nullcontext():
        check_ready(ready)


def test_seeding_says_what_it_put_in_and_what_comes_next(tmp_path: Path) -> None:
    env = {"BACKHAUL_HOME": str(tmp_path / "home"), "BACKHAUL_DEMO": "1"}

    first, again = (CliRunner().invoke(app, ["seed"], env=env) for _ in range(2))

    assert re.search(r"demo distributor seeded in \S+: [1-9]\d* accounts\. Next: backhaul up", first.stdout)
    assert re.search(r"Nothing to do: \S+ is seeded already, with [1-9]\d* accounts", again.stdout)


def test_seeding_outside_the_demo_says_that_nothing_was_put_in(tmp_path: Path) -> None:
    env = {"BACKHAUL_HOME": str(tmp_path / "home")}

    outside = CliRunner().invoke(app, ["seed"], env={**env, "BACKHAUL_DEMO": "0"}).stdout
    later = CliRunner().invoke(app, ["seed"], env={**env, "BACKHAUL_DEMO": "1"}).stdout

    assert "with 0 accounts. No demo distributor was put in, because BACKHAUL_DEMO is off" in outside
    assert "backhaul user add" in outside
    assert "was made without the demo distributor and is empty" in later
    assert "another BACKHAUL_HOME" in later
    assert "already" not in outside + later


def test_a_home_is_for_its_owner_and_their_group(tmp_path: Path) -> None:
    CliRunner().invoke(app, ["migrate"], env={"BACKHAUL_HOME": str(tmp_path / "home")})

    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) & stat.S_IRWXO == 0


@pytest.mark.parametrize("command", ["migrate", "worker"])
def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path, command: str) -> None:
    env = {
        "BACKHAUL_HOME": str(tmp_path),
        "BACKHAUL_DATABASE_URL": "postgresql://worker:open-sesame@127.0.0.1:1/backhaul",
    }

    done = CliRunner().invoke(app, [command], env=env)

    assert done.exit_code == 2
    assert done.stderr.startswith("backhaul: database: postgresql+psycopg://worker:***@127.0.0.1:1/backhaul")
    assert "open-sesame" not in done.stderr


@pytest.mark.parametrize(
    "env",
    [
        {"BACKHAUL_DATABASE_URL": "mysql://me:open-sesame@host/backhaul"},
        {"BACKHAUL_WEB_DATABASE_URL": "postgresql://web:open-sesame@host/backhaul"},
    ],
)
def test_a_database_that_cannot_be_meant_is_refused_by_the_name_of_its_setting(
    tmp_path: Path, env: dict[str, str]
) -> None:
    done = CliRunner().invoke(app, ["migrate"], env={"BACKHAUL_HOME": str(tmp_path), **env})

    assert done.exit_code == 2
    assert done.stderr.startswith(f"backhaul: setting {next(iter(env))}: ")
    assert "open-sesame" not in done.stderr


def test_the_operator_key_is_made_once_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")

    first, second = ensure_operator_key(settings), ensure_operator_key(settings)

    assert first == second
    assert stat.S_IMODE((settings.home / "operator.key").stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["operator.key"]


def test_a_key_that_others_may_read_proves_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ensure_operator_key(settings)
    (tmp_path / "operator.key").chmod(0o644)

    with pytest.raises(NotAllowed, match="chmod 600"):
        operator_key(settings)


def test_outside_demo_nobody_speaks_for_a_customer_without_the_key(tmp_path: Path) -> None:
    env = {"BACKHAUL_HOME": str(tmp_path), "BACKHAUL_DEMO": "0"}

    done = CliRunner().invoke(app, ["chat", "--account", "A-1001", "hello"], env=env)

    assert done.exit_code == 2
    assert "needs the operator key" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_home_proves_itself_without_showing_its_key(tmp_path: Path) -> None:
    mine, other = (ensure_operator_key(Settings(home=tmp_path / name)) for name in ("mine", "other"))

    assert home_proof(mine, "n1") == home_proof(mine, "n1")
    assert len({home_proof(mine, "n1"), home_proof(mine, "n2"), home_proof(other, "n1")}) == 3
    assert mine.get_secret_value() not in home_proof(mine, "n1")


@pytest.mark.parametrize("command", ["leaks", "stuck"])
def test_a_simulated_home_says_so_whatever_is_asked_of_it(tmp_path: Path, command: str) -> None:
    (tmp_path / "simulated.json").write_text("{}\n", encoding="utf-8")

    done = CliRunner().invoke(app, [command], env={"BACKHAUL_HOME": str(tmp_path)})

    assert "this home is simulated; nothing in it is real" in done.output
