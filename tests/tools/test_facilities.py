"""The guard asks the overlays of a building as well, once it knows where the goods go."""

from pathlib import Path

import pytest

from backhaul.bootstrap.policy_shelf import SHIPPED, read_documents
from backhaul.domain.codes import Reason
from backhaul.store import cases, rmas
from backhaul.store.conversation import Speaker
from backhaul.store.tables import VerdictRow
from tests.house import House

SUNDOWN = Speaker("A-1003", "Luis Arroyo", "contact:C-1003-1")


@pytest.fixture
def with_reno(sqlite_house: House, tmp_path: Path) -> House:
    """A house under the shipped documents, with the overlay of the dock in Reno in force at all times."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for file, text in read_documents(SHIPPED).items():
        always = text.replace("2026-07-01, until: 2027-07-01", "2020-01-02, until: 2127-07-01")
        (folder / file).write_text(always.replace("until: 2027-07-01", "until: 2127-07-01"), "utf-8")
    sqlite_house.shelf.folder = folder
    return sqlite_house


def verdict(house: House, reason: Reason, words: str) -> VerdictRow:
    """What became of two air cylinders that a customer in the southwest sends back."""
    sent = house.propose("SO-15072", 1, 2, reason, words=words, speaker=SUNDOWN)
    with house.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        return cases.verdicts(uow, proposal.id)[-1]


def test_a_return_to_reno_meets_the_rules_of_its_dock(with_reno: House) -> None:
    asked = verdict(with_reno, Reason.DEFECTIVE, "two cylinders are defective, the rods do not move")

    assert (asked.outcome, asked.decision["facility"]) == ("ask", "RNO1")
    assert "reno_dock@2026b" in asked.decision["editions"]
    assert "RNO-DOCK" in {result["rule"] for result in asked.decision["results"]}


def test_a_return_to_another_building_does_not(with_reno: House) -> None:
    sent = with_reno.propose(
        "SO-15086", 1, 4, Reason.DEFECTIVE, words="four of the bearings are defective, they grind"
    )
    with with_reno.store.read() as uow:
        (proposal,) = cases.proposals(uow, consent_id=sent.consent_id)
        permitted = cases.verdicts(uow, proposal.id)[0]
        rma = rmas.rma_of_proposal(uow, proposal.id)
    assert rma is not None
    assert (permitted.outcome, permitted.decision["facility"], rma.facility_id) == ("permit", "CMH1", "CMH1")


def test_later_effects_are_held_to_the_rules_of_the_building_that_is_booked(with_reno: House) -> None:
    spare = verdict(with_reno, Reason.NO_LONGER_NEEDED, "two cylinders are no longer needed")
    assert (spare.outcome, spare.decision["facility"]) == ("permit", "RNO1")
    with with_reno.store.read() as uow:
        later = [one for one in cases.verdicts(uow, spare.proposal_id) if one.action != "create_rma"]
    assert {one.decision["facility"] for one in later} == {"RNO1"}
