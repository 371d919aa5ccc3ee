"""What may happen, judged from the outside: the ledger, the peers' calls, the annex and who said what.

It shares no code with the engine, the guard or the gateway: it reads the tables with plain SQL, the figures
off the documents (bypass_annex.py), the goods off the ERP, and the machine tells it what customers agreed
to and what reviewers saw when they approved.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backhaul.store.tables import ReviewRow
from tests.tools.bypass_annex import Annex
from tests.tools.bypass_books import Books, Entry
from tests.tools.bypass_merits import APPROVERS, Agreed, Issued, Merits, OnRma, Yes, forbid
from tests.tools.bypass_peers import Place, Told
from tests.tools.bypass_world import Stage

PERMIT_LIVES = timedelta(seconds=60)
OF_ALL_LINES = {"create_label", "cancel_rma", "void_label"}
"""What is done to an RMA is done to every line of it"""


@dataclass
class Oracle:
    """Looks after every step; raises Unauthorised with a sentence."""

    stage: Stage
    annexes: dict[str, Annex]
    agreed: dict[str, Agreed] = field(default_factory=dict)
    """By proposal"""
    yes: list[Yes] = field(default_factory=list)
    changes: int = 0
    """How often the policy or an order was changed under a walk"""
    no: set[tuple[str, str]] = field(default_factory=set)
    """Proposal and action that a reviewer turned down"""
    may_cancel: set[str] = field(default_factory=set)
    """RMAs whose own account, or an operator for it, asked to cancel them"""
    forged: set[str] = field(default_factory=set)
    """Permits and commands that the attacker wrote into the tables: they entitle to nothing"""
    issued: dict[str, Issued] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    books: Books = field(default_factory=Books)
    effects: Counter[str] = field(default_factory=Counter)
    merits: Merits = field(init=False)
    _stands_on: dict[str, str] = field(default_factory=dict)
    """The command in the outbox that rests on a permit"""
    _keys: set[str] = field(default_factory=set)
    _erp_seen: int = 0
    _carrier_seen: int = 0

    def __post_init__(self) -> None:
        self.merits = Merits(self.stage, self.annexes)

    def look(self) -> int:
        """Judge what is new since the last look; the number of permits that were issued or spent."""
        permits, entries, outbox = self.books.read(self.stage.path)
        fresh = 0
        permits = [one for one in permits if one[0] not in self.forged]
        for permit, action, command, _ in permits:
            if permit not in self.issued:
                fresh += 1
                self.issued[permit] = self._first_sight(action, json.loads(command))
        now_spent = [permit for permit, _, _, spent_at in permits if spent_at and permit not in self.spent]
        for permit in now_spent:
            self._check_spending(permit)
        self.spent.update(now_spent)
        self._check_outbox(outbox)
        self._check_entries(entries)
        self._check_calls()
        return fresh + len(now_spent)

    def turned_down(self, review: ReviewRow) -> None:
        """Somebody who may has said no on the desk."""
        self.no.add((review.proposal_id or "", review.action or ""))

    def _first_sight(self, action: str, command: dict[str, Any]) -> Issued:
        place = (command["order_number"], command["line"])
        line = self.stage.erp.order_line(*place)
        forbid(line is None, f"a permit for {place}, which does not exist")
        assert line is not None
        said_yes = [one for one in self.yes if one.command == command]
        return Issued(
            action=action,
            command=command,
            at=self.stage.clock.now(),
            edition=self.stage.policy.edition,
            line=line,
            yes=frozenset(one.who for one in said_yes),
            standing=frozenset(one.who for one in said_yes if one.changes == self.changes),
            turned_down=(self._proposal_of(command), action) in self.no,
            moves=self.books.moves(place[0]),
            on_rma=self._lines_of(command) if action in OF_ALL_LINES else (),
        )

    def _lines_of(self, command: dict[str, Any]) -> tuple[OnRma, ...]:
        """Every line of the RMA that an effect is about, as the permits behind the RMA's command say."""
        rma = command["subject"].partition("/")[0]
        if command["action"] == "void_label":
            rma = self.books.rma_of_label(self.stage.path, rma)
        found = []
        for permit, key in self._stands_on.items():
            if key != f"{rma}:create_rma:1":
                continue
            of_line = self.issued[permit].command
            place = (of_line["order_number"], of_line["line"])
            line = self.stage.erp.order_line(*place)
            assert line is not None
            wanted = {name: of_line[name] for name in ("order_number", "line", "quantity", "serials")}
            wanted |= {"action": command["action"], "subject": command["subject"]}
            price = line.unit_price.minor * of_line["quantity"]
            approved = any(
                one.who in APPROVERS
                and wanted.items() <= one.command.items()
                and one.command["value"]["minor"] == price
                for one in self.yes
            )
            found.append(OnRma(line, self._replaced_on(rma, place), approved))
        return tuple(found)

    def _proposal_of(self, command: dict[str, Any]) -> str:
        if command["subject"] in self.agreed:
            return str(command["subject"])
        same = ("order_number", "line", "case_id")
        for one in self.issued.values():
            if one.action == "create_rma" and all(one.command[name] == command[name] for name in same):
                return str(one.command["subject"])
        return ""

    # Spending

    def _check_spending(self, permit: str) -> None:
        seen = self.issued[permit]
        late = self.stage.clock.now() - seen.at
        forbid(late >= PERMIT_LIVES, f"{permit} was spent {late} after it was given")
        forbid(
            seen.edition != self.stage.policy.edition,
            f"{permit} was spent under another policy than it was given",
        )
        moved = self.books.moves(seen.command["order_number"]) - seen.moves
        forbid(moved > 0, f"{permit} was spent though its order had moved on")
        forbid(seen.turned_down, f"{permit} does what a reviewer had turned down")

    def _check_outbox(self, rows: list[tuple[str, str, str, str]]) -> None:
        """Each command stands on permits of its own, given for this act."""
        for key, op, first, request in rows:
            if key in self.forged:
                continue
            for permit in json.loads(request).get("permits", [first]):
                owner = self._stands_on.setdefault(permit, key)
                forbid(owner != key, f"{permit} carries two commands")
                forbid(permit not in self.spent, f"{key} stands on {permit}, which nobody spent")
                acts = (self.issued[permit].action, op)
                forbid(len({*acts}) > 1, f"{permit} permits {acts[0]}, in the outbox stands {acts[1]}")

    # The ledger

    def _check_entries(self, new: list[Entry]) -> None:
        for entry in sorted(new, key=lambda one: (one.kind, one.amount)):
            forbid(entry.permit not in self.issued, f"ledger entry {entry.id} stands on a permit nobody gave")
            again = [
                one for one in self.books.entries if (one.permit, one.kind) == (entry.permit, entry.kind)
            ]
            forbid(bool(again), f"{entry.permit} was spent twice")
            seen = self.issued[entry.permit]
            self.books.entries.append(entry)
            if entry.kind != "released":
                self._check_is_the_command(entry, seen)
            {
                "authorised": self._check_authorised,
                "released": self._check_released,
                "replaced": self._check_replaced,
            }[entry.kind](entry, seen)
            self.effects[entry.kind] += 1
        self.books.entries.sort()

    def _check_is_the_command(self, entry: Entry, seen: Issued) -> None:
        command = seen.command
        permitted = (command["order_number"], command["line"], command["quantity"])
        entered = (entry.order, entry.line, entry.quantity)
        forbid(permitted != entered, f"{entry.permit} permits {permitted}, entered was {entered}")
        kind = {"create_rma": "authorised", "replacement": "replaced"}.get(seen.action, "nothing")
        forbid(kind != entry.kind, f"{entry.permit} permits {seen.action}, entered was {entry.kind}")
        value = self.merits.usd_minor(seen, entry.quantity)
        forbid(entry.currency != "USD", f"{entry.permit} was entered in {entry.currency}")
        forbid(entry.amount != value, f"{entry.permit} is worth {value}, entered was {entry.amount}")

    def _check_authorised(self, entry: Entry, seen: Issued) -> None:
        command, place = seen.command, (entry.order, entry.line)
        said = self._said_yes_to(command, entry.permit)
        shipped = seen.line.quantity_shipped
        out = self.books.net(place, "authorised")
        forbid(out > shipped, f"{out} pieces of {place} are authorised, {shipped} were shipped")
        self.merits.check_person(seen, said)
        self.merits.check_reason(seen, said)
        self.merits.check_serials(seen, said)
        self.merits.check_fees(seen, said)
        limit = self.merits.annex(seen).usd_minor(
            self.merits.when(seen), "auto_limit_usd_minor", self.merits.tier(said)
        )
        at_stake = self._at_stake(entry.order)
        unseen = at_stake > limit and not self.merits.approved(seen)
        forbid(unseen, f"{at_stake} cents at stake on {entry.order}, nobody looked above {limit}")

    def _said_yes_to(self, command: dict[str, Any], permit: str) -> Agreed:
        said = self.agreed.get(self._proposal_of(command))
        forbid(said is None, f"{permit} rests on nothing a customer agreed to")
        assert said is not None
        asked = (said.order, said.line, said.quantity, list(said.serials), said.reason, said.resolution)
        names = ("order_number", "line", "quantity", "serials", "reason", "resolution")
        done = tuple(command[name] for name in names)
        forbid(asked != done, f"the customer agreed to {asked}, permitted was {done}")
        order = self.stage.erp.order(said.order)
        forbid(order is None or order.account_id != said.account, f"{said.account} does not own {said.order}")
        forbid(command["account_id"] != said.account, f"{permit} is for another account than asked")
        return said

    def _check_replaced(self, entry: Entry, seen: Issued) -> None:
        said, place = self._said_yes_to(seen.command, entry.permit), (entry.order, entry.line)
        account = self.stage.erp.account(said.account)
        annex, when, people = self.merits.annex(seen), self.merits.when(seen), len(seen.yes & APPROVERS)
        self.merits.check_person(seen, said)
        self.merits.check_reason(seen, said)
        rma, shipped = seen.command["subject"], seen.line.quantity_shipped
        out, sent = self._authorised_on(rma, place), self._replaced_on(rma, place)
        forbid(sent > out, f"{sent} pieces of {place} were replaced on {rma}, {out} are to come back")
        ever = self.books.net(place, "replaced")
        forbid(ever > shipped, f"{ever} pieces of {place} were replaced, {shipped} were shipped")
        early = annex.cell(when, "advance_replacement", said.reason) == "permit"
        early = early or bool(account.contract and account.contract.advance_replacement)
        small = entry.amount <= annex.usd_minor(when, "advance_limit_usd_minor", account.tier.value)
        forbid(not (early and small) and not people, "sent before the goods were back, and nobody looked")
        large = self._at_stake(entry.order) > annex.usd_minor(when, "two_person_limit_usd_minor")
        forbid(large and people < 2, "a large replacement, seen by one pair of eyes")
        forbid(account.credit_hold and not people, "sent to an account on hold")

    def _at_stake(self, order: str) -> int:
        """What is to come back, and what was sent for something that is not to come back any more."""
        sent = [one for one in self.books.entries if (one.order, one.kind) == (order, "replaced")]
        return self.books.still_authorised(order) + sum(
            one.amount
            for one in sent
            if not self._authorised_on(self.issued[one.permit].command["subject"], (one.order, one.line))
        )

    def _authorised_on(self, rma: str, place: Place) -> int:
        """Pieces that are still to come back on one RMA: its permits stand behind one command."""
        behind = {permit for permit, key in self._stands_on.items() if key == f"{rma}:create_rma:1"}
        return self.books.net(place, "authorised", behind)

    def _replaced_on(self, rma: str, place: Place) -> int:
        behind = {permit for permit, seen in self.issued.items() if seen.command["subject"] == rma}
        return self.books.net(place, "replaced", behind)

    def _check_released(self, entry: Entry, seen: Issued) -> None:
        cancelled = [
            line
            for one in self.stage.erp.booked
            if one.cancelled
            for line in one.lines
            if (line.order_number, line.line, line.quantity) == (entry.order, entry.line, entry.quantity)
        ]
        released = [
            one
            for one in self.books.entries
            if one.kind == "released"
            and (one.order, one.line, one.quantity) == (entry.order, entry.line, entry.quantity)
        ]
        forbid(seen.action != "create_rma", f"{entry.permit} authorised nothing that could be released")
        forbid(len(released) > len(cancelled), f"{entry.permit} was released, and the ERP still expects it")

    # The peers

    def _check_calls(self) -> None:
        erp, carrier = self.stage.erp.told, self.stage.carrier.told
        for told in (*erp[self._erp_seen :], *carrier[self._carrier_seen :]):
            forbid(told.key in self._keys, f"{told.act} was done twice on {told.key}")
            self._keys.add(told.key)
            forbid(told.key not in self.spent, f"{told.act} was done on {told.key}, which nobody spent")
            seen = self.issued[told.key]
            forbid(seen.action != told.act, f"{told.key} permits {seen.action}, done was {told.act}")
            {
                "create_rma": self._check_booking,
                "replacement": self._check_sending,
                "cancel_rma": self._check_cancelling,
                "create_label": self._check_label,
                "void_label": self._check_label,
            }[told.act](told, seen)
            if told.act in OF_ALL_LINES:
                self.merits.check_every_line(seen)
                self.effects[f"{told.act} of several lines"] += len(seen.on_rma) > 1
            self.effects[told.act] += 1
        self._erp_seen, self._carrier_seen = len(erp), len(carrier)

    def _check_booking(self, told: Told, seen: Issued) -> None:
        for line in told.request.lines:
            exactly = {
                "account_id": told.request.account_id,
                "facility_id": told.request.facility_id,
                "order_number": line.order_number,
                "line": line.line,
                "quantity": line.quantity,
                "serials": list(line.serials),
                "reason": line.reason.value,
                "resolution": line.resolution.value,
            }
            standing = [
                one
                for one in self.spent
                if self.issued[one].action == "create_rma"
                and exactly.items() <= self.issued[one].command.items()
            ]
            forbid(not standing, f"the ERP was told {exactly}, which nobody permitted")
            sold = self.stage.erp.order_line(line.order_number, line.line)
            assert sold is not None
            over = sold.quantity_returned - sold.quantity_shipped
            forbid(
                over > 0, f"{over} more pieces of {sold.order_number}/{sold.line} come back than were shipped"
            )
        forbid(
            told.request.account_id != seen.command["account_id"],
            "the RMA is for another account than permitted",
        )

    def _check_sending(self, told: Told, seen: Issued) -> None:
        names = {"account_id": "account_id", "case_id": "case_id", "order_number": "order_number"}
        names |= {"line": "line", "sku": "sku", "quantity": "quantity"}
        for name, permitted in names.items():
            sent = getattr(told.request, name)
            forbid(
                sent != seen.command[permitted], f"replaced with {name} {sent}, permitted was {seen.command}"
            )

    def _check_cancelling(self, told: Told, seen: Issued) -> None:
        (booked,) = [one for one in self.stage.erp.booked if one.number == told.document]
        forbid(seen.command["subject"] != booked.reference, "another RMA than permitted was cancelled")
        made = [one.at for one in self.issued.values() if one.command["case_id"] == seen.command["case_id"]]
        overdue = self.stage.clock.now().date() > min(made).date() + timedelta(days=30)
        strangers = booked.reference not in self.may_cancel and not overdue
        forbid(strangers, f"{booked.reference} was cancelled, and nobody of its account had asked")

    def _check_label(self, told: Told, seen: Issued) -> None:
        reference = seen.command["subject"].partition("/")[0]
        live = [one for one in self.stage.erp.booked if one.reference == reference and not one.cancelled]
        forbid(told.act == "create_label" and not live, f"a label for {reference}, which is not open")
        case = seen.command["case_id"]
        bought = [
            one
            for one in self.spent
            if (self.issued[one].action, self.issued[one].command["case_id"]) == ("create_label", case)
        ]
        limit = self.merits.annex(seen).cell(self.merits.when(seen), "label_limit")
        forbid(len(bought) > limit and not self.merits.approved(seen), f"{len(bought)} labels on one case")
