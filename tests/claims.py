"""Goods that go back to their maker, as far as their claim; and the supplier's side of it."""

import io
import re
from typing import Any

import numpy as np
import sqlalchemy as sa
from PIL import Image

from backhaul.domain.codes import Action, Reason
from backhaul.domain.receiving import Disposition, Grade
from backhaul.store import cases, claims, reviews, rmas
from backhaul.store.claims import Said
from backhaul.store.conversation import Speaker
from backhaul.store.house_tables import LetterRow
from backhaul.store.money_tables import VendorClaimRow
from tests.dock import counts, settles, staff_id
from tests.house import House

CONTROLLER, SERIALS = "SO-15090", ("TAM24-330418", "TAM24-330419")
"""Two controllers of Tessera Automation, which wants its own RMA number"""
BUYER = Speaker("A-1010", "Dana Whitfield", "contact:C-1010-2")
FAULT = "Both controllers are dead on arrival. Call Dana Whitfield on 614-555-0142 or dana@tri-river.example."


def a_photo(seed: int = 7) -> bytes:
    """A picture with edges in it."""
    pixels = np.random.default_rng(seed).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def goes_back(
    house: House,
    order: str = CONTROLLER,
    *,
    serials: tuple[str, ...] = SERIALS,
    quantity: int = 2,
    speaker: Speaker = BUYER,
    reason: Reason = Reason.DEFECTIVE,
    photos: int = 1,
    words: str = FAULT,
    lots: tuple[str, ...] = (),
    **seen: Any,
) -> VendorClaimRow:
    """A customer returns what is broken, the dock stages it for its maker, and the claim is compiled."""
    sent = house.propose(order, 1, quantity, reason, words=words, speaker=speaker, serials=serials)
    with house.store.read() as uow:
        proposal = cases.proposals(uow, consent_id=sent.consent_id)[0]
        rma = rmas.rma_of_proposal(uow, proposal.id)
    assert rma is not None, proposal.state
    shown = tuple(house.world.blobs.put(a_photo(seed)) for seed in range(photos))
    came = counts(house, rma, quantity, serials=serials, photos=shown, lots=lots)
    settled = settles(house, came, Disposition.RETURN_TO_VENDOR, grade=Grade.D, **seen)
    with house.store.read() as uow:
        found = claims.claim_of_disposition(uow, settled.id)
    assert found is not None, (settled.state, settled.why)
    return found


def newest(house: House, claim_id: str) -> VendorClaimRow:
    with house.store.read() as uow:
        return claims.claim(uow, claim_id)


def approved(house: House, claim_id: str) -> VendorClaimRow:
    """Somebody approves the claim that waits on the desk, and the worker goes on."""
    return _decided(house, claim_id, yes=True)


def turned_down(house: House, claim_id: str) -> VendorClaimRow:
    """Somebody rejects it there."""
    return _decided(house, claim_id, yes=False)


def _decided(house: House, claim_id: str, *, yes: bool) -> VendorClaimRow:
    row, who = newest(house, claim_id), staff_id(house, "arne.approver@halden.example")
    with house.store.begin() as uow:
        review = reviews.review_of_proposal(uow, row.proposal_id, Action.VENDOR_CLAIM, row.id)
        assert review is not None, (row.state, row.why)
        verdict = reviews.newest_verdict(uow, review)
        assert verdict is not None
        if yes:
            digest = verdict.command_digest
            reviews.approve(uow, house.desk.ids, review, user_id=who, command_digest=digest, note="go")
        else:
            reviews.reject(uow, review, user_id=who, note="too small to bother")
        again = f"resume-{review.id}-{row.version}"
        house.engine.start(uow, workflow="resume-review", workflow_id=again, args=[review.id])
    return newest(house, claim_id)


def letters(house: House, claim_id: str) -> list[LetterRow]:
    """Letters to the supplier about a claim, the oldest first."""
    in_order = sa.select(LetterRow).order_by(LetterRow.created_at, LetterRow.key)
    with house.store.read() as uow:
        rows = uow.session.scalars(in_order).all()
    return [row for row in rows if claim_id in row.subject]


def token_of(letter: LetterRow) -> str:
    found = re.search(r"/supplier/(\S+)", letter.body)
    assert found is not None
    return found[1]


def answers(house: House, claim_id: str, said: Said) -> VendorClaimRow:
    """The supplier answers through its link, as the page does it, and the worker acts."""
    with house.store.begin() as uow:
        given = claims.say(uow, claims.claim(uow, claim_id), said)
        house.engine.start(
            uow, workflow="claim-answer", workflow_id=f"claim-answer-{given.id}", args=[given.id]
        )
    return newest(house, claim_id)
