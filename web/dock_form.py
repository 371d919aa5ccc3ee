"""The dock's forms as they were typed, and what they mean."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData

from backhaul.connectors.ports import ErpReads
from backhaul.domain.clock import Ids
from backhaul.domain.errors import BadInput
from backhaul.domain.receiving import RECEIPT_PREFIX, ReceiptKind
from web.dock_scan import cleaned
from web.policies_try import posted
from web.who import DOCK_ROLES, Member, staff_with

Posted = Annotated[FormData, Depends(posted)]
DockHand = Annotated[Member, Depends(staff_with(DOCK_ROLES))]
"""Who may do something at the dock; the desk may look"""
MOST_PIECES = 100_000
_MOST_DIGITS = 12
LONGEST_NOTE = 2_000
_MOST_NUMBERS = 1_000
_OURS = re.compile(r"^[A-Z]{2}-[2-9A-Z]{8,16}$")


def text(form: FormData, name: str) -> str:
    """A field as text; empty when it is missing, or a file."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def our_id(form: FormData, name: str) -> str:
    """An id that was made with the page.

    Raises:
        BadInput: It is none.
    """
    value = text(form, name)
    if not _OURS.match(value):
        raise BadInput("This page is too old. Open it again.", field=name)
    return value


def note_of(form: FormData) -> str:
    """The note, cut to what is kept."""
    return text(form, "note")[:LONGEST_NOTE]


def pieces(typed: str, *, field: str) -> int:
    """A count of pieces, 0 when nothing was typed.

    Raises:
        BadInput: Not a whole number, or more than anybody counts.
    """
    if not typed:
        return 0
    if not typed.isdecimal() or len(typed) > _MOST_DIGITS or int(typed) > MOST_PIECES:
        raise BadInput(f"{typed[:20]!r} is not a number of pieces.", field=field)
    return int(typed)


def numbers(typed: str) -> tuple[str, ...]:
    """Serials or lots, one a line or between commas, without what a scanner adds; each once."""
    found = tuple(dict.fromkeys(filter(None, map(cleaned, re.split(r"[\r\n,;\t]+", typed)))))
    if len(found) > _MOST_NUMBERS:
        raise BadInput(f"More than {_MOST_NUMBERS} numbers. Receive the rest as a second parcel.")
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """An article as somebody named it: `sku` when the catalogue has it, else `described`."""

    sku: str
    described: str


def named(erp: ErpReads, typed: str) -> Named:
    """An article by SKU, or words for what nobody knows."""
    item = erp.item(typed.upper()) if typed else None
    return Named(item.sku, "") if item else Named("", typed[:LONGEST_NOTE])


@dataclass(frozen=True, slots=True)
class LineTyped:
    """What stands in the fields of one line."""

    receipt_id: str
    count: str
    kind: str
    article: str
    serials: str
    lots: str


def fresh_line(ids: Ids, *, left: int) -> LineTyped:
    """A line as the page is first drawn: everything that is still to come, as announced."""
    return LineTyped(ids.new(RECEIPT_PREFIX), str(left), ReceiptKind.EXPECTED.value, "", "", "")


def line_typed(form: FormData, line_id: str) -> LineTyped:
    """The fields of one line as they came."""
    return LineTyped(
        receipt_id=our_id(form, f"receipt:{line_id}"),
        count=text(form, f"count:{line_id}"),
        kind=text(form, f"kind:{line_id}") or ReceiptKind.EXPECTED.value,
        article=text(form, f"article:{line_id}"),
        serials=text(form, f"serials:{line_id}"),
        lots=text(form, f"lots:{line_id}"),
    )
