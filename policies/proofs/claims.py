"""Rules that rest on what somebody merely said. The loader refuses them; here they are shown with a pair of
cases that differ in the claim alone and get different answers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from re import findall

import yaml

from policies.book import PolicyBook
from policies.facts import FACTS, Facts, Kind, Source
from policies.proofs.examination import Examination, told
from policies.proofs.findings import Example, Finding, FindingKind, in_words
from policies.proofs.solver import all_of, any_of, opposite
from policies.proofs.standing import Agenda, Case, permits
from policies.proofs.terms import Reader, symbols
from policies.rules import TABLE_PREFIX, BoundRule, show
from policies.source import Plain, parse

_MOST_OTHER_NUMBERS = 40
_NOTHING = "(nothing corroborates it)"


def book_without_corroboration(texts: Mapping[str, str]) -> PolicyBook:
    """The documents as if every claim were corroborated, so that `check` can show what it means that one is not.

    Raises:
        PolicyError: The documents do not load for another reason.
    """
    readable: dict[str, str] = {}
    for file, text in texts.items():
        data = parse(file, text).data
        changed = _with_every_claim(data, texts)
        readable[file] = yaml.safe_dump(data, sort_keys=False) if changed else text
    book = PolicyBook.load(readable)
    for line in book.bundle.policies.values():
        for edition in line:
            _forget(edition.rules)
    return book


def claims_without(book: PolicyBook) -> Iterator[tuple[BoundRule, str]]:
    """Each rule and claimed fact for which nothing says what corroborates it."""
    editions = (of.rules for line in book.bundle.policies.values() for of in line)
    overlays = (of.rules for of in book.bundle.overlays)
    for bound in chain.from_iterable((*editions, *overlays)):
        for name in bound.reading.facts:
            if FACTS[name].source is Source.CLAIM and name not in bound.rule.claims:
                yield bound, name


def uncorroborated(exam: Examination) -> Iterator[Finding]:
    """Each such rule, with two cases that differ only in what was said."""
    for bound, name in claims_without(exam.book):
        yield uncorroborated_rule(bound, name, _pair(exam, bound, name))
