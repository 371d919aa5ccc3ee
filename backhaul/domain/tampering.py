"""What is wrong with an audit log, and where: chains against their own hashes and against checkpoints."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backhaul.domain.audit import AuditEvent


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a checkpoint swears about one chain: this event stood there, with this hash, and was the last."""

    seq: int
    hash: str
    number: int
    made_at: datetime

    def __str__(self) -> str:
        """For the end of a sentence."""
        return f"checkpoint {self.number} of {self.made_at:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Tampering:
    """One thing that is wrong. `event` is its number in the chain; zero for a checkpoint itself."""

    chain: str
    event: int
    what: str
    true_until: Anchor | None = None

    def __str__(self) -> str:
        """A line of the report."""
        place = f"{self.chain} event {self.event}" if self.event else self.chain
        since = f"; true up to event {self.true_until.seq}, {self.true_until}" if self.true_until else ""
        return f"{place}: {self.what}{since}"


def tampering(
    chain: str, kept: Iterable[tuple[AuditEvent, str]], anchors: Sequence[Anchor]
) -> Iterator[Tampering]:
    """Hold one chain against its hashes and its anchors; at most the first break of each sort is told.

    Args:
        chain: Case id, or `system`.
        kept: Its events in their order, each with the hash that is stored with it.
        anchors: What checkpoints say of this chain, oldest first.
    """
    sworn = {one.seq: one for one in anchors}
    held: Anchor | None = None
    broken: Tampering | None = None
    previous, last, told_edit = "", 0, False
    for event, stored in kept:
        if broken is None:
            broken = _break(chain, event, previous, last, held)
        if event.hash != stored and not told_edit:
            told_edit = True
            yield Tampering(chain, event.seq, "its content was edited: it does not give its hash", held)
        anchor = sworn.get(event.seq)
        if anchor is not None and stored == anchor.hash and broken is None and not told_edit:
            held = anchor
        elif anchor is not None and stored != anchor.hash and broken is None:
            what = f"the chain was made anew from here or later: {anchor} signed another event {anchor.seq}"
            broken = Tampering(chain, held.seq + 1 if held else 1, what, held)
        previous, last = stored, event.seq
    if broken is not None:
        yield broken
    yield from _cut(chain, last, anchors, held)


def _break(chain: str, event: AuditEvent, previous: str, last: int, held: Anchor | None) -> Tampering | None:
    if event.seq == last + 1 and event.previous_hash == previous:
        return None
    if event.seq > last + 1:
        gone = f"event {last + 1}" if event.seq == last + 2 else f"events {last + 1} to {event.seq - 1}"
        return Tampering(chain, last + 1, f"{gone} removed", held)
    return Tampering(chain, event.seq, "it does not follow the event before it", held)


def _cut(chain: str, last: int, anchors: Sequence[Anchor], held: Anchor | None) -> Iterator[Tampering]:
    beyond = next((one for one in anchors if one.seq > last), None)
    if beyond is not None:
        newest = anchors[-1]
        what = f"the end of the chain was cut off: {newest} had seen event {newest.seq}"
        yield Tampering(chain, last + 1, what, held)


def anchored(heads: Iterable[tuple[int, datetime, Mapping[str, tuple[int, str]]]]) -> dict[str, list[Anchor]]:
    """Anchors by chain, from the heads of checkpoints with their numbers and times, oldest first."""
    found: dict[str, list[Anchor]] = {}
    for number, made_at, ends in heads:
        for chain, (seq, end) in ends.items():
            found.setdefault(chain, []).append(Anchor(seq, end, number, made_at))
    return found
