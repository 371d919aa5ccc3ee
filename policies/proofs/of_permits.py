"""What the rules together permit: too much (gaps, loosened cells), or nothing at all (conflicts)."""

from collections.abc import Iterator
from itertools import product

from policies.bundle import OverlayEdition
from policies.facts import FACTS
from policies.model import FindingKind, Invariant
from policies.proofs.examination import Examination, only_watches
from policies.proofs.findings import Finding, action_in_words, in_words
from policies.proofs.solver import Term, all_of, any_of, opposite
from policies.proofs.standing import Agenda, Case, Standing, said_by_table
from policies.proofs.terms import Reader
from policies.rules import BoundRule, show
from policies.syntax import Node, Word, constants
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


def _stated(on: Agenda) -> Iterator[tuple[str, Invariant, Term]]:
    """The invariants in force, each with the term of a violation."""
    for edition in on.standing.editions:
        for invariant, never in zip(edition.policy.invariants, edition.invariants, strict=True):
            yield edition.policy.label, invariant, all_of((on.reader.says(never), on.permitted))


def conflicts(exam: Examination) -> Iterator[Finding]:
    """Each action that is never permitted, or never for a product class, or for a class with a reason that no
    rule alone excludes.
    """
    told = set[tuple[str, ...]]()
    for on in exam.agendas:
        for pair in _never_permitted(exam, on):
            found = _conflict(exam, on, pair)
            place = (found.document, found.rule_or_table, on.action.value, *pair)
            if place not in told:
                told.add(place)
                yield found


def _never_permitted(exam: Examination, on: Agenda) -> Iterator[tuple[str, ...]]:
    """Classes, then classes with a reason, for which there is no permit; alike ones are tried once."""
    permits = [case for case, failing in exam.seen(on) if not failing]
    if not _is_possible(exam, on, permits):
        yield ()
        return
    reasons = [group for group in _alike(on, "reason") if not _excluded(exam, on, permits, reason=group[0])]
    for classes in _alike(on, "product_class"):
        if not _is_possible(exam, on, permits, product_class=classes[0]):
            yield from ((word,) for word in classes)
            continue
        for those in reasons:
            here = {"product_class": classes[0], "reason": those[0]}
            if not _is_possible(exam, on, permits, **here) and not _excluded(exam, on, permits, **here):
                yield from product(classes, those)


def _excluded(exam: Examination, on: Agenda, permits: list[Case], **words: str) -> bool:
    """Whether one rule alone says no to all such cases: that is policy and no conflict."""
    if _is_possible(exam, on, permits, **words):
        return False
    refusing = {bound.rule.id for bound in on.rules if not only_watches(bound)}
    for case, _ in exam.seen(on):
        refusing.intersection_update(on.answer({**case, **words})[1])
    here = all_of(_is(on, name, word) for name, word in words.items())
    return any(exam.prover.answer(on.here, here, opposite(on.fails[rule])) is None for rule in refusing)


def _is_possible(exam: Examination, on: Agenda, permits: list[Case], **words: str) -> bool:
    for case in permits:
        if not on.answer({**case, **words})[1]:
            return True
    judged = all_of(opposite(on.fails[bound.rule.id]) for bound in on.rules if not only_watches(bound))
    here = all_of(_is(on, name, word) for name, word in words.items())
    found = exam.is_possible(on, here, judged)
    if found:
        permits.extend(case for case, failing in exam.seen(on)[-1:] if not failing)
    return found


def _alike(on: Agenda, name: str) -> list[list[str]]:
    """The words of a choice in groups that no rule and no table of the agenda tells apart."""
    trees: list[Node] = [
        of.tree for bound in on.rules for of in (bound.when, bound.require) if of is not None
    ]
    named = {value for tree in trees for value in constants(tree)}
    tables = dict.fromkeys(table for bound in on.rules for table in bound.reading.tables)
    groups: dict[object, list[str]] = {}
    for word in FACTS[name].choices:
        columns = tuple(_column(on.grids[table], name, word) for table in tables)
        groups.setdefault((word if word in named else "", columns), []).append(str(word))
    return list(groups.values())


def _column(grid: Grid, name: str, word: str) -> tuple[Word, ...]:
    if name not in grid.table.keys:
        return ()
    at = grid.table.keys.index(name)
    return tuple(value for key, value in grid.cells.items() if key[at] == word)


def _conflict(exam: Examination, on: Agenda, pair: tuple[str, ...]) -> Finding:
    words = dict(zip(("product_class", "reason"), pair, strict=False))
    here = all_of(_is(on, name, word) for name, word in words.items())
    with exam.prover.given(*(term for term in (here, on.here) if term is not True)):
        passes = {bound.rule.id: opposite(on.fails[bound.rule.id]) for bound in on.rules}
        clash = exam.prover.clash(passes)
    rules = [bound for bound in on.rules if bound.rule.id in clash] or list(on.rules[:1])
    example = exam.smallest(on, here)
    case = " and ".join(show(name, word) for name, word in words.items())
    act = action_in_words(on.action.value)
    said = (
        f"{f'{act} of {case}' if case else act} can never be permitted ({on.standing.labels}): "
        f"{' and '.join(bound.rule.id for bound in rules)} leave no case; e.g. {in_words(example or words)}."
    )
    first = rules[0]
    return Finding(FindingKind.CONFLICT, first.document, first.rule.id, first.rule.clause, said, example)


def _is(on: Agenda, name: str, word: str) -> Term:
    options = on.reader.facts[name]
    return options.get(word, False) if isinstance(options, dict) else False


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
