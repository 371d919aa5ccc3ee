"""Training heads by terminal, promoting them, and what stands on record."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from backhaul.bootstrap import stores
from backhaul.bootstrap.teaching import HeadsInUse, heads_file, taught
from backhaul.cli.acting import member_named, open_ready_store, password_for
from backhaul.domain.errors import BackhaulError, BadInput
from backhaul.domain.release import SHORT
from backhaul.settings import Settings
from backhaul.store import corrections, reader_heads, staff
from backhaul.store.house_tables import StaffRow
from backhaul.store.reader_tables import PromotionRow
from backhaul.store.unit_of_work import Store, UnitOfWork

if TYPE_CHECKING:
    from agent.understanding.classifier import Heads
    from agent.understanding.exemplar import Exemplar
    from agent.understanding.training import Evidence

_HEADS = {"reason": "why goods come back", "in_scope": "about returns or not", "act": "what it does"}


def train(console: Console, email: str, *, again: str, password_stdin: bool) -> None:
    """Train a candidate and say how well it reads what it had not seen, beside the shipped heads.

    `again` names heads whose file is to be made anew, from what they learnt then.

    Raises:
        BadInput: No correction is confirmed, or one was erased meanwhile.
        NotAllowed: This person may not.
    """
    settings = Settings()
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store:
        with store.read() as uow:
            who = member_named(uow, email, password)
            reader_heads.check_may(uow, who.id)
            rows = (
                corrections.named(uow, reader_heads.named(uow, again).corrections)
                if again
                else corrections.in_state(uow, corrections.CONFIRMED)
            )
        exemplars = taught(rows)
        if not rows:
            raise BadInput(
                "there is no confirmed correction to learn from; see `backhaul reader corrections`"
            )
        heads, figures = _trained(settings, exemplars)
        sha256 = hashlib.sha256(heads.file.read_bytes()).hexdigest()
        learnt = [row.id for row in rows]
        try:
            with store.begin() as uow:
                reader_heads.keep(
                    uow, name=heads.name, sha256=sha256, learnt=learnt, figures=figures, by=who.id
                )
        except BackhaulError:
            # The file holds what the words became: it does not outlive words that were erased meanwhile.
            if not again:
                heads.file.unlink(missing_ok=True)
            raise
    console.print(_figures_of(figures))
    console.print(
        f"trained {heads.name} on {len(exemplars)} exemplars, {figures['learnt']} of them corrections "
        f"({_counted(figures['by_reason'])})\nnext: backhaul reader compare {heads.name[:SHORT]}",
        markup=False,
    )


def _trained(settings: Settings, exemplars: "tuple[Exemplar, ...]") -> "tuple[Heads, dict[str, Any]]":
    from agent.understanding.classifier import HEADS, Heads
    from agent.understanding.encoder import Encoder
    from agent.understanding.exemplar import load_exemplars

    encoder, cache, shipped = Encoder(), stores.cache_folder(settings), load_exemplars()
    before = Heads(cache, encoder)
    after = Heads(cache, encoder, exemplars=exemplars)
    with _progress() as progress:
        bar = progress.add_task("the shipped heads, for comparison")
        told = {"before": _read(before.evidence())}
        told["after"] = _read(
            after.train_anew(
                lambda at: progress.update(bar, description=f"the candidate: {_HEADS.get(at, at)}")
            )
        )
    learnt = exemplars[len(shipped) :]
    reasons = Counter(str(item.reason) for item in learnt)
    heads = {head: {side: told[side][head] for side in told} for head in HEADS}
    return after, {"learnt": len(learnt), "by_reason": dict(sorted(reasons.items())), "heads": heads}


def _read(evidence: "Mapping[str, Evidence]") -> dict[str, dict[str, float]]:
    from evals.reader_compared import expected_error

    told = {}
    for head, found in evidence.items():
        right = [one == other for one, other in zip(found.expected, found.predicted, strict=True)]
        error = expected_error(found.confidence, right)
        told[head] = {"n": len(right), "accuracy": sum(right) / len(right), "ece": error}
    return told


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _figures_of(figures: Mapping[str, Any]) -> Table:
    table = Table(
        "read unseen, in four folds",
        "shipped",
        "candidate",
        "ECE shipped",
        "candidate",
        box=None,
        header_style="dim",
    )
    for head, told in figures["heads"].items():
        was, now = told["before"], told["after"]
        table.add_row(
            _HEADS[head],
            f"{was['accuracy']:.1%} of {was['n']}",
            f"{now['accuracy']:.1%} of {now['n']}",
            f"{was['ece']:.3f}",
            f"{now['ece']:.3f}",
        )
    return table


def _counted(by_reason: Mapping[str, int]) -> str:
    told = (f"{count} {reason.replace('_', ' ')}" for reason, count in by_reason.items())
    return ", ".join(told) or "none that the shipped ones do not say already"


@contextmanager
def _acting(settings: Settings, email: str, *, password_stdin: bool) -> Iterator[tuple[UnitOfWork, StaffRow]]:
    password = password_for(settings, email, from_stdin=password_stdin)
    with open_ready_store(settings) as store, store.begin() as uow:
        yield uow, member_named(uow, email, password)


def promote(console: Console, hash_: str, email: str, *, why: str, force: bool, password_stdin: bool) -> None:
    """Promote heads; see `reader_heads.promote` for what is refused.

    Raises:
        BadInput: Also when their file is not what was trained.
    """
    settings = Settings()
    with _acting(settings, email, password_stdin=password_stdin) as (uow, who):
        row = reader_heads.named(uow, hash_)
        check_file(settings, row.name, row.sha256)
        reader_heads.promote(uow, row, by=who.id, why=why, force=force)
    console.print(f"{row.name} reads from now on, in both processes", markup=False)
    _tell_release(console, settings)


def check_file(settings: Settings, name: str, sha256: str) -> bytes:
    """The content of trained heads.

    Raises:
        BadInput: The file is missing, or is not what was trained.
    """
    file = heads_file(settings, name)
    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise BadInput(
            f"{file} cannot be read: {wrong.strerror}; train --again {name[:SHORT]}", field="hash"
        ) from wrong
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadInput(f"{file} is not what was trained; train --again {name[:SHORT]}", field="hash")
    return content


def roll_back(console: Console, email: str, *, why: str, password_stdin: bool) -> None:
    """Go back; see `reader_heads.roll_back` for what is refused."""
    settings = Settings()
    with _acting(settings, email, password_stdin=password_stdin) as (uow, who):
        entry = reader_heads.roll_back(uow, by=who.id, why=why)
        reads = entry.heads or "the shipped heads"
    console.print(f"{reads} read again, in both processes", markup=False)
    _tell_release(console, settings)


def _tell_release(console: Console, settings: Settings) -> None:
    if settings.releases_are_required:
        console.print(
            "It is another release: a person decides everything until it is examined, proposed and signed; "
            "see `backhaul release show`",
            markup=False,
        )


def show(console: Console) -> None:
    """What reads, whether it can, the history, and the heads on record."""
    settings = Settings()
    with open_ready_store(settings) as store, store.read() as uow:
        console.print(_what_reads(settings, store, uow), markup=False)
        noted, confirmed = (
            len(corrections.in_state(uow, state)) for state in (corrections.NOTED, corrections.CONFIRMED)
        )
        console.print(f"{noted} corrections for a second look, {confirmed} confirmed", markup=False)
        for entry in reversed(reader_heads.history(uow)):
            console.print(_entry(uow, entry), markup=False)
        table = Table("heads", "trained", "corrections", "right", "compared", box=None, header_style="dim")
        rows = reader_heads.all_heads(uow)
        for row in rows:
            told = row.compared or {}
            said = f"with {told['against'][:SHORT]}: {told['told']}" if told else "not yet"
            right = f"{row.figures['heads']['reason']['after']['accuracy']:.1%}"
            cells = (row.name[:SHORT], f"{row.trained_at:%Y-%m-%d}", str(len(row.corrections)), right)
            table.add_row(*cells, "withdrawn" if row.withdrawn_at else said)
    if rows:
        console.print(table)


def _what_reads(settings: Settings, store: Store, uow: UnitOfWork) -> str:
    name = reader_heads.in_use(uow)
    if name is None:
        return "The shipped heads read."
    if HeadsInUse(settings, store).mark(uow):
        return f"{name} reads."
    return f"{name} is promoted and cannot be used, so the shipped heads read; the line above says why."


def _entry(uow: UnitOfWork, entry: PromotionRow) -> str:
    person = staff.staff_by_id(uow, entry.by)
    what = entry.heads[:SHORT] if entry.heads else "the shipped heads"
    said = f": {entry.why}" if entry.why else ""
    who = person.email if person else entry.by
    return f"{entry.at:%Y-%m-%d %H:%M} UTC {entry.kind}: {what}, by {who}{said}"
