"""A walk of a state machine through one house: somebody acts, and the oracle looks after each step."""

from collections import Counter
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests.tools.bypass_annex import Annex
from tests.tools.bypass_attacker import Attacker
from tests.tools.bypass_engine import Work
from tests.tools.bypass_oracle import Oracle
from tests.tools.bypass_world import Props, Stage, raise_stage


class Walk(RuleBasedStateMachine):
    """What all machines share: a house of its own, an attacker in it, a judge, and the counts of a run."""

    props: ClassVar[Props]
    annexes: ClassVar[dict[str, Annex]]
    seen: ClassVar[Counter[str]]
    """What all examples of a run came to: steps, steps that reached a permit, effects, refusals"""
    stage: Stage
    oracle: Oracle
    attacker: Attacker

    def __init__(self) -> None:
        super().__init__()
        self.set_up()
        self.judged = False
        self.moved = 0
        """Permits issued or spent in this step"""

    def set_up(self) -> None:
        """Raise the house, with nobody in it but the attacker and the judge."""
        self.stage = raise_stage(self.props)
        self.oracle = Oracle(self.stage, self.annexes)
        self.attacker = Attacker(self.stage, self.oracle)

    def teardown(self) -> None:
        self.seen.update({f"effect {name}": times for name, times in self.oracle.effects.items()})
        self.seen.update({f"refused {name}": times for name, times in self.attacker.refusals.items()})
        self.stage.close()

    @invariant()
    def nothing_happened_that_nobody_was_entitled_to(self) -> None:
        shown = self.attacker.presented
        moved = self.moved + self.oracle.look()
        self.judged = self.judged or bool(self.oracle.issued)
        self.seen["steps"] += 1
        self.seen["steps that issued or spent a permit"] += bool(moved)
        self.seen["steps that reached a permit"] += bool(moved or shown)
        self.attacker.presented = self.moved = 0

    def carry(self, work: Work, steps: int = 30) -> None:
        """Let the worker go on with something, until it waits or ends; the oracle looks at each step."""
        while steps and work in self.stage.engine.ready():
            self.stage.engine.advance(work)
            self.moved += self.oracle.look()
            steps -= 1

    def carry_the_newest(self) -> None:
        """Let the worker go on with what was started last."""
        for work in self.stage.engine.ready()[-1:]:
            self.carry(work)
