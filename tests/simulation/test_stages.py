"""The demo begins with returns in every stage: reached through commands, and the books are in order."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from backhaul.bootstrap import stores
from backhaul.connectors.embedded.stories import stories
from backhaul.domain.clock import SystemClock
from backhaul.domain.returns import RmaState
from backhaul.settings import Settings
from backhaul.simulation.stage_plan import ReturnSheet, plan
from backhaul.simulation.stages import bring_into_stages
from backhaul.store import audit, conversation, projections
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.leaks import leaks
from backhaul.store.money_tables import CreditMemoRow, VendorClaimRow
from backhaul.store.tables import ProposalRow, ReturnLineRow, ReviewRow, ThreadRow
from backhaul.store.unit_of_work import Store
from tests.house import settings_for


@pytest.fixture(scope="module")
def staged(seeded_home: Path, reader_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose returns were brought into their stages."""
    settings = settings_for(seeded_home, reader_cache, tmp_path_factory.mktemp("staged"), "sqlite")
    assert bring_into_stages(settings, SystemClock()) == len(plan().returns)
    return settings


@pytest.fixture
def store(staged: Settings) -> Iterator[Store]:
    opened = stores.open_store(staged)
    yield opened
    opened.close()


def counted(store: Store, column: object) -> Counter[str]:
    with store.read() as uow:
        return Counter(uow.session.scalars(sa.select(column)))  # type: ignore[call-overload]


def test_there_are_returns_in_every_stage(store: Store) -> None:
    rmas = counted(store, RmaRow.state)

    assert set(rmas) == {state.value for state in RmaState} - {"authorised", "issued"}
    assert counted(store, ProposalRow.state)["review"] == 1
    assert counted(store, ProposalRow.state)["denied"] == 1
    assert set(counted(store, RmaRow.parcel)) == {
        None,
        "dropped_off",
        "in_transit",
        "delivered",
        "refused",
    }
    assert set(counted(store, ReceiptRow.state)) == {"booked", "held", "refused", "unmatched"}
    assert set(counted(store, VendorClaimRow.state)) == {
        "incomplete",
        "ready",
        "filed",
        "more_information",
        "denied",
        "credited",
    }
    assert set(counted(store, DispositionRow.state)) == {"posted", "review"}


def test_every_desk_of_the_house_has_something_to_do(store: Store) -> None:
    with store.read() as uow:
        open_reviews = Counter(
            uow.session.scalars(sa.select(ReviewRow.action).where(ReviewRow.state == "open"))
        )
        inspected = set(uow.session.scalars(sa.select(InspectionRow.receipt_id)))
        booked = uow.session.scalars(sa.select(ReceiptRow.id).where(ReceiptRow.state == "booked")).all()
        settled = set(uow.session.scalars(sa.select(DispositionRow.inspection_id)))
        looked_at = uow.session.scalars(sa.select(InspectionRow.id)).all()

    assert {"create_rma", "credit_memo", "move_stock", "vendor_claim"} <= set(open_reviews)
    assert [one for one in booked if one not in inspected]
    assert [one for one in looked_at if one not in settled]
    assert counted(store, CreditMemoRow.order_number)


def test_nothing_leaks_and_the_log_tells_all_of_it(store: Store) -> None:
    with store.begin() as uow:
        assert [str(one) for one in leaks(uow) if not one.under_way] == []
        assert projections.rebuild(uow) == []
        chains = audit.chains(uow)
        assert [missing for chain in chains for missing in audit.unwitnessed(uow, chain)] == []
        assert [audit.verify_chain(audit.events(uow, chain=chain)) for chain in chains] == [None] * len(
            chains
        )


def test_the_stories_of_the_start_page_are_untouched(store: Store) -> None:
    told = {number for story in stories() for number in story.order_numbers}

    assert counted(store, ReturnLineRow.order_number).keys() & told == set()
    assert counted(store, RmaLineRow.order_number).keys() & told == set()


def test_what_a_customer_only_said_waits_for_the_agent(store: Store) -> None:
    with store.read() as uow:
        waiting = conversation.threads_to_answer(uow, ())
        channels = set(uow.session.scalars(sa.select(ThreadRow.channel)))

    assert len(waiting) == sum(step.say for one in plan().returns for step in one.steps)
    assert channels == {"demo"}


def test_it_is_done_once(staged: Settings, store: Store) -> None:
    before = counted(store, ThreadRow.id)

    assert bring_into_stages(staged, SystemClock()) == 0

    assert counted(store, ThreadRow.id) == before


@pytest.mark.parametrize("days", [(1, 2), (3, 3.5)])
def test_a_plan_whose_days_run_backwards_is_no_plan(days: tuple[float, float]) -> None:
    steps = [{"ago": day, "say": True} for day in days]

    with pytest.raises(ValueError, match="not in the order of their days"):
        ReturnSheet.model_validate({"order": "plain", "steps": steps})


def test_a_step_is_one_act() -> None:
    with pytest.raises(ValueError, match="a step is one act"):
        ReturnSheet.model_validate({"order": "plain", "steps": [{"ago": 1, "say": True, "cancel": True}]})
