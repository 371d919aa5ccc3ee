"""How the rules of evals.plain_rules add up to one answer."""

from backhaul.domain.codes import Outcome

_DENY, _ASK, _ESCALATE = 3, 2, 1
_OUTCOMES = (Outcome.PERMIT, Outcome.ESCALATE, Outcome.ASK, Outcome.DENY)


class Answer:
    """What the rules found so far."""

    __slots__ = ("_watched", "_worst", "failing")

    def __init__(self) -> None:
        self.failing: list[str] = []
        self._worst = 0
        self._watched = False

    @property
    def outcome(self) -> Outcome:
        """A person decides where we only watch; otherwise the severest answer wins."""
        return Outcome.ESCALATE if self._watched else _OUTCOMES[self._worst]

    def deny(self, rule: str) -> None:
        """The rule refuses."""
        self.failing.append(rule)
        self._worst = _DENY

    def ask(self, rule: str) -> None:
        """The rule misses evidence."""
        self.failing.append(rule)
        self._worst = max(self._worst, _ASK)

    def escalate(self, rule: str) -> None:
        """The rule wants a person."""
        self.failing.append(rule)
        self._worst = max(self._worst, _ESCALATE)

    def watch(self, rule: str) -> None:
        """We only watch here."""
        self.failing.append(rule)
        self._watched = True
