"""Policies compared: what a variant changes, how sure that is, what it is made of, where it goes, what it costs."""

from sim.comparison.answer import Answer, answer
from sim.comparison.differences import Difference
from sim.comparison.face import Comparison
from sim.comparison.pairs import Pairs
from sim.comparison.precision import replications_needed, worst_half_width

__all__ = [
    "Answer",
    "Comparison",
    "Difference",
    "Pairs",
    "answer",
    "replications_needed",
    "worst_half_width",
]
