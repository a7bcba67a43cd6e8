"""Illness kills peacekeepers in proportion to their number."""

from sim.model.conflict import die_in_camp
from sim.model.kernels import kernel
from sim.model.recorder import K_ILLNESS, T_ILLNESS


@kernel
def illness(bases, units, organisations, recorder, p, key, stream, day):
    """Deaths by illness at a constant rate per person-year.

    Source: 41 illness deaths from July 2013 to December 2018 in the UN record.
    """
    die_in_camp(K_ILLNESS, T_ILLNESS, p.illness_rate, bases, units, organisations, recorder, key, stream, day)
