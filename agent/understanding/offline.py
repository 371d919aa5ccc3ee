"""The reader that needs no key and no network: text to claim, the same every time."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from agent.understanding.acts import IN_SCOPE, LINELESS, act_of, counts_goods
from agent.understanding.claim import Act, Claim, ClaimLine, Classification, PurchasedLine, Ref, Span
from agent.understanding.classifier import Heads
from agent.understanding.dialogue import asks_for_person, choice_in
from agent.understanding.encoder import Encoder
from agent.understanding.exemplar import NOT_SAID
from agent.understanding.extraction import Documents, ReadLine, documents, read_lines
from agent.understanding.language import language_of
from agent.understanding.mentions import mentions
from agent.understanding.plaintext import PlainText, plain
from agent.understanding.promoted import Promoted, none_promoted
from agent.understanding.quantities import without_counts
from agent.understanding.sentences import Piece, clauses, said_once, sentences, without_commands
from agent.understanding.told_apart import told_apart
from agent.understanding.training import Floats
from backhaul.domain.codes import Condition, Reason
from backhaul.domain.errors import ConnectorUnavailable

LOG = logging.getLogger(__name__)

READER = "offline"
_SURE_OF_ACT = 0.45
_REASON_SAID = 0.5
_CLEAR = 0.6
"""Below it a reason would be asked for; the clauses that are clear may settle it, if they agree"""
_MOST_ALTERNATIVES = 3
_READ_FOR_REASON = 1_200
_LONG = 300
_MOST_CLAUSES = 12
_MOST_SENTENCES = 16
_SURELY_IN_SCOPE = 0.8
_A_SENTENCE = 5
_LOOKS_LIKE_WRONG_ITEM = frozenset(
    {
        NOT_SAID,
        Reason.OVER_SHIPPED,
        Reason.ORDERED_BY_MISTAKE,
        Reason.NOT_AS_DESCRIBED,
        Reason.WRONG_SIZE,
        Reason.MISSING_PARTS,
        Reason.LATE_OR_MISSING,
        Reason.OTHER,
    }
)
"""Reasons that a sentence about two articles is taken for when their numbers are not read."""


class OfflineReader:
    """Pure in (text, purchases, expecting). Safe to share between threads; the first use loads the model."""

    def __init__(self, cache_dir: Path, promoted: Callable[[], Promoted | None] = none_promoted) -> None:
        self._encoder = Encoder()
        self._heads = Heads(cache_dir, self._encoder, promoted=promoted)

    def warm_up(self) -> None:
        """Load model and heads (5 to 30 s the first time on a machine). Raises WeightsChanged."""
        self._encoder.warm_up()
        try:
            self._heads.load()
        except ConnectorUnavailable as error:
            LOG.info("the heads are loaded with the first message: %s", error)

    def read(self, text: str, purchases: Sequence[PurchasedLine], *, expecting: str | None = None) -> Claim:
        """What the message claims.

        `expecting` is what the desk has just asked, so that a bare "3" reads right: order, item, quantity,
        reason, resolution, photo, consent or which_line.
        """
        message = plain(text)
        plainly, commanded = without_commands(message.lower)
        kept = self._about_returns(plainly, purchases)
        found = documents(kept, purchases, expecting=expecting)
        drafts = read_lines(kept, purchases, found, expecting=expecting)
        chances = self._heads.read([_head(without_counts(kept))])
        asked = expecting == "reason"
        lines = tuple(
            _claim_line(draft, self._reason(self._why(draft.reason_text, asked=asked)), message)
            for draft in drafts
        )
        scope = self._scope(chances)
        act = self._act(kept, chances["act"][0], scope, lines, found, expecting)
        if expecting and act in LINELESS and counts_goods(drafts) and "?" not in kept:
            # "4 sensors please" says nothing by itself; beside a request it says how many of them.
            act = Act.CORRECTION
        in_scope = act is not Act.OUT_OF_SCOPE
        return Claim(
            act=act,
            in_scope=in_scope,
            scope_confidence=scope if in_scope else 1 - scope,
            lines=() if act in LINELESS else tuple(line for line in lines if _says_anything(line)),
            order_refs=_refs(found, message),
            wants_person=asks_for_person(kept),
            injection_suspected=commanded,
            language=language_of(plainly),
            text_digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            reader=READER,
            choice=choice_in(kept) if expecting in {"item", "which_line", "order"} else None,
        )

    def scope_probability(self, text: str) -> float:
        """How likely the words are about a return, a complaint or a question about either, 0 to 1."""
        kept, _ = without_commands(plain(text).lower)
        return self._scope(self._heads.read([_head(without_counts(kept))])) if kept.strip() else 0.0

    def classify(self, text: str) -> Classification:
        """Scope and reason of a text on its own, without purchases or conversation."""
        kept, _ = without_commands(plain(text).lower)
        chances = self._heads.read([_head(without_counts(kept))])
        scope = self._scope(chances)
        if scope < IN_SCOPE or not kept.strip():
            return Classification(in_scope=False, reason=None, confidence=1 - scope if kept.strip() else 1.0)
        best = self._reason(self._why(kept))[0]
        return Classification(in_scope=True, reason=best[0], confidence=scope * best[1])

    def _scope(self, chances: Mapping[str, Floats]) -> float:
        return float(chances["in_scope"][0][self._heads.labels("in_scope").index("True")])

    def _about_returns(self, text: str, purchases: Sequence[PurchasedLine]) -> str:
        """A long message without the sentences that are about something else (blanked, same length)."""
        if len(text.strip()) <= _LONG:
            return text
        kept = text
        wordy = [part for part in sentences(text) if _wordy(text, part)]
        doubtful = [part for part in wordy if not _has_facts(text, part, purchases)]
        if not doubtful:
            return text
        read, unread = doubtful[:_MOST_SENTENCES], doubtful[_MOST_SENTENCES:]
        inside = self._heads.labels("in_scope").index("True")
        chances = self._heads.read([_head(text[p.start : p.end]) for p in read])["in_scope"][:, inside]
        outside = [part for part, chance in zip(read, chances, strict=True) if chance < _SURELY_IN_SCOPE]
        for part in [*outside, *unread]:
            kept = kept[: part.start] + " " * (part.end - part.start) + kept[part.end :]
        return kept if kept.strip() else text

    def reason_probability(self, words: str, reason: Reason) -> float:
        """How likely these words state that reason, 0 to 1: the worker's second look at what was claimed."""
        kept, _ = without_commands(plain(words).lower)
        return dict(self._reason(self._why(kept))).get(reason, 0.0)

    def _why(self, text: str, *, asked: bool = False) -> Floats:
        """Chances of each reason, `NOT_SAID` among them.

        A long request around a short reason ("I would like to return ..., no longer needed") reads as if none
        was given; then the clause that says most clearly why speaks for the whole. So does it in an answer to
        "why?" with small talk around it; in words that nobody asked for, clauses that are clear are right too
        seldom (4 of 10 that became clear, measured).
        """
        row = self._heard_why(_head(without_counts(text)), asked=asked)
        return self._as_wrong_item(row) if told_apart(text) else row

    def _as_wrong_item(self, row: Floats) -> Floats:
        """Two articles told apart are a wrong item, which words without their numbers cannot say: what they
        left open between that and its neighbours is settled, and a damage stays a damage.
        """
        labels = self._heads.labels("reason")
        open_still = [at for at, label in enumerate(labels) if label in _LOOKS_LIKE_WRONG_ITEM]
        settled = row.copy()
        settled[labels.index(Reason.WRONG_ITEM)] += row[open_still].sum()
        settled[open_still] = 0.0
        return settled

    def _heard_why(self, text: str, *, asked: bool) -> Floats:
        unsaid = self._heads.labels("reason").index(NOT_SAID)
        whole: Floats = self._heads.read([text])["reason"][0]
        parts = [text[part.start : part.end] for part in clauses(text)][:_MOST_CLAUSES]
        is_unsaid = int(whole.argmax()) == unsaid
        if len(parts) <= 1 or not (is_unsaid or (asked and whole.max() < _CLEAR)):
            return whole
        rows = [whole, *self._heads.read(parts)["reason"]]
        if is_unsaid:
            return max(rows, key=lambda row: float(np.delete(row, unsaid).max()))
        clear = [row for row in rows if row.max() >= _CLEAR and int(row.argmax()) != unsaid]
        agreed = len({int(row.argmax()) for row in clear}) == 1
        return max(clear, key=lambda row: float(row.max())) if agreed else whole

    def _reason(self, row: Floats) -> list[tuple[Reason, float]]:
        """Reasons by falling probability; what is left to one is the chance that no reason is given."""
        labels = self._heads.labels("reason")
        return [(Reason(labels[at]), float(row[at])) for at in np.argsort(-row) if labels[at] != NOT_SAID]

    def _act(
        self,
        kept: str,
        row: Floats,
        scope: float,
        lines: tuple[ClaimLine, ...],
        found: Documents,
        expecting: str | None,
    ) -> Act:
        labels = self._heads.labels("act")
        best = int(row.argmax())
        guessed = Act(labels[best]) if row[best] >= _SURE_OF_ACT else None
        return act_of(kept, guessed, scope, lines, found, expecting)


def _claim_line(draft: ReadLine, reasons: list[tuple[Reason, float]], message: PlainText) -> ClaimLine:
    said = sum(chance for _, chance in reasons) >= _REASON_SAID
    quantity = draft.quantity
    return ClaimLine(
        order_ref=draft.order_ref,
        po_ref=draft.po_ref,
        sku=draft.group.sku,
        item_words=draft.group.words,
        received_sku=draft.received_sku,
        received_words=draft.received_words,
        quantity=quantity.pieces if quantity else None,
        all_of_them=bool(quantity and quantity.everything),
        all_but=quantity.all_but if quantity else 0,
        half=bool(quantity and quantity.half),
        serials=draft.serials,
        lots=draft.lots,
        reason=reasons[0][0] if said else None,
        reason_confidence=reasons[0][1] if said else 0.0,
        alternatives=tuple(reasons[1 : 1 + _MOST_ALTERNATIVES]) if said else (),
        resolution=draft.resolution,
        condition=draft.condition,
        spans=_spans(draft, message),
    )


def _spans(draft: ReadLine, message: PlainText) -> Mapping[str, tuple[Span, ...]]:
    return MappingProxyType(
        {
            name: tuple(message.span(*place) for place in places)
            for name, places in draft.places.items()
            if places
        }
    )


def _says_anything(line: ClaimLine) -> bool:
    return any(
        (
            line.order_ref,
            line.po_ref,
            line.sku,
            line.item_words,
            line.quantity is not None,
            line.all_of_them,
            line.half,
            line.serials,
            line.lots,
            line.reason,
            line.resolution,
            line.condition is not Condition.NOT_STATED,
        )
    )


def _refs(found: Documents, message: PlainText) -> tuple[Ref, ...]:
    kinds = (("order", found.orders), ("po", found.purchase_orders))
    return tuple(
        Ref(kind, item.value, item.known, message.span(item.start, item.end))
        for kind, items in kinds
        for item in items
    )


def _wordy(text: str, part: Piece) -> bool:
    return len(text[part.start : part.end].split()) >= _A_SENTENCE


def _has_facts(text: str, part: Piece, purchases: Sequence[PurchasedLine]) -> bool:
    words = text[part.start : part.end]
    return bool(documents(words, purchases).all() or mentions(words, purchases))


def _head(text: str) -> str:
    return said_once(text)[:_READ_FOR_REASON]
