"""Words that were read wrong in a house, corrected, and heads that learnt from them."""

import hashlib
import io
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from agent.understanding.promoted import name_of
from backhaul.bootstrap.teaching import heads_file, taught
from backhaul.bootstrap.worker import Replaced
from backhaul.domain.codes import Reason
from backhaul.settings import Settings
from backhaul.store import cases, corrections, reader_heads, reviews, staff
from backhaul.store.conversation import Speaker
from backhaul.store.reader_tables import CorrectionRow, HeadsRow
from backhaul.store.tables import ReviewRow
from backhaul.store.unit_of_work import UnitOfWork
from tests.house import SPEAKER, House, open_house
from tests.tools.racers import SureOfReasons

RITA, ARNE, DORA, PETRA = (
    f"{name}@halden.example" for name in ("rita.reviewer", "arne.approver", "dora.dock", "petra.policy")
)
FIGURES = {"heads": {"reason": {"after": {"accuracy": 0.8}}}}


def quick_house(seeded_home: Path, reader_cache: Path, tmp_path: Path, url: str = "") -> Iterator[House]:
    """A house whose worker scores without loading a reader: what reads is asked for by the test itself."""
    yield from open_house(seeded_home, reader_cache, tmp_path, url, Replaced(scorer=SureOfReasons()))


def person(uow: UnitOfWork, email: str) -> str:
    row = staff.staff_by_email(uow, email)
    assert row is not None
    return row.id


def read_as(house: House, words: str, read: Reason, *, speaker: Speaker = SPEAKER) -> str:
    """A proposal on words from which a reader took that reason; its id."""
    sent = house.propose("SO-15086", 1, 1, read, words=words, speaker=speaker)
    with house.store.begin() as uow:
        (row,) = cases.proposals(uow, consent_id=sent.consent_id)
        claim = cases.claim(uow, row.claim_id)
        assert claim is not None
        claim.payload = {"reason": read.value}
        return row.id


def review_of(uow: UnitOfWork, house: House, proposal_id: str) -> ReviewRow:
    """A review of that proposal, whatever the policy would have done with it."""
    row = cases.proposal(uow, proposal_id)
    case = cases.case(uow, row.case_id)
    return reviews.open_review(
        uow,
        house.desk.ids,
        case_id=case.id,
        thread_id=case.thread_id,
        why="for a test",
        due_at=uow.clock.now(),
        proposal_id=proposal_id,
        action=row.action and cases.proposal_of(row).action,
    )


def noted(house: House, words: str, read: Reason, right: Reason, *, by: str = RITA, **more: Speaker) -> str:
    """A correction by a reviewer; its id."""
    proposal = read_as(house, words, read, **more)
    with house.store.begin() as uow:
        review = review_of(uow, house, proposal)
        row = corrections.note_of_review(uow, review, right=right, by=person(uow, by))
        assert row is not None
        return row.id


def confirmed(house: House, words: str, read: Reason, right: Reason, **more: Speaker) -> str:
    """The same after its second look."""
    correction = noted(house, words, read, right, **more)
    with house.store.begin() as uow:
        corrections.confirm(uow, correction, by=person(uow, ARNE))
    return correction


def correction(house: House, correction_id: str) -> CorrectionRow:
    with house.store.read() as uow:
        (row,) = corrections.named(uow, [correction_id])
        return row


def heads_biased_to(house: House, reason: Reason, learnt: Sequence[str]) -> HeadsRow:
    """Heads on record that learnt from these corrections and answer everything with one reason.

    Made of the cached shipped ones in a moment: what is tested here is which heads read, not how they learn.
    """
    with house.store.read() as uow:
        name = name_of(taught(corrections.named(uow, learnt)))
    target = heads_file(house.settings, name)
    bias_towards(shipped_file(house.settings), target, reason)
    with house.store.begin() as uow:
        return reader_heads.keep(
            uow,
            name=name,
            sha256=hashlib.sha256(target.read_bytes()).hexdigest(),
            learnt=learnt,
            figures=FIGURES,
            by=person(uow, PETRA),
        )


def shipped_file(settings: Settings) -> Path:
    return heads_file(settings, name_of(taught([])))


def bias_towards(source: Path, target: Path, reason: Reason) -> None:
    with np.load(io.BytesIO(source.read_bytes()), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    at = list(arrays["reason.labels"]).index(reason.value)
    arrays["reason.bias"] = arrays["reason.bias"].copy()
    arrays["reason.bias"][at] += 1_000.0
    np.savez(target.with_suffix(".tmp.npz"), **arrays)
    shutil.move(target.with_suffix(".tmp.npz"), target)


def promoted(house: House, row: HeadsRow, *, by: str = PETRA) -> None:
    with house.store.begin() as uow:
        held = reader_heads.named(uow, row.name)
        reader_heads.promote(uow, held, by=person(uow, by), why="for a test", force=True)
