"""Who changed what: each edition beside the one before it, in the words of a table or a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from policies.amendments import (
    Amendment,
    Part,
    Said,
    amendments,
    former_overlay,
    grids_under,
    overlay_amendments,
)
from policies.bundle import Bundle, Edition, OverlayEdition
from policies.facts import FACTS
from policies.model import Signature, TableUnit
from policies.signing import digest_to_sign
from policies.tables import Grid
from web.policies_tables import cell_name
from web.policies_words import ON_FAIL, capital, table_value, time_words, words

_FIELDS = {
    "doc": "description",
    "stricter": "stricter side",
    "require": "what it asks that",
    "when": "when it applies",
    "on_fail": "if not met",
    "asks_for": "evidence it asks for",
    "say": "message",
    "claims": "what corroborates its claims",
    "speaks_alone": "speaks alone",
    "shadow": "only watches",
    "never": "what must never be",
    "value": "how it is found",
}
_PARTS = {
    Part.TABLE: "table",
    Part.RULE: "rule",
    Part.FIGURE: "figure for the command",
    Part.INVARIANT: "invariant",
}


@dataclass(frozen=True, slots=True)
class AmendmentShown:
    """One thing an edition says otherwise. `direction` is looser, tighter or empty."""

    what: str
    before: str
    after: str
    owner: str
    clause: str
    direction: str


@dataclass(frozen=True, slots=True)
class EditionChange:
    """An edition and what it changed."""

    label: str
    since: str
    """The label of the one before it; empty for the first edition of an overlay"""
    time: str
    amendments: tuple[AmendmentShown, ...]
    names: tuple[Signature, ...]
    digest: str
    """Of what decides in the document; a name stands under it when it was put under the same"""

    @property
    def signed(self) -> tuple[Signature, ...]:
        """The names under what the document says now."""
        return tuple(one for one in self.names if one.digest == self.digest)

    @property
    def signed_other(self) -> tuple[Signature, ...]:
        """The names that were put under something else."""
        return tuple(one for one in self.names if one.digest != self.digest)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose figures and rules it changed."""
        return tuple(sorted({one.owner for one in self.amendments}))

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Owners whose figures and rules it changed and who have not put their name under it."""
        signed = {one.owner for one in self.signed}
        return tuple(owner for owner in self.owners if owner not in signed)

    @property
    def by(self) -> str:
        """The owners as a sentence names them: `compliance, finance and operations`."""
        *most, last = self.owners or ("",)
        return f"{', '.join(most)} and {last}" if most else last


def edition_changes(bundle: Bundle) -> tuple[EditionChange, ...]:
    """Every edition that follows another, and every overlay, the youngest first."""
    dated = [
        (after.policy.effective.first, edition_change(before, after))
        for line in bundle.policies.values()
        for before, after in pairwise(line)
    ]
    dated += [(one.overlay.effective.first, _overlay_change(bundle, one)) for one in bundle.overlays]
    return tuple(change for _, change in sorted(dated, key=lambda one: one[0], reverse=True))


def edition_change(before: Edition, after: Edition) -> EditionChange:
    """What an edition says otherwise than the one before it."""
    grids = {**before.grids, **after.grids}
    return EditionChange(
        after.policy.label,
        before.policy.label,
        time_words(after.policy.effective, after.policy.basis),
        tuple(_shown(one, grids) for one in amendments(before, after)),
        after.policy.signed,
        digest_to_sign(after.document),
    )


def bundle_changes(before: Bundle, after: Bundle) -> tuple[EditionChange, ...]:
    """What other documents say otherwise, edition by edition; those that say the same are left out."""
    labels = (
        *(edition.policy.label for line in after.policies.values() for edition in line),
        *(one.overlay.label for one in after.overlays),
    )
    found = (change_of(before, after, label) for label in labels)
    return tuple(one for one in found if one is not None and (one.amendments or not one.since))


def labels_gone(before: Bundle, after: Bundle) -> tuple[str, ...]:
    """Editions and overlays of the documents before that are not in those after, and not followed there."""
    old, new = ({**_editions(bundle), **_overlays(bundle)} for bundle in (before, after))
    succeeded = {change.since for change in bundle_changes(before, after)}
    return tuple(label for label in old if label not in new and label not in succeeded)


def change_of(before: Bundle, after: Bundle, label: str) -> EditionChange | None:
    """What an edition or overlay of `after` says otherwise than the same one in `before`, or else than the
    one it follows. None when `after` has no such document, or nothing to hold it against.
    """
    if label in _overlays(after):
        overlay = _overlays(after)[label]
        return _overlay_change(after, overlay, _overlays(before).get(label))
    edition = _editions(after).get(label)
    if edition is None:
        return None
    same = _editions(before).get(label)
    if same is not None:
        return edition_change(same, edition)
    first = edition.policy.effective.first
    policy = edition.policy.id
    former = [one for one in after.policies[policy] if one.policy.effective.first < first]
    former = former or list(before.policies.get(policy, ()))
    return edition_change(former[-1], edition) if former else None


def _editions(bundle: Bundle) -> dict[str, Edition]:
    return {edition.policy.label: edition for line in bundle.policies.values() for edition in line}


def _overlays(bundle: Bundle) -> dict[str, OverlayEdition]:
    return {one.overlay.label: one for one in bundle.overlays}


def _overlay_change(
    bundle: Bundle, overlay: OverlayEdition, same: OverlayEdition | None = None
) -> EditionChange:
    before = same or former_overlay(bundle, overlay)
    grids = grids_under(bundle, overlay)
    return EditionChange(
        overlay.overlay.label,
        before.overlay.label if before else "",
        time_words(overlay.overlay.effective),
        tuple(_shown(one, grids) for one in overlay_amendments(before, overlay, grids)),
        overlay.overlay.signed,
        digest_to_sign(overlay.document),
    )


def _shown(one: Amendment, grids: Mapping[str, Grid]) -> AmendmentShown:
    return AmendmentShown(
        _what(one),
        _value(one, one.before, grids),
        _value(one, one.after, grids),
        one.owner,
        one.clause,
        one.direction,
    )


def _what(one: Amendment) -> str:
    if one.key is not None:
        said = cell_name(one.name, one.key)
        return capital(said)
    name = one.name if one.part in {Part.RULE, Part.INVARIANT} else words(one.name)
    if one.is_new:
        return f"New {_PARTS[one.part]} {name}"
    if one.is_gone:
        return f"{_PARTS[one.part].capitalize()} {name} is gone"
    return f"{_PARTS[one.part].capitalize()} {name}, {_FIELDS.get(one.field, words(one.field))}"


def _value(one: Amendment, value: Said, grids: Mapping[str, Grid]) -> str:
    if one.key is not None and not isinstance(value, tuple):
        unit: TableUnit = grids[one.name].table.unit
        return table_value(one.name, unit, value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(words(part) if part in FACTS or ":" not in part else part for part in value)
    return ON_FAIL[value] if one.field == "on_fail" and value in ON_FAIL else str(value)  # type: ignore[index]
