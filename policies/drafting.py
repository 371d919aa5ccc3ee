"""Drafts of a new edition: an owner's figures written into the text of an edition, comments and all.

Nothing here is in force. A draft is a set of texts that can be loaded, proved and tried like any other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from string import ascii_lowercase

import yaml

from backhaul.domain.errors import BadInput, PolicyError
from policies.bundle import Bundle, Edition
from policies.model import Overlay, Policy, TableUnit
from policies.source import parse
from policies.tables import CellKey, Grid

_NODE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLACES = r"(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})"
"""Digits, or thousands set apart by commas; a comma anywhere else may mean a decimal point to its writer."""
_WHOLE = re.compile(_PLACES)
_MONEY = re.compile(rf"{_PLACES}(\.\d\d)?")
_SIGNED = re.compile(r"^signed:.*\n(?:[ \-].*\n)*", re.MULTILINE)
_PLAIN_LABEL = re.compile(r"\d{4}[a-z]")


@dataclass(frozen=True, slots=True)
class Draft:
    """Documents that would replace or join those in force."""

    label: str
    files: Mapping[str, str]
    """New and changed texts by file name; the draft itself first"""
    first: date
    """Its own first day"""
    day: date
    """The first day on which it would count: not before today"""

    def over(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The whole set of documents with the draft in it."""
        return {**texts, **self.files}


def edition_of(bundle: Bundle, table: str, day: date) -> Edition:
    """The edition that holds a table on a day. BadInput when there is none."""
    for editions in bundle.policies.values():
        for edition in editions:
            if table in edition.grids and edition.policy.effective.covers(day):
                return edition
    raise BadInput(f"no edition in force on {day} has a table {table}", field="table")


def draft_table(
    bundle: Bundle, table: str, cells: Mapping[CellKey, str], *, first: date, today: date
) -> Draft:
    """A new edition from `first` on that differs from the one then in force in these cells.

    Cells are given as an owner types them: dollars and cents, whole numbers, or a word of the table's list.

    Raises:
        BadInput: A cell cannot be read, nothing is changed, or the day has begun already.
    """
    if first <= today:
        raise BadInput("A new edition begins tomorrow at the earliest: what was agreed stays.", field="first")
    edition = edition_of(bundle, table, first)
    grid = edition.grids[table]
    written = {key: _cell_text(grid, key, typed) for key, typed in cells.items()}
    changed = {key: text for key, text in written.items() if _read(grid, text) != grid.cells[key]}
    if not changed:
        raise BadInput("No cell differs from the edition in force then; change one first.", field="table")
    text = _unsigned(bundle.texts[edition.document.file])
    text = _spliced(text, {("tables", table, "values", *key): said for key, said in changed.items()})
    if first == edition.policy.effective.first:
        return Draft(edition.policy.label, {edition.document.file: text}, first, first)
    label = _next_label(bundle, edition.policy.id, first)
    text = _spliced(
        text,
        {
            ("edition",): label if _PLAIN_LABEL.fullmatch(label) else f'"{label}"',
            ("effective", "from"): first.isoformat(),
        },
    )
    return draft_document(bundle, f"{edition.policy.id}-{label}.yaml", text, today=today)


def draft_document(bundle: Bundle, file: str, text: str, *, today: date) -> Draft:
    """A document as its author wrote it, in place of the file of that name or beside those there are.

    The edition that a new one follows is made to end where it begins, so that they meet. PolicyError for a
    text that is no policy document; what it says is checked when the draft is loaded.
    """
    document = parse(file, text)
    kind = document.data.get("kind")
    if kind == "Policy":
        policy = document.read_as(Policy)
        first = policy.effective.first
        files = {file: text, **_ended(bundle, policy, file)}
        return Draft(policy.label, files, first, max(first, today))
    if kind == "Overlay":
        overlay = document.read_as(Overlay)
        first = overlay.effective.first
        return Draft(overlay.label, {file: text}, first, max(first, today))
    if kind in {"Grants", "Baseline", "Accepted"}:
        return Draft(file, {file: text}, today, today)
    raise document.error(("kind",), "`kind` is Policy, Overlay, Grants, Baseline or Accepted")


def edition_named(bundle: Bundle, label: str) -> Edition:
    """The edition of that label, such as `terms@2020a`. BadInput when there is none."""
    editions = [edition for line in bundle.policies.values() for edition in line]
    for edition in editions:
        if edition.policy.label == label:
            return edition
    raise BadInput(
        f"there is no edition {label}; there are {', '.join(one.policy.label for one in editions)}"
    )


def alone(bundle: Bundle, label: str, *, first: date) -> dict[str, str]:
    """The documents from `first` on without overlays, with this edition as the only one of its policy.

    Two of these differ in nothing but the edition. BadInput when there is no such edition.
    """
    chosen = edition_named(bundle, label)
    texts = dict(bundle.texts)
    for policy, editions in bundle.policies.items():
        for edition in editions:
            here, effective = edition.document.file, edition.policy.effective
            if edition is chosen:
                texts[here] = _spliced(
                    texts[here], {("effective", "from"): first.isoformat(), ("effective", "until"): "null"}
                )
            elif policy == chosen.policy.id or (effective.until is not None and effective.until <= first):
                del texts[here]
            elif effective.covers(first):
                texts[here] = _spliced(texts[here], {("effective", "from"): first.isoformat()})
    kinds = {file: parse(file, text).data.get("kind") for file, text in texts.items()}
    return {file: text for file, text in texts.items() if kinds[file] not in {"Overlay", "Grants"}}


def _ended(bundle: Bundle, new: Policy, file: str) -> dict[str, str]:
    """The edition before a new one, ending where that one begins; nothing when they meet already."""
    first = new.effective.first
    for edition in bundle.policies.get(new.id, ()):
        effective, here = edition.policy.effective, edition.document.file
        if here == file or not effective.covers(first) or effective.first == first:
            continue
        return {here: _spliced(bundle.texts[here], {("effective", "until"): first.isoformat()})}
    return {}


def _next_label(bundle: Bundle, policy: str, first: date) -> str:
    """The year with the first letter after those in use, so that labels sort as editions follow."""
    taken = {edition.policy.edition for edition in bundle.policies[policy]}
    used = [label[-1] for label in taken if label[:-1] == str(first.year) and label[-1] in ascii_lowercase]
    free = ascii_lowercase[ascii_lowercase.index(max(used)) + 1 :] if used else ascii_lowercase
    return f"{first.year}{free[0]}" if free else first.isoformat()


def _cell_text(grid: Grid, key: CellKey, typed: str) -> str:
    """A cell as the document writes it. BadInput names the cell and what it takes."""
    said, unit = typed.strip(), grid.table.unit
    where = ", ".join(word.replace("_", " ") for word in key) or grid.name
    if key not in grid.cells:
        raise BadInput(f"there is no cell {where}", field=grid.name)
    if unit is TableUnit.CHOICE:
        if said not in grid.table.choices:
            raise BadInput(f"{where}: {said!r} is none of {', '.join(grid.table.choices)}", field=grid.name)
        return said
    if unit is TableUnit.USD:
        if not _MONEY.fullmatch(said):
            form = "dollars and cents such as 500.00 or 1,200.00"
            raise BadInput(f"{where}: write {form}, not {typed!r}", field=grid.name)
        plain = said.replace(",", "")
        return f'"{plain if "." in plain else f"{plain}.00"}"'
    if not _WHOLE.fullmatch(said):
        raise BadInput(f"{where}: write a whole number of {unit}, not {typed!r}", field=grid.name)
    return str(int(said.replace(",", "")))


def _read(grid: Grid, text: str) -> int | str:
    if grid.table.unit is TableUnit.CHOICE:
        return text
    return int(text.strip('"').replace(".", ""))


def _unsigned(text: str) -> str:
    """The text without the names under it: nobody has signed what is written now."""
    return _SIGNED.sub("", text)


def _spliced(text: str, values: Mapping[tuple[str, ...], str]) -> str:
    """The text with other scalars at these paths; everything between them stays as it is written."""
    root: yaml.Node | None = yaml.compose(text, Loader=_NODE_LOADER)
    if root is None:
        raise PolicyError("the document is empty")
    found = sorted(((*_span(root, path), said) for path, said in values.items()), reverse=True)
    for begin, end, said in found:
        text = text[:begin] + said + text[end:]
    return text


def _span(node: yaml.Node, path: tuple[str, ...]) -> tuple[int, int]:
    for step in path:
        inner = {key.value: value for key, value in node.value} if isinstance(node.value, list) else {}
        if step not in inner:
            raise PolicyError(f"the document has no {'.'.join(path)}")
        node = inner[step]
    return node.start_mark.index, node.end_mark.index
