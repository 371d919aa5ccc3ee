"""Names that stand for something else, and changes that their owner has not signed."""

from collections.abc import Iterator
from itertools import pairwise

from policies.amendments import amendments, former_overlay, grids_under, overlay_amendments
from policies.book import PolicyBook
from policies.bundle import Bundle
from policies.model import FindingKind, Owner, Signature
from policies.proofs.findings import Finding
from policies.signing import digest_to_sign
from policies.source import Document


def not_bound(book: PolicyBook) -> Iterator[Finding]:
    """Each name that does not fit its document, and each owner who has to sign a change and has not."""
    for label, document, names, owners in _signed(book.bundle):
        digest = digest_to_sign(document)
        for one in names:
            if one.digest != digest:
                yield _something_else(label, document, one)
        for owner in sorted(owners - {one.owner for one in names}):
            words = f"{owner} has not signed what it changes; {_how(document, owner)}."
            yield Finding(FindingKind.NOT_SIGNED, label, "", "", words)


def _something_else(label: str, document: Document, name: Signature) -> Finding:
    told = (
        "its text was changed since"
        if name.digest
        else "the signature has no digest, so nobody can tell what was signed"
    )
    words = (
        f"{name.by} signed something else for {name.owner} on {name.day}: {told}; "
        f"{_how(document, name.owner)}."
    )
    return Finding(FindingKind.SIGNED_OTHER, label, "", "", words)


def _how(document: Document, owner: Owner) -> str:
    return f"to sign it, `backhaul policy sign {document.file} --owner {owner} --by NAME`"


def _signed(bundle: Bundle) -> Iterator[tuple[str, Document, tuple[Signature, ...], set[Owner]]]:
    """Every document that is signed, with the owners of what it changes."""
    for line in bundle.policies.values():
        changed = {after.policy.label: amendments(before, after) for before, after in pairwise(line)}
        for edition in line:
            policy = edition.policy
            owners = {one.owner for one in changed.get(policy.label, ())}
            yield policy.label, edition.document, policy.signed, owners
    for of in bundle.overlays:
        found = overlay_amendments(former_overlay(bundle, of), of, grids_under(bundle, of))
        yield of.overlay.label, of.document, of.overlay.signed, {one.owner for one in found}
