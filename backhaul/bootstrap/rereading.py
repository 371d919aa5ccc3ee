"""The worker's second look at the customer's words, with the offline reader."""

from dataclasses import dataclass

from agent.understanding.offline import OfflineReader
from backhaul.domain.codes import Reason

_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class OfflineScorer:
    """Gives the calibrated probability of a reason, never the model's own word for it."""

    reader: OfflineReader

    def score_permille(self, words: str, reason: Reason) -> int:
        """See tools.signals.ReasonScorer."""
        return int(self.reader.reason_probability(words, reason) * _PERMILLE)
