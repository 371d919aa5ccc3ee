"""The examination of a whole book: everything that is wrong with documents that load."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from policies.book import PolicyBook
from policies.examples import run_examples
from policies.facts import FACTS
from policies.loader import load_bundle
from policies.model import FindingKind
from policies.proofs.conflicts import conflicts
from policies.proofs.directions import wrong_directions
from policies.proofs.examination import Examination
from policies.proofs.findings import Finding, in_words
from policies.proofs.of_claims import uncorroborated
from policies.proofs.of_outputs import misled_outputs, unshown_directions
from policies.proofs.of_permits import gaps, loosened, unusual_baselines
from policies.proofs.of_rules import idle_rules
from policies.proofs.of_signatures import not_bound
from policies.proofs.solver import HOW_TO_INSTALL, ONE_AT_A_TIME, GaveUp, is_installed
from policies.syntax import Word

PROOFS: Mapping[str, Callable[[Examination], Iterator[Finding]]] = {
    "gaps": gaps,
    "conflicts": conflicts,
    "cells loosened without a grant": loosened,
    "tables with a wrong direction": wrong_directions,
    "figures that contradict a direction": misled_outputs,
    "directions that nothing shows": unshown_directions,
    "idle rules": idle_rules,
    "claims without corroboration": uncorroborated,
    "ordinary cases that are refused": unusual_baselines,
}


def check(book: PolicyBook) -> tuple[Finding, ...]:
    """Everything that is wrong, for every set of editions and overlays that can be in force together.

    Without the prover the examples are run and the signatures looked at all the same, and one finding says
    how to install it.
    """
    found = [*_examples(book), *not_bound(book)]
    if not is_installed():
        return (*found, Finding(FindingKind.NOT_PROVED, "", "", "", HOW_TO_INSTALL))
    with ONE_AT_A_TIME:
        exam = Examination.of(book)
        for about, proof in PROOFS.items():
            found += _within_limits(about, proof(exam))
    return tuple(found)


def _within_limits(about: str, proof: Iterator[Finding]) -> Iterator[Finding]:
    """What a proof finds, and that it is not at its end where one question took the prover too long."""
    try:
        yield from proof
    except GaveUp:
        words = (
            f"Whether there are more {about} was not proved: one question took the prover too long. Write "
            "the longest conditions as tables, or as rules of their own."
        )
        yield Finding(FindingKind.NOT_PROVED, "", "", "", words)


def check_texts(texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """The same for documents as text, with the two faults for which a book does not load at all: a claim
    without corroboration, and an overlay that loosens without a grant.

    Raises:
        PolicyError: The documents do not load for another reason.
    """
    found = check(book_to_prove(texts))
    if not keep_from_loading(found):
        load_bundle(texts)
    return found


def book_to_prove(texts: Mapping[str, str]) -> PolicyBook:
    """The documents with the faults let in of which `check` shows a case. To prove things by, not to decide.

    Raises:
        PolicyError: The documents do not load for another reason.
    """
    return PolicyBook(load_bundle(texts, lenient=True))


def keep_from_loading(findings: Iterable[Finding]) -> bool:
    """Whether documents with these findings are refused by the loader."""
    return any(one.kind in {FindingKind.CLAIM, FindingKind.LOOSENED} for one in findings)


def _examples(book: PolicyBook) -> Iterator[Finding]:
    for run in run_examples(book):
        if not run.holds:
            does = run.found or "nothing, as it is not asked,"
            words = (
                f"{run.rule.id} answers {does} to its example ({_given(run.example.given)}), "
                f"which expects {run.example.expect}."
            )
            yield Finding(FindingKind.EXAMPLE, run.document, run.rule.id, run.rule.clause, words)


def _given(given: Mapping[str, Word | list[str]]) -> str:
    """What an example says otherwise than an ordinary case."""
    told = in_words({name: value for name, value in given.items() if not isinstance(value, list)})
    missing = given.get("unknown")
    unknown = ", ".join(FACTS[name].words for name in missing) if isinstance(missing, list) else ""
    return "; ".join(part for part in (told, f"unknown: {unknown}" if unknown else "") if part) or "ordinary"
