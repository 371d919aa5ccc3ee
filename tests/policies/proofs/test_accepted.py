"""The published documents have no finding but those their owners accepted."""

import sys
from time import process_time

import pytest

from policies.book import PolicyBook
from policies.proofs import FindingKind, check, mutation_score, solver, unlisted
from tests.policies.proofs.conftest import Amend

Texts = dict[str, str]


def test_the_published_documents_have_no_finding_nobody_accepted(book: PolicyBook) -> None:
    began = process_time()
    found = check(book)
    took = process_time() - began

    assert unlisted(found, book.bundle.accepted) == ()
    assert took < 10, "the aim is 3 seconds of one processor, whatever else the machine does meanwhile"


def test_without_the_prover_a_check_says_how_to_install_it(
    book: PolicyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    (found,) = check(book)

    assert found.kind is FindingKind.NOT_PROVED
    assert "pip install z3-solver" in found.words


def test_a_question_that_takes_the_prover_too_long_is_told_and_not_taken_for_proved(
    book: PolicyBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved = mutation_score(book).alike
    monkeypatch.setattr(solver, "LIMITS", {"rlimit": 100})  # steps of the prover, alike on every machine
    found = check(book)

    assert {one.kind for one in found} == {FindingKind.NOT_PROVED}
    assert any("Whether there are more conflicts was not proved" in one.words for one in found)
    assert unlisted(found, ()) == found
    assert len(mutation_score(book).alike) < len(proved)


ACCEPTED = """
kind: Accepted
findings:
- finding: toothless
  rule: CANCEL-RECEIVED
  document: controls@2020a
  reason: "It stands by until the dock reports late arrivals"
  owner: operations
"""


def test_an_accepted_finding_is_not_reported_and_changes_no_hash(amend: Amend) -> None:
    bite = "quantity_received == 0 || approvals >= 1"
    texts = amend("controls", (bite, bite.replace("==", ">=")))
    book = PolicyBook.load({**texts, "accepted.yaml": ACCEPTED})

    kinds = {one.kind for one in unlisted(check(book), book.bundle.accepted)}
    assert kinds == {FindingKind.EXAMPLE, FindingKind.SIGNED_OTHER}
    assert book.bundle_hash == PolicyBook.load(texts).bundle_hash


def test_an_accepted_finding_that_is_gone_is_reported(first_texts: Texts) -> None:
    book = PolicyBook.load({**first_texts, "accepted.yaml": ACCEPTED})
    (gone,) = unlisted(check(book), book.bundle.accepted)

    assert (gone.kind, gone.rule_or_table) == (FindingKind.SETTLED, "CANCEL-RECEIVED")
    assert "take the entry out" in gone.words
