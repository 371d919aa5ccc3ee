"""Facts of one proposal from a file, for `policy decide`."""

import json
import sys
from pathlib import Path
from typing import Any

from backhaul.domain.errors import BadInput
from policies.limits import MOST_BYTES, quoted, too_many_digits

_STDIN = "-"


def read_facts(file: str) -> dict[str, Any]:
    """The JSON object in a file; `-` reads stdin. Whether these are facts is for the policy to say.

    Raises:
        BadInput: It cannot be read, is no JSON object, or holds what no facts need.
    """
    found = _parsed(file, _text(file))
    if not isinstance(found, dict):
        raise BadInput(f"{file} must hold one JSON object of facts, as `policy decide --example` prints it")
    for name, value in found.items():
        if isinstance(value, dict) or (isinstance(value, list) and any(map(_holds_more, value))):
            raise BadInput(f"{file}: {quoted(name)} holds lists or mappings inside; a fact is one value")
    return found


def _text(file: str) -> str:
    try:
        if file == _STDIN:
            text = sys.stdin.read(MOST_BYTES + 1)
        else:
            with Path(file).open(encoding="utf-8") as opened:
                text = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file} is no JSON: {error}") from error
    if len(text) > MOST_BYTES:
        raise BadInput(f"{file} is longer than {MOST_BYTES:,} bytes; the facts of one proposal are short")
    return text


def _parsed(file: str, text: str) -> object:
    def whole(digits: str) -> int:
        if wrong := too_many_digits(digits):
            raise BadInput(f"{file}: {wrong}")
        return int(digits)

    def constant(name: str) -> object:
        raise BadInput(f"{file}: {name} is no JSON; write a whole number")

    def once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise BadInput(f"{file}: {quoted(twice)} stands twice; the second would silently win: keep one")
        return found

    try:
        return json.loads(text, parse_int=whole, parse_constant=constant, object_pairs_hook=once_each)
    except json.JSONDecodeError as error:
        raise BadInput(f"{file} is no JSON: {error}") from error
    except RecursionError as error:
        raise BadInput(f"{file}: lists and mappings stand too deep inside one another") from error


def _holds_more(value: object) -> bool:
    return isinstance(value, list | dict)
