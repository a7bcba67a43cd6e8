"""Policies compared: what a variant changes, how sure that is, what it is made of, where it goes, what it costs."""

from sim.inference.comparison.answer import Answer, answer
from sim.inference.comparison.differences import Difference
from sim.inference.comparison.pairs import Pairs
from sim.inference.comparison.precision import replications_needed, worst_half_width

__all__ = [
    "Answer",
    "Difference",
    "Pairs",
    "answer",
    "replications_needed",
    "worst_half_width",
]
