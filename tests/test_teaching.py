"""Which heads read: promoted ones at once and in the release, and the shipped ones whenever those cannot."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import releases, stores
from backhaul.bootstrap.doors import build_desk
from backhaul.bootstrap.forgetting import forget_what_was_taught
from backhaul.bootstrap.teaching import HeadsInUse, heads_at_start, heads_file, taught
from backhaul.domain.codes import Reason
from backhaul.domain.release import Component, differences
from backhaul.store import corrections, reader_heads
from backhaul.store.reader_tables import HeadsRow
from backhaul.store.tables import VerdictRow
from tests.house import House
from tests.learning import PETRA, confirmed, heads_biased_to, person, promoted, quick_house, read_as
from tests.tools import signed_houses as signed
from tools.release_control import ReleaseControl

pytestmark = pytest.mark.slow  # kept out of the time of a build

WORDS = "the relay never times out, it stays on"


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[House]:
    yield from quick_house(seeded_home, reader_cache, tmp_path)


@pytest.fixture
def heads(house: House) -> HeadsInUse:
    return HeadsInUse(house.settings, house.store, look_again_seconds=0)


@pytest.fixture
def trained(house: House) -> HeadsRow:
    """Heads that take everything for a recall."""
    learnt = confirmed(house, "the maker called them back", Reason.OTHER, Reason.RECALL)
    return heads_biased_to(house, Reason.RECALL, [learnt])


def marked(house: House, heads: HeadsInUse) -> str:
    with house.store.read() as uow:
        return heads.mark(uow)


def test_a_promotion_reads_the_next_message_and_a_rollback_the_one_after(
    house: House, heads: HeadsInUse, trained: HeadsRow
) -> None:
    reader = OfflineReader(stores.cache_folder(house.settings), heads)
    before = reader.classify(WORDS).reason

    promoted(house, trained)
    with_heads = reader.classify(WORDS).reason
    with house.store.begin() as uow:
        reader_heads.roll_back(uow, by=person(uow, PETRA), why="")

    assert (before, with_heads) == (Reason.DEFECTIVE, Reason.RECALL)
    assert reader.classify(WORDS).reason is Reason.DEFECTIVE


def test_what_one_process_promotes_another_reads_with_also_after_a_restart(
    house: House, trained: HeadsRow
) -> None:
    promoted(house, trained)

    started = heads_at_start(house.settings)
    reader = OfflineReader(stores.cache_folder(house.settings), started)

    assert started.mark == trained.sha256
    assert reader.reason_probability(WORDS, Reason.RECALL) > 0.99


def damaged(house: House, row: HeadsRow) -> None:
    file = heads_file(house.settings, row.name)
    file.write_bytes(file.read_bytes()[:-100] + b"\0" * 100)


def removed(house: House, row: HeadsRow) -> None:
    heads_file(house.settings, row.name).unlink()


def made_with_other_words(house: House, row: HeadsRow) -> None:
    """As after a change of the shipped exemplars, the code or a library: the name is another one."""
    with house.store.begin() as uow:
        (learnt,) = corrections.named(uow, row.corrections)
        learnt.words += " again"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (damaged, "not what was promoted"),
        (removed, "missing"),
        (made_with_other_words, "other exemplars"),
    ],
)
def test_heads_that_are_not_what_was_promoted_are_not_read_with_and_the_log_says_why(
    house: House,
    heads: HeadsInUse,
    trained: HeadsRow,
    fault: Callable[[House, HeadsRow], None],
    said: str,
) -> None:
    promoted(house, trained)
    fault(house, trained)

    with structlog.testing.capture_logs() as logged:
        found, mark = heads(), marked(house, heads)

    assert (found, mark) == (None, "")
    (line,) = logged
    assert line["log_level"] == "error"
    assert said in line["why"]


def test_a_file_that_is_damaged_while_the_process_runs_is_noticed(
    house: House, heads: HeadsInUse, trained: HeadsRow
) -> None:
    promoted(house, trained)
    assert marked(house, heads) == trained.sha256

    damaged(house, trained)

    assert (heads(), marked(house, heads)) == (None, "")


def test_an_erased_customer_is_forgotten_by_a_reader_that_runs(
    house: House, heads: HeadsInUse, trained: HeadsRow
) -> None:
    promoted(house, trained)
    reader = OfflineReader(stores.cache_folder(house.settings), heads)
    assert reader.classify(WORDS).reason is Reason.RECALL

    with house.store.read() as uow:
        by = person(uow, PETRA)
    gone = forget_what_was_taught(house.settings, house.store, "A-1001", by=by)

    assert gone == [trained.name]
    assert reader.classify(WORDS).reason is Reason.DEFECTIVE
    assert not heads_file(house.settings, trained.name).exists()


def test_what_is_taught_stands_after_the_shipped_exemplars_and_nothing_twice(house: House) -> None:
    shipped = taught([])
    said = shipped[0]
    again = confirmed(house, said.text, Reason.OTHER, Reason(str(said.reason)))
    new = confirmed(house, "we swapped the line over", Reason.OTHER, Reason.NO_LONGER_NEEDED)
    same = confirmed(house, "We swapped the line over", Reason.RECALL, Reason.NO_LONGER_NEEDED)

    with house.store.read() as uow:
        learnt = taught(corrections.named(uow, [again, new, same]))[len(shipped) :]

    assert [(item.text.lower(), item.reason) for item in learnt] == [
        ("we swapped the line over", Reason.NO_LONGER_NEEDED)
    ]


def test_promoted_heads_are_another_release_in_both_processes(
    house: House, heads: HeadsInUse, trained: HeadsRow
) -> None:
    desk = build_desk(house.settings, house.store, house.engine)
    before = releases.program(house.settings)

    promoted(house, trained)

    after = releases.program(house.settings, learnt=marked(house, heads))
    assert differences(before, after) == (Component.EXEMPLARS,)
    with house.store.read() as uow:
        assert desk.program(uow) == after.hash
        assert releases.control(house.settings, heads).hash_under(uow, "") == after.hash


def test_where_releases_are_required_promoted_heads_wait_for_a_signature(
    house: House, heads: HeadsInUse, trained: HeadsRow
) -> None:
    runs_with(house, heads)
    signed.sign_off(house)
    promoted(house, trained)

    held = verdict(house)

    assert held.outcome == "escalate"
    assert "signed off" in signed.reason_of(held)

    with house.store.read() as uow:
        release = replace(
            releases.program(house.settings, learnt=heads.mark(uow)),
            policies=house.shelf.current().bundle_hash,
        )
    with house.store.begin() as uow:
        signed.records.propose(uow, release, by=person(uow, signed.PETRA), note="", gate=signed.PASSED)
    signed.sign(house, release.hash)

    decided = verdict(house)
    assert (decided.outcome, decided.release) == ("permit", release.hash)


def runs_with(house: House, heads: HeadsInUse) -> None:
    """Both processes started with these heads, where a release has to be signed."""
    program = releases.program(house.settings)
    control = ReleaseControl(program, required=True, learnt=heads.mark)
    guard = replace(house.world.guard, release=control)
    house.world = house.engine.world = replace(house.world, guard=guard)
    house.desk = build_desk(house.settings, house.store, house.engine)


def verdict(house: House) -> VerdictRow:
    proposal = read_as(house, WORDS, Reason.NO_LONGER_NEEDED)
    with house.store.read() as uow:
        row = signed.cases.proposal(uow, proposal)
    return signed.verdict_on(house, row)
