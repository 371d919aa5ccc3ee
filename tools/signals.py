"""Signals that rules read: what a second look at the words and at the account's habits says.

A signal never permits anything by itself; it can only make a rule send the case to a person. The fraud
score is worked out in `tools.fraud_signals`.
"""

from typing import Protocol

from backhaul.domain.autonomy import MOST_SURE
from backhaul.domain.codes import Reason
from backhaul.store import conversation
from backhaul.store.unit_of_work import UnitOfWork


class ReasonScorer(Protocol):
    """Reads the stored words again, offline, in the worker."""

    def score_permille(self, words: str, reason: Reason) -> int:
        """How likely the words state that reason, 0 to 1000, calibrated."""
        ...


def confidence_permille(scorer: ReasonScorer, words: str, reason: Reason, claimed_permille: int) -> int:
    """The lower of what the reader claimed and what the worker scores: a model can only lower it.

    Nothing read is certain, so that a floor of 1000 closes a segment.
    """
    return min(claimed_permille, scorer.score_permille(words, reason), MOST_SURE)


def usable_photos(uow: UnitOfWork, thread_id: str, position: int) -> int:
    """Different pictures that show line `position` (counting from 1) or no particular line."""
    shown = {
        row.blob
        for row in conversation.attachments(uow, thread_id)
        if row.unusable is None and row.line_hint in {None, position}
    }
    return len(shown)
