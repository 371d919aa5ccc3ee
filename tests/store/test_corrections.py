"""A correction is noted by one and looked at by another; it leaves with its customer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backhaul.domain.codes import Reason
from backhaul.domain.errors import BadInput, InvalidTransition, NotAllowed
from backhaul.domain.receiving import Disposition, Finding
from backhaul.store import cases, corrections, reader_heads
from backhaul.store.audit import unwitnessed
from backhaul.store.unit_of_work import SYSTEM_CHAIN
from tests.dock import counts, settles, staff_id
from tests.house import House
from tests.learning import (
    ARNE,
    DORA,
    PETRA,
    RITA,
    confirmed,
    correction,
    heads_biased_to,
    noted,
    person,
    promoted,
    quick_house,
    read_as,
    review_of,
)
from tests.workflows.test_closing import a_return

SPARE = "we swapped the line over, the spares are in our way. Thanks, Dana"


@pytest.fixture
def house(seeded_home: Path, reader_cache: Path, tmp_path: Path, database_url: str) -> Iterator[House]:
    yield from quick_house(seeded_home, reader_cache, tmp_path, database_url)


def look(house: House, correction_id: str, by: str, *, agrees: bool = True) -> None:
    with house.store.begin() as uow:
        act = corrections.confirm if agrees else corrections.dismiss
        act(uow, correction_id, by=person(uow, by))


def test_a_correction_keeps_the_words_without_a_name_and_waits_for_somebody_else(house: House) -> None:
    found = correction(house, noted(house, SPARE, Reason.OTHER, Reason.NO_LONGER_NEEDED))

    assert found.words == "we swapped the line over, the spares are in our way."
    assert (found.reason_read, found.reason_right, found.state) == ("other", "no_longer_needed", "noted")
    with pytest.raises(NotAllowed, match="somebody else"):
        look(house, found.id, RITA)
    with pytest.raises(NotAllowed, match="one of the roles"):
        look(house, found.id, DORA)

    look(house, found.id, ARNE)

    assert correction(house, found.id).state == "confirmed"
    with pytest.raises(InvalidTransition):
        look(house, found.id, PETRA, agrees=False)


def test_dismissed_words_are_erased(house: House) -> None:
    found = noted(house, SPARE, Reason.OTHER, Reason.NO_LONGER_NEEDED)

    look(house, found, ARNE, agrees=False)

    assert (correction(house, found).words, correction(house, found).state) == ("", "dismissed")


def test_what_was_read_right_is_no_correction(house: House) -> None:
    proposal = read_as(house, SPARE, Reason.OTHER)
    with house.store.begin() as uow:
        review = review_of(uow, house, proposal)
        assert corrections.note_of_review(uow, review, right=Reason.OTHER, by=person(uow, RITA)) is None
        assert corrections.in_state(uow, corrections.NOTED) == []


def test_an_inspector_who_finds_another_reason_has_noted_a_correction(house: House) -> None:
    rma = a_return(house, quantity=2)
    with house.store.begin() as uow:
        (row,) = cases.proposals(uow, case_id=rma.case_id)
        claim = cases.claim(uow, row.claim_id)
        assert claim is not None
        claim.words, claim.payload = "they jam after an hour", {"reason": Reason.NO_LONGER_NEEDED.value}

    found = {"finding": Finding.DIFFERS, "found_reason": Reason.DEFECTIVE.value}
    settles(house, counts(house, rma, 2), Disposition.RESTOCK, **found)

    with house.store.read() as uow:
        (kept,) = corrections.in_state(uow, corrections.NOTED)
    assert (kept.source, kept.reason_right, kept.noted_by) == ("inspection", "defective", staff_id(house))
    assert kept.words == "they jam after an hour"


def test_an_erased_customer_takes_words_and_heads_along_and_the_shipped_heads_read(house: House) -> None:
    first = confirmed(house, SPARE, Reason.OTHER, Reason.NO_LONGER_NEEDED)
    before = heads_biased_to(house, Reason.RECALL, [first])
    promoted(house, before)
    second = confirmed(house, "the maker called them back", Reason.OTHER, Reason.RECALL)
    both = heads_biased_to(house, Reason.RECALL, [first, second])
    promoted(house, both)

    with house.store.begin() as uow:
        gone = reader_heads.forget(uow, "A-1001", by=person(uow, PETRA))

    assert set(gone) == {before.name, both.name}
    assert (correction(house, first).words, correction(house, second).state) == ("", "erased")
    with house.store.read() as uow:
        assert reader_heads.in_use(uow) is None
        entry = reader_heads.newest(uow)
        assert entry is not None
        assert entry.kind == "withdrawn"
        assert unwitnessed(uow, SYSTEM_CHAIN) == []
        assert unwitnessed(uow, correction(house, first).case_id) == []
    with pytest.raises(BadInput, match="erased"):
        promoted(house, both)


def test_another_customers_heads_go_on_reading(house: House) -> None:
    learnt = confirmed(house, SPARE, Reason.OTHER, Reason.NO_LONGER_NEEDED)
    promoted(house, row := heads_biased_to(house, Reason.RECALL, [learnt]))

    with house.store.begin() as uow:
        assert reader_heads.forget(uow, "A-1002", by=person(uow, PETRA)) == []
        assert reader_heads.in_use(uow) == row.name


def test_heads_need_a_comparison_that_clears_them_or_a_reason_and_can_be_taken_back(house: House) -> None:
    learnt = confirmed(house, SPARE, Reason.OTHER, Reason.NO_LONGER_NEEDED)
    row = heads_biased_to(house, Reason.RECALL, [learnt])

    def promote(by: str = PETRA, why: str = "", *, force: bool = False) -> None:
        with house.store.begin() as uow:
            held = reader_heads.named(uow, row.name)
            reader_heads.promote(uow, held, by=person(uow, by), why=why, force=force)

    def compared(*, is_worse: bool, against: str = reader_heads.SHIPPED) -> None:
        with house.store.begin() as uow:
            held = reader_heads.named(uow, row.name)
            reader_heads.keep_comparison(
                uow, held, against=against, is_worse=is_worse, told="as told", figures=[]
            )

    with pytest.raises(BadInput, match="compare it with shipped first"):
        promote()
    compared(is_worse=True)
    with pytest.raises(BadInput, match="does not clear it: as told"):
        promote()
    with pytest.raises(BadInput, match="--why"):
        promote(force=True)
    compared(is_worse=False, against="0" * 32)
    with pytest.raises(BadInput, match="compare it with shipped first"):
        promote()
    compared(is_worse=False)
    with pytest.raises(NotAllowed):
        promote(by=RITA)
    promote()

    with house.store.begin() as uow:
        assert reader_heads.in_use(uow) == row.name
        reader_heads.roll_back(uow, by=person(uow, ARNE), why="reads worse")
        assert reader_heads.in_use(uow) is None
        with pytest.raises(BadInput, match="nothing to go back from"):
            reader_heads.roll_back(uow, by=person(uow, ARNE), why="")
