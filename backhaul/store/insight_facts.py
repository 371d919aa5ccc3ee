"""What insight counts: facts, each with its case, its part of the whole, a value and its moment.

A figure and the list of cases behind it come from one and the same facts, so that they cannot differ.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from backhaul.store.unit_of_work import UnitOfWork

Query = sa.Select[*tuple[Any, ...]]
Expression = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened, or stands so. `value` is in the unit of its figure."""

    case_id: str
    about: str
    """Id of the record it is: a review, an RMA, a credit memo"""
    part: str
    value: float
    at: datetime | None = None
    whole: float = 1
    """What the value is a share of, for rates"""


@dataclass(slots=True)
class Sums:
    """The facts of one part, added up."""

    count: int = 0
    value: float = 0
    whole: float = 0


class Facts(Protocol):
    """Where a figure and its cases come from. `part` None is all of them."""

    def sums(self) -> Mapping[str, Sums]: ...
    def values(self) -> Mapping[str, Sequence[float]]:
        """Every value by part, in no order: what medians are taken from."""
        ...

    def behind(self, part: str | None, *, limit: int | None = None) -> Sequence[Fact]:
        """The facts themselves, the largest value first."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """Facts that were worked out here."""

    facts: Sequence[Fact]

    def sums(self) -> Mapping[str, Sums]:
        """See Facts."""
        found: defaultdict[str, Sums] = defaultdict(Sums)
        for one in self.facts:
            held = found[one.part]
            held.count += 1
            held.value += one.value
            held.whole += one.whole
        return found

    def values(self) -> Mapping[str, Sequence[float]]:
        """See Facts."""
        found: defaultdict[str, list[float]] = defaultdict(list)
        for one in self.facts:
            found[one.part].append(one.value)
        return found

    def behind(self, part: str | None, *, limit: int | None = None) -> Sequence[Fact]:
        """See Facts."""
        mine = [one for one in self.facts if part in {None, one.part}]
        return sorted(mine, key=lambda one: (-one.value, one.about))[:limit]


@dataclass(frozen=True, slots=True)
class Queried:
    """Facts that the database adds up; `query` is made by `fact_columns`."""

    uow: UnitOfWork
    query: Query | sa.CompoundSelect[*tuple[Any, ...]]
    since: datetime | None = None

    def sums(self) -> Mapping[str, Sums]:
        """See Facts."""
        of = self.query.subquery()
        added = sa.select(of.c.part, sa.func.count(), sa.func.sum(of.c.value), sa.func.sum(of.c.whole))
        rows = self.uow.session.execute(self._mine(added, of).group_by(of.c.part))
        return {part: Sums(count, float(value or 0), float(whole or 0)) for part, count, value, whole in rows}

    def values(self) -> Mapping[str, Sequence[float]]:
        """See Facts."""
        of = self.query.subquery()
        found: defaultdict[str, list[float]] = defaultdict(list)
        for part, value in self.uow.session.execute(self._mine(sa.select(of.c.part, of.c.value), of)):
            found[part].append(float(value))
        return found

    def behind(self, part: str | None, *, limit: int | None = None) -> Sequence[Fact]:
        """See Facts."""
        of = self.query.subquery()
        whole = self._mine(
            sa.select(of.c.case_id, of.c.about, of.c.part, of.c.value, of.c.at, of.c.whole), of
        )
        if part is not None:
            whole = whole.where(of.c.part == part)
        rows = self.uow.session.execute(whole.order_by(of.c.value.desc(), of.c.about).limit(limit))
        return [
            Fact(case_id or "", about, at_part, float(value), at, float(share))
            for case_id, about, at_part, value, at, share in rows
        ]

    def _mine(self, query: Any, of: Any) -> Any:
        return query if self.since is None else query.where(of.c.at >= self.since)


def fact_columns(*, case_id: Any, about: Any, part: Any, value: Any, at: Any, whole: Any = 1) -> Query:
    """A query of facts; the caller adds joins and conditions."""
    columns = {"case_id": case_id, "about": about, "part": part, "value": value, "at": at, "whole": whole}
    return sa.select(*(sa.label(name, _column(column)) for name, column in columns.items()))


def _column(given: Any) -> Any:
    return sa.literal(given) if isinstance(given, str | int) else given


def one_if(condition: Expression) -> Expression:
    """1 where it holds, else 0."""
    return sa.case((condition, 1), else_=0)


def joined(*parts: Any) -> Expression:
    """Several texts as one part, see `parts_of`."""
    whole: Expression = sa.cast(parts[0], sa.String)
    for one in parts[1:]:
        whole = whole.concat(BETWEEN).concat(sa.cast(one, sa.String))
    return whole


BETWEEN = "|"
"""Stands between the names of a part that has several"""


def together(facts: Iterable[Query]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """The facts of several queries."""
    return sa.union_all(*facts)


class seconds_between(FunctionElement[float]):  # noqa: N801 - a function of SQL
    """The seconds from one moment to a later one; the two databases reckon differently."""

    type = sa.Float()
    inherit_cache = True
    name = "seconds_between"


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(one, **more) for one in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgres(element: Any, compiler: Any, **more: Any) -> str:
    earlier, later = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(extract(epoch FROM ({later} - {earlier})) AS double precision)"
