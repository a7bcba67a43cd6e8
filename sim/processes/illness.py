"""Illness kills peacekeepers in proportion to their number."""

from sim.conflict import unit_struck
from sim.kernels import kernel, poisson_inverse
from sim.recorder import A_NONE, E_BASE, E_UN_OTHER, E_UNIT, K_ILLNESS, T_ILLNESS, record
from sim.streams import uniforms
from sim.tables import B_TROOPS_DIED


@kernel
def illness(
    base_key, base_cell, base_region, base_strength, unit_base, unit_strength, unit_escorting, unit_clearing,
    organisation_family, events, event_count, balance,
    illness_rate,
    key, stream, day,
):  # fmt: skip
    """Deaths by illness at a constant rate per person-year.

    Source: 41 illness deaths from July 2013 to December 2018 in the UN record.
    """
    nobody = organisation_family.shape[0] + 2  # the last actor
    for b in range(base_key.shape[0]):
        if base_strength[b] == 0:
            continue
        u0, u1, _, _ = uniforms(key, base_key[b], day, stream)
        dead = poisson_inverse(u0, illness_rate / 365.25 * base_strength[b])
        if dead == 0:
            continue
        unit = unit_struck(u1, b, base_strength[b], unit_base, unit_strength)
        dead = min(dead, unit_strength[unit] - unit_escorting[unit] - unit_clearing[unit])
        if dead <= 0:
            continue
        row = record(
            events,
            event_count,
            day,
            base_cell[b],
            base_region[b],
            K_ILLNESS,
            T_ILLNESS,
            A_NONE,
            nobody,
            base_key[b],
        )
        events[row, E_UN_OTHER] = dead
        events[row, E_BASE] = b
        events[row, E_UNIT] = unit
        unit_strength[unit] -= dead
        base_strength[b] -= dead
        balance[B_TROOPS_DIED] += dead
