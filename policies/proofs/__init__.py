"""Proves what the documents say, tells what an edition changes, and counts what the examples would notice.

Z3 is imported in `solver` alone, and only when a proof is asked for.
"""

from policies.model import FindingKind
from policies.proofs.changes import Difference, Direction, difference
from policies.proofs.check import book_to_prove, check, check_texts, keep_from_loading
from policies.proofs.findings import Finding, in_words, unlisted
from policies.proofs.mutants import Mutant, MutationScore, mutation_score, too_weak
from policies.proofs.sides import CellChange

__all__ = [
    "CellChange",
    "Difference",
    "Direction",
    "Finding",
    "FindingKind",
    "Mutant",
    "MutationScore",
    "book_to_prove",
    "check",
    "check_texts",
    "difference",
    "in_words",
    "keep_from_loading",
    "mutation_score",
    "too_weak",
    "unlisted",
]
