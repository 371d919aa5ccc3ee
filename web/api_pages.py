"""Pages of long lists: a cursor says where the page before it ended, so that nothing shifts meanwhile."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from backhaul.domain.errors import BadInput
from backhaul.store.api_lists import Place, Wanted
from web.api_access import Program

MOST, USUAL = 100, 50
Row = TypeVar("Row")
Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """Some of a list, the newest first."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the page that follows; null at the end")


class Asked(BaseModel):
    """What part of a list is asked for."""

    limit: int = USUAL
    after: Place | None = None
    account: str | None = None

    def of(self, program: Program, state: str | None = None) -> Wanted:
        """The same for the store, within what the program may see; one row more tells whether more follow."""
        with_notes = program.account_id is None
        return Wanted(self.limit + 1, self.after, program.account_for(self.account), state, with_notes)


def asked(
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many")] = USUAL,
    cursor: Annotated[str, Query(max_length=200, description="`next` of the page before")] = "",
    account: Annotated[str, Query(max_length=60, description="Only those of this account")] = "",
) -> Asked:
    """The page asked for. BadInput for a cursor that is none of ours."""
    return Asked(limit=limit, after=_place(cursor) if cursor else None, account=account or None)


AskedHere = Annotated[Asked, Depends(asked)]


def paged(
    found: Sequence[Row],
    wanted: Asked,
    place: Callable[[Row], Place],
    shown: Callable[[Row], Item],
) -> Page[Item]:
    """A page of what was found, with the cursor to go on from."""
    rows = found[: wanted.limit]
    more = len(found) > wanted.limit
    return Page(items=[shown(row) for row in rows], next=_cursor(place(rows[-1])) if more else None)


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place.at.isoformat()} {place.id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, _, key = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(" ")
        place = Place(datetime.fromisoformat(at), key)
    except (binascii.Error, ValueError):
        place = None
    if place is None or place.at.tzinfo is None:
        raise BadInput("This cursor is none of ours: send `next` as it was given.", field="cursor")
    return place
