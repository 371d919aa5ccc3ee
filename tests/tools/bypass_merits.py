"""Whether something that was permitted may be done at all: person, reason, time, serials.

Every rule here is one that a controller would state aloud, with the figures off the documents.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backhaul.domain.orders import OrderLine
from tests.tools.bypass_annex import Annex, When
from tests.tools.bypass_world import PEOPLE, Stage

BY_WARRANTY, BY_RECALL, BY_REVIEW = "warranty_failure", "recall", "late_or_missing"
APPROVERS = {name for name, roles in PEOPLE.items() if {"approver", "reviewer"} & {*roles}}


class Unauthorised(AssertionError):
    """Something happened that nobody was entitled to."""


def forbid(happened: bool, what: str) -> None:
    if happened:
        raise Unauthorised(what)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a customer said yes to, in the words of the machine."""

    account: str
    requester: str
    order: str
    line: int
    quantity: int
    serials: tuple[str, ...]
    reason: str
    resolution: str
    clear_words: bool
    other_side_known: bool


@dataclass(frozen=True, slots=True)
class Yes:
    """An approval: who gave it, and the command that was on the page."""

    who: str
    command: dict[str, Any]
    changes: int | None
    """How often policy or order had changed by then; None when the page was of an older policy already"""


@dataclass(frozen=True, slots=True)
class OnRma:
    """One line of the RMA that an effect is about."""

    line: OrderLine
    replaced: int
    approved: bool
    """Whether somebody who may approve has said yes to this effect on this line"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A permit as it was when it was first seen, with what the world looked like then."""

    action: str
    command: dict[str, Any]
    at: datetime
    edition: str
    line: OrderLine
    yes: frozenset[str]
    standing: frozenset[str]
    """Of these, whoever said so since policy and order last changed: an older yes may have lapsed"""
    turned_down: bool
    moves: int
    on_rma: tuple[OnRma, ...]
    """For a label, its voiding and a cancellation: every line of the RMA"""


@dataclass
class Merits:
    """Judges one permit against what was agreed, approved and shipped."""

    stage: Stage
    annexes: dict[str, Annex]

    def check_person(self, seen: Issued, said: Agreed) -> None:
        asker = said.requester.partition(":")[2].partition(" ")[0]
        forbid(asker in seen.standing, f"{asker} approved what {asker} had asked for")
        item = self.stage.erp.item(seen.line.sku)
        nobody = not self.approved(seen)
        forbid(not said.clear_words and nobody, "words that were hardly understood, and nobody looked")
        forbid(item.hazmat and nobody, f"{item.sku} is dangerous, and nobody looked")
        forbid(seen.line.delivered_on is None and nobody, "not delivered yet, and nobody looked")

    def check_reason(self, seen: Issued, said: Agreed) -> None:
        annex, when, item = self.annex(seen), self.when(seen), self.stage.erp.item(seen.line.sku)
        leads_to = annex.cell(when, "reason_permits", said.reason, seen.action)
        forbid(leads_to == "never", f"{said.reason} never leads to {seen.action}")
        forbid(leads_to == "review" and not self.approved(seen), f"{said.reason}, and nobody looked")
        wish = annex.cell(when, "resolution_permits", said.resolution, seen.action)
        forbid(wish != "permit", f"{said.resolution} does not go with {seen.action}")
        forbid(said.reason == "damaged_in_transit", "damage without a photo")
        forbid(
            said.reason == "wrong_item" and not said.other_side_known, "a wrong item that nobody described"
        )
        forbid(said.reason == BY_RECALL and not self.approved(seen), "no recall is known, and nobody looked")
        if said.reason == BY_WARRANTY:
            self._check_warranty(seen, said)
        elif seen.action == "create_rma" and said.reason not in {BY_RECALL, BY_REVIEW}:
            self._check_window(seen, said)
        if item.final_sale and seen.action == "create_rma":
            stays = annex.cell(when, "final_sale_permits", said.reason) != "permit"
            forbid(stays, f"a final sale came back for {said.reason}")
        if item.hazmat and seen.action == "create_rma":
            stays = annex.cell(when, "hazmat_permits", said.reason) != "permit"
            forbid(stays, f"dangerous goods came back for {said.reason}")

    def _check_warranty(self, seen: Issued, said: Agreed) -> None:
        item = self.stage.erp.item(seen.line.sku)
        units = [self.stage.erp.unit(serial) for serial in said.serials]
        ends = [unit.warranty_until for unit in units if unit and unit.warranty_until]
        delivered = seen.line.delivered_on or seen.at.date()
        last = min(ends) if ends else _months_later(delivered, item.warranty_months)
        over = not item.warranty_months or last < seen.at.date()
        forbid(over, f"the warranty of {item.sku} ended on {last}")

    def _check_window(self, seen: Issued, said: Agreed) -> None:
        account, item = self.stage.erp.account(said.account), self.stage.erp.item(seen.line.sku)
        forbid(account.contract is None, "the ERP cannot tell what the contract says")
        days = account.contract.return_window_days
        if days is None:
            annex, when = self.annex(seen), self.when(seen)
            days = annex.cell(when, "window_days", item.product_class.value, account.tier.value)
            days += annex.cell(when, "region_extra_days", account.region.value)
        age = (seen.at.date() - (seen.line.delivered_on or seen.at.date())).days
        looked_at = self.annex(seen).cell(self.when(seen), "time_limit", said.reason) == "mistake"
        late = age > days and not (looked_at and self.approved(seen))
        forbid(late, f"delivered {age} days ago, the window is {days}")

    def check_serials(self, seen: Issued, said: Agreed) -> None:
        if said.reason == "wrong_item":
            return
        item, given = self.stage.erp.item(seen.line.sku), said.serials
        if item.tracking == "serial":
            forbid(len(set(given)) != said.quantity, f"{said.quantity} pieces, serials {given}")
            forbid(not set(given) <= set(seen.line.serials), f"{given} were not shipped on this line")
        else:
            forbid(bool(given), f"serials {given} for goods that have none")

    def check_every_line(self, seen: Issued) -> None:
        """An effect on a whole RMA is an effect on each of its lines, whichever the permit names."""
        forbid(not seen.on_rma, f"{seen.action} on an RMA that has no lines")
        for one in seen.on_rma:
            place, item = (one.line.order_number, one.line.line), self.stage.erp.item(one.line.sku)
            decides = self.annex(seen).cell(
                self._when(one.line, seen.at), "automation", seen.action, item.product_class.value
            )
            nobody = not one.approved
            forbid(decides != "live" and nobody, f"{seen.action} with {place}, where people decide")
            dangerous = seen.action == "create_label" and item.hazmat
            forbid(dangerous and nobody, f"a label for {place}, which is dangerous, and nobody looked")
            settled = seen.action == "cancel_rma" and one.replaced > 0
            forbid(settled and nobody, f"cancelled after a replacement was sent for {place}")

    def check_fees(self, seen: Issued, said: Agreed) -> None:
        """What is kept from a credit is what the terms of the order keep, to the cent."""
        annex, when = self.annex(seen), self.when(seen)
        account, item = self.stage.erp.account(said.account), self.stage.erp.item(seen.line.sku)
        cells = (item.product_class.value, account.tier.value)
        share, freight = 0, 0
        if said.resolution == "credit" and annex.cell(when, "restocking_on", said.reason) == "charged":
            agreed = account.contract.restocking_basis_points
            share = annex.cell(when, "restocking_fee", *cells) if agreed is None else agreed
        if said.resolution == "credit" and annex.has(when, "return_freight_on"):
            charged = annex.cell(when, "return_freight_on", said.reason) == "charged"
            freight = annex.usd_minor(when, "return_freight_usd_minor", *cells) if charged else 0
        value = seen.command["value"]["minor"]
        kept = [seen.command[name]["minor"] for name in ("restocking_fee", "return_freight")]
        wanted = [(value * share + 5_000) // 10_000, freight]
        forbid(kept != wanted, f"{kept} cents were kept from {value}, the terms keep {wanted}")
        nobody = not self.approved(seen)
        dear = 2 * freight > self.usd_minor(seen, said.quantity)
        forbid(dear and nobody, f"{freight} cents of freight, and nobody looked")

    def annex(self, seen: Issued) -> Annex:
        return self.annexes[seen.edition]

    def when(self, seen: Issued) -> When:
        return self._when(seen.line, seen.at)

    def _when(self, line: OrderLine, at: datetime) -> When:
        order = self.stage.erp.order(line.order_number)
        assert order is not None
        region = self.stage.erp.account(order.account_id).region.value
        return When(order.ordered_on, at.date(), region)

    def tier(self, said: Agreed) -> str:
        return str(self.stage.erp.account(said.account).tier.value)

    def approved(self, seen: Issued) -> bool:
        return bool(seen.yes & APPROVERS)

    def usd_minor(self, seen: Issued, pieces: int) -> int:
        price = seen.line.unit_price
        if price.currency == "USD":
            return price.minor * pieces
        order = self.stage.erp.order(seen.line.order_number)
        assert order is not None
        rate = self.stage.erp.exchange_rate(price.currency, order.ordered_on)
        return -(-price.minor * rate.millionths // 1_000_000) * pieces


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one before it that there is."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
