"""Proves what the documents say, tells what an edition changes, and counts what the examples would notice.

Z3 is imported in `solver` alone, and only when a proof is asked for.
"""

from policies.proofs.check import check
from policies.proofs.findings import Finding, FindingKind

__all__ = ["Finding", "FindingKind", "check"]
