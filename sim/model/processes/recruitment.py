"""Armed groups recruit where the state is distrusted and people were harmed, and from beyond the border; some leave."""

import math

from sim.model.kernels import binomial_inverse, kernel, poisson_inverse
from sim.model.streams import uniforms
from sim.model.tables import B_ABROAD, B_DESERTED, B_PEOPLE_RECRUITED, B_RECRUITED, B_REJOINED, ISLAMIC_STATE, JIHADIST


@kernel
def recruitment(
    cell_region, cell_state_trust, cell_abuse, cell_revenge, cell_population, cell_first, cell_last, region_threat,
    band_key, band_organisation, band_strength, band_cell, organisation_family, organisation_band, community_population,
    community_displaced, day_of_month, balance,
    recruit_rate, recruit_abuse_gain, recruit_revenge_gain, reservoir_rate, desertion_rate, people_per_fighter,
    recruit_people_floor, crowding_size, grievance_limit, recruit_threat,
    key, stream, day,
):  # fmt: skip
    """Monthly gains grow with distrust and grievance and are bounded by the people around; losses are proportional.

    Source: fighters' numbers only as priors (facts organisations); abuse as a driver of recruitment, direction only.
    """
    if day_of_month[day] != 1:
        return
    for g in range(band_key.shape[0]):
        if band_strength[g] == 0:
            continue
        c = band_cell[g]
        organisation = band_organisation[g]
        family = organisation_family[organisation]
        u0, u1, u2, u3 = uniforms(key, band_key[g], day, stream)
        gone = binomial_inverse(u0, band_strength[g], desertion_rate)
        _leave(g, c, gone, u3, cell_first, cell_last, band_strength, community_population, balance)
        room = max(0.0, 1.0 - band_strength[g] * people_per_fighter / (cell_population[c] + recruit_people_floor))
        crowding = 1.0 / (1.0 + band_strength[g] / (crowding_size * organisation_band[organisation]))
        grievance = 1.0 + recruit_abuse_gain * min(grievance_limit, cell_abuse[c])
        grievance += recruit_revenge_gain * min(grievance_limit, cell_revenge[c])
        pull = math.exp(recruit_threat * region_threat[cell_region[c]]) * (1.0 - cell_state_trust[c])
        wanted = poisson_inverse(u1, recruit_rate * band_strength[g] * room * crowding * grievance * pull)
        joined = _join(c, wanted, u3, cell_first, cell_last, community_population, community_displaced)
        band_strength[g] += joined
        balance[B_RECRUITED] += joined
        balance[B_PEOPLE_RECRUITED] += joined
        if family == JIHADIST or family == ISLAMIC_STATE:
            drawn = math.exp(recruit_threat * region_threat[cell_region[c]]) * crowding
            sent = poisson_inverse(u2, reservoir_rate * organisation_band[organisation] * drawn)
            band_strength[g] += sent
            balance[B_ABROAD] += sent


@kernel
def _leave(g, cell, number, u, cell_first, cell_last, band_strength, community_population, balance):
    """Deserters go back to a community of the cell."""
    count = cell_last[cell] - cell_first[cell]
    if number == 0 or count == 0:
        return
    band_strength[g] -= number
    balance[B_DESERTED] += number
    community_population[cell_first[cell] + int(u * count)] += number
    balance[B_REJOINED] += number


@kernel
def _join(cell, number, u, cell_first, cell_last, community_population, community_displaced):
    """Take up to ``number`` residents of one community of the cell; returns how many joined."""
    count = cell_last[cell] - cell_first[cell]
    if number == 0 or count == 0:
        return 0
    m = cell_first[cell] + int(u * count)
    joined = min(number, max(0, community_population[m] - community_displaced[m]))
    community_population[m] -= joined
    return joined
