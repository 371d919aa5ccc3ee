"""What a name under a document stands for, and how it is put there.

A signature carries the digest of what decides in the document it was put under. When that is changed, in
place or in a copy, the digest no longer fits and the name stands for something else.
"""

import json
from datetime import date
from typing import Any

import yaml

from backhaul.domain.canonical import digest
from backhaul.domain.errors import BadInput
from policies.model import Overlay, Owner, Policy, Signature
from policies.source import Document, Plain, parse

_NODE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DECIDE_NOTHING = frozenset({"examples", "signed"})


def what_decides(value: Plain) -> Plain:
    """A document, or a part of one, without its examples and signatures."""
    if isinstance(value, dict):
        return {name: what_decides(inner) for name, inner in value.items() if name not in _DECIDE_NOTHING}
    return [what_decides(inner) for inner in value] if isinstance(value, list) else value


def digest_to_sign(document: Document) -> str:
    """SHA-256 over what decides in a document, but for its last day, which the edition that follows sets."""
    said = what_decides(document.data)
    if isinstance(said, dict) and isinstance(said.get("effective"), dict):
        said = {**said, "effective": {**said["effective"], "until": None}}  # type: ignore[dict-item]
    return digest(said)


def signatures(document: Document) -> tuple[Signature, ...]:
    """The names under a document. PolicyError when it is none that is signed, or not in the form."""
    if document.data.get("kind") == "Policy":
        return document.read_as(Policy).signed
    if document.data.get("kind") == "Overlay":
        return document.read_as(Overlay).signed
    raise document.error(("kind",), "only documents of kind Policy and Overlay are signed")


def signed(file: str, text: str, *, owner: Owner, by: str, day: date) -> str:
    """The text with a name under it for an owner, in place of the one that stood for that owner before.

    Everything else stays as it is written, comments and all.

    Raises:
        PolicyError: The text is no policy or overlay, or is written so that no name can be put under it.
        BadInput: There is no name.
    """
    if not by.strip():
        raise BadInput("a signature takes a name; write it with --by", field="by")
    document = parse(file, text)
    before = signatures(document)
    name = Signature(owner=owner, by=by.strip(), day=day, digest=digest_to_sign(document))
    made = _spliced(text, _entry(name), owner)
    after = parse(file, made)
    if signatures(after) != _with(before, name) or digest_to_sign(after) != name.digest:
        raise document.error(("signed",), "write `signed:` as a list of its own lines, one for each name")
    return made


def _with(before: tuple[Signature, ...], name: Signature) -> tuple[Signature, ...]:
    if any(one.owner is name.owner for one in before):
        return tuple(name if one.owner is name.owner else one for one in before)
    return (*before, name)


def _entry(name: Signature) -> str:
    by = json.dumps(name.by, ensure_ascii=False)
    return f'{{owner: {name.owner}, by: {by}, day: {name.day},\n   digest: "{name.digest}"}}'


def _spliced(text: str, entry: str, owner: Owner) -> str:
    """The text with the entry in place of the owner's, after the last one, or below the days it holds."""
    root: Any = yaml.compose(text, Loader=_NODE_LOADER)
    parts = {key.value: value for key, value in root.value}
    names = parts.get("signed")
    if names is None:
        at = _end_of_line(text, _end(parts["effective"]))
        return f"{text[:at]}\nsigned:\n- {entry}{text[at:]}"
    if not names.value:
        at = len(text[: names.start_mark.index].rstrip())
        return f"{text[:at]}\n- {entry}{text[_end(names) :]}"
    for one in names.value:
        if any(key.value == "owner" and value.value == owner.value for key, value in one.value):
            return text[: one.start_mark.index] + entry + text[_end(one) :]
    last = _end(names.value[-1])
    if names.flow_style:
        return f"{text[:last]}, {entry}{text[last:]}"
    last = _end_of_line(text, last)
    return f"{text[:last]}\n{' ' * names.start_mark.column}- {entry}{text[last:]}"


def _end(node: yaml.Node) -> int:
    """Where a value ends. A block ends with its last value, not where the next key begins."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return _end(node.value[-1][1])
    return int(node.end_mark.index)


def _end_of_line(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found
