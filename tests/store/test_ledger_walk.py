"""Ten thousand steps through the ledger, legal and illegal: a bookkeeper who recounts from the rows agrees.

The bookkeeper shares no code with the laws: it has a list of slips, and says for each new one whether it may
be entered. The ledger must answer the same every time, and its rows must be the slips that were accepted.
"""

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from backhaul.domain.clock import SystemClock
from backhaul.domain.errors import LedgerLawBroken
from backhaul.domain.money import Money
from backhaul.store import ledger
from backhaul.store.database import open_engine
from backhaul.store.ledger import Entry
from backhaul.store.unit_of_work import Store, UnitOfWork
from tests.store.on_record import add_claim, add_disposition, add_receipt, add_return

KINDS = (
    "authorised",
    "released",
    "received",
    "unmatched",
    "matched",
    "disposed",
    "replaced",
    "credited",
    "repaired",
    "refused",
    "claimed",
    "recovered",
)
STEPS_PER_ORDER = 125
SHIPPED, INVOICED, COST = 6, 6_000, 1_500
MADE_GOOD = {"replaced", "credited", "repaired"}
PARCELS, PARTS, CLAIMS = 6, 3, 4
"""Receipts without papers of an order, dispositions of each of them, and receipts with papers and a claim"""
INSPECTED = 2


@dataclass
class Bookkeeper:
    """Recounts everything for every slip."""

    slips: list[Entry] = field(default_factory=list)

    def may_enter(self, new: Entry) -> bool:
        if new.quantity < 0 or new.value.minor < 0:
            return False
        same = [*(one for one in self.slips if one.order_number == new.order_number), new]
        loose = [*(one for one in self.slips if not one.rma_line_id), new]
        return (
            self.on_order_line([one for one in same if one.order_line == new.order_line], new)
            and self.on_rma_line([one for one in same if one.rma_line_id == new.rma_line_id], new)
            and self.of_claim([one for one in same if one.cause == new.cause], new)
            and self.of_receipt([one for one in loose if receipt_of(one) == receipt_of(new)], new)
            and self.of_cause([one for one in self.slips if one.cause == new.cause], new)
        )

    def of_cause(self, slips: list[Entry], new: Entry) -> bool:
        if new.cause is None or new.kind in {"authorised", "released", "recovered"}:
            return True
        ends = MADE_GOOD | {"refused"}
        same = ends if new.kind in ends else {new.kind}
        return all(one.kind not in same for one in slips) and self.has_papers(new)

    def has_papers(self, new: Entry) -> bool:
        if new.kind != "disposed":
            return True
        receipt = (new.cause or "").replace("DS-", "RE-").partition("/")[0]
        of_it = [one for one in self.slips if one.cause == receipt]
        came = pieces(of_it, "received" if new.rma_line_id else "unmatched")
        moved = [
            one for one in self.slips if (one.cause or "").partition("/")[0] == new.cause.partition("/")[0]
        ]
        return new.quantity <= INSPECTED and pieces([*moved, new], "disposed") <= came

    def on_order_line(self, slips: list[Entry], new: Entry) -> bool:
        if not new.order_number:
            return True
        out = pieces(slips, "authorised") - pieces(slips, "released")
        wanted = [serial for one in slips if one.kind in MADE_GOOD for serial in one.serials]
        once = all(
            len(found) == len({*found})
            for kind in ("received", "disposed")
            for found in [[serial for one in slips if one.kind == kind for serial in one.serials]]
        )
        return (
            0 <= out <= SHIPPED
            and pieces(slips, *MADE_GOOD) <= SHIPPED
            and cents(slips, "credited") <= INVOICED
            and once
            and len(wanted) == len({*wanted})
        )

    def on_rma_line(self, slips: list[Entry], new: Entry) -> bool:
        if not new.order_number:
            return True
        if new.rma_line_id is None:
            return new.kind not in {"received", "refused", "claimed"} or new.quantity == 0
        let_in, came = pieces(slips, "authorised"), pieces(slips, "received")
        return (
            pieces(slips, "released") <= let_in
            and came <= let_in
            and pieces(slips, *MADE_GOOD) <= let_in
            and pieces(slips, "disposed") <= came
            and pieces(slips, "refused") <= came
            and pieces(slips, "claimed") <= came
        )

    def of_claim(self, slips: list[Entry], new: Entry) -> bool:
        if new.kind not in {"claimed", "recovered"}:
            return True
        asked = cents(slips, "claimed")
        bearable = COST if (new.cause or "").startswith("VC-") else 0
        return asked <= bearable and cents(slips, "recovered") <= asked

    def of_receipt(self, slips: list[Entry], new: Entry) -> bool:
        if new.kind != "matched" and (new.kind != "disposed" or new.rma_line_id):
            return True
        return pieces(slips, "matched", "disposed") <= pieces(slips, "unmatched")


def pieces(slips: list[Entry], *kinds: str) -> int:
    return sum(one.quantity for one in slips if one.kind in kinds)


def cents(slips: list[Entry], kind: str) -> int:
    return sum(one.value.minor for one in slips if one.kind == kind)


def receipt_of(slip: Entry) -> str:
    return (slip.cause or "").replace("DS-loose", "RE-loose").partition("/")[0]


@dataclass
class Walker:
    """Invents slips: mostly such that could be true."""

    dice: random.Random
    place: str = ""

    def arrive(self, uow: UnitOfWork, place: str) -> None:
        """The next order: two RMA lines on its first line, goods without papers, and a claim."""
        self.place = place
        for name in (f"{place}-1", f"{place}-2"):
            add_return(uow, name, order_number=f"SO-{place}", quantity=4)
        for parcel in range(CLAIMS):
            name, of = f"{place}-{parcel}", f"{place}-1"
            came = add_receipt(uow, name, of=of, quantity=4)
            settled = add_disposition(uow, f"{name}/0", receipt=came, of=of, quantity=INSPECTED)
            add_claim(uow, f"{place}-1", settled, cost_minor=COST - 300, allowance_minor=300)
        for parcel in range(PARCELS):
            loose = add_receipt(uow, f"loose-{place}-{parcel}", of=None, quantity=4)
            for part in range(PARTS):
                add_disposition(
                    uow, f"loose-{place}-{parcel}/{part}", receipt=loose, of=None, quantity=INSPECTED
                )
        for line in (1, 2):
            ledger.note_bound(uow, f"SO-{place}", line, shipped=SHIPPED, invoiced_minor=INVOICED)

    def slip(self) -> Entry:
        dice, place = self.dice, self.place
        kind = dice.choice(KINDS)
        quantity, value = dice.choice((0, 1, 1, 1, 2, 2, 3, -1)), dice.choice((0, 200, 700, 1_500, 3_000))
        serials = tuple(dice.sample([f"S-{n}" for n in range(9)], dice.choice((0, 0, 1, 2))))
        line = dice.choice((f"RN-{place}-1", f"RN-{place}-1", f"RN-{place}-2", None))
        if kind in {"unmatched", "matched"} or (kind == "disposed" and dice.random() < 0.4):
            parcel = f"loose-{place}-{dice.randrange(PARCELS)}"
            part = f"DS-{parcel}/{dice.randrange(PARTS)}"
            return Entry(kind, quantity, Money(0), cause=part if kind == "disposed" else f"RE-{parcel}")
        cause = self.cause(kind)
        order_line = 1 if line else dice.choice((1, 2))
        order = f"SO-{place}"
        return Entry(
            kind,
            quantity,
            Money(value),
            f"RC-{place}-1",
            order,
            order_line,
            line,
            cause=cause,
            serials=serials,
        )

    def cause(self, kind: str) -> str | None:
        """What goods on an order come from: without one no cause can be entered twice."""
        if kind in {"authorised", "released"} or self.dice.random() < 0.2:
            return None
        parcel = f"{self.place}-{self.dice.randrange(CLAIMS)}"
        claims = kind in {"claimed", "recovered"}
        part = f"VC-DS-{parcel}/0" if claims else f"DS-{parcel}/0"
        return f"RE-{parcel}" if kind == "received" else part


def taken(uow: UnitOfWork, new: Entry) -> bool:
    try:
        ledger.enter(uow, new)
    except LedgerLawBroken:
        return False
    return True


def walk(store: Store, steps: int, seed: int) -> tuple[int, int]:
    """How many slips were accepted and refused; every answer was the bookkeeper's."""
    walker, accepted, refused = Walker(random.Random(seed)), 0, 0
    for start in range(0, steps, STEPS_PER_ORDER):
        books = Bookkeeper()
        with store.begin() as uow:
            walker.arrive(uow, f"{seed}-{start}")
            for _ in range(STEPS_PER_ORDER):
                new = walker.slip()
                is_taken, expected = taken(uow, new), books.may_enter(new)
                assert is_taken is expected, f"the bookkeeper disagrees about {new}"
                refused += not is_taken
                books.slips += [new] * is_taken
        accepted += len(books.slips)
    return accepted, refused


_BROKEN = """
WITH line AS (
  SELECT rma_line_id AS id,
    SUM(CASE WHEN kind = 'authorised' THEN quantity ELSE 0 END) AS let_in,
    SUM(CASE WHEN kind = 'released' THEN quantity ELSE 0 END) AS released,
    SUM(CASE WHEN kind = 'received' THEN quantity ELSE 0 END) AS came,
    SUM(CASE WHEN kind = 'disposed' THEN quantity ELSE 0 END) AS disposed,
    SUM(CASE WHEN kind = 'refused' THEN quantity ELSE 0 END) AS refused,
    SUM(CASE WHEN kind IN ('replaced', 'credited', 'repaired') THEN quantity ELSE 0 END) AS made_good
  FROM ledger_entry WHERE rma_line_id IS NOT NULL GROUP BY rma_line_id
), sold AS (
  SELECT e.order_number, e.order_line, b.shipped, b.invoiced_minor,
    SUM(CASE WHEN kind = 'authorised' THEN quantity WHEN kind = 'released' THEN -quantity ELSE 0 END) AS open,
    SUM(CASE WHEN kind IN ('replaced', 'credited', 'repaired') THEN quantity ELSE 0 END) AS made_good,
    SUM(CASE WHEN kind = 'credited' THEN amount_minor ELSE 0 END) AS credited
  FROM ledger_entry e JOIN line_bound b
    ON b.order_number = e.order_number AND b.order_line = e.order_line
  GROUP BY e.order_number, e.order_line, b.shipped, b.invoiced_minor
)
SELECT (SELECT COUNT(*) FROM line
        WHERE came > let_in OR released > let_in OR disposed > came OR refused > came
          OR made_good > let_in)
     + (SELECT COUNT(*) FROM sold WHERE open > shipped OR made_good > shipped OR credited > invoiced_minor)
     + (SELECT COUNT(*) FROM ledger_entry WHERE quantity < 0 OR amount_minor < 0)
"""


@pytest.mark.beside_browser
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3))])
def test_twenty_five_hundred_steps_break_no_law(sqlite_database_url: str, seed: int) -> None:
    store = Store(open_engine(sqlite_database_url), SystemClock())
    accepted, refused = walk(store, 2_500, seed)
    store.close()

    assert accepted > 400
    assert refused > 400
    with closing(sqlite3.connect(sqlite_database_url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute(_BROKEN).fetchone() == (0,)
        assert connection.execute("SELECT COUNT(*) FROM ledger_entry").fetchone() == (accepted,)


def test_a_thousand_steps_break_no_law_on_postgres(postgres_database_url: str) -> None:
    store = Store(open_engine(postgres_database_url), SystemClock())
    accepted, refused = walk(store, 1_000, 99)
    with store.read() as uow:
        assert uow.session.scalar(sa.text(_BROKEN)) == 0
    store.close()

    assert min(accepted, refused) > 100
