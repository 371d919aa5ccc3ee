"""Whose work is taken over: of who is silent, unless its process is seen, and not for ever then."""

import os
import socket
from datetime import timedelta

import pytest
import sqlalchemy as sa

from backhaul.store import heartbeat
from backhaul.store.house_tables import HeartbeatRow
from backhaul.workflows.sweep import living
from tests.house import House

HERE = f"{socket.gethostname()}:{os.getpid()}:1"
NO_LONGER_THERE = f"{socket.gethostname()}:{2**22 + 1}:1"
ELSEWHERE = "another-host:1:1"


@pytest.mark.parametrize(
    ("executor", "silent_for", "lives"),
    [
        (HERE, 1, True),
        (HERE, 60, True),
        (HERE, 200, False),
        (NO_LONGER_THERE, 1, False),
        (ELSEWHERE, 1, True),
        (ELSEWHERE, 60, False),
    ],
    # Names without this process: those who share the tests out must all read the same ones.
    ids=["heard", "late and seen", "hung", "gone", "heard from elsewhere", "silent elsewhere"],
)
def test_a_process_that_is_seen_is_given_longer(
    sqlite_house: House, executor: str, silent_for: int, lives: bool
) -> None:
    with sqlite_house.store.begin() as uow:
        heartbeat.beat(uow, executor, bundle_hash="h", policy_problem=None)
        uow.session.flush()
        row = uow.session.get_one(HeartbeatRow, executor)
        uow.session.execute(
            sa.update(HeartbeatRow)
            .where(HeartbeatRow.executor_id == executor)
            .values(beat_at=row.beat_at - timedelta(seconds=silent_for))
        )

    with sqlite_house.store.read() as uow:
        assert (executor in living(uow)) is lives
