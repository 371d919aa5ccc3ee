"""The checked documents, and the rule set in force for given days, region and facility."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from backhaul.domain.codes import Region
from policies.cel import Compiled
from policies.model import AcceptedFinding, Baseline, Basis, Effective, Grant, Overlay, Policy, Scope
from policies.rules import BoundOutput, BoundRule
from policies.source import Document
from policies.syntax import Word
from policies.tables import CellKey, Grid


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a policy, checked and compiled."""

    document: Document
    policy: Policy
    grids: Mapping[str, Grid]
    rules: tuple[BoundRule, ...]
    outputs: tuple[BoundOutput, ...]
    invariants: tuple[Compiled, ...]


@dataclass(frozen=True, slots=True)
class OverlayEdition:
    """One edition of an overlay; `cells` are the table cells it writes, `root` the policy underneath."""

    document: Document
    overlay: Overlay
    root: str
    ancestors: frozenset[str]
    cells: Mapping[str, Mapping[CellKey, Word]]
    grants: Mapping[tuple[str, CellKey], Grant]
    rules: tuple[BoundRule, ...]

    def over(self, grids: Mapping[str, Grid]) -> dict[str, Grid]:
        """The tables after this overlay wrote its cells."""
        changed = dict(grids)
        for table, cells in self.cells.items():
            for key, value in cells.items():
                grant = self.grants.get((table, key))
                written = f"{self.overlay.label} by grant {grant.id}" if grant else self.overlay.label
                changed[table] = changed[table].with_cells({key: value}, written)
        return changed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proposal belongs. No region: the ERP cannot tell it. No facility: none is chosen yet."""

    region: Region | None
    facility: str | None

    def within(self, scope: Scope) -> bool:
        """Whether an overlay of this scope holds here."""
        return self.region in scope.region or self.facility in scope.facility


@dataclass(frozen=True, slots=True)
class Days:
    """The two days that pick editions."""

    order_date: date
    decision_date: date

    def of(self, basis: Basis) -> date:
        """The day that counts for documents of this basis."""
        return self.order_date if basis is Basis.ORDER_DATE else self.decision_date


@dataclass(frozen=True, slots=True)
class Bundle:
    """Every document, checked together. Editions and overlays are in order of time and of depth."""

    policies: Mapping[str, tuple[Edition, ...]]
    overlays: tuple[OverlayEdition, ...]
    baseline: Baseline | None
    accepted: tuple[AcceptedFinding, ...]
    hash: str
    texts: Mapping[str, str]
    """The documents as they were handed over, by file name"""

    def basis(self, overlay: OverlayEdition) -> Basis:
        """An overlay follows the same day as the policy underneath."""
        return self.policies[overlay.root][0].policy.basis

    def spans(self, basis: Basis) -> Iterator[Effective]:
        """When each edition and overlay is in force that follows this day."""
        for line in self.policies.values():
            yield from (of.policy.effective for of in line if of.policy.basis is basis)
        yield from (of.overlay.effective for of in self.overlays if self.basis(of) is basis)

    def editions_in_force(self, days: Days) -> Iterator[tuple[str, Edition | None]]:
        """For each policy the edition its day falls in, or None before its first or after its last."""
        for identifier, editions in self.policies.items():
            day = days.of(editions[0].policy.basis)
            found = (edition for edition in editions if edition.policy.effective.covers(day))
            yield identifier, next(found, None)

    def overlays_in_force(self, days: Days) -> tuple[OverlayEdition, ...]:
        """The overlays effective on their day, wherever they hold; those further down first."""
        return tuple(
            overlay
            for overlay in self.overlays
            if overlay.overlay.effective.covers(days.of(self.basis(overlay)))
        )
