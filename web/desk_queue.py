"""What is asked of the queue in an address: where, whose, due when, why, which goods, and words to search."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query

from backhaul.store.review_queue import COUNTED, Cursor, Due, Holder, Place, Wanted
from backhaul.store.review_search import Term
from backhaul.store.thread_words import searched
from web.who import Member
from web.world import Doors

_MOST_TERMS = 6
_BETWEEN = "|"
TITLES: Mapping[Place, str] = {
    Place.OPEN: "To decide",
    Place.WAITING: "With customer",
    Place.SNOOZED: "Set aside",
    Place.DECIDED: "Decided",
}
HOLDERS: Mapping[Holder, str] = {
    Holder.ANYBODY: "Anybody's",
    Holder.MINE: "Mine",
    Holder.NOBODY: "Nobody's",
}
DUES: Mapping[Due, str] = {Due.ANY: "Any time", Due.TODAY: "By the end of today", Due.LATE: "Late"}
Short = Annotated[str, Query(max_length=200)]
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Asked:
    """The conditions as the address has them; what it does not know counts as no condition."""

    show: str = Place.OPEN.value
    who: str = ""
    due: str = ""
    why: str = ""
    goods: str = ""
    account: str = ""
    q: str = ""
    after: str = ""

    @property
    def place(self) -> Place:
        return _one_of(Place, self.show, Place.OPEN)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out of the place."""
        return bool(self.who or self.due or self.why or self.goods or self.account or self.q)

    def at(self, **changed: str) -> str:
        """The address with something else asked for; it begins at the first page."""
        asked = asdict(replace(self, **{"after": "", **changed}))
        given = {name: value for name, value in asked.items() if value != _DEFAULTS[name]}
        return f"/desk?{urlencode(given)}" if given else "/desk"


_DEFAULTS = asdict(Asked())


def asked_of(
    show: Short = Place.OPEN.value,
    who: Short = "",
    due: Short = "",
    why: Short = "",
    goods: Short = "",
    account: Short = "",
    q: Short = "",
    after: Short = "",
) -> Asked:
    """From the query of the address."""
    return Asked(show, who, due, why, goods, account.strip(), " ".join(q.split()), after)


AskedHere = Annotated[Asked, Depends(asked_of)]


def wanted_of(doors: Doors, asked: Asked, who: Member) -> Wanted:
    """What the store is asked for."""
    return Wanted(
        user_id=who.user_id,
        place=asked.place,
        holder=_one_of(Holder, asked.who, Holder.ANYBODY),
        due=_one_of(Due, asked.due, Due.ANY),
        kind=asked.why,
        product_class=asked.goods,
        account_id=asked.account,
        terms=_terms(doors, asked.q),
    )


def _terms(doors: Doors, text: str) -> Sequence[Term]:
    """Every word is looked for by itself; an account is meant by its number or by any part of its name."""
    words = searched(text)[:_MOST_TERMS]
    accounts = [(one.account_id, one.name.casefold()) for one in doors.desk.erp.accounts()] if words else []
    return [
        Term(word, [key for key, name in accounts if word in name or word == key.casefold()])
        for word in words
    ]


def _one_of(choices: type[_Choice], value: str, otherwise: _Choice) -> _Choice:
    return choices(value) if value in set(choices) else otherwise


def written(cursor: Cursor) -> str:
    """A cursor as the address has it."""
    plain = _BETWEEN.join((str(cursor.place), cursor.at.isoformat(), cursor.review_id))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read(text: str) -> Cursor | None:
    """The cursor of an address; `None` for the first page, also when it cannot be read."""
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        place, at, review_id = plain.split(_BETWEEN)
        moment = datetime.fromisoformat(at)
        return Cursor(int(place), moment, review_id) if moment.tzinfo else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def counted(number: int) -> str:
    """A count in words: beyond a thousand nobody needs the exact one."""
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"
