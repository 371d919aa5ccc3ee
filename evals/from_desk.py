"""A case of the desk as a scenario, so that the suites grow from life: redacted, and for a person to check.

The conversation, the orders it is about and the decisions are taken over. Names, addresses and telephone
numbers of people are taken out. What the guard decided by itself stands as gold, and what people decided then
as their steps; whether that was right is for whoever keeps the scenario to say.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import yaml
from pydantic import ValidationError

from backhaul.connectors.ports import ErpReads
from backhaul.domain.codes import Outcome
from backhaul.domain.errors import BadInput
from backhaul.domain.orders import Order, Shipment
from backhaul.domain.trade import Contact
from backhaul.store import cases, conversation, reviews
from backhaul.store.tables import MessageRow
from backhaul.store.unit_of_work import Store
from evals.end_state import UNDECIDED, proposed_lines
from evals.played import FoundLine
from evals.scenario import Scenario
from evals.watched import Reads

_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\w-])\+?\d[\d ()./-]{8,}\d(?![\w-])")
_CONTACT = re.compile(r"contact:(C-\d+-\d+)")
_APPROVED = "approved"


def scenario_of(store: Store, erp: ErpReads, case_id: str) -> Scenario:
    """What happened in a case, as a scenario.

    Raises:
        NotFound: There is no such case.
        BadInput: Nobody of a customer wrote in it, so there is nothing to play; or it is not decided yet.
    """
    with store.read() as uow:
        case = cases.case(uow, case_id)
        thread = conversation.thread(uow, case.thread_id)
        said = list(conversation.messages(uow, case.thread_id))
        photos = {row.message_id for row in conversation.attachments(uow, case.thread_id)}
        decided = [row for row in reviews.reviews_of_case(uow, case_id) if row.decided_at]
    contact = _CONTACT.match(thread.opened_by)
    if contact is None or not any(row.author == "customer" for row in said):
        raise BadInput(
            f"case {case_id} was begun by {thread.opened_by}; only what a contact wrote can be played",
            field="case",
        )
    lines = proposed_lines(store, erp, case.thread_id, Reads(), by_itself=True)
    if any(line.outcome == UNDECIDED for line in lines):
        raise BadInput(f"case {case_id} is still being decided; ask again once it is", field="case")
    written_on = said[0].created_at
    hidden = _Hidden(erp.contacts(case.account_id), thread.contact_name)
    found = {
        "id": f"case-{case_id.lower()}",
        "about": f"From case {case_id}: what the guard decided stands as gold, and is to be checked.",
        "tags": ["from the desk"],
        "world": {
            "as_of": written_on.date(),
            "at": written_on.time().replace(microsecond=0, tzinfo=None),
            "orders": [_order(erp, number, written_on.date()) for number in _numbers(erp, lines, said)],
        },
        "customer": {"contact": contact[1], **_script(said, photos, hidden)},
        "steps": [
            {"who": "reviewer", "does": "approve" if row.state == _APPROVED else "reject"} for row in decided
        ],
        "gold": _gold(lines),
    }
    return _scenario(found, case_id)


def _scenario(found: dict[str, Any], case_id: str) -> Scenario:
    try:
        return Scenario.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise BadInput(f"case {case_id} makes no scenario: {where}: {first['msg']}", field="case") from error


def as_yaml(scenario: Scenario) -> str:
    """As it stands in a file of a suite."""
    plain = scenario.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump({"scenarios": [plain]}, sort_keys=False, allow_unicode=True, width=110)


class _Hidden:
    """Takes out what tells who a person is."""

    def __init__(self, contacts: Sequence[Contact], speaker: str) -> None:
        names = {part for one in contacts for part in one.name.split()} | {*speaker.split()}
        long = sorted((re.escape(name) for name in names if len(name) > 2), key=len, reverse=True)  # noqa: PLR2004 - initials are no names
        self._names = re.compile(rf"\b(?:{'|'.join(long)})\b") if long else None

    def __call__(self, text: str) -> str:
        text = _PHONE.sub("(number)", _E_MAIL.sub("(address)", text))
        return self._names.sub("(name)", text) if self._names else text


def _script(said: Sequence[MessageRow], photos: set[str], hidden: _Hidden) -> dict[str, Any]:
    """Answers go under what was asked for; what came unasked is said before the message of its number."""
    opening: list[dict[str, Any]] = []
    knows: dict[str, dict[str, Any]] = {}
    later: list[dict[str, Any]] = []
    asked, count, is_open = "", 0, True
    for row in said:
        if row.author == "agent":
            outcome = str(row.meta.get("outcome", ""))
            asked = "consent" if outcome == "consent" else str(row.meta.get("asks_for", ""))
            is_open = False
        elif row.author == "customer":
            count += 1
            words = {"text": hidden(row.body)}
            if row.id in photos:
                words["photos"] = [f"photo-{count}"]  # type: ignore[assignment] # a list beside the text
            if is_open:
                opening.append(words)
            elif asked and asked not in knows:
                knows[asked] = words
            else:
                later.append({"before": count, "says": words})
    return {"says": opening, "knows": knows, "later": later}


def _numbers(erp: ErpReads, lines: Sequence[FoundLine], said: Sequence[MessageRow]) -> Iterator[str]:
    """Orders that were proposed, or named by anybody, each once."""
    named = [line.order for line in lines]
    for row in said:
        named += re.findall(r"\bSO-\d+\b", row.body)
    yield from (number for number in dict.fromkeys(named) if erp.order(number) is not None)


def _order(erp: ErpReads, number: str, today: date) -> dict[str, Any]:
    order = erp.order(number)
    if order is None:
        raise BadInput(f"the ERP has no order {number}", field="order")
    return {
        "number": number,
        "account": order.account_id,
        "po": order.po_number,
        "story": "As the ERP had it.",
        "ordered": (today - order.ordered_on).days,
        "shipments": [_shipment(one, today) for one in erp.shipments(number) if one.shipped_on <= today],
        "lines": _lines(order),
    }


def _shipment(shipment: Shipment, today: date) -> dict[str, Any]:
    arrived = shipment.delivered_on
    return {
        "shipped": (today - shipment.shipped_on).days,
        "delivered": (today - arrived).days if arrived and arrived <= today else None,
        "pieces": {line.order_line: line.quantity for line in shipment.lines},
    }


def _lines(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "sku": line.sku,
            "quantity": line.quantity_ordered,
            "price": _decimal(line.unit_price.minor),
            "serials": list(line.serials),
            "lot": line.lots[0] if line.lots else "",
        }
        for line in order.lines
    ]


def _decimal(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _gold(lines: Sequence[FoundLine]) -> dict[str, Any]:
    if not lines:
        return {"ending": "person"}
    return {
        "lines": [
            {
                "order": line.order,
                "line": line.line,
                "quantity": line.quantity,
                "reason": line.reason,
                "resolution": line.resolution,
                "action": line.action,
                "serials": list(line.serials),
                "received_sku": line.received_sku,
                "outcome": line.outcome,
                "rule": None if line.outcome == Outcome.PERMIT.value else line.decided_by,
                "value": _decimal(line.value_minor),
                "currency": line.currency,
            }
            for line in lines
        ]
    }
