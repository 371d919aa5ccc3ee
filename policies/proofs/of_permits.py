"""What the rules together permit: too much (gaps, loosened cells), or nothing at all (conflicts)."""

from collections.abc import Iterator

from policies.bundle import OverlayEdition
from policies.model import FindingKind, Invariant
from policies.proofs.examination import Examination, only_watches
from policies.proofs.findings import Finding, action_in_words, in_words
from policies.proofs.solver import Term, all_of, any_of, opposite
from policies.proofs.standing import Agenda, Standing, said_by_table
from policies.proofs.terms import Reader
from policies.rules import BoundRule
from policies.syntax import Word
from policies.tables import CellKey, Grid, read_cell


def gaps(exam: Examination) -> Iterator[Finding]:
    """Each invariant that a permitted case violates, with that case."""
    found = set[tuple[str, str, str]]()
    for on in exam.agendas:
        stated = list(_stated(on))
        if not exam.is_possible(on, any_of(term for _, _, term in stated)):
            continue
        for document, invariant, term in stated:
            place = (document, invariant.id, on.action.value)
            if place in found or not exam.is_possible(on, term):
                continue
            found.add(place)
            example = exam.smallest(on, term)
            case = in_words(example) if example else action_in_words(on.action.value)
            words = f"{invariant.id} must never be, yet the rules permit it ({on.standing.labels}): {case}."
            yield Finding(FindingKind.GAP, document, invariant.id, invariant.clause, words, example)


def unusual_baselines(exam: Examination) -> Iterator[Finding]:
    """Each rule that refuses the ordinary case of an action others are permitted: every example and every
    smallest case is told by how it differs from that one.
    """
    refused: dict[tuple[str, str], tuple[BoundRule, list[Agenda]]] = {}
    for on in exam.agendas:
        case = exam.ordinary.case(on.action)
        everywhere = any(twin.standing.facility is None for twin in on.twins)
        if not everywhere or case["region"] not in on.regions:
            continue
        failing = on.answer(case)[1]
        judging = [bound for bound in on.rules if bound.rule.id in failing and not only_watches(bound)]
        if judging and exam.is_possible(on, on.permitted):
            for bound in judging:
                refused.setdefault((bound.document, bound.rule.id), (bound, []))[1].append(on)
    for (document, rule), (bound, agendas) in refused.items():
        actions = dict.fromkeys(action_in_words(on.action.value) for on in agendas)
        words = (
            f"{rule} refuses the ordinary case of {', '.join(actions)}, from which all examples differ: "
            "write into the Baseline what is ordinary and permitted."
        )
        example = {"action": agendas[0].action.value}
        yield Finding(FindingKind.BASELINE, document, rule, bound.rule.clause, words, example)


def _stated(on: Agenda) -> Iterator[tuple[str, Invariant, Term]]:
    """The invariants in force, each with the term of a violation."""
    for edition in on.standing.editions:
        for invariant, never in zip(edition.policy.invariants, edition.invariants, strict=True):
            yield edition.policy.label, invariant, all_of((on.reader.says(never), on.permitted))


def loosened(exam: Examination) -> Iterator[Finding]:
    """Each table of an overlay that permits what was refused underneath and no grant covers.

    The proof does not rest on what the table calls stricter, nor on what the loader checked.
    """
    told, proved = set[tuple[str, str]](), set[object]()
    for on, standing in ((merged, twin.standing) for merged in exam.agendas for twin in merged.twins):
        for overlay, beneath in _layers(standing):
            for name in overlay.cells:
                place, allowed = (overlay.overlay.label, name), _allowed(overlay, beneath[name])
                asked = (on.fingerprint, *place, said_by_table(allowed))
                if place in told or asked in proved or not _reading(on, name):
                    continue
                proved.add(asked)
                found = _looser(exam, on, overlay, allowed, standing.facility)
                if found is not None:
                    told.add(place)
                    yield found


def _layers(standing: Standing) -> Iterator[tuple[OverlayEdition, dict[str, Grid]]]:
    """Each overlay in force with the tables underneath it."""
    grids = {name: grid for edition in standing.editions for name, grid in edition.grids.items()}
    for overlay in standing.overlays:
        yield overlay, grids
        grids = overlay.over(grids)


def _reading(on: Agenda, table: str) -> list[BoundRule]:
    return [bound for bound in on.rules if table in bound.reading.tables]


def _looser(
    exam: Examination, on: Agenda, overlay: OverlayEdition, allowed: Grid, facility: str | None
) -> Finding | None:
    label, table = overlay.overlay.label, allowed.name
    written, reading = allowed.with_cells(overlay.cells[table], label), _reading(on, table)
    with_overlay, without = (Reader(on.reader.facts, {**on.grids, table: of}) for of in (written, allowed))
    permitted = all_of(
        opposite(with_overlay.fails(bound) if table in bound.reading.tables else on.fails[bound.rule.id])
        for bound in on.rules
    )
    refused = any_of(without.fails(bound) for bound in reading)
    if not exam.is_possible(on, permitted, refused):
        return None
    example = exam.smallest(on, permitted, refused)
    case = in_words(example) if example else action_in_words(on.action.value)
    where = f" at {facility}" if facility else ""
    words = (
        f"{label} loosens {table} and no grant covers it: this is permitted with the overlay and refused "
        f"without it{where}: {case}."
    )
    return Finding(FindingKind.LOOSENED, label, table, allowed.table.clause, words, example)


def _allowed(overlay: OverlayEdition, beneath: Grid) -> Grid:
    """The table underneath, with the cells as loose as grants that outlast the overlay allow."""
    return beneath.with_cells(_granted(overlay, beneath), overlay.overlay.label)


def _granted(overlay: OverlayEdition, beneath: Grid) -> dict[CellKey, Word]:
    """The cells as loose as grants that outlast the overlay allow."""
    ends = overlay.overlay.effective.until
    return {
        key: read_cell(overlay.document, ("tables", table), beneath.table, grant.limit)
        for (table, key), grant in overlay.grants.items()
        if table == beneath.name and ends is not None and ends <= grant.until
    }
