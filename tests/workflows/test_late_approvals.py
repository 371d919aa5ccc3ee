"""A person's yes to a later effect that comes when the return itself has gone on, or has ended."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.domain.audit import Tag
from backhaul.domain.errors import ConnectorRejected
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import cases, conversation, reviews, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.store.effect_tables import CommandRow
from backhaul.workflows.parcels import take_parcel_events
from tests.house import House
from tests.workflows.test_approvals import ARNE, RITA, decide, exchange, looked_at, resume
from tests.workflows.test_closing import cancels, days_pass

pytestmark = pytest.mark.bypass


def parcel_is(house: House, rma_id: str, status: ParcelStatus) -> None:
    """The carrier scans the parcel, and the worker reads the scan."""
    with house.store.read() as uow:
        label = rmas.live_label(uow, rma_id)
    assert label is not None
    carrier: Any = house.world.carriers[0]
    carrier.report(label.tracking_number, status, at=house.store.clock.now())
    take_parcel_events(house.world)


def said(house: House, rma_id: str) -> list[str]:
    """What the agent has said in the conversation so far."""
    with house.store.read() as uow:
        thread = cases.case(uow, rmas.rma(uow, rma_id).case_id).thread_id
    house.conversation().run_pending(thread)
    with house.store.read() as uow:
        return [one.body for one in conversation.messages(uow, thread) if one.author == "agent"]


def sent(house: House, rma_id: str) -> list[int]:
    with house.store.read() as uow:
        return [one.quantity for one in rmas.replacements(uow, rma_id)]


def replacement_commands(house: House, rma_id: str) -> list[str]:
    with house.store.read() as uow:
        like = CommandRow.key.startswith(f"{rma_id}:replacement:")
        return list(uow.session.scalars(sa.select(CommandRow.state).where(like)))


def test_a_replacement_approved_after_the_parcel_came_is_ordered_and_the_customer_told(house: House) -> None:
    rma_id, review_id = exchange(house)
    parcel_is(house, rma_id, ParcelStatus.DELIVERED)
    days_pass(house, 3)

    row = decide(house, review_id, ARNE)

    assert (row.state, sent(house, rma_id)) == ("approved", [2])
    assert row.decided_by is not None
    assert [one for one in said(house, rma_id) if one.startswith("Your replacement, 2 ")]


def test_a_replacement_approved_while_the_return_waits_is_ordered_once_however_often_it_is_resumed(
    house: House,
) -> None:
    rma_id, review_id = exchange(house)
    decide(house, review_id, ARNE)

    for name in ("again", "and again"):
        resume(house, review_id, name)

    assert (sent(house, rma_id), replacement_commands(house, rma_id)) == ([2], ["confirmed"])


def test_a_resumption_that_nobody_approved_does_nothing(sqlite_house: House) -> None:
    rma_id, review_id = exchange(sqlite_house)

    row = resume(sqlite_house, review_id, "forged")

    assert (row.state, replacement_commands(sqlite_house, rma_id)) == ("open", [])


def test_a_replacement_approved_after_its_return_expired_is_refused_and_both_sides_hear_it(
    sqlite_house: House,
) -> None:
    rma_id, review_id = exchange(sqlite_house)
    days_pass(sqlite_house, 40)
    with sqlite_house.store.read() as uow:
        assert rmas.rma(uow, rma_id).state == "expired"

    row = decide(sqlite_house, review_id, ARNE)

    assert (row.state, sent(sqlite_house, rma_id)) == ("rejected", [])
    assert (row.note or "").startswith("Approved, but refused when it was to be carried out: ")
    assert [one for one in said(sqlite_house, rma_id) if "will not be sent" in one]
    with sqlite_house.store.read() as uow:
        assert [one.subject for one in events(uow, tag=Tag.REVIEW_REJECTED)] == [review_id]
        assert verify_chain(events(uow, chain=row.case_id)) is None


@dataclass
class NothingLeft:
    """An ERP that has none of the goods any more; everything else it does."""

    real: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def order_replacement(self, request: Any, *, key: str) -> Any:
        del key
        raise ConnectorRejected("ERP", f"{request.sku} is no longer sold")


def test_an_approved_replacement_that_the_erp_will_not_take_goes_to_a_person_and_the_customer_hears_it(
    sqlite_house: House,
) -> None:
    rma_id, review_id = exchange(sqlite_house)
    sqlite_house.engine.world = replace(
        sqlite_house.world,
        erp_writes=NothingLeft(sqlite_house.world.erp_writes),  # type: ignore[arg-type]
    )

    decide(sqlite_house, review_id, ARNE)

    with sqlite_house.store.read() as uow:
        case_id = rmas.rma(uow, rma_id).case_id
        (handed,) = [one for one in reviews.reviews_of_case(uow, case_id) if one.proposal_id is None]
    assert "no longer sold" in handed.why
    assert [one for one in said(sqlite_house, rma_id) if "approved, but it could not be ordered yet" in one]


def test_a_cancellation_approved_after_the_parcel_left_is_refused_and_both_sides_hear_it(
    sqlite_house: House,
) -> None:
    rma_id, review_id = exchange(sqlite_house)
    decide(sqlite_house, review_id, ARNE)
    assert cancels(sqlite_house, rma_id, "contact:C-1002-1")["state"] == "review"
    with sqlite_house.store.read() as uow:
        case_id = rmas.rma(uow, rma_id).case_id
        (waits,) = [one for one in reviews.reviews_of_case(uow, case_id) if one.action == "cancel_rma"]
    parcel_is(sqlite_house, rma_id, ParcelStatus.DROPPED_OFF)

    decide(sqlite_house, waits.id, RITA)
    resume(sqlite_house, waits.id, "again")

    row = looked_at(sqlite_house, waits.id)
    assert (row.state, "Too late" in (row.note or "")) == ("rejected", True)
    refusals = [one for one in said(sqlite_house, rma_id) if "is not cancelled" in one]
    assert len(refusals) == 1
    assert "can no longer be cancelled" in refusals[0]
