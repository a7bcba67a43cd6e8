"""A run and the record as one flat vector each, with equal names: what calibration fits and validation scores.

Each series has its own observation model (``simulated``); ``observed`` gives what the sources say.
"""

from sim.calibration.observation.observed import TRAINING, VALIDATION, Observation, Window, observations, observed
from sim.calibration.observation.simulated import AS_REPORTED, PRESS, Choices, press_list, simulated

__all__ = [
    "AS_REPORTED",
    "PRESS",
    "TRAINING",
    "VALIDATION",
    "Choices",
    "Observation",
    "Window",
    "observations",
    "observed",
    "press_list",
    "simulated",
]
