"""The first compiled day of a machine, before work is given out."""

from contextlib import suppress

from sim.model.plan import Plan
from sim.model.simulation import Simulation


def compile_model(plan: Plan) -> None:
    """Simulate a day, so that after a change of version not every process compiles the model for itself."""
    with suppress(Exception):  # the runs themselves will say what is wrong
        Simulation(plan, plan.scenario.seed).advance_to(0)
