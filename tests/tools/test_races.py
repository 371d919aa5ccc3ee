"""Eight at once want the last piece of an order line, through two cases: exactly one is authorised."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.setup import ensure_ready
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store import cases, ledger
from backhaul.store.audit import events, verify_chain
from backhaul.store.effect_tables import CommandRow, LedgerEntryRow, PermitRow, RmaRow
from tests.house import propose, settings_for
from tests.tools import racers
from tests.tools.racers import PATIENCE_SECONDS, Racer, racer

ORDER, LINE, SHIPPED_PIECES = "SO-15086", 2, 6
RACERS = 8
Run = Callable[[Settings, str, Sequence[str]], None]


def in_threads(settings: Settings, deed: str, subjects: Sequence[str]) -> None:
    """Eight threads of one worker."""
    one, barrier = racer(settings), Barrier(RACERS)
    with ThreadPoolExecutor(RACERS) as pool:
        ran = [pool.submit(one.run, deed, subjects[at % len(subjects)], barrier) for at in range(RACERS)]
    for each in ran:
        each.result()
    one.store.close()


def in_processes(settings: Settings, deed: str, subjects: Sequence[str]) -> None:
    """Eight workers, each a process of its own; they have imported everything before they start."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.tools.racers", "tests.workflows.crashing_worker", "tests.workflows.clients"]
    )
    barrier = context.Barrier(RACERS)
    started = [
        context.Process(target=racers.race, args=(settings, deed, subjects[at % len(subjects)], barrier))
        for at in range(RACERS)
    ]
    for one in started:
        one.start()
    for one in started:
        one.join(PATIENCE_SECONDS)
    assert [one.exitcode for one in started] == [0] * RACERS


@pytest.fixture
def home(
    seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str
) -> Iterator[tuple[Settings, Racer]]:
    """A house where one belt is left of the six that were shipped."""
    settings = settings_for(seeded_home, reader_cache, tmp_path, database_url)
    ensure_ready(settings)
    one = racer(settings)
    one.decide(proposed(settings, one, 5))
    assert entered(one) == SHIPPED_PIECES - 1
    yield settings, one
    one.store.close()


def proposed(settings: Settings, one: Racer, pieces: int) -> str:
    """A case of its own for so many belts, which nobody has decided yet."""
    desk = build_desk(settings, one.store, one.world.starter)
    sent = propose(desk, ORDER, LINE, pieces, Reason.NO_LONGER_NEEDED, words=f"{pieces} are no longer needed")
    return sent.proposals[0][0]


def entered(one: Racer) -> int:
    with one.store.read() as uow:
        return ledger.net_quantity(uow, ORDER, LINE, ledger.AUTHORISED)


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_eight_who_decide_two_cases_on_the_last_piece_one_authorises_it(
    home: tuple[Settings, Racer], run: Run
) -> None:
    settings, one = home
    both = [proposed(settings, one, 1) for _ in range(2)]

    run(settings, "decide", both)

    assert entered(one) == SHIPPED_PIECES
    with one.store.read() as uow:
        rows = [cases.proposal(uow, proposal) for proposal in both]
        spent = uow.session.scalars(sa.select(PermitRow).where(PermitRow.spent_at.is_not(None))).all()
        assert sorted(row.state for row in rows) == ["denied", "permitted"]
        assert len(uow.session.scalars(sa.select(RmaRow)).all()) == 2
        assert len(spent) == 2
        for row in rows:
            assert len(cases.verdicts(uow, row.id)) == 1
            assert verify_chain(events(uow, chain=row.case_id)) is None


@pytest.mark.parametrize("run", [in_threads, in_processes])
def test_of_eight_who_spend_two_permits_for_the_last_piece_one_is_accepted(
    home: tuple[Settings, Racer], run: Run
) -> None:
    settings, one = home
    permits = []
    for proposal in [proposed(settings, one, 1) for _ in range(2)]:
        prepared = one.world.guard.prepare(proposal)
        with one.store.begin() as uow:
            judged = one.world.guard.judge(uow, prepared)
        assert judged.permit is not None, "nobody has the piece yet"
        permits.append(judged.permit.id)

    run(settings, "spend", permits)

    assert entered(one) == SHIPPED_PIECES
    with one.store.read() as uow:
        entries = uow.session.scalars(sa.select(LedgerEntryRow)).all()
        commands = uow.session.scalars(sa.select(CommandRow)).all()
        spent = uow.session.scalars(sa.select(PermitRow).where(PermitRow.spent_at.is_not(None))).all()
    assert [len(entries), len(commands), len(spent)] == [2, 2, 2], "the five before, and the last one"
