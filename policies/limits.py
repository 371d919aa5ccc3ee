"""How large a document may be: far more than any policy needs, far less than stops whoever reads it."""

from collections.abc import Collection

import yaml

from backhaul.domain.errors import PolicyError

MOST_DOCUMENTS = 200
MOST_BYTES = 500_000
"""Of one document; the longest that comes with Backhaul has a fifteenth of it"""
MOST_DEPTH = 20
"""Mappings and lists inside one another; a table needs seven. What builds the tree of a text recurses in C,
where thousands of brackets end the process."""
MOST_DIGITS = 18
"""Of a whole number: what 64 bits hold for certain"""
_SHOWN = 40

_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


def check_count(files: Collection[str]) -> None:
    """PolicyError when there are too many documents to be meant."""
    if len(files) > MOST_DOCUMENTS:
        raise PolicyError(
            f"there are {len(files):,} documents here, and at most {MOST_DOCUMENTS} are read; "
            "move away what is no policy"
        )


def check_size(file: str, size: int) -> None:
    """PolicyError when a document of this many bytes is too long to be read."""
    if size > MOST_BYTES:
        raise PolicyError(
            f"the file is longer than {MOST_BYTES:,} bytes; move away what is no policy, or split it",
            file=file,
        )


def check_depth(file: str, text: str, loader: type) -> None:
    """PolicyError, or YAMLError, before a tree is built; the events of a text come without recursion."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > MOST_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            message = f"more than {MOST_DEPTH} mappings and lists stand inside one another; write it flatter"
            raise PolicyError(message, file=file, line=line)


def too_many_digits(text: str) -> str:
    """What is wrong with a whole number of more digits than any figure has; empty when nothing is."""
    digits = len(text.removeprefix("-"))
    if digits <= MOST_DIGITS:
        return ""
    return f"a whole number of {digits:,} digits is beyond any figure of this business; write a smaller one"


def quoted(text: str) -> str:
    """A text as a complaint repeats it, not longer than somebody reads."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
