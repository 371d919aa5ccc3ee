"""`policy check`: everything that is wrong with a set of documents, in a terminal."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from time import monotonic
from typing import Any

import typer
from rich.console import Console

from backhaul.cli.policy_books import texts
from backhaul.domain.canonical import plain
from backhaul.domain.errors import PolicyError
from policies.book import PolicyBook

_FOUND = 1


def check(console: Console, documents: Path | None, *, as_json: bool) -> None:
    """Tell what is wrong. Ends the command with status 1 when anything is that nobody accepted.

    Documents that do not load because of a claim without corroboration or a cell without a grant are examined
    all the same, so that their author sees a case of it.
    """
    from policies.proofs import book_to_prove, keep_from_loading, mutation_score, too_weak, unlisted
    from policies.proofs import check as examine

    began = monotonic()
    try:
        read = texts(documents)
        book = book_to_prove(read)
        with Console(stderr=True).status(_counted(book)):
            score = mutation_score(book)
            everything = (*examine(book), *too_weak(score))
        if not keep_from_loading(everything):
            PolicyBook.load(read)
    except PolicyError as wrong:
        _cannot_load(console, wrong, as_json=as_json)
        raise typer.Exit(_FOUND) from wrong
    left = unlisted(everything, book.bundle.accepted)
    accepted = len(everything) - sum(1 for one in everything if one in left)
    told = {
        "bundle": book.bundle_hash,
        "documents": len(read),
        "findings": [_finding(one) for one in left],
        "accepted": accepted,
        "mutants": {
            "noticed": score.noticed,
            "unnoticed": score.unnoticed,
            "in_words": score.words,
        },
        "milliseconds": round((monotonic() - began) * 1_000),
    }
    if as_json:
        print(json.dumps(plain(told), ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
    else:
        _tell(console, book, told)
    if left:
        raise typer.Exit(_FOUND)


def _cannot_load(console: Console, wrong: PolicyError, *, as_json: bool) -> None:
    if as_json:
        place = {"file": wrong.file, "line": wrong.line, "clause": wrong.clause}
        told = {"error": str(wrong), **place}
        print(json.dumps(told, ensure_ascii=False, indent=2))  # noqa: T201 - the answer itself
        return
    console.print("[bold red]These documents cannot be loaded.[/] The first thing that is wrong:")
    console.print(f"  {wrong}", markup=False, soft_wrap=True)


def _counted(book: PolicyBook) -> str:
    rules = sum(len(edition.rules) for line in book.bundle.policies.values() for edition in line)
    tables = sum(len(edition.grids) for line in book.bundle.policies.values() for edition in line)
    rules += sum(len(overlay.rules) for overlay in book.bundle.overlays)
    return f"proving {rules} rules and {tables} tables ..."


def _finding(one: Any) -> dict[str, object]:
    from policies.proofs import in_words, keep_from_loading

    return {
        "keeps_from_loading": keep_from_loading([one]),
        "kind": one.kind.value,
        "document": one.document,
        "rule_or_table": one.rule_or_table,
        "clause": one.clause,
        "words": one.words,
        "example": dict(one.example) if one.example is not None else None,
        "example_in_words": in_words(one.example) if one.example else "",
        "otherwise": dict(one.otherwise) if one.otherwise is not None else None,
        "otherwise_in_words": in_words(one.otherwise) if one.otherwise else "",
    }


def _tell(console: Console, book: PolicyBook, told: dict[str, Any]) -> None:
    findings = told["findings"]
    console.print(f"{told['documents']} documents, bundle [bold]{book.bundle_hash[:12]}[/]")
    for kind, number in _kinds(findings):
        console.print(f"\n[bold yellow]{kind}[/] ({number})")
        for one in findings:
            if one["kind"] == kind:
                _tell_one(console, one)
    if told["accepted"]:
        console.print(f"\n{told['accepted']} known and accepted, each with a reason in the documents.")
    console.print(f"\nMutants of the rules: {told['mutants']['in_words']}", markup=False)
    for mutant in told["mutants"]["unnoticed"]:
        console.print(f"  unnoticed: {mutant.document} {mutant.rule}, {mutant.words}", markup=False)
    if any(one["keeps_from_loading"] for one in findings):
        console.print("\n[bold red]These documents do not load[/] until that is mended.")
    verdict = f"{len(findings)} to be mended or accepted" if findings else "[green]nothing is wrong[/]"
    console.print(f"{verdict}; {told['milliseconds'] / 1_000:.1f} s")


def _kinds(findings: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    return Counter(str(one["kind"]) for one in findings).most_common()


def _tell_one(console: Console, one: dict[str, Any]) -> None:
    where = ", ".join(part for part in (one["rule_or_table"], one["clause"], one["document"]) if part)
    console.print(f"  {where}: {one['words']}" if where else f"  {one['words']}", markup=False)
    if one["example_in_words"]:
        console.print(f"    smallest case: {one['example_in_words']}", markup=False)
    if one["otherwise_in_words"]:
        console.print(f"    beside: {one['otherwise_in_words']}", markup=False)
