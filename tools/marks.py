"""The two kinds of verbs: those that look something up, and those that ask for something to happen."""

from collections.abc import Callable
from typing import Any, TypeVar

Verb = TypeVar("Verb", bound=Callable[..., Any])

_MARK = "__backhaul_verb__"


def reads(verb: Verb) -> Verb:
    """Mark a verb that changes nothing; only these may be handed to a language model."""
    setattr(verb, _MARK, "reads")
    return verb


def writes(verb: Verb) -> Verb:
    """Mark a verb that stores a request; the worker decides on it, and no model calls it."""
    setattr(verb, _MARK, "writes")
    return verb


def is_read(verb: Callable[..., Any]) -> bool:
    """Whether the verb was marked as one that changes nothing."""
    return getattr(verb, _MARK, None) == "reads"
