"""Reading a message against the bare sentence encoder on the same text; and the first one of a process."""

import json
import sys
from collections.abc import Iterator
from functools import partial

from agent.purchases import purchases_of
from agent.understanding.encoder import Encoder
from agent.understanding.offline import OfflineReader
from backhaul.bootstrap import stores
from backhaul.connectors.embedded.stories import stories
from backhaul.store.conversation import Speaker
from evals.bench_alone import run_alone
from evals.bench_figures import Aim, Figure, Row, in_turn, middle, percentile, times_as_long
from evals.bench_house import Ground, Tape, open_talk

_ROUNDS, _QUICK_ROUNDS = 10, 2
_STARTS, _QUICK_STARTS = 5, 1
_FIRST = """
import json, sys, time
began = time.perf_counter()
from pathlib import Path
from agent.understanding.offline import OfflineReader
reader = OfflineReader(Path(sys.argv[1]))
reader.warm_up()
ready = time.perf_counter()
reader.read(sys.argv[2], ())
read = time.perf_counter()
print(json.dumps([ready - began, read - ready]))
"""
_MILLI = 1_000.0


def measure(ground: Ground) -> Iterator[Row]:
    """Each story's first message, read against what its account bought, and encoded bare; in turn."""
    yield _beside_bare(ground)
    yield _first_of_a_process(ground)


def _beside_bare(ground: Ground) -> Row:
    """Each message is met for the first time: neither reader nor encoder remembers one from before."""
    settings = ground.home()
    reading, encoding = list[float](), list[float]()
    with open_talk(settings, Tape(ground.reader)) as talk:
        for story in stories():
            speaker = Speaker(story.account_id, story.title, f"contact:{story.contact_id}")
            bought = purchases_of(talk.desk, speaker)
            for _ in range(_QUICK_ROUNDS if ground.quick else _ROUNDS):
                reader, encoder = OfflineReader(stores.cache_folder(settings)), Encoder()
                reader.warm_up()
                read, encoded = in_turn(
                    1,
                    partial(reader.read, story.message, bought),
                    partial(encoder.encode, [story.message]),
                )
                reading += read
                encoding += encoded
    return Row(
        "reader",
        (
            Figure("message to claim p50", middle(reading), "ms"),
            Figure("p99", percentile(reading, 99), "ms"),
            Figure("bare encode p50", middle(encoding), "ms"),
        ),
        ratio=times_as_long("read / encode", middle(reading), middle(encoding)),
        aim=Aim("at most 1.3 x the bare encoder", 1.3, middle(reading) / middle(encoding)),
        remarks=(f"{len(stories())} messages, {len(reading)} readings; encoded in 32-bit floats",),
    )


def _first_of_a_process(ground: Ground) -> Row:
    """Processes of their own, from their first import: the files are in the memory of the machine by then."""
    cache, message = str(stores.cache_folder(ground.home())), stories()[0].message
    done = [
        run_alone([sys.executable, "-c", _FIRST, cache, message])
        for _ in range(_QUICK_STARTS if ground.quick else _STARTS)
    ]
    told = [json.loads(one.told) for one in done]
    return Row(
        "reader, cold",
        (
            Figure("import and load", middle([ready for ready, _ in told]), "s"),
            Figure("first message", middle([first for _, first in told]) * _MILLI, "ms"),
            Figure("peak memory", middle([one.peak_megabytes for one in done]), "MB", 0),
        ),
        remarks=(f"median of {len(done)} processes; no aim is set",),
    )
