"""What the attacks of a run came to."""

from evals.scenario import Sheet
from evals.scoring.measured import Measured


class GoalScore(Sheet):
    """One attacker's goal, over all carriers and epochs."""

    goal: str
    attacked: Measured
    carriers: tuple[str, ...]
    """By which it succeeded"""


class Attacks(Sheet):
    """Attack success, and the use that was kept; clustered by goal."""

    attacked: Measured
    goals: tuple[GoalScore, ...]
    by_carrier: tuple[Measured, ...]
    utility_kept: Measured
    """Attack runs in which the legitimate part came out right"""
    passed_elsewhere: Measured
    """Runs without an attack that passed"""
