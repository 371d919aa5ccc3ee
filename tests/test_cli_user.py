from pathlib import Path

import pytest
from pwdlib import PasswordHash
from typer.testing import CliRunner, Result

from backhaul.bootstrap import stores
from backhaul.cli.main import app
from backhaul.settings import Settings
from backhaul.store import staff
from backhaul.store.house_tables import StaffRow

ADD = ("add", "Ann@Example.org", "--name", "Ann Lee", "--role", "reviewer", "--role", "approver")
PASSWORD = "a long enough one"


def user(home: Path, *arguments: str, typed: str | None = None) -> Result:
    env = {"BACKHAUL_HOME": str(home), "BACKHAUL_DEMO": "0"}
    return CliRunner().invoke(app, ["user", *arguments], input=typed, env=env)


def ann(home: Path) -> StaffRow:
    store = stores.open_store(Settings(home=home))
    with store.read() as uow:
        row = staff.staff_by_email(uow, "ann@example.org")
    store.close()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("production")
    done = user(folder, *ADD, "--password-stdin", typed=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.stderr
    return folder


def test_a_colleague_added_with_a_password_from_stdin_can_sign_in_with_it(home: Path) -> None:
    row = ann(home)

    assert row.roles == ["approver", "reviewer"]
    assert row.password_hash.startswith("$argon2id$")
    assert PasswordHash.recommended().verify(PASSWORD, row.password_hash)


def test_the_password_is_never_shown(home: Path) -> None:
    done = user(
        home,
        "add",
        "bo@example.org",
        "--name",
        "Bo",
        "--role",
        "inspector",
        typed=f"{PASSWORD}\n{PASSWORD}\n",
    )

    assert done.exit_code == 0
    assert PASSWORD not in done.output


def test_nobody_is_added_twice(home: Path) -> None:
    done = user(home, *ADD, "--password-stdin", typed=f"{PASSWORD}\n")

    assert (done.exit_code, done.stderr) == (
        2,
        "backhaul: Ann@Example.org is already a member of staff\n",
    )


def test_a_short_password_is_refused(home: Path) -> None:
    done = user(
        home,
        "add",
        "cy@example.org",
        "--name",
        "Cy",
        "--role",
        "finance",
        "--password-stdin",
        typed="short\n",
    )

    assert (done.exit_code, "at least 12" in done.stderr) == (2, True)


def test_somebody_deactivated_is_listed_as_such(home: Path) -> None:
    done = user(home, "deactivate", "ANN@example.org")

    assert done.exit_code == 0
    assert ann(home).active is False
    listed = user(home, "list").stdout
    assert any("ann@example.org" in line and "deactivated" in line for line in listed.splitlines())


def test_deactivating_a_stranger_says_who_is_missing(home: Path) -> None:
    done = user(home, "deactivate", "nobody@example.org")

    assert (done.exit_code, "nobody@example.org" in done.stderr) == (2, True)
