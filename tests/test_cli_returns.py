import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from backhaul.bootstrap import stores
from backhaul.bootstrap.operator import operator_name
from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf, policy_copy
from backhaul.cli.hands import temporary_worker
from backhaul.cli.main import app
from backhaul.settings import Settings
from backhaul.store import heartbeat
from backhaul.store.house_tables import AuditRow
from backhaul.store.unit_of_work import Store
from tests.house import settings_for

KEYS = ["thread", "reply", "outcome", "case", "lines", "labels"]
LINE_KEYS = ["order_line", "quantity", "reason", "confidence", "resolution", "verdict", "rules", "rma"]
LABEL_KEYS = ["rma", "tracking_number", "carrier", "ship_by", "pdf"]


@pytest.fixture(scope="module")
def home(seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for the whole file."""
    folder = tmp_path_factory.mktemp("terminal") / "home"
    shutil.copytree(seeded_home, folder)
    shutil.copytree(reader_cache, folder / "cache", dirs_exist_ok=True)
    return folder


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = stores.open_store(Settings(home=home))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def worker(home: Path) -> Iterator[None]:
    """A worker that lives as long as the tests that need one; those without it see one come and go."""
    store = stores.open_store(Settings(home=home))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKHAUL_HOME", str(home))
        with temporary_worker(store, Settings(home=home)) as wait_for_worker:
            wait_for_worker()
            yield
    store.close()


def backhaul(home: Path, *arguments: str, policies: Path | str = "") -> Result:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"BACKHAUL_HOME": str(home), "BACKHAUL_PORT": str(port), "BACKHAUL_DEMO": "1"}
    env["BACKHAUL_POLICIES"] = str(policies)
    return CliRunner().invoke(app, list(arguments), env=env)


def objects(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_customer_spoken_for_gets_rma_and_label_and_the_worker_is_gone_again(
    home: Path, store: Store
) -> None:
    words = "One FRL-04-FRL from SO-15157 is no longer needed, please send it back for credit, 1 piece."

    read_back, done = objects(backhaul(home, "chat", "--account", "A-1001", "--yes", "--json", words))

    assert (read_back["outcome"], done["outcome"]) == ("consent", "done")
    assert list(done) == KEYS
    (line,), (label,) = done["lines"], done["labels"]
    assert (list(line), list(label)) == (LINE_KEYS, LABEL_KEYS)
    assert (line["order_line"], line["quantity"], line["verdict"]) == ("SO-15157/1", 1, "permit")
    assert label["rma"] == line["rma"]
    assert Path(label["pdf"]).read_bytes().startswith(b"%PDF")
    assert Path(label["pdf"]).parent == home / "labels"
    with store.read() as uow:
        assert heartbeat.living(uow) == []
        (spoke,) = uow.session.scalars(sa.select(AuditRow).where(AuditRow.subject == done["thread"])).all()
    assert (spoke.tag, spoke.actor) == ("cli:thread:spoken_for", f"cli:{operator_name()} for A-1001")


PROPOSAL = (
    "propose",
    "--account",
    "A-1001",
    "--order",
    "SO-12792",
    "--line",
    "1",
    "--quantity",
    "1",
    "--yes",
)


@pytest.mark.slow
@pytest.mark.processes
def test_a_home_run_by_policies_of_its_own_is_not_decided_by_others(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    settings = settings_for(seeded_home, reader_cache, tmp_path, "")
    own = tmp_path / "own"
    shutil.copytree(SHIPPED, own)
    PolicyShelf(own, copy=policy_copy(settings)).current()

    refused = backhaul(settings.home, *PROPOSAL, "--reason", "no_longer_needed")
    decided = backhaul(settings.home, *PROPOSAL, "--reason", "no_longer_needed", policies=own)

    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert f"decides by the policies in {own}, and here it would be the policies that come" in refused.stderr
    assert f"set BACKHAUL_POLICIES={own}" in refused.stderr
    assert decided.exit_code == 0, decided.output
    assert f"one for this command decides by the policies in {own}" in decided.stderr
    assert f"Decided under policy bundle {PolicyShelf(own).current().bundle_hash[:12]}" in decided.stdout


@pytest.mark.usefixtures("worker")
@pytest.mark.slow
def test_a_proposal_shows_the_clause_that_refuses_it_and_what_would_change_that(home: Path) -> None:
    line = ("--account", "A-1001", "--order", "SO-12792", "--line", "1", "--quantity", "1")

    (found,) = objects(backhaul(home, "propose", *line, "--reason", "no_longer_needed", "--yes", "--json"))

    assert (found["outcome"], found["rma"], found["labels"]) == ("deny", "", [])
    assert [(rule["rule"], rule["clause"]) for rule in found["rules"] if rule["status"] == "failed"] == [
        ("RET-WINDOW", "RET-4.1")
    ]
    assert "60" in found["would_change"]


@pytest.mark.usefixtures("worker")
def test_what_a_person_has_to_decide_is_decided_at_the_terminal(home: Path) -> None:
    line = ("--account", "A-1001", "--order", "SO-15093", "--line", "1", "--quantity", "2")
    (found,) = objects(backhaul(home, "propose", *line, "--reason", "no_longer_needed", "--yes", "--json"))
    assert found["outcome"] == "escalate"

    assert found["review"] in backhaul(home, "case", "list").stdout
    decided = backhaul(
        home, "case", "approve", found["case"], "--as", "arne.approver@halden.example", "--yes"
    )

    assert decided.exit_code == 0, decided.output
    assert f"{found['review']} is approved" in decided.stdout
    assert "your label is ready" in decided.stdout
    again = backhaul(home, "case", "approve", found["review"], "--yes")
    assert (again.exit_code, again.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--account": "A-1002"}, "no order SO-15157"),
        ({"--line": "9"}, "no order line SO-15157/9"),
        ({"--account": "A-0000"}, "no account A-0000"),
    ],
)
def test_a_proposal_for_what_is_not_there_says_so_in_one_line(
    home: Path, changed: dict[str, str], said: str
) -> None:
    given = {"--account": "A-1001", "--order": "SO-15157", "--line": "1", "--quantity": "1", **changed}

    done = backhaul(
        home, "propose", *(part for pair in given.items() for part in pair), "--reason", "other", "--yes"
    )

    assert (done.exit_code, done.stderr) == (2, f"backhaul: {said}\n")


def test_a_photo_that_cannot_be_read_is_named_before_anything_is_said(home: Path) -> None:
    done = backhaul(home, "chat", "--account", "A-1001", "--photo", "1:missing.jpg", "It is broken")

    assert (done.exit_code, "photo missing.jpg cannot be read" in done.stderr) == (2, True)
