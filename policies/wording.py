"""Complaints as an owner reads them: what is wrong, and what to write instead."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from re import findall
from typing import Any, get_args, get_origin

from pydantic import BaseModel

_FORMS = {
    "^[a-z]": "small letters, digits and underscores, such as window_days",
    "^[A-Z]": "capital letters, digits and hyphens, such as RET-WINDOW",
}
_KINDS = {
    "string": "text",
    "int": "a whole number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "date": "a day such as 2026-03-31",
}

_CLOSE = 0.78
"""How alike two words are when one is a slip of the pen: titel for title is, titanium for platinum is not"""
_BRANCHES = {"int", "bool", "str", "list[str]"}
"""What pydantic adds to a place for each kind that a value may have"""


def one_of(words: Iterable[str]) -> str:
    """A choice in words: `deny, escalate or ask`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def perhaps(word: str, known: Iterable[str]) -> str:
    """What to add after a word nobody knows, when a known one is close; else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=_CLOSE)
    return f" (did you mean {close[0]}?)" if close else ""


def kind_of(value: object) -> str:
    """What a value is, without saying which one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int):
        return "a whole number"
    if isinstance(value, float):
        return "a number with a point"
    if isinstance(value, str):
        return "text"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def misfit(error: Mapping[str, Any], model: type[BaseModel]) -> str:
    """One error of pydantic about a document in the shape of `model`, in words an owner can act on."""
    place = [step for step in error["loc"] if isinstance(step, str) and step not in _BRANCHES]
    field = f"`{place[-1]}`" if place else "the document"
    if isinstance(error["loc"][-1], int):
        field = f"an entry of {field}"
    if error["type"] == "extra_forbidden":
        known = _fields_at(model, error["loc"][:-1])
        return (
            f"{field} does not belong here{perhaps(place[-1], known)}; what can stand here is {one_of(known)}"
        )
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    return f"{field} {_misfit(error)}"


def _misfit(error: Mapping[str, Any]) -> str:
    kind, context, given = str(error["type"]), error.get("ctx", {}), error["input"]
    if kind == "missing":
        return "is missing; write it here"
    if kind in {"literal_error", "enum"}:
        expected = findall("'([^']+)'", context["expected"])
        return f"is {given!r}{perhaps(str(given), expected)}; write {one_of(expected)}"
    if kind == "string_too_short":
        return "is empty; write it out"
    if kind == "too_short":
        return f"lists {context['actual_length']}; it needs at least {context['min_length']}"
    if kind == "string_pattern_mismatch":
        return f"is {given!r}; write it in {_FORMS[context['pattern'][:6]]}"
    if error["loc"][-1] in _BRANCHES:
        return f"is {kind_of(given)}; write text, a whole number, true, false or a list of names"
    shown = repr(given) if isinstance(given, str | int) else kind_of(given)
    return f"is {shown}; write {_KINDS.get(kind.partition('_')[0], 'another kind of value')}"


def _fields_at(model: type[BaseModel], loc: Iterable[str | int]) -> list[str]:
    """The fields of the part of a document where `loc` points."""
    here: type[BaseModel] = model
    steps = iter(loc)
    for step in steps:
        field = next((of for name, of in here.model_fields.items() if step in {name, of.alias}), None)
        if field is None:
            continue
        if get_origin(field.annotation) is dict:
            next(steps, None)  # the name of an entry, such as the one of a table
        here = next(_models_in(field.annotation), here)
    return [of.alias or name for name, of in here.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
