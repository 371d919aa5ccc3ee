"""What chaos runs have found once, each pinned down without a crash."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from backhaul.bootstrap.worker import Replaced
from backhaul.connectors.ports import Letter
from backhaul.domain.errors import ConnectorRejected, ConnectorUnavailable
from backhaul.store import heartbeat, ledger, reviews, rmas
from backhaul.store.database import answering
from backhaul.workflows import at_work, label_steps, rma_steps
from backhaul.workflows.effects import RECEIVE_GOODS, Found, write_in
from tests.house import House, open_house
from tests.workflows.test_closing import a_return, cancels


class RefusesLetters:
    def send(self, letter: Letter, *, key: str) -> None:
        del letter, key
        raise ConnectorRejected("mail server", "no such mailbox")


@pytest.fixture
def no_letters(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from open_house(seeded_home, reader_cache, tmp_path, "", Replaced(notifier=RefusesLetters()))


def test_a_letter_refused_for_good_goes_to_a_person_and_the_return_goes_on(no_letters: House) -> None:
    rma = a_return(no_letters)

    with no_letters.store.read() as uow:
        (task,) = reviews.reviews_of_case(uow, rma.case_id)
    assert "was not sent" in task.why
    assert cancels(no_letters, rma.id) == {"state": "cancelled"}
    assert no_letters.engine.results[f"return-{rma.id}"] == {"state": "cancelled"}


def test_a_notice_that_is_repeated_after_the_return_was_cancelled_announces_nothing(
    sqlite_house: House,
) -> None:
    rma = a_return(sqlite_house)
    assert rma_steps.announce(sqlite_house.world, rma.id) == {"state": "announced"}
    cancels(sqlite_house, rma.id)

    assert rma_steps.announce(sqlite_house.world, rma.id) == {"state": "over"}

    assert sqlite_house.world.warehouse.expected(rma.facility_id) == ()


def test_a_notice_that_names_another_label_corrects_the_first_one(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    label_steps.buy_label(sqlite_house.world, rma.id, 2)

    assert rma_steps.announce(sqlite_house.world, rma.id) == {"state": "announced"}

    with sqlite_house.store.read() as uow:
        newest = rmas.labels(uow, rma.id)[0].tracking_number
    (notice,) = sqlite_house.world.warehouse.expected(rma.facility_id)
    assert notice.tracking_number == newest


def test_the_label_bought_last_is_the_newest_although_the_first_host_was_fast(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    with sqlite_house.store.begin() as uow:
        (first,) = rmas.labels(uow, rma.id)
        uow.session.merge(first).created_at += timedelta(minutes=7)

    label_steps.buy_label(sqlite_house.world, rma.id, 2)
    label_steps.void_replaced(sqlite_house.world, rma.id)

    with sqlite_house.store.read() as uow:
        second, old = rmas.labels(uow, rma.id)
    assert (old.id, old.voided_at is not None, second.voided_at) == (first.id, True, None)


def test_an_error_page_is_no_document_number_and_the_same_key_is_asked_again(sqlite_house: House) -> None:
    rma = a_return(sqlite_house)
    answers = iter(["<html>502</html>", "GR-1"])
    found = Found("K-1", RECEIVE_GOODS, rma.case_id, {}, lambda _key: next(answers), lambda _uow, _row: None)

    with pytest.raises(ConnectorUnavailable, match="no document number"):
        write_in(sqlite_house.world, found)
    assert write_in(sqlite_house.world, found) == {"state": "confirmed", "external_id": "GR-1"}

    with sqlite_house.store.read() as uow:
        row = ledger.command(uow, "K-1")
    assert row is not None
    assert (row.external_id, row.attempts) == ("GR-1", 2)


def test_bystanders_share_the_blame_for_a_crash_and_the_culprit_is_soon_alone(sqlite_house: House) -> None:
    with sqlite_house.store.begin() as uow:
        shared = [heartbeat.blame(uow, "bystander", suspects=6) for _ in range(4)]
        alone = [heartbeat.blame(uow, "culprit", suspects=1) for _ in range(4)]

    assert shared == [2, 4, 6, 8]
    assert alone == [12, 24, 36, 48]


def test_who_has_come_to_another_step_since_is_not_the_culprit(sqlite_house: House) -> None:
    with sqlite_house.store.begin() as uow:
        moves_on = [
            heartbeat.blame(uow, "moves on", suspects=1, step=step)
            for step in ("void", "void", "cancel", "", "")
        ]

    assert moves_on == [12, 24, 12, 24, 36], "where nobody could tell the step, it may be the same"


def test_who_died_in_a_step_is_known_and_who_waited_is_not_among_them(tmp_path: Path) -> None:
    seen: list[object] = []
    watch = at_work.AtWork(tmp_path, "host:7:ab")

    def deed() -> dict[str, object]:
        seen.append(at_work.was_at(tmp_path, "host:7:ab"))
        return {}

    watch.do("surplus-RMA-1:label:1@Overland Parcel", "void", deed)

    assert seen == [{"surplus-RMA-1:label:1@Overland Parcel": "void"}]
    assert at_work.was_at(tmp_path, "host:7:ab") == {}
    assert at_work.was_at(tmp_path, "elsewhere:7:ab") is None


def test_a_database_that_went_away_is_a_peer_that_does_not_answer() -> None:
    with pytest.raises(ConnectorUnavailable, match="database"), answering():
        raise OperationalError("SELECT 1", {}, Exception("terminating connection"))
    with pytest.raises(sa.exc.ProgrammingError), answering():
        raise sa.exc.ProgrammingError("SELEC 1", {}, Exception("syntax"))
