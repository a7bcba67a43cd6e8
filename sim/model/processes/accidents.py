"""Accidents kill peacekeepers in proportion to their number."""

from sim.model.conflict import die_in_camp
from sim.model.kernels import kernel
from sim.model.recorder import K_ACCIDENT, T_ACCIDENT


@kernel
def accidents(
    base_key, base_cell, base_region, base_strength, unit_base, unit_strength, unit_escorting, unit_clearing,
    organisation_family, events, event_count, balance,
    accident_rate,
    key, stream, day,
):  # fmt: skip
    """Deaths by accident at a constant rate per person-year.

    Source: 26 accident deaths from July 2013 to December 2018 in the UN record.
    """
    die_in_camp(
        K_ACCIDENT, T_ACCIDENT, accident_rate, base_key, base_cell, base_region, base_strength, unit_base,
        unit_strength, unit_escorting, unit_clearing, organisation_family, events, event_count, balance,
        key, stream, day,
    )  # fmt: skip
