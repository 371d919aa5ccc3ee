"""A model's reading is believed only where the message and the purchases bear it out. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.model_schema import ModelClaim, ModelLine
from agent.understanding.claim import Act, Claim, ClaimLine, PurchasedLine
from agent.understanding.numerals import NUMBER, count_of
from agent.understanding.references import po_key
from backhaul.domain.codes import Reason

_COUNT = re.compile(rf"\b{NUMBER}\b")
_WORD = re.compile(r"[a-z0-9]{3,}")
DISAGREEMENT = 0.5
"""What a reason loses when the offline reader reads another one."""

_MOST_PIECES = 100_000
_BINDING = frozenset({Act.CONFIRM})
"""Acts that let something happen: a model's word alone is not enough for them."""


def checked(
    read: ModelClaim, text: str, purchases: Sequence[PurchasedLine], offline: Claim, *, reader: str
) -> Claim:
    """The model's claim with everything removed that nothing supports, the offline label as second
    opinion.
    """
    found = [_line(said, text, purchases, offline) for said in read.lines]
    lines = tuple(line for line in found if _says_anything(line))
    act = read.act if read.act not in _BINDING or offline.act is read.act else offline.act
    return replace(
        offline,
        act=act,
        in_scope=act is not Act.OUT_OF_SCOPE and (read.in_scope or offline.in_scope),
        lines=lines,
        wants_person=read.wants_person or offline.wants_person,
        language=read.language or offline.language,
        reader=reader,
    )


def _line(said: ModelLine, text: str, purchases: Sequence[PurchasedLine], offline: Claim) -> ClaimLine:
    twin = _twin(said, offline)
    bought = {_key(line.sku): line.sku for line in purchases}
    orders = {_key(line.order_number): line.order_number for line in purchases}
    papers = {po_key(line.po_number): line.po_number for line in purchases}
    papers |= {_key(line.po_number): line.po_number for line in purchases}
    reason, confidence = said.reason, min(max(said.reason_confidence, 0.0), 1.0)
    opinion = _second_opinion(twin, offline)
    if opinion and reason not in opinion:
        confidence *= DISAGREEMENT
    return ClaimLine(
        order_ref=_stands(said.order_ref, text, orders),
        po_ref=_stands(said.po_ref, text, papers),
        sku=_stands(said.sku, text, bought),
        item_words=said.item_words if _is_said(said.item_words, text) else "",
        received_sku=_stands(said.received_sku, text, bought),
        received_words=said.received_words if _is_said(said.received_words or "", text) else None,
        quantity=said.quantity if _is_counted(said.quantity, text) else None,
        all_of_them=said.all_of_them,
        all_but=twin.all_but if twin and said.all_of_them else 0,
        half=bool(twin and twin.half),
        serials=tuple(serial for serial in said.serials if _key(serial) in _key(text)),
        lots=twin.lots if twin else (),
        reason=reason,
        reason_confidence=confidence if reason else 0.0,
        alternatives=((twin.reason, twin.reason_confidence), *twin.alternatives)
        if twin and twin.reason
        else (),
        resolution=said.resolution,
        condition=said.condition,
        spans=twin.spans if twin else {},
        second_opinion=_told(opinion, reason),
    )


def _second_opinion(twin: ClaimLine | None, offline: Claim) -> dict[Reason, float]:
    """What the offline reader takes for the reason of that line; of the whole message when that line gives
    none.
    """
    if twin is not None and twin.reason is not None:
        return {twin.reason: twin.reason_confidence}
    return {line.reason: line.reason_confidence for line in offline.lines if line.reason}


def _told(opinion: Mapping[Reason, float], reason: Reason | None) -> tuple[Reason, float] | None:
    """The offline reason for the record: the same one if it is among them, else the surest."""
    if reason is not None and reason in opinion:
        return reason, opinion[reason]
    return max(opinion.items(), key=lambda one: one[1], default=None)


def _says_anything(line: ClaimLine) -> bool:
    named = (
        line.order_ref or line.po_ref or line.sku or line.item_words or line.serials or line.received_words
    )
    return bool(named or line.quantity or line.all_of_them or line.reason or line.resolution)


def _twin(said: ModelLine, offline: Claim) -> ClaimLine | None:
    """The offline reader's line about the same thing: its only one, or the one that shares words or
    number.
    """
    if len(offline.lines) == 1:
        return offline.lines[0]
    words = set(_WORD.findall(f"{said.item_words} {said.sku or ''}".lower()))
    shared = [
        (len(words & set(_WORD.findall(f"{line.item_words} {line.sku or ''}".lower()))), at)
        for at, line in enumerate(offline.lines)
    ]
    best = max(shared, default=(0, 0))
    return offline.lines[best[1]] if best[0] else None


def _stands(value: str | None, text: str, known: dict[str, str]) -> str | None:
    """A number the message really holds, spelled as the records spell it."""
    if not value or not _key(value) or _key(value) not in _key(text):
        return None
    return known.get(_key(value), value)


def _is_said(words: str, text: str) -> bool:
    wanted = set(_WORD.findall(words.lower()))
    return bool(wanted) and wanted <= set(_WORD.findall(text.lower()))


def _is_counted(quantity: int | None, text: str) -> bool:
    if quantity is None or not 0 < quantity <= _MOST_PIECES:
        return False
    counts = {count_of(found.group()) for found in _COUNT.finditer(text.lower())}
    return quantity in counts


def _key(value: str) -> str:
    return re.sub(r"[^a-z0-9]", "", value.lower())
