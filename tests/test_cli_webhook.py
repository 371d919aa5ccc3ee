"""`backhaul webhook` and keys of one account, as somebody at the terminal uses them."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from backhaul.cli.main import app
from backhaul.connectors import webhooks as signing
from tests.connectors.test_webhook_post import receiver

URL = "https://hooks.example/backhaul"


def said(home: Path, *arguments: str, demo: str = "1") -> Result:
    env = {"BACKHAUL_HOME": str(home), "BACKHAUL_DEMO": demo, "COLUMNS": "200"}
    return CliRunner().invoke(app, list(arguments), env=env)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, seeded_home: Path) -> Path:
    return shutil.copytree(seeded_home, tmp_path_factory.mktemp("told") / "home")


def test_an_endpoint_is_added_shown_and_removed(home: Path) -> None:
    added = said(home, "webhook", "add", URL, "--type", "rma.issued", "--account", "A-1001")
    name, secret = added.stdout.split()
    listed = said(home, "webhook", "list").stdout
    removed = said(home, "webhook", "remove", name)

    assert secret.startswith("whsec_")
    assert all(part in listed for part in (name, URL, "rma.issued", "A-1001"))
    assert removed.exit_code == 0
    assert "ended: removed" in said(home, "webhook", "list").stdout
    assert said(home, "webhook", "remove", name).exit_code == 2


def test_a_test_message_is_signed_with_the_secret_that_was_shown(home: Path) -> None:
    with receiver(200) as (url, heard):
        name, secret = said(home, "webhook", "add", url).stdout.split()
        sent = said(home, "webhook", "send-test", name)

    body = heard[0].split(" ", 2)[2]
    assert (sent.exit_code, json.loads(body)["type"]) == (0, "webhook.test")
    assert signing.key_of(secret)


def test_outside_demo_a_private_address_is_not_taken(tmp_path: Path) -> None:
    refused = said(tmp_path, "webhook", "add", "https://10.0.0.1/x", demo="0")

    assert (refused.exit_code, "public address" in refused.stderr) == (2, True)


def test_a_key_is_for_an_account_that_there_is_and_not_for_what_is_the_houses(home: Path) -> None:
    made = said(home, "key", "add", "storefront", "--scope", "rmas:read", "--account", "A-1001")
    strange = said(home, "key", "add", "nobody", "--scope", "rmas:read", "--account", "A-9999")
    ours = said(home, "key", "add", "shop", "--scope", "reviews:read", "--account", "A-1001")

    assert made.stdout.startswith("bhk_")
    assert [strange.exit_code, ours.exit_code] == [2, 2]
    assert "A-1001" in said(home, "key", "list").stdout
