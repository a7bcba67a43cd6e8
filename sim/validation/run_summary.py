"""What validation keeps of one posterior predictive run: small, and cheap to send between processes."""

from dataclasses import dataclass

from sim.calibration.observation import AS_REPORTED, Choices, simulated
from sim.model.recorder import RunRecord
from sim.validation.attack_series import Harm, harm_of_run
from sim.validation.natural_experiments import Contingents, measure


@dataclass(frozen=True)
class View:
    """One run as the sources would have seen it: the flat vector, attacks and fatal days, natural experiments."""

    vector: dict[str, float]
    harm: Harm
    natural: dict[str, float]


def look(record: RunRecord, seed: int, contingents: Contingents, choices: Choices = AS_REPORTED) -> View:
    """See a run from July 2013 to December 2020 at least; ``seed`` draws the press list, the same in every part."""
    return View(simulated(record, seed, choices), harm_of_run(record, seed), measure(record, contingents))
