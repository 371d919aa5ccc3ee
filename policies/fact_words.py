"""Why a value cannot be a fact, in words: the fact by name, and what is accepted. No value is repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policies.wording import kind_of, one_of, perhaps

if TYPE_CHECKING:
    from pydantic import ValidationError

    from policies.facts import FactInfo

_UNITS = {"usd_minor": "cents of US dollars"}


def accepted(info: FactInfo) -> str:
    """What a fact may be: `true or false`, `one of ...`, `a whole number of days from 0 to 3,650`."""
    if info.choices:
        return f"one of {one_of(info.choices)}"
    if info.unit == "flag":
        return "true or false"
    unit = _UNITS.get(info.unit, info.unit)
    return f"a whole number of {unit} from {info.low:,} to {info.high:,}"


def refusal(info: FactInfo, value: object) -> str:
    """Why a value written for a fact cannot stand; empty when it can."""
    if info.choices:
        is_one = isinstance(value, str)
        stands, otherwise = value in info.choices if is_one else False, "none of its list"
    elif info.unit == "flag":
        is_one = stands = isinstance(value, bool)
        otherwise = ""
    else:
        is_one = isinstance(value, int) and not isinstance(value, bool)
        stands = isinstance(value, int) and is_one and info.low <= value <= info.high
        otherwise = "out of its range"
    if stands:
        return ""
    return f"{info.name} is {otherwise if is_one else kind_of(value)}; it must be {accepted(info)}"


def stray(name: str, infos: Mapping[str, FactInfo]) -> str:
    """Why nobody can give a value under this name."""
    if name in infos:
        return f"{name} is worked out from {' and '.join(infos[name].reads)}; leave it out"
    return f"{name} is no fact a policy knows{perhaps(name, infos)}; leave it out"


def refused_facts(wrong: ValidationError, infos: Mapping[str, FactInfo], unknowable: frozenset[str]) -> str:
    """Every fact that was refused, and why."""
    return "; ".join(_refused(error, infos, unknowable) for error in wrong.errors())


def _refused(error: Mapping[str, Any], infos: Mapping[str, FactInfo], unknowable: frozenset[str]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return stray(name, infos)
    if error["type"] == "missing":
        way_out = ", or be listed under `unknown` if the ERP cannot tell" if name in unknowable else ""
        return f"{name} is missing; it must be {accepted(infos[name])}{way_out}"
    if name in infos:
        return refusal(infos[name], error["input"]) or f"{name}: {error['msg']}"
    return str(error["msg"]).removeprefix("Value error, ")
