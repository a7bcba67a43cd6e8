"""Fighters of signatory and self-defence groups hand in their arms and go home."""

from sim.model.kernels import binomial_inverse, kernel
from sim.model.streams import uniforms
from sim.model.tables import B_DEMOBILISED, B_REJOINED, ISLAMIC_STATE, JIHADIST


@kernel
def disarmament(
    cell_region, cell_first, cell_last, cell_fear, band_key, band_organisation, band_strength, band_cell,
    organisation_family, community_population, day_of_month, balance, lever_disarmament,
    disarmament_fear_effect, disarmament_cap,
    key, stream, day,
):  # fmt: skip
    """The programme's monthly places are shared by strength among eligible groups; where people fear, fewer come
    forward.

    Source: accelerated disarmament from late 2018; the effect of fear is assumed.
    """
    if day_of_month[day] != 1:
        return
    eligible = 0
    for g in range(band_key.shape[0]):
        if band_strength[g] > 0 and _eligible(organisation_family[band_organisation[g]]):
            eligible += band_strength[g]
    if eligible == 0:
        return
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0 or not _eligible(organisation_family[band_organisation[g]]):
            continue
        c = band_cell[g]
        places = lever_disarmament[day, cell_region[c]]
        count = cell_last[c] - cell_first[c]
        if places <= 0.0 or count == 0:
            continue
        share = min(disarmament_cap, places / eligible) * (1.0 - disarmament_fear_effect * cell_fear[c])
        u0, u1, _, _ = uniforms(key, band_key[g], day, stream)
        gone = binomial_inverse(u0, band_strength[g], share)
        band_strength[g] -= gone
        balance[B_DEMOBILISED] += gone
        community_population[cell_first[c] + int(u1 * count)] += gone
        balance[B_REJOINED] += gone


@kernel
def _eligible(family):
    return family != JIHADIST and family != ISLAMIC_STATE
