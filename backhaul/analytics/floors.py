"""The edition that would give segments other floors, for an owner to sign. Nothing here is in force."""

import re
from collections.abc import Mapping
from datetime import date

from backhaul.analytics.autonomy import Report
from backhaul.domain.autonomy import FLOOR_TABLE, Segment, ValueBand
from policies.bundle import Bundle
from policies.drafting import Draft, draft_table
from policies.loader import load_bundle
from policies.tables import CellKey

_RULE = "EARNED-"
_ORDINARY = "hand_tool"
"""The class of goods that the examples of the rules are about, see baseline.yaml"""


def draft_floors(
    bundle: Bundle, changes: Mapping[Segment, int], found: Report, *, first: date, today: date
) -> Draft:
    """The controls from `first` on with these floors, and at their head what they rest on.

    Raises:
        BadInput: Nothing is changed, or the day has begun already.
        PolicyError: What came out does not load.
    """
    draft, texts = None, dict(bundle.texts)
    for band in ValueBand:
        cells: dict[CellKey, str] = {
            (leaf.product_class,): str(floor) for leaf, floor in changes.items() if leaf.band == band
        }
        if cells:
            table = f"{FLOOR_TABLE}{band.value}"
            draft = draft_table(load_bundle(texts), table, cells, first=first, today=today)
            texts = draft.over(texts)
    if draft is None:
        return draft_table(bundle, f"{FLOOR_TABLE}{ValueBand.SMALL.value}", {}, first=first, today=today)
    files = {name: text for name, text in texts.items() if text != bundle.texts.get(name)}
    name = next(file for file, text in files.items() if FLOOR_TABLE in text and file not in bundle.texts)
    text = files.pop(name)
    for leaf, floor in changes.items():
        if leaf.product_class == _ORDINARY:
            text = _with_examples(text, leaf.band, found.floors[leaf], floor)
    made = {name: _head(changes, found) + text, **files}
    load_bundle({**bundle.texts, **made})
    return Draft(draft.label, made, draft.first, draft.day)


def _with_examples(text: str, band: str, before: int, after: int) -> str:
    """The examples of the rule of a band show the new nearest miss."""
    block = re.compile(rf"^- id: {_RULE}{band.upper()}\n(?:(?!^- id: ).*\n)*", re.MULTILINE)

    def moved(found: re.Match[str]) -> str:
        said = found.group()
        for old, new in ((before, after), (before - 1, after - 1)):
            said = said.replace(f"confidence_permille: {old}", f"confidence_permille: <{new}>")
        return re.sub(r"confidence_permille: <(\d+)>", r"confidence_permille: \1", said)

    return block.sub(moved, text)


def _head(changes: Mapping[Segment, int], found: Report) -> str:
    """A comment that says what the numbers rest on; comments decide nothing."""
    plan = found.plan
    lines = [
        f"Drafted by `backhaul autonomy propose` from {found.counted:,} blind readings: of the automatic",
        f"decisions at most {plan.alpha:.1%} are wrong, at {1 - plan.delta:.0%} for all that is proved.",
    ]
    for leaf, floor in changes.items():
        earned = found.standing.opened.get(leaf)
        proved = (
            f"proved by {earned.by.words}" if earned and earned.floor == floor else "contradicted by labels"
        )
        lines.append(f"  {leaf.words}: {found.floors[leaf]} -> {floor}, {proved}")
    return "".join(f"# {line}\n" for line in lines)
