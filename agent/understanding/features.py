"""The numbers a text becomes: how near it is to each exemplar, its words and letter groups, its counts.

Nearness bends what a straight line through the embedding cannot part, and weighted words carry what the
embedding blurs ("recall", "twice", "short"). Together they read eleven points more of the messages that were
written apart from the exemplars than the embedding alone. Hand-made phrase lists did well on the exemplars
and worse than nothing on those messages, so there are none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]  # ships no types
from sklearn.feature_extraction.text import HashingVectorizer

from agent.understanding.counts import discrepancy, without_denials
from agent.understanding.encoder import Encoder

_SHARPNESS = 3.0
"""Nearness is 2 exp(-3 (1 - cosine)): one meaning, at 0.8, counts 1.1; strangers, at 0.1, count 0.1"""
_WORD_WEIGHT = 2**0.5
_COUNT_WEIGHT = 0.5
_FEWEST_TEXTS = 2
"""A word that only one exemplar has teaches nothing"""
_IDENTIFIER = re.compile(
    r"\b(?:(?:order\s+)?so-?\d{4,}|rma-?\d+|po[ #:-]*\d{4,}\S*|[a-z]{2,5}-\d+(?:-\w+)*"
    r"|\d{6,})\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:(?:can|could|would) (?:you|we|i) )?(?:please |kindly )?"
    r"(?:(?:replace|exchange|swap|credit|refund|advise|send)"
    r"(?: (?:it|them|us|me|this|these|for|a|an|the|new|replacements?|credit|label|rma|refund))* please"
    r"|(?:please|pls|kindly) (?:replace|exchange|swap|credit|refund|advise|arrange|authori[sz]e|issue|send)"
    r"(?: (?:it|them|us|me|this|these|a|an|the|new|return|replacements?|credit|label|rma|refund|number))*)"
    r"(?=\s*(?:[.,;!?]|$))"
)
_WORD = r"\b\w+\b"
_WORDS = HashingVectorizer(
    n_features=2**12, ngram_range=(1, 2), alternate_sign=False, norm=None, token_pattern=_WORD
)
_LETTERS = HashingVectorizer(
    n_features=2**13, analyzer="char_wb", ngram_range=(3, 5), alternate_sign=False, norm=None
)
Floats32 = NDArray[np.float32]


def readable(text: str) -> str:
    """Lower case, without document numbers, denied reasons and wishes: what is left says why, not which."""
    why = _WISH.sub(" ", without_denials(_IDENTIFIER.sub(" ", text.lower())))
    return re.sub(r"\s+", " ", why).strip(" :,;-")


@dataclass(frozen=True, slots=True)
class Space:
    """What texts are measured in: the weight of each word and letter group, and the exemplars' vectors."""

    word_weights: Floats32
    letter_weights: Floats32
    anchors: Floats32

    def in_brief(self) -> "Space":
        """The same in half the digits, as it is kept: what was read is read alike when it is loaded again."""
        return Space(*(in_brief(one) for one in (self.word_weights, self.letter_weights, self.anchors)))

    def rows(self, texts: Sequence[str], encoder: Encoder) -> Floats32:
        """One row per text, in order: first what `said` gives, then its nearness to each anchor."""
        prepared = [readable(text) for text in texts]
        near = nearness(encoder.encode(prepared), self.anchors)
        return np.hstack([self.said(prepared).toarray().astype(np.float32), near])

    def said(self, prepared: Sequence[str]) -> sparse.csr_array:
        """Counts, words and letter groups of texts that are `readable` already."""
        counts = np.array([_count_signs(text) for text in prepared], dtype=np.float32)
        return sparse.csr_array(
            sparse.hstack(
                [
                    sparse.csr_array(_COUNT_WEIGHT * counts),
                    _WORD_WEIGHT * _weighted(_told(_WORDS, prepared), self.word_weights),
                    _weighted(_told(_LETTERS, prepared), self.letter_weights),
                ]
            )
        )


def space_of(texts: Sequence[str], encoder: Encoder) -> tuple[Space, sparse.csr_array]:
    """The space that exemplars span, and what each of them says in it."""
    prepared = [readable(text) for text in texts]
    space = Space(
        _rarity(_told(_WORDS, prepared)), _rarity(_told(_LETTERS, prepared)), encoder.encode(prepared)
    )
    return space, space.said(prepared)


def in_brief(numbers: Floats32) -> Floats32:
    """To the digits that are kept."""
    return numbers.astype(np.float16).astype(np.float32)


def inner_products(space: Space, said: sparse.csr_array) -> Floats32:
    """Of each exemplar of the space with each; said is what they say in it."""
    products = nearness(space.anchors, space.anchors)
    products += (said @ said.T).toarray()
    return products


def nearness(vectors: Floats32, anchors: Floats32) -> Floats32:
    """Of unit vectors to unit vectors: one row for each of the first, one column for each of the second."""
    return np.asarray(2 * np.exp(-_SHARPNESS * (1 - vectors @ anchors.T)), dtype=np.float32)


def _told(vectorizer: HashingVectorizer, prepared: Sequence[str]) -> sparse.csr_array:
    """Counts, damped: what is said twice is not said twice as much."""
    counts = sparse.csr_array(vectorizer.transform(prepared).astype(np.float32))
    counts.data = 1 + np.log(counts.data)
    return counts


def _rarity(counts: sparse.csr_array) -> Floats32:
    """Inverse document frequency, smoothed; 0 for what too few texts have."""
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    weights = np.log((1 + counts.shape[0]) / (1 + texts)) + 1
    return np.where(texts >= _FEWEST_TEXTS, weights, 0.0).astype(np.float32)


def _weighted(counts: sparse.csr_array, weights: Floats32) -> sparse.csr_array:
    """Each row of unit length; a text of unknown words stays at zero."""
    rows = sparse.csr_array(counts * weights[None, :])
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_array(rows / np.where(length > 0, length, 1.0)[:, None])


def _count_signs(text: str) -> tuple[float, float]:
    found = discrepancy(text)
    if found is None:
        return (0.0, 0.0)
    return (1.0, 0.0) if found.surplus > 0 else (0.0, 1.0)
