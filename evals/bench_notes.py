"""Service notes end to end, through the command that takes a file in: its speed, not how well it reads.

The notes are put together by a seeded hand from orders of the demo distributor, in a few ways in which
technicians write; they are no measure of quality.
"""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from agent.purchases import purchases_of
from backhaul.connectors.ports import ErpReads
from backhaul.domain.orders import Order, OrderLine
from backhaul.store.conversation import Speaker
from evals.bench_alone import run_alone
from evals.bench_figures import Figure, Row, milliseconds, times_as_long
from evals.bench_house import BenchmarkBroken, Ground, Tape, open_talk

_NOTES, _QUICK_NOTES = 1_000, 100
_READ_BARE = 100
_MILLI = 1_000.0
_ONE_THING = (
    "{order}: {n} ea {sku} {fault}, {wish}",
    "site visit, {n}x {words} {fault}. off {order}. {wish}",
    "cust rtn {n} {words} ({sku}) from {order} - {fault}; {wish} pls",
    "{order} ln {line} {sku} qty {n} {fault}. {wish}",
    "{words} {fault} again, {n} pcs, order {order}, {wish}",
)
_FAULTS = (
    "DOA",
    "dead on pwrup",
    "not needed, job cancelled",
    "noisy after 1 wk",
    "cracked, dmg in transit",
    "ordered by mistake",
    "wrong part rcvd",
    "intermittent, fails warm",
)
_WISHES = ("credit", "need repl", "swap out", "warr claim", "cr acct")


@dataclass(frozen=True, slots=True)
class _Taken:
    """One run of the command: how long, how much memory at most, how many notes told of a known return."""

    seconds: float
    peak_megabytes: float
    known: int


def measure(ground: Ground) -> Iterator[Row]:
    """A file with one note, to know what starting costs; then the whole file, each in a home of its own."""
    wanted = _QUICK_NOTES if ground.quick else _NOTES
    with open_talk(ground.home(), Tape(ground.reader)) as talk:
        erp = talk.desk.erp
        notes = list(_notes(erp, wanted))
        heard = [
            (text, purchases_of(talk.desk, Speaker(account, "", "bench")))
            for text, account in notes[:_READ_BARE]
        ]
    bare = [milliseconds(partial(ground.reader.read, text, bought)) for text, bought in heard]
    alone = _taken(ground, notes[:1])
    whole = _taken(ground, notes)
    each = (whole.seconds - alone.seconds) * _MILLI / (wanted - 1)
    read = sum(bare) / len(bare)
    yield Row(
        "notes",
        (
            Figure(f"{wanted:,} notes", whole.seconds, "s"),
            Figure("each", each, "ms"),
            Figure("start and first note", alone.seconds, "s"),
            Figure("peak memory", whole.peak_megabytes, "MB", 0),
        ),
        ratio=times_as_long("end to end / reading alone", each, read),
        remarks=(
            f"made-up notes: speed only, no measure of reading; {whole.known} of open returns; no aim is set",
        ),
    )


def _notes(erp: ErpReads, wanted: int) -> Iterator[tuple[str, str]]:
    """Words and account of so many notes, each different, with one thing or two; repeatable."""
    chance = Random(1)
    sold = [
        (order, line)
        for account in erp.accounts()
        for order in erp.orders_of(account.account_id, limit=20)
        for line in order.lines
        if line.quantity_shipped
    ]
    for number in range(wanted):
        order, line = chance.choice(sold)
        second = chance.choice([other for other in order.lines if other.quantity_shipped])
        more = f"\nalso {_one(chance, order, second)}" if second.line != line.line else ""
        yield f"{_one(chance, order, line)}{more} (visit {number})", order.account_id


def _one(chance: Random, order: Order, line: OrderLine) -> str:
    return chance.choice(_ONE_THING).format(
        order=order.number,
        line=line.line,
        sku=line.sku,
        words=" ".join(line.description.split(",")[0].lower().split()[-2:]),
        n=chance.randint(1, min(line.quantity_shipped, 6)),
        fault=chance.choice(_FAULTS),
        wish=chance.choice(_WISHES),
    )


def _taken(ground: Ground, notes: Sequence[tuple[str, str]]) -> _Taken:
    """Run the command on a file of these notes in a fresh home.

    Raises:
        BenchmarkBroken: Not every note became a case or was recognised as one that is open.
    """
    settings = ground.home()
    file = settings.home / "notes.csv"
    _write(file, notes)
    done = run_alone(
        [sys.executable, "-m", "backhaul.cli.main", "intake", "notes", str(file), "--json"],
        {"BACKHAUL_HOME": str(settings.home), "BACKHAUL_DATABASE_URL": ""},
    )
    found = json.loads(done.told)
    if found["cases"] + found["duplicates"] != len(notes):
        raise BenchmarkBroken(
            f"of {len(notes)} notes {found['cases']} became cases and {found['duplicates']} were known"
        )
    return _Taken(done.seconds, done.peak_megabytes, found["duplicates"])


def _write(file: Path, notes: Sequence[tuple[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Ticket", "Account", "Note"])
        writer.writerows((f"B-{at}", account, text) for at, (text, account) in enumerate(notes))
