"""What is done at the dock by its people, as its pages do it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from backhaul.domain.claims import Answer
from backhaul.domain.errors import BackhaulError
from backhaul.domain.receiving import (
    DISPOSITION_PREFIX,
    RECEIPT_PREFIX,
    Disposition,
    Finding,
    Grade,
    ReceiptKind,
)
from backhaul.store import claims, dock
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_tables import VendorClaimRow
from backhaul.store.tables import ReturnLineRow, ReviewRow, VerdictRow
from tests.tools.bypass_attacker import Attacker
from tests.tools.bypass_dock_oracle import DockOracle
from tests.tools.bypass_dock_peers import a_picture

NOBODY = "ST-NOBODY"
MAY_CLAIM = {"rita", "finn"}
"""Who may add to the packet of a claim"""


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspector says of some pieces, and what is to become of them."""

    grade: Grade
    finding: Finding
    chosen: Disposition
    found_reason: str | None = None
    seal_intact: bool = True


@dataclass
class DockWork(Attacker):
    """Knows the forms of the dock, of finance and of the suppliers."""

    written: Counter[type[Any]] = field(default_factory=Counter)
    """Rows of the dock, by kind"""
    made_up: set[str] = field(default_factory=set)
    """Rows that were written or changed past the forms"""

    @property
    def judge(self) -> DockOracle:
        assert isinstance(self.oracle, DockOracle)
        return self.oracle

    def who(self, name: str) -> str:
        """The staff id of somebody; of nobody for a name that is not on the staff."""
        return self.stage.staff.get(name, NOBODY)

    # What the dock does

    def count(self, line: RmaLineRow | None, sku: str, pieces: int, **more: Any) -> str:
        """Count goods on a line or without papers; the worker is told. `more`: by, facility, kind..."""
        by, rma = more.get("by", "dora"), self.rma_of(line)
        counted = dock.Counted(
            receipt_id=self.stage.ids.new(RECEIPT_PREFIX),
            kind=more.get("kind") or (ReceiptKind.EXPECTED if line else ReceiptKind.UNANNOUNCED),
            facility_id=more.get("facility") or (rma.facility_id if rma else "CMH1"),
            counted_by=self.who(by),
            rma_id=rma.id if rma else None,
            rma_line_id=line.id if line else None,
            sku=sku,
            quantity=pieces,
            serials=tuple(more.get("serials", ())),
            photos=(self.stage.world.blobs.put(a_picture()),),
        )
        with self.stage.store.begin() as uow:
            row = dock.count(uow, counted)
            self.stage.engine.start(uow, workflow="receive", workflow_id=f"receive-{row.id}", args=[row.id])
        self.written[ReceiptRow] += 1
        if by == "dora":
            self.judge.counted[sku] += pieces
        return counted.receipt_id

    def inspect(self, receipt_id: str, pieces: int, found: Found, by: str = "dora") -> str | None:
        """Inspect pieces of a receipt and settle on what becomes of them; the worker is told."""
        ids, who = self.stage.ids, self.who(by)
        with self.stage.store.begin() as uow:
            goods = dock.receipt(uow, receipt_id)
            done = {serial for one in dock.inspections(uow, receipt_id) for serial in one.serials}
            serials = [one for one in goods.serials if one not in done][:pieces]
            try:
                seen = dock.inspect(
                    uow,
                    dock.Inspected(
                        ids.new("IN"),
                        receipt_id,
                        pieces,
                        found.grade,
                        found.finding,
                        who,
                        serials=tuple(serials),
                        seal_intact=found.seal_intact,
                        found_reason=found.found_reason,
                    ),
                )
            except BackhaulError:
                return None
        self.written[InspectionRow] += 1
        return self.settle(seen.id, found.chosen, by=by)

    def settle(self, inspection_id: str, chosen: Disposition, *, by: str = "dora") -> str | None:
        """Settle on what becomes of inspected pieces that have no disposition yet; the worker is told."""
        with self.stage.store.begin() as uow:
            try:
                what = dock.SettledOn(
                    self.stage.ids.new(DISPOSITION_PREFIX), inspection_id, chosen, chosen, {}, self.who(by)
                )
                row = dock.settle_on(uow, what)
            except BackhaulError:
                return None
            self.written[DispositionRow] += 1
            self.stage.engine.start(uow, workflow="dispose", workflow_id=f"dispose-{row.id}", args=[row.id])
            return row.id

    def answer(self, claim: VendorClaimRow, answer: Answer, amount: int | None) -> None:
        """The supplier answers through its newest link; the worker is told."""
        asked = claim.cost_minor + claim.allowance_minor
        with self.stage.store.begin() as uow:
            row = claims.claim(uow, claim.id)
            if row.link_digest is None:
                return
            given = claims.say(uow, row, claims.Said(answer, amount))
            named = f"claim-answer-{given.id}"
            self.stage.engine.start(uow, workflow="claim-answer", workflow_id=named, args=[given.id])
        if answer is Answer.APPROVE:
            self.judge.answered.setdefault(claim.id, asked if amount is None else amount)

    def add_evidence(self, claim: VendorClaimRow, by: str, purchase: str) -> None:
        """Somebody adds a picture to a packet, and names a purchase, such as the dearest of the article."""
        bought = self.judge.erp.dearest.get(claim.sku, "") if purchase == "dearest" else purchase
        added = claims.Added(
            self.stage.ids.new("CE"),
            claim.id,
            self.who(by),
            purchase_order=bought,
            photos=(self.stage.world.blobs.put(a_picture()),),
        )
        if by in MAY_CLAIM:
            self.judge.dock.named.setdefault(claim.disposition_id, set()).add(bought)
        with self.stage.store.begin() as uow:
            claims.add_evidence(uow, added)

    # What everybody can see

    def one(self, kind: type[Any], name: str) -> Any:
        with self.stage.store.read() as uow:
            return uow.session.get(kind, name)

    def all(self, kind: type[Any]) -> Sequence[Any]:
        with self.stage.store.read() as uow:
            return uow.session.scalars(sa.select(kind).order_by(kind.id)).all()

    def announced_sku(self, line: RmaLineRow) -> str:
        """The article that an RMA line awaits: after a wrong delivery not that of the order line."""
        told = self.one(ReturnLineRow, line.line_id)
        return str(told.received_sku if told.reason == "wrong_item" and told.received_sku else line.sku)

    def rma_of(self, line: RmaLineRow | None) -> RmaRow | None:
        return self.one(RmaRow, line.rma_id) if line else None

    def verdict_on(self, row: ReviewRow) -> VerdictRow:
        """The newest verdict on the very effect under review."""
        return next(one for one in reversed(self.verdicts()) if self._is_about(one, row))

    def _is_about(self, verdict: VerdictRow, row: ReviewRow) -> bool:
        same = (verdict.proposal_id, verdict.action) == (row.proposal_id, row.action)
        return same and row.subject in {"", verdict.command["subject"]}
