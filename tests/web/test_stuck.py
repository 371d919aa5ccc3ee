"""The page of what stands still: who sees it, who may act, and that acting twice is acting once."""

import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from pwdlib import PasswordHash

from backhaul.bootstrap.demo_people import DEMO_PASSWORD
from backhaul.domain.codes import Role
from backhaul.store import heartbeat, staff
from tests.house import House
from tests.workflows.test_stuck import rejected_credit
from web.world import Doors

FINANCE, ADMIN = "fiona@halden.example", "ada@halden.example"
REVIEWER, DOCK = "rita.reviewer@halden.example", "dora.dock@halden.example"


class Silent:
    """Nobody chats in these tests."""

    def post(self, *_: Any, **__: Any) -> int:
        raise AssertionError("nobody chats here")

    def run_pending(self, thread_id: str) -> Sequence[object]:
        del thread_id
        return ()

    def warm_up(self) -> None:
        """Nothing to load."""


@pytest.fixture
def come(sqlite_house: House, at_the_doors_of: Any) -> Any:
    """A browser of somebody at the doors of the house."""
    hashed = PasswordHash.recommended().hash(DEMO_PASSWORD)
    with sqlite_house.store.begin() as uow:
        heartbeat.beat(uow, "worker-1", bundle_hash="x", policy_problem=None)
        for email, role in {FINANCE: Role.FINANCE, ADMIN: Role.ADMIN}.items():
            staff.add_staff(
                uow,
                sqlite_house.desk.ids,
                email=email,
                name=role.value.capitalize(),
                roles=[role],
                password_hash=hashed,
                actor="test",
                demo=True,
            )
    doors = Doors(
        settings=sqlite_house.settings.model_copy(update={"secure_cookies": False}),
        desk=sqlite_house.desk,
        conversation=Silent(),
        notifier=sqlite_house.world.notifier,
    )

    def arrive(email: str) -> Any:
        visitor = at_the_doors_of(SimpleNamespace(doors=doors))
        visitor.opens("/staff/sign-in")
        visitor.sees(visitor.sends("/staff/sign-in", email=email, password=DEMO_PASSWORD))
        return visitor

    return arrive


def form_of(page: Any) -> dict[str, str]:
    """The hidden fields of the first form about something stuck."""
    fields = ("once", "stage", "subject")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text) for name in fields}
    return {name: match[1] for name, match in found.items() if match}


def test_a_reviewer_issues_a_rejected_credit_anew_from_the_page(sqlite_house: House, come: Any) -> None:
    _, erp, _ = rejected_credit(sqlite_house)
    reviewer = come(REVIEWER)
    page = reviewer.opens("/stuck?stage=command_rejected")
    assert "the period is closed" in page.text
    erp.fault = None

    form = form_of(page)
    without = reviewer.sends("/stuck", **form, deed="reissue", why="")
    after = reviewer.sends("/stuck", **form, deed="reissue", why="finance opened the period")
    twice = reviewer.sends("/stuck", **form, deed="reissue", why="finance opened the period")

    assert "that it was not done" in without.text
    assert "confirmed" in after.text
    assert twice.status_code == 200
    assert len(sqlite_house.world.erp.credit_memos("SO-15086")) == 1
    assert "Nothing stands still" in reviewer.opens("/stuck?stage=command_rejected").text


def test_finance_reads_and_may_not_act(sqlite_house: House, come: Any) -> None:
    _, _, one = rejected_credit(sqlite_house)
    finance = come(FINANCE)

    page = finance.opens("/stuck")
    acted = finance.sends("/stuck", once="SD-1", stage=one.stage.value, subject=one.subject, deed="hand_over")

    assert "the period is closed" in page.text
    assert 'name="deed"' not in page.text
    assert acted.status_code == 403


def test_an_administrator_hands_it_over_and_the_dock_sees_nothing(sqlite_house: House, come: Any) -> None:
    rejected_credit(sqlite_house)
    admin = come(ADMIN)

    page = admin.sends("/stuck", **form_of(admin.opens("/stuck")), deed="hand_over", why="please call")

    assert "With a person" in page.text
    assert come(DOCK).opens("/stuck").status_code == 403
