"""Decisions of a running house, decided again from what was kept."""

from datetime import timedelta

import sqlalchemy as sa

from backhaul.domain.codes import Reason
from backhaul.store.tables import VerdictRow
from policies.backtest import backtest
from tests.house import House
from tools.history import History


def test_what_the_guard_decided_is_decided_the_same_again(house: House) -> None:
    house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")
    house.propose(
        "SO-15093", 1, 2, Reason.NO_LONGER_NEEDED, words="no longer needed, the project is cancelled"
    )
    book = house.shelf.current()

    with house.store.read() as uow:
        found = backtest(History().replay(uow), book, book)

    assert found.decisions >= 3, "two RMAs asked for and a label"
    assert (found.flips, found.drifted) == ((), 0)


def test_what_cannot_be_decided_again_is_counted_and_said(house: House) -> None:
    house.propose("SO-15086", 1, 4, Reason.NO_LONGER_NEEDED, words="no longer needed, four of them")
    with house.store.begin() as uow:
        first, *_, last = uow.session.scalars(sa.select(VerdictRow).order_by(VerdictRow.decided_at)).all()
        first.order_date = None
        last.facts = {name: value for name, value in last.facts.items() if name != "tier"}

    history = History()
    with house.store.read() as uow:
        replayed = [one.id for one in history.replay(uow)]
        later = list(History().replay(uow, since=first.decided_at + timedelta(days=1)))

    assert (history.undated, history.unreadable, later) == (1, 1, [])
    assert first.id not in replayed
    assert history.why.startswith(f"{last.id}: ")
    assert "tier" in history.why
