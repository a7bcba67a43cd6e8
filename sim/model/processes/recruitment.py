"""Armed groups recruit where the state is distrusted and people were harmed, and from beyond the border; some leave."""

import math

from sim.model.kernels import binomial_inverse, kernel, poisson_inverse
from sim.model.streams import uniforms
from sim.model.tables import B_ABROAD, B_DESERTED, B_PEOPLE_RECRUITED, B_RECRUITED, B_REJOINED, ISLAMIC_STATE, JIHADIST


@kernel
def recruitment(daily, cells, regions, organisations, bands, communities, recorder, p, key, stream, day):
    """Monthly gains grow with distrust and grievance and are bounded by the people around; losses are proportional.

    Source: fighters' numbers only as priors (facts organisations); abuse as a driver of recruitment, direction only.
    """
    if daily.day_of_month[day] != 1:
        return
    for g in range(bands.key.shape[0]):
        if bands.strength[g] == 0:
            continue
        c = bands.cell[g]
        organisation = bands.organisation[g]
        family = organisations.family[organisation]
        u0, u1, u2, u3 = uniforms(key, bands.key[g], day, stream)
        gone = binomial_inverse(u0, bands.strength[g], p.desertion_rate)
        _leave(g, c, gone, u3, cells, bands, communities, recorder)
        room = max(0.0, 1.0 - bands.strength[g] * p.people_per_fighter / (cells.population[c] + p.recruit_people_floor))
        crowding = 1.0 / (1.0 + bands.strength[g] / (p.crowding_size * organisations.band[organisation]))
        grievance = 1.0 + p.recruit_abuse_gain * min(p.grievance_limit, cells.abuse[c])
        grievance += p.recruit_revenge_gain * min(p.grievance_limit, cells.revenge[c])
        pull = math.exp(p.recruit_threat * regions.threat[cells.region[c]]) * (1.0 - cells.state_trust[c])
        wanted = poisson_inverse(u1, p.recruit_rate * bands.strength[g] * room * crowding * grievance * pull)
        joined = _join(c, wanted, u3, cells, communities)
        bands.strength[g] += joined
        recorder.balance[B_RECRUITED] += joined
        recorder.balance[B_PEOPLE_RECRUITED] += joined
        if family == JIHADIST or family == ISLAMIC_STATE:
            drawn = math.exp(p.recruit_threat * regions.threat[cells.region[c]]) * crowding
            sent = poisson_inverse(u2, p.reservoir_rate * organisations.band[organisation] * drawn)
            bands.strength[g] += sent
            recorder.balance[B_ABROAD] += sent


@kernel
def _leave(g, cell, number, u, cells, bands, communities, recorder):
    """Deserters go back to a community of the cell."""
    count = cells.last[cell] - cells.first[cell]
    if number == 0 or count == 0:
        return
    bands.strength[g] -= number
    recorder.balance[B_DESERTED] += number
    communities.population[cells.first[cell] + int(u * count)] += number
    recorder.balance[B_REJOINED] += number


@kernel
def _join(cell, number, u, cells, communities):
    """Take up to ``number`` residents of one community of the cell; returns how many joined."""
    count = cells.last[cell] - cells.first[cell]
    if number == 0 or count == 0:
        return 0
    m = cells.first[cell] + int(u * count)
    joined = min(number, max(0, communities.population[m] - communities.displaced[m]))
    communities.population[m] -= joined
    return joined
