"""Fighters of signatory and self-defence groups hand in their arms and go home."""

from sim.model.kernels import binomial_inverse, kernel
from sim.model.streams import uniforms
from sim.model.tables import B_DEMOBILISED, B_REJOINED, ISLAMIC_STATE, JIHADIST


@kernel
def disarmament(daily, cells, organisations, bands, communities, levers, recorder, p, key, stream, day):
    """The programme's monthly places are shared by strength among eligible groups; where people fear, fewer come
    forward.

    Source: accelerated disarmament from late 2018; the effect of fear is assumed.
    """
    if daily.day_of_month[day] != 1:
        return
    eligible = 0
    for g in range(bands.key.shape[0]):
        if bands.strength[g] > 0 and _eligible(organisations.family[bands.organisation[g]]):
            eligible += bands.strength[g]
    if eligible == 0:
        return
    for g in range(bands.key.shape[0]):
        if bands.strength[g] == 0 or not _eligible(organisations.family[bands.organisation[g]]):
            continue
        c = bands.cell[g]
        places = levers.disarmament[day, cells.region[c]]
        count = cells.last[c] - cells.first[c]
        if places <= 0.0 or count == 0:
            continue
        share = min(p.disarmament_cap, places / eligible) * (1.0 - p.disarmament_fear_effect * cells.fear[c])
        u0, u1, _, _ = uniforms(key, bands.key[g], day, stream)
        gone = binomial_inverse(u0, bands.strength[g], share)
        bands.strength[g] -= gone
        recorder.balance[B_DEMOBILISED] += gone
        communities.population[cells.first[c] + int(u1 * count)] += gone
        recorder.balance[B_REJOINED] += gone


@kernel
def _eligible(family):
    return family != JIHADIST and family != ISLAMIC_STATE
