"""What a later edition says otherwise than an earlier one: cell by cell, rule by rule, with clause and owner.

This compares texts. What the difference does to decisions is the business of `policies.proofs.difference`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.bundle import Bundle, Edition, OverlayEdition
from policies.model import Invariant, Output, Owner, Rule, Table
from policies.syntax import Word
from policies.tables import CellKey, Grid

Said = Word | tuple[str, ...] | None
"""A value as a document says it; None where it says nothing."""


class Part(StrEnum):
    """What of a document was amended."""

    TABLE = "table"
    RULE = "rule"
    FIGURE = "figure"
    INVARIANT = "invariant"


@dataclass(frozen=True, slots=True)
class Amendment:
    """One thing that is said otherwise.

    For a cell `key` names it and `direction` says whether it got looser or tighter; for the rest `field`
    names what is otherwise. Both are empty where the whole part is new or gone.
    """

    part: Part
    name: str
    owner: Owner
    clause: str
    before: Said
    after: Said
    field: str = ""
    key: CellKey | None = None
    direction: str = ""

    @property
    def is_new(self) -> bool:
        """The part was not there before."""
        return not self.field and self.key is None and self.before is None

    @property
    def is_gone(self) -> bool:
        """The part is not there any more."""
        return not self.field and self.key is None and self.after is None


def amendments(before: Edition, after: Edition) -> tuple[Amendment, ...]:
    """Everything that `after` says otherwise; examples do not count, they decide nothing."""
    return (
        *_tables(before.grids, after.grids),
        *_parts(Part.RULE, _by_id(before.policy.rules), _by_id(after.policy.rules)),
        *_parts(Part.FIGURE, before.policy.outputs, after.policy.outputs),
        *_parts(Part.INVARIANT, _by_id(before.policy.invariants), _by_id(after.policy.invariants)),
    )


def former_overlay(bundle: Bundle, overlay: OverlayEdition) -> OverlayEdition | None:
    """The edition that an overlay follows; None for the first of its name."""
    first = overlay.overlay.effective.first
    former = [
        one
        for one in bundle.overlays
        if one.overlay.id == overlay.overlay.id and one.overlay.effective.first < first
    ]
    return max(former, key=lambda one: one.overlay.effective.first, default=None)


def grids_under(bundle: Bundle, overlay: OverlayEdition) -> Mapping[str, Grid]:
    """The tables of the policy underneath on the overlay's first day, with what lies between."""
    day = overlay.overlay.effective.first
    line = bundle.policies[overlay.root]
    edition = next((one for one in line if one.policy.effective.covers(day)), line[-1])
    grids: Mapping[str, Grid] = edition.grids
    for between in bundle.overlays:
        if between.overlay.id in overlay.ancestors and between.overlay.effective.covers(day):
            grids = between.over(grids)
    return grids


def overlay_amendments(
    before: OverlayEdition | None, after: OverlayEdition, grids: Mapping[str, Grid]
) -> tuple[Amendment, ...]:
    """What an overlay writes otherwise than its former edition, or than the tables `grids` without one."""
    found: list[Amendment] = []
    for name in dict.fromkeys((*(before.cells if before else ()), *after.cells)):
        grid, written = grids[name], before.cells.get(name, {}) if before else {}
        keys = dict.fromkeys((*written, *after.cells.get(name, {})))
        now = {key: after.cells.get(name, {}).get(key, grid.cells[key]) for key in keys}
        found += list(_cells(grid, {key: written.get(key, grid.cells[key]) for key in keys}, now))
    rules = _by_id(before.overlay.rules if before else ())
    return (*found, *_parts(Part.RULE, rules, _by_id(after.overlay.rules)))


def _by_id(parts: tuple[Rule, ...] | tuple[Invariant, ...]) -> dict[str, Rule | Invariant]:
    return {part.id: part for part in parts}


def _tables(before: Mapping[str, Grid], after: Mapping[str, Grid]) -> Iterator[Amendment]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield from (Amendment(Part.TABLE, name, one.owner, one.clause, None, one.doc) for one in _of(new))
            yield from (Amendment(Part.TABLE, name, one.owner, one.clause, one.doc, None) for one in _of(old))
            continue
        for field in ("doc", "clause", "owner", "unit", "stricter", "keys", "choices"):
            was, now = getattr(old.table, field), getattr(new.table, field)
            if was != now:
                yield Amendment(Part.TABLE, name, new.table.owner, new.table.clause, was, now, field)
        if old.table.keys == new.table.keys:
            yield from _cells(new, old.cells, new.cells)


def _of(grid: Grid | None) -> tuple[Table, ...]:
    return (grid.table,) if grid else ()


def _cells(grid: Grid, old: Mapping[CellKey, Word], new: Mapping[CellKey, Word]) -> Iterator[Amendment]:
    for key, value in new.items():
        if old[key] == value:
            continue
        direction = ""
        if grid.table.stricter is not None:
            direction = "looser" if grid.looser(value, old[key]) else "tighter"
        yield Amendment(
            Part.TABLE,
            grid.name,
            grid.table.owner,
            grid.table.clause,
            old[key],
            value,
            key=key,
            direction=direction,
        )


_UNSAID = {"examples", "id"}


def _parts(
    part: Part,
    before: Mapping[str, Rule | Invariant] | Mapping[str, Output],
    after: Mapping[str, Rule | Invariant] | Mapping[str, Output],
) -> Iterator[Amendment]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            one = new or old
            if one is not None:
                was, now = _gist(old), _gist(new)
                yield Amendment(part, name, one.owner, one.clause, was, now)
            continue
        for field in (name for name in type(new).model_fields if name not in _UNSAID):
            was, now = getattr(old, field), getattr(new, field)
            if was != now:
                yield Amendment(part, name, new.owner, new.clause, _said(was), _said(now), field)


def _gist(part: Rule | Invariant | Output | None) -> str | None:
    if part is None:
        return None
    if isinstance(part, Rule):
        return part.title
    return part.never if isinstance(part, Invariant) else part.doc


def _said(value: object) -> Said:
    if isinstance(value, Mapping):
        return tuple(f"{name}: {words}" for name, words in value.items())
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)
    return value if isinstance(value, str | int | bool) else None
