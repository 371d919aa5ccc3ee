"""What somebody writes at the dock who may only add rows there, and changes who may do more."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from backhaul.domain.canonical import digest
from backhaul.domain.claims import Answer
from backhaul.domain.codes import Action
from backhaul.domain.errors import NotFound
from backhaul.domain.receiving import (
    DISPOSITION_PREFIX,
    RECEIPT_PREFIX,
    Disposition,
    ReceiptKind,
    ReceiptState,
)
from backhaul.store.dock_tables import DispositionRow, InspectionRow, ReceiptRow
from backhaul.store.effect_tables import RmaLineRow, RmaRow
from backhaul.store.money_tables import ClaimAnswerRow, VendorClaimRow
from backhaul.store.tables import ApprovalRow, CaseRow, ReviewRow
from tests.tools.bypass_dock import DockWork, Found


@dataclass
class DockHand(DockWork):
    """Knows every way to write into the tables of the dock past its forms."""

    def forge_receipt(
        self, line: RmaLineRow, pieces: int, by: str, state: ReceiptState, part_of: str | None = None
    ) -> str:
        """A receipt past the form: in anybody's name, booked already as it says.

        One in the name of the dock that is still to be booked cannot be told from the dock's own.
        """
        if by == "dora" and state is ReceiptState.COUNTED:
            self.judge.counted[line.sku] += pieces
        row = ReceiptRow(
            id=self.stage.ids.new(RECEIPT_PREFIX),
            kind=ReceiptKind.EXPECTED.value,
            state=state.value,
            facility_id="CMH1",
            rma_id=line.rma_id,
            rma_line_id=line.id,
            part_of=part_of,
            tracking_number="",
            sku=line.sku,
            described="",
            quantity=pieces,
            serials=[],
            lots=[],
            photos=[],
            note="",
            counted_by=self.who(by),
            counted_at=self.stage.clock.now(),
        )
        return self._add(row)

    def forge_inspection(self, receipt_id: str, pieces: int, found: Found, by: str) -> str:
        """An inspection past the form: in anybody's name, of any number of pieces."""
        row = InspectionRow(
            id=self.stage.ids.new("IN"),
            receipt_id=receipt_id,
            quantity=pieces,
            serials=[],
            grade=found.grade.value,
            checklist={},
            seal_intact=found.seal_intact,
            finding=found.finding.value,
            found_reason=found.found_reason,
            photos=[],
            note="",
            inspected_by=self.who(by),
            inspected_at=self.stage.clock.now(),
        )
        return self._add(row)

    def forge_disposition(self, inspection: InspectionRow, by: str = "dora", **other: Any) -> str:
        """A disposition past the form; `other` is what it says besides, or instead."""
        goods = self.one(ReceiptRow, inspection.receipt_id)
        row: dict[str, Any] = {
            "receipt_id": goods.id,
            "rma_id": goods.rma_id,
            "rma_line_id": goods.rma_line_id,
            "sku": goods.sku,
            "quantity": inspection.quantity,
            "serials": list(inspection.serials),
            "chosen": Disposition.RESTOCK.value,
            "state": "chosen",
        }
        return self._add(
            DispositionRow(
                id=self.stage.ids.new(DISPOSITION_PREFIX),
                inspection_id=inspection.id,
                proposed=Disposition.RESTOCK.value,
                arithmetic={},
                override_reason="",
                chosen_by=self.who(by),
                chosen_at=self.stage.clock.now(),
                **(row | other),
            )
        )

    def forge_approval(self, line: RmaLineRow, action: str, subject: str, by: str) -> str:
        """A review as if the guard had asked for one, and a yes on it, for a command nobody was shown."""
        now, ids = self.stage.clock.now(), self.stage.ids
        proposal = line.proposal_id
        with self.stage.store.begin() as uow:
            case = self.one(RmaRow, line.rma_id).case_id
            before = uow.session.scalars(sa.select(ReviewRow).where(ReviewRow.case_id == case)).first()
            thread = before.thread_id if before else self._thread_of(case)
            row = ReviewRow(
                id=ids.new("RV"),
                case_id=case,
                thread_id=thread,
                proposal_id=proposal,
                action=action,
                subject=subject,
                verdict_id=None,
                state="open",
                why="",
                account_id=self.one(CaseRow, case).account_id,
                kind=action,
                product_class="",
                priority=1,
                place=-1,
                value_minor=0,
                currency="USD",
                opened_at=now,
                due_at=now,
                version=1,
            )
            uow.session.add(row)
            uow.session.flush()
            uow.session.add(
                ApprovalRow(
                    id=ids.new("AP"),
                    review_id=row.id,
                    proposal_id=proposal,
                    user_id=self.who(by),
                    command_digest=digest({}),
                    given_at=now,
                )
            )
            return row.id

    def forge_answer(self, claim: VendorClaimRow, amount: int | None) -> str:
        """An answer that came through no link."""
        row = ClaimAnswerRow(
            id=self.stage.ids.new("CA"),
            claim_id=claim.id,
            answer=Answer.APPROVE.value,
            amount_minor=amount,
            note="",
            photos=[],
            given_at=self.stage.clock.now(),
        )
        return self._add(row)

    def ask_about(self, proposal_id: str, action: Action, subject: str) -> None:
        """Have the guard judge an effect on some goods, and keep the permit."""
        try:
            self.ask([proposal_id], action, about=subject)
        except NotFound:
            self.refusals["no such goods"] += 1

    def _thread_of(self, case_id: str) -> str:
        query = sa.text("SELECT thread_id FROM return_case WHERE id = :id")
        with self.stage.store.read() as uow:
            return str(uow.session.execute(query, {"id": case_id}).scalar_one())

    def _add(self, row: Any) -> str:
        name = str(row.id)
        self.written[type(row)] += 1
        self.made_up.add(name)
        with self.stage.store.begin() as uow:
            uow.session.add(row)
        return name

    def change(self, kind: type[Any], name: str, **to: Any) -> None:
        """Somebody with more rights still changes what was written down."""
        with self.stage.store.begin() as uow:
            row = uow.session.get(kind, name)
            for column, value in to.items():
                setattr(row, column, value)
        self.made_up.add(name)
