"""Proves what the documents say, tells what an edition changes, and counts what the examples would notice.

Z3 is imported in `solver` alone, and only when a proof is asked for.
"""

from policies.model import FindingKind
from policies.proofs.check import check
from policies.proofs.findings import Finding, in_words, unlisted

__all__ = ["Finding", "FindingKind", "check", "in_words", "unlisted"]
