"""A carrier that is silent before, during or after a purchase: one live label, and never a second."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backhaul.bootstrap.worker import Replaced
from backhaul.connectors.embedded.carrier import EmbeddedCarrier
from backhaul.connectors.embedded.carrier_tariff import KESTREL
from backhaul.connectors.ports import DROP_OFF
from backhaul.domain.audit import Tag
from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import ConnectorUnavailable
from backhaul.domain.receiving import ParcelStatus
from backhaul.store import reviews, rmas
from backhaul.store.audit import events, verify_chain
from backhaul.store.business_clock import move_clock
from backhaul.store.effect_tables import CommandRow, LabelRow, RmaRow
from backhaul.workflows import label_steps
from backhaul.workflows.parcels import take_parcel_events
from backhaul.workflows.surplus_labels import clear_doubts
from tests.house import House, open_house
from tests.stories.test_goods_that_do_not_come import ends, tasks
from tests.workflows.test_closing import a_return, cancels

pytestmark = pytest.mark.bypass
ANSWERS, SILENT, LOST, CRASH = "answers", "silent", "sells and the answer is lost", "sells and we crash"
SECONDS = timedelta(seconds=61)


class Crash(BaseException):
    """Our process is gone."""


@dataclass
class Line:
    """A carrier behind a line that can fail in the ways lines do."""

    carrier: EmbeddedCarrier
    mode: str = ANSWERS
    asked: list[Any] = field(default_factory=list)
    """What was to be bought, also when nobody answered"""

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.carrier, name)
        if not callable(attribute):
            return attribute

        def call(*args: Any, **named: Any) -> Any:
            if name in {"rates", "buy_label"}:
                self.asked.append(args[0])
            if self.mode == SILENT:
                raise ConnectorUnavailable(self.carrier.name, "no answer")
            done = attribute(*args, **named)
            if self.mode == LOST and name in {"buy_label", "book_pickup"}:
                raise ConnectorUnavailable(self.carrier.name, "no answer")
            if self.mode == CRASH and name == "buy_label":
                raise Crash
            return done

        return call


@dataclass
class Lines:
    """A house, and the lines to its two carriers."""

    house: House
    first: Line
    second: Line

    def mend(self) -> None:
        self.first.mode = self.second.mode = ANSWERS

    def labels_that_travel(self) -> set[str]:
        """Numbers sold by anybody and not voided, as the sellers have it."""
        travel: set[str] = set()
        for seller in (self.first.carrier, self.second.carrier, self.house.world.drop_off):
            assert seller is not None
            for event in seller.events():
                if event.status is ParcelStatus.VOIDED:
                    travel.discard(event.tracking_number)
                else:
                    travel.add(event.tracking_number)
        return travel

    def labels_in_use(self, rma_id: str) -> list[LabelRow]:
        with self.house.store.read() as uow:
            return [one for one in rmas.labels(uow, rma_id) if one.voided_at is None]

    def time_passes(self, span: timedelta = SECONDS) -> None:
        with self.house.store.begin() as uow:
            move_clock(uow, seconds=int(span.total_seconds()), actor="test")
        clear_doubts(self.house.world)


@pytest.fixture
def lines(seeded_home: Path, reader_cache: Path, tmp_path: Path) -> Iterator[Lines]:
    first = Line(EmbeddedCarrier(tmp_path / "first.db", SystemClock()))
    second = Line(EmbeddedCarrier(tmp_path / "second.db", SystemClock(), name=KESTREL))
    replaced = Replaced(carriers=(first, second))  # type: ignore[arg-type]
    for house in open_house(seeded_home, reader_cache, tmp_path, "", replaced):
        yield Lines(house, first, second)
    first.carrier.close()
    second.carrier.close()


def whys(house: House, rma: RmaRow) -> list[str]:
    with house.store.read() as uow:
        return [one.why for one in reviews.reviews_of_case(uow, rma.case_id)]


@pytest.mark.slow
@pytest.mark.parametrize("second", [ANSWERS, SILENT, LOST])
@pytest.mark.parametrize("first", [ANSWERS, SILENT, LOST])
def test_whatever_line_fails_there_is_one_label_in_the_end(lines: Lines, first: str, second: str) -> None:
    lines.first.mode, lines.second.mode = first, second

    rma = a_return(lines.house)
    lines.mend()
    lines.time_passes()

    (used,) = lines.labels_in_use(rma.id)
    assert lines.labels_that_travel() == {used.tracking_number}
    expected = "Overland Parcel" if first == ANSWERS else KESTREL if second == ANSWERS else DROP_OFF
    assert used.carrier == expected
    assert len(whys(lines.house, rma)) == (expected == DROP_OFF)
    with lines.house.store.read() as uow:
        assert verify_chain(events(uow, chain=rma.case_id)) is None


def test_a_surplus_label_is_voided_by_a_command_and_a_permit_of_its_own(lines: Lines) -> None:
    lines.first.mode = LOST
    rma = a_return(lines.house)
    lines.mend()
    lines.time_passes()

    with lines.house.store.read() as uow:
        surplus = next(one for one in rmas.labels(uow, rma.id) if one.voided_at is not None)
        done = uow.session.scalars(sa.select(CommandRow).where(CommandRow.op == "void_label")).one()
        live = rmas.live_label(uow, rma.id)
        assert [one.subject for one in events(uow, tag=Tag.LABEL_VOIDED)] == [surplus.id]
    assert (done.state, done.external_id) == ("confirmed", surplus.tracking_number)
    assert done.permit_id is not None
    assert live is not None
    assert (surplus.carrier, live.carrier) == ("Overland Parcel", KESTREL)


def test_nobody_answers_and_the_customer_still_gets_a_label_and_a_colleague_a_task(lines: Lines) -> None:
    lines.first.mode = lines.second.mode = SILENT
    rma = a_return(lines.house)

    (used,) = lines.labels_in_use(rma.id)
    assert (used.carrier, used.cost_minor) == (DROP_OFF, 0)
    assert used.drop_off_code
    (why,) = whys(lines.house, rma)
    assert "Overland Parcel and Kestrel Freight did not answer" in why
    counter = lines.house.world.drop_off
    counter.report(used.tracking_number, ParcelStatus.DELIVERED, at=lines.house.store.clock.now())  # type: ignore[union-attr]
    take_parcel_events(lines.house.world)
    with lines.house.store.read() as uow:
        assert rmas.rma(uow, rma.id).parcel == "delivered"


def test_a_crash_between_two_sellers_leaves_no_label_behind(lines: Lines) -> None:
    rma = a_return(lines.house)
    lines.first.mode, lines.second.mode = SILENT, CRASH
    with pytest.raises(Crash):
        label_steps.buy_label(lines.house.world, rma.id, 2)

    lines.mend()
    assert label_steps.buy_label(lines.house.world, rma.id, 2)["state"] == "confirmed"
    label_steps.void_replaced(lines.house.world, rma.id)
    lines.time_passes()

    (used,) = lines.labels_in_use(rma.id)
    assert used.carrier == "Overland Parcel"
    assert lines.labels_that_travel() == {used.tracking_number}


def test_a_crash_after_the_first_sold_and_its_silence_thereafter_leave_no_label_behind(lines: Lines) -> None:
    rma = a_return(lines.house)
    lines.first.mode = CRASH
    with pytest.raises(Crash):
        label_steps.buy_label(lines.house.world, rma.id, 2)

    lines.first.mode = SILENT
    assert label_steps.buy_label(lines.house.world, rma.id, 2)["state"] == "confirmed"
    lines.mend()
    label_steps.void_replaced(lines.house.world, rma.id)
    lines.time_passes()

    (used,) = lines.labels_in_use(rma.id)
    assert used.carrier == KESTREL
    assert lines.labels_that_travel() == {used.tracking_number}


def test_a_request_that_is_obeyed_late_is_found_too(lines: Lines) -> None:
    lines.first.mode = SILENT
    rma = a_return(lines.house)
    lines.mend()
    lines.time_passes()
    with lines.house.store.read() as uow:
        bought = uow.session.get(CommandRow, f"{rma.id}:label:1")
    assert bought is not None
    late = lines.first.carrier.buy_label(lines.first.asked[-1], key=bought.permit_id or "")
    assert late.tracking_number in lines.labels_that_travel()

    lines.time_passes(timedelta(minutes=11))

    (used,) = lines.labels_in_use(rma.id)
    assert lines.labels_that_travel() == {used.tracking_number}


def test_a_return_is_not_cancelled_before_a_silent_carrier_has_said_what_it_sold(lines: Lines) -> None:
    lines.first.mode = LOST
    rma = a_return(lines.house)
    lines.first.mode = SILENT

    cancels(lines.house, rma.id)
    with lines.house.store.read() as uow:
        assert rmas.rma(uow, rma.id).state == "labelled"
    assert any("has not answered yet" in why for why in whys(lines.house, rma))


def test_a_cancelled_return_takes_its_unheard_label_with_it(lines: Lines) -> None:
    lines.first.mode = LOST
    rma = a_return(lines.house)
    lines.mend()

    assert cancels(lines.house, rma.id) == {"state": "cancelled"}

    assert lines.labels_that_travel() == set()
    lines.time_passes()
    assert lines.labels_in_use(rma.id) == []


def test_a_return_that_the_desk_ends_takes_its_unheard_label_with_it(lines: Lines) -> None:
    lines.first.mode = LOST
    rma = a_return(lines.house)
    lines.mend()

    assert ends(lines.house, rma) == "cancelled"

    assert lines.labels_that_travel() == set()
    lines.time_passes()
    assert (lines.labels_in_use(rma.id), tasks(lines.house, rma)) == ([], [])


def test_nobody_has_a_label_voided_by_calling_it_surplus(lines: Lines) -> None:
    rma = a_return(lines.house)
    for subject in (f"{rma.id}:label:1@Overland Parcel", f"{rma.id}:create_rma:1@Overland Parcel", "x"):
        with lines.house.store.begin() as uow:
            lines.house.engine.start(uow, workflow="void-surplus", workflow_id=f"f-{subject}", args=[subject])
        assert "refused" in lines.house.engine.results[f"f-{subject}"]

    assert len(lines.labels_in_use(rma.id)) == 1
