"""Overlays change cells and add rules for a region or a facility; loosening a cell takes a dated grant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from policies.bundle import Edition, OverlayEdition
from policies.model import Effective, Grant, Grants, Overlay, Scope
from policies.rules import TABLE_PREFIX, BoundRule, Ground, bind_rule, language_over, show
from policies.source import Document, Path
from policies.syntax import Word
from policies.tables import CellKey, Grid, read_cell, read_cells
from policies.wording import perhaps

Policies = Mapping[str, tuple[Edition, ...]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """An overlay as written, its document, and what lies underneath: nearest first, a policy last."""

    document: Document
    overlay: Overlay
    chain: tuple[str, ...]


def bind_overlays(
    policies: Policies,
    written: list[tuple[Document, Overlay]],
    registers: list[tuple[Document, Grants]],
    *,
    lenient: bool,
) -> tuple[OverlayEdition, ...]:
    """Check overlays against what they lie over, lowest first. PolicyError for a circle, an unknown base,
    a clash, or, unless `lenient`, a cell that got looser than its grants allow.
    """
    parents = {overlay.id: overlay.over for _, overlay in written}
    sheets = [
        _Sheet(document, overlay, _chain(document, overlay, parents, policies))
        for document, overlay in written
    ]
    stack = _Stack(policies, registers, lenient)
    for sheet in sorted(sheets, key=lambda one: (len(one.chain), one.overlay.label)):
        stack.lay(sheet)
    for one, other in combinations(stack.bound, 2):
        _check_no_clash(one, other)
    return tuple(stack.bound)


def _chain(
    document: Document, overlay: Overlay, parents: Mapping[str, str], policies: Policies
) -> tuple[str, ...]:
    if overlay.over not in parents and overlay.over not in policies:
        raise document.error(
            ("over",),
            f"there is no policy or overlay {overlay.over}{perhaps(overlay.over, {*parents, *policies})}; "
            "write the `id` of one that is there",
        )
    chain = [overlay.over]
    while chain[-1] in parents and chain[-1] not in chain[:-1]:
        chain.append(parents[chain[-1]])
    if overlay.id in chain:
        circle = " over ".join((overlay.id, *chain[: chain.index(overlay.id) + 1]))
        message = f"overlays run in a circle: {circle}; let one of them lie over a policy"
        raise document.error(("over",), message)
    return tuple(chain)


@dataclass(slots=True)
class _Stack:
    """The overlays checked so far, lowest first, and what they are checked against."""

    policies: Policies
    registers: list[tuple[Document, Grants]]
    lenient: bool
    bound: list[OverlayEdition] = field(default_factory=list)

    def lay(self, sheet: _Sheet) -> None:
        """Check an overlay and put it on top."""
        document, overlay = sheet.document, sheet.overlay
        if any(one.overlay.id == overlay.id and _meet(one.overlay, overlay) for one in self.bound):
            message = (
                f"another edition of {overlay.id} is in force in this time; let one begin as the other ends"
            )
            raise document.error(("effective",), message)
        beneath = list(self._beneath(overlay.effective, sheet.chain))
        if not beneath:
            message = f"{overlay.over} is not in force in this time; choose days on which it is"
            raise document.error(("effective",), message)
        cells = {name: _cells(sheet, name, beneath) for name in overlay.tables}
        grants = {
            (name, key): grant
            for name, written in cells.items()
            for key, value in written.items()
            for grids in beneath
            if (grant := self._grant(sheet, grids[name], key, value))
        }
        self.bound.append(
            OverlayEdition(
                document=document,
                overlay=overlay,
                root=sheet.chain[-1],
                ancestors=frozenset(sheet.chain),
                cells=cells,
                grants=grants,
                rules=tuple(self._rules(sheet, beneath[0])),
            )
        )

    def _beneath(self, during: Effective, chain: tuple[str, ...]) -> Iterator[Mapping[str, Grid]]:
        """The tables directly underneath, once per combination of editions in force in that time."""
        nearest, *rest = chain
        if nearest in self.policies:
            yield from (of.grids for of in self.policies[nearest] if _overlap(of.policy.effective, during))
            return
        for under in self.bound:
            if under.overlay.id == nearest and _overlap(under.overlay.effective, during):
                for grids in self._beneath(during, tuple(rest)):
                    yield under.over(grids)

    def _grant(self, sheet: _Sheet, grid: Grid, key: CellKey, value: Word) -> Grant | None:
        """The grant that lets this cell be looser than the one underneath; None when it is not looser."""
        if not grid.looser(value, grid.cells[key]):
            return None
        short = list[tuple[Grant, str]]()
        for register, grants in self.registers:
            for at, grant in enumerate(grants.grants):
                if (grant.overlay, grant.table, grant.cell) != (sheet.overlay.id, grid.name, key):
                    continue
                limit = read_cell(register, ("grants", at, "limit"), grid.table, grant.limit)
                if not (why := _falls_short(grid, grant, limit, value, sheet.overlay)):
                    return grant
                short.append((grant, why))
        if self.lenient:
            return short[0][0] if short else None
        cell = f"{grid.name}[{', '.join(key)}]" if key else grid.name
        now, before = (show(f"{TABLE_PREFIX}{grid.name}", of) for of in (value, grid.cells[key]))
        why = short[0][1] if short else _NO_GRANT
        message = f"{cell} is looser ({now}) than underneath ({before}) and {why}"
        raise sheet.document.error(("tables", grid.name, *key), message, clause=grid.table.clause)

    def _rules(self, sheet: _Sheet, grids: Mapping[str, Grid]) -> Iterator[BoundRule]:
        taken = {rule.rule.id for line in self.policies.values() for of in line for rule in of.rules}
        others = (one for one in self.bound if one.overlay.id != sheet.overlay.id)
        taken |= {rule.rule.id for one in others for rule in one.rules}
        ground = Ground(sheet.document, sheet.overlay.label, grids, language_over(grids), self.lenient)
        for at, rule in enumerate(sheet.overlay.rules):
            if rule.id in taken:
                message = f"there is another rule {rule.id}; an overlay only adds rules; give it its own id"
                raise sheet.document.error(("rules", at, "id"), message)
            taken.add(rule.id)
            yield bind_rule(ground, ("rules", at), rule)


_NO_GRANT = "no grant covers it; enter one for this cell in a document of kind Grants, or tighten the cell"


def _falls_short(grid: Grid, grant: Grant, limit: Word, value: Word, overlay: Overlay) -> str:
    """Why a grant for the cell does not cover this value or this time; empty when it does."""
    ends, whose = overlay.effective.until, f"{grant.owner} ({grant.by})"
    if grid.looser(value, limit):
        reach = show(f"{TABLE_PREFIX}{grid.name}", limit)
        return f"grant {grant.id} reaches to {reach} only; tighten the cell, or have {whose} widen the grant"
    if ends is None:
        return f"grant {grant.id} expires on {grant.until}; the overlay has no `until`, let it end by then"
    if ends > grant.until:
        return (
            f"grant {grant.id} expires on {grant.until}, before the overlay ends ({ends}); end the overlay "
            f"by then, or have {whose} renew the grant"
        )
    return ""


def _cells(sheet: _Sheet, name: str, beneath: list[Mapping[str, Grid]]) -> dict[CellKey, Word]:
    path: Path = ("tables", name)
    for grids in beneath:
        if name not in grids:
            message = f"there is no table {name} underneath{perhaps(name, grids)}; name one that is there"
            raise sheet.document.error(path, message)
        if grids[name].table.stricter is None:
            message = f"{name} has no stricter side, so overlays may not touch it; change it in an edition"
            raise sheet.document.error(path, message, clause=grids[name].table.clause)
    return dict(read_cells(sheet.document, path, beneath[0][name].table, sheet.overlay.tables[name]))


def _check_no_clash(one: OverlayEdition, other: OverlayEdition) -> None:
    """Two overlays that can hold together must not both write a cell, unless one lies over the other."""
    related = one.overlay.id in other.ancestors or other.overlay.id in one.ancestors
    together = _meet(one.overlay, other.overlay) and _share_ground(one.overlay.applies, other.overlay.applies)
    if related or not together:
        return
    for table in one.cells.keys() & other.cells.keys():
        for key in one.cells[table].keys() & other.cells[table].keys():
            message = (
                f"{one.overlay.label} writes {table}[{', '.join(key)}] as well; let one lie over the other, "
                "or leave the cell to one"
            )
            raise other.document.error(("tables", table, *key), message)


def _meet(one: Overlay, other: Overlay) -> bool:
    return _overlap(one.effective, other.effective)


def _overlap(one: Effective, other: Effective) -> bool:
    later_ends = other.until is None or one.first < other.until
    return later_ends and (one.until is None or other.first < one.until)


def _share_ground(one: Scope, other: Scope) -> bool:
    if bool(one.region) != bool(other.region):
        return True
    return not {*one.region, *one.facility}.isdisjoint({*other.region, *other.facility})
