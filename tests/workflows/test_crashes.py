import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backhaul.bootstrap import outside, stores
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.setup import ensure_ready
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store import cases, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.workflows.durable import DurableClient
from tests.house import propose, settings_for

ROOT = Path(__file__).parent.parent.parent
_PATIENCE_SECONDS = 90


@contextmanager
def process(settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "BACKHAUL_HOME": str(settings.home),
        "BACKHAUL_DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(ROOT),
    }
    started = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(20)


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("rma", id="after the ERP booked the RMA and before the label"),
        pytest.param("label", id="between the label and its confirmation"),
    ],
)
def test_a_worker_killed_in_mid_effect_leaves_exactly_one_rma_and_one_label(
    point: str, seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> None:
    settings = settings_for(seeded_home, reader_cache, tmp_path, database_url)
    ensure_ready(settings)
    store = stores.open_store(settings)
    starter = DurableClient(store)
    desk = build_desk(settings, store, starter)
    sent = propose(desk, "SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")

    with process(settings, "tests/workflows/crashing_worker.py", point) as doomed:
        assert doomed.wait(_PATIENCE_SECONDS) == -signal.SIGKILL
    with process(settings, "-m", "backhaul.cli.main", "worker"):
        rma_id = eventually_labelled(desk.store, sent.consent_id)

    booked = [one for one in desk.erp.returns_on("SO-15086") if one.reference == rma_id]
    assert len(booked) == 1
    bought = [
        event
        for event in outside.carriers(settings, store.clock)[0].events()
        if event.status == "label_created"
    ]
    assert len(bought) == 1
    with store.read() as uow:
        assert len(rmas.labels(uow, rma_id)) == 1
        assert verify_chain(events(uow, chain=sent.case_id)) is None
    starter.close()
    store.close()


def eventually_labelled(store: stores.Store, consent_id: str) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with store.read() as uow:
            (proposal,) = cases.proposals(uow, consent_id=consent_id)
            rma = rmas.rma_of_proposal(uow, proposal.id)
            if rma is not None and rmas.live_label(uow, rma.id) is not None:
                return rma.id
        time.sleep(0.1)
    raise AssertionError("no label came")
