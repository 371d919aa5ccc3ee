"""From texts to checked documents. Every error is a PolicyError that names file, line and clause."""

from collections.abc import Mapping
from hashlib import sha256
from itertools import pairwise
from json import dumps

from backhaul.domain.codes import Action
from backhaul.domain.errors import PolicyError
from policies.bundle import Bundle, Days, Edition
from policies.facts import Facts, Kind
from policies.limits import check_count
from policies.model import Accepted, Baseline, Grants, Overlay, Policy
from policies.overlays import bind_overlays
from policies.rules import Ground, bind_output, bind_rule, check_given, language_over, unconditional_reads
from policies.signing import what_decides
from policies.source import Document, parse
from policies.tables import read_grid
from policies.wording import one_of, perhaps

PROPOSED = frozenset({"action", "quantity", "serials_given", "reason", "resolution"})
DECIDE_NOTHING = frozenset({"Baseline", "Accepted"})
"""Documents about the other documents: no decision rests on them, so they are no part of the hash"""
ON_THE_RMA = frozenset({Action.CREATE_LABEL, Action.CANCEL_RMA, Action.VOID_LABEL})
"""Commands that carry an RMA number only; what was proposed beside it never reaches the ERP."""
_KINDS = ("Policy", "Overlay", "Grants", "Baseline", "Accepted")


def load_bundle(texts: Mapping[str, str], *, lenient: bool = False) -> Bundle:
    """Check a set of documents, given as text by file name, alone and together.

    `lenient` lets in what the proofs find as well, a claim without corroboration and a cell loosened without
    a grant, so that they can show a case of it. Nobody decides by such a bundle.

    PolicyError for the first thing wrong: a document outside the form, editions with a gap or an overlap,
    an overlay that runs in a circle or loosens without a grant, a claim without corroboration.
    """
    if not texts:
        raise PolicyError("there are no policy documents here; put at least one *.yaml of kind Policy in")
    check_count(texts)
    documents = [parse(file, texts[file]) for file in sorted(texts)]
    kinds = {document.file: _kind(document) for document in documents}
    read = [document for document in documents if kinds[document.file] == "Policy"]
    if not read:
        raise documents[0].error(
            ("kind",), "none of the documents is of kind Policy; nothing could be decided"
        )
    policies = _in_editions([_edition(document, lenient=lenient) for document in read])
    _check_names_are_shared_out(policies)
    overlays = [(d, d.read_as(Overlay)) for d in documents if kinds[d.file] == "Overlay"]
    grants = [(d, d.read_as(Grants)) for d in documents if kinds[d.file] == "Grants"]
    accepted = [d.read_as(Accepted) for d in documents if kinds[d.file] == "Accepted"]
    baselines = [_baseline(document) for document in documents if kinds[document.file] == "Baseline"]
    if len(baselines) > 1:
        second = [document for document in documents if kinds[document.file] == "Baseline"][1]
        raise second.error(("kind",), "there is another document of kind Baseline; keep one of them")
    bundle = Bundle(
        policies=policies,
        overlays=bind_overlays(policies, overlays, grants, lenient=lenient),
        baseline=baselines[0] if baselines else None,
        accepted=tuple(finding for of in accepted for finding in of.findings),
        hash=_hash([document for document in documents if kinds[document.file] not in DECIDE_NOTHING]),
        texts=dict(texts),
    )
    _check_proposals_are_read(bundle)
    return bundle


def _kind(document: Document) -> str:
    kind = document.data.get("kind")
    if kind not in _KINDS:
        given = f"{kind!r}{perhaps(str(kind), _KINDS)}" if kind else "missing"
        raise document.error(("kind",), f"`kind` is {given}; write {one_of(_KINDS)}")
    return str(kind)


def _edition(document: Document, *, lenient: bool) -> Edition:
    policy = document.read_as(Policy)
    grids = {name: read_grid(document, name, table, policy.label) for name, table in policy.tables.items()}
    ground = Ground(document, policy.label, grids, language_over(grids), lenient)
    rules = tuple(bind_rule(ground, ("rules", at), rule) for at, rule in enumerate(policy.rules))
    outputs = tuple(bind_output(ground, name, output) for name, output in policy.outputs.items())
    invariants = tuple(
        ground.compile(("invariants", at, "never"), of.never, Kind.FLAG)
        for at, of in enumerate(policy.invariants)
    )
    return Edition(document, policy, grids, rules, outputs, invariants)


def _baseline(document: Document) -> Baseline:
    baseline = document.read_as(Baseline)
    check_given(document, ("facts",), baseline.facts)
    for action, otherwise in baseline.actions.items():
        check_given(document, ("actions", action.value), otherwise)
        try:
            Facts.from_record({**baseline.facts, **otherwise, "action": action.value})
        except PolicyError as wrong:
            raise document.error(("actions", action.value), str(wrong)) from wrong
    return baseline


def _in_editions(editions: list[Edition]) -> dict[str, tuple[Edition, ...]]:
    by_id: dict[str, list[Edition]] = {}
    for edition in sorted(editions, key=lambda one: one.policy.effective.first):
        by_id.setdefault(edition.policy.id, []).append(edition)
    for line in by_id.values():
        for earlier, later in pairwise(line):
            _check_they_meet(earlier, later)
    return {name: tuple(line) for name, line in sorted(by_id.items())}


def _check_they_meet(earlier: Edition, later: Edition) -> None:
    ends, begins = earlier.policy.effective.until, later.policy.effective.first
    here, path = later.document, ("effective", "from")
    labels = f"{later.policy.label} follows {earlier.policy.label} ({earlier.document.file})"
    mend = f"write `until: {begins}` there" + (f" or `from: {ends}` here" if ends else "")
    if earlier.policy.basis is not later.policy.basis:
        raise here.error(
            ("basis",), f"{labels}, whose basis is {earlier.policy.basis}; editions share the day that counts"
        )
    if ends is None or ends > begins:
        until = f"until {ends}" if ends else "without end"
        raise here.error(path, f"overlap: {labels}, which is in force {until}; {mend}")
    if ends < begins:
        raise here.error(path, f"gap: {labels}, and nothing is in force from {ends} to {begins}; {mend}")


def _check_names_are_shared_out(policies: Mapping[str, tuple[Edition, ...]]) -> None:
    """A table, output or rule belongs to one policy; otherwise one of two would silently win."""
    owner: dict[str, str] = {}
    for identifier, line in policies.items():
        for edition in line:
            policy, seen = edition.policy, set[str]()
            paths = {name: ("tables", name) for name in policy.tables}
            paths |= {name: ("outputs", name) for name in policy.outputs if name not in paths}
            for name, path in paths.items():
                if owner.setdefault(name, identifier) != identifier:
                    message = f"{name} is already part of {owner[name]}; keep it in one policy"
                    raise edition.document.error(path, message)
            for at, rule in enumerate(policy.rules):
                if rule.id in seen or owner.setdefault(rule.id, identifier) != identifier:
                    message = f"there is another rule {rule.id}; give each an id of its own"
                    raise edition.document.error(("rules", at, "id"), message)
                seen.add(rule.id)


def _check_proposals_are_read(bundle: Bundle) -> None:
    """Whatever a proposal says is read by a rule on every proposal, or it never reaches a command."""
    for start in {line.policy.effective.first for editions in bundle.policies.values() for line in editions}:
        in_force = [edition for _, edition in bundle.editions_in_force(Days(start, start)) if edition]
        rules = [rule for edition in in_force for rule in edition.rules]
        for action in {action for bound in rules for action in bound.rule.actions} - ON_THE_RMA:
            unread = PROPOSED - {"action"} - unconditional_reads(rules, action)
            if unread:
                raise in_force[0].document.error(
                    ("rules",),
                    f"{action} carries {', '.join(sorted(unread))}, which no unconditional rule reads; "
                    "let a rule without `when` read it",
                )


def _hash(documents: list[Document]) -> str:
    """SHA-256 over what decides; comments, order of files, examples and signatures do not count."""
    said = sorted(dumps(what_decides(document.data), sort_keys=True) for document in documents)
    return sha256("\n".join(said).encode()).hexdigest()
