"""Reading a message against nothing but the sentence encoder on the same text."""

from collections.abc import Iterator
from functools import partial

from agent.purchases import purchases_of
from agent.understanding.encoder import Encoder
from backhaul.connectors.embedded.stories import stories
from backhaul.store.conversation import Speaker
from evals.bench_figures import Figure, Row, in_turn, middle, percentile, times_as_long
from evals.bench_house import Ground, Tape, open_talk

_ROUNDS, _QUICK_ROUNDS = 10, 2


def measure(ground: Ground) -> Iterator[Row]:
    """Each story's first message, read against what its account bought, and encoded bare; in turn."""
    encoder = Encoder()
    encoder.warm_up()
    reading, encoding = list[float](), list[float]()
    with open_talk(ground.home(), Tape(ground.reader)) as talk:
        for story in stories():
            speaker = Speaker(story.account_id, story.title, f"contact:{story.contact_id}")
            bought = purchases_of(talk.desk, speaker)
            read, encoded = in_turn(
                _QUICK_ROUNDS if ground.quick else _ROUNDS,
                partial(ground.reader.read, story.message, bought),
                partial(encoder.encode, [story.message]),
            )
            reading += read
            encoding += encoded
    yield Row(
        "reader",
        (
            Figure("read p50", middle(reading), "ms"),
            Figure("p99", percentile(reading, 99), "ms"),
            Figure("bare encode p50", middle(encoding), "ms"),
        ),
        ratio=times_as_long("read / encode", middle(reading), middle(encoding)),
        remarks=(f"{len(stories())} messages, {len(reading)} readings; no aim is set",),
    )
