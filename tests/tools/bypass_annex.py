"""The figures of the policy as a person reads them off the documents, without the engine.

A table cell is that of the edition whose time covers the day, unless a regional overlay writes over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Cell = Any
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class When:
    """The days that pick an edition, and the region that picks an overlay."""

    ordered: date
    decided: date
    region: str


@dataclass(frozen=True)
class Annex:
    """The tables of one set of documents."""

    texts: Texts

    @cached_property
    def documents(self) -> list[dict[str, Any]]:
        return [_read(text) for text in self.texts.values()]

    def cell(self, when: When, table: str, *keys: str) -> Cell:
        """What stands in a table on those days, for the place of the customer."""
        (policy,) = [
            one
            for one in self.documents
            if one["kind"] == "Policy" and table in one["tables"] and _covers(one, _day(one, when))
        ]
        found = _at(policy["tables"][table]["values"], keys)
        for overlay in self.documents:
            if overlay["kind"] != "Overlay" or when.region not in overlay["applies"].get("region", ()):
                continue
            written = _at(overlay.get("tables", {}).get(table), keys)
            if _covers(overlay, _day(policy, when)) and written is not None:
                found = written
        return found

    def has(self, when: When, table: str) -> bool:
        """Whether an edition in force on those days has the table."""
        return any(
            one["kind"] == "Policy" and table in one["tables"] and _covers(one, _day(one, when))
            for one in self.documents
        )

    def usd_minor(self, when: When, table: str, *keys: str) -> int:
        """A cell in dollars and cents as cents."""
        dollars, cents = str(self.cell(when, table, *keys)).split(".")
        return int(dollars) * 100 + int(cents)


def _read(text: str) -> Any:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - the safe loader, in C where there is one


def _day(policy: dict[str, Any], when: When) -> date:
    return when.ordered if policy["basis"] == "order_date" else when.decided


def _at(values: Any, keys: tuple[str, ...]) -> Cell:
    for key in keys:
        if values is None:
            return None
        values = values.get(key)
    return values


def _covers(document: dict[str, Any], day: date) -> bool:
    effective = document["effective"]
    return bool(effective["from"] <= day and (effective["until"] is None or day < effective["until"]))


def where_people_decide(texts: Texts, product_class: str, *actions: str) -> dict[str, str]:
    """The same documents with one class of goods where Backhaul only watches, for these actions."""
    changed = dict(texts)
    for file, text in texts.items():
        document = _read(text)
        automation = document.get("tables", {}).get("automation") if document["kind"] == "Policy" else None
        if automation is not None:
            for action in actions:
                automation["values"][action][product_class] = "shadow"
            changed[file] = yaml.safe_dump(document, sort_keys=False)
    return changed


def with_automatic_limits(texts: Texts, factor: int, divisor: int = 1) -> dict[str, str]:
    """The same documents with other automatic limits: what finance publishes as a new edition."""
    changed = dict(texts)
    for file, text in texts.items():
        document = _read(text)
        limits = (
            document.get("tables", {}).get("auto_limit_usd_minor") if document["kind"] == "Policy" else None
        )
        if limits is None:
            continue
        for tier, dollars in limits["values"].items():
            cents = int(dollars.replace(".", "")) * factor // divisor
            limits["values"][tier] = f"{cents // 100}.{cents % 100:02d}"
        changed[file] = yaml.safe_dump(document, sort_keys=False)
    return changed
