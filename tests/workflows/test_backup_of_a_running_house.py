"""A backup that was taken while workflows ran becomes a house that goes on, with nothing lost or doubled."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from backhaul.bootstrap.policy_shelf import SHIPPED, PolicyShelf
from backhaul.bootstrap.worker import build_world
from backhaul.cli import archive
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store import cases, ledger
from backhaul.store.audit import events, verify_chain
from backhaul.store.effect_tables import CommandRow, LabelRow, RmaRow
from backhaul.workflows import durable
from tests.house import propose, settings_for
from tests.workflows.processes import Outdoors, eventually, outdoors
from tools.proposals import Submitted

pytestmark = pytest.mark.engine

_RETURNS = 3
_IN_THE_MIDDLE = 2


def ask_for_returns(home: Outdoors) -> list[Submitted]:
    """One piece each, of one order."""
    words = "no longer needed, 1 of them"
    return [
        propose(home.desk, "SO-15086", 1, 1, Reason.NO_LONGER_NEEDED, words=words) for _ in range(_RETURNS)
    ]


@contextmanager
def at_work(home: Outdoors) -> Iterator[None]:
    """The durable engine over a home, under one name: it goes on with what it left unfinished."""
    world = build_world(home.settings, home.store, PolicyShelf(SHIPPED), home.starter)
    durable.launch(world, executor_id="here:1:test", poll_seconds=0.05)
    try:
        yield
    finally:
        durable.shut_down()


def confirmed(home: Outdoors) -> int:
    with home.store.read() as uow:
        return len(uow.session.scalars(sa.select(CommandRow).where(CommandRow.state == "confirmed")).all())


def backed_up_while_it_runs(home: Outdoors, file: Path) -> None:
    """Between the first effect and the last: some work is done, some under way, some not begun."""
    with at_work(home):
        sent = ask_for_returns(home)
        eventually(lambda: confirmed(home) >= _IN_THE_MIDDLE, "a moment in the middle")
        archive.write(home.settings, file, with_keys=True, force=False)
        for one in sent:
            home.labelled(one.consent_id)


def test_a_house_restored_from_it_goes_on_with_nothing_lost_and_nothing_doubled(
    seeded_home: Path, reader_cache: Path, tmp_path: Path
) -> None:
    file = tmp_path / "backup.tar.gz"
    with outdoors(settings_for(seeded_home, reader_cache, tmp_path, "sqlite:")) as home:
        backed_up_while_it_runs(home, file)
    restored = Settings(home=tmp_path / "restored")
    archive.read(restored, file, force=False)
    # Caches are in no backup; training the reader anew would take most of the test.
    shutil.copytree(reader_cache, restored.home / "cache", dirs_exist_ok=True)

    with outdoors(restored) as home:
        with home.store.read() as uow:
            under_way = [row.key for row in commands(home) if row.state in {"intended", "sent"}]
            taken_in = len(cases.proposals(uow))
        with at_work(home):
            eventually(lambda: len(labels(home)) == taken_in, f"{taken_in} labels")

        assert taken_in > 0
        booked = [one for one in home.desk.erp.returns_on("SO-15086") if not one.cancelled]
        ours = {row.id for row in returns(home)}
        assert Counter(one.reference for one in booked if one.reference in ours) == Counter(ours)
        assert len(home.scans("label_created")) >= taken_in
        assert {row.tracking_number for row in labels(home)} <= {
            scan.tracking_number for scan in home.scans("label_created")
        }
        assert {row.state for row in commands(home)} == {"confirmed"}, under_way
        with home.store.read() as uow:
            assert ledger.net_quantity(uow, "SO-15086", 1, ledger.AUTHORISED) == taken_in
            for case_id in {row.case_id for row in returns(home)}:
                assert verify_chain(events(uow, chain=case_id)) is None


def commands(home: Outdoors) -> list[CommandRow]:
    with home.store.read() as uow:
        return list(uow.session.scalars(sa.select(CommandRow)))


def labels(home: Outdoors) -> list[LabelRow]:
    with home.store.read() as uow:
        return list(uow.session.scalars(sa.select(LabelRow).where(LabelRow.voided_at.is_(None))))


def returns(home: Outdoors) -> list[RmaRow]:
    with home.store.read() as uow:
        return list(uow.session.scalars(sa.select(RmaRow)))
