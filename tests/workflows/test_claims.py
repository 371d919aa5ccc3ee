"""Supplier recovery, from the staged goods to the money: one story for each way it can go."""

from backhaul.domain.claims import Answer, ClaimState
from backhaul.store import ledger
from backhaul.store.claims import Said
from tests.claims import answers, approved, goes_back, letters
from tests.house import House


def entered(house: House, kind: str, line_id: str) -> int:
    with house.store.read() as uow:
        return ledger.on_rma_line(uow, line_id)[kind]


def test_a_complete_claim_is_filed_approved_and_credited(house: House) -> None:
    claim = goes_back(house)
    assert (claim.state, claim.missing, claim.quantity) == ("ready", [], 2)

    filed = approved(house, claim.id)

    assert filed.state == ClaimState.FILED.value, filed.why
    (letter,) = letters(house, claim.id)
    assert len(letter.attachments) == 1
    assert filed.supplier_rma in letter.body
    paid = answers(house, claim.id, Said(Answer.APPROVE))
    assert (paid.state, paid.approved_minor) == ("credited", paid.cost_minor + paid.allowance_minor)
    assert entered(house, ledger.CLAIMED, claim.rma_line_id) == 2
    assert entered(house, ledger.RECOVERED, claim.rma_line_id) == 2
