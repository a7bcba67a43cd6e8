"""Accidents kill peacekeepers in proportion to their number."""

from sim.model.conflict import die_in_camp
from sim.model.kernels import kernel
from sim.model.recorder import K_ACCIDENT, T_ACCIDENT


@kernel
def accidents(bases, units, organisations, recorder, p, key, stream, day):
    """Deaths by accident at a constant rate per person-year.

    Source: 26 accident deaths from July 2013 to December 2018 in the UN record.
    """
    die_in_camp(K_ACCIDENT, T_ACCIDENT, p.accident_rate, bases, units, organisations, recorder, key, stream, day)
