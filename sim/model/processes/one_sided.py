"""Armed groups kill civilians: to rule, to punish informers, and in revenge."""

import math

from sim.model.conflict import BAND_UNIT, CIVILIANS, attack_civilians, rows_in_use
from sim.model.kernels import could_happen, happens, inlined_kernel, kernel
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST, SELF_DEFENCE


@kernel
def one_sided(daily, cells, regions, bases, organisations, bands, communities, recorder, p, key, stream, day):
    """Where patrols are seen a band holds back; where people informed or blood was shed it strikes more.

    Source: UCDP one-sided violence 2014-20; deterrence by local presence after Fjelde, Hultman and Nilsson (2019),
    direction only.
    """
    used = rows_in_use(bands.strength)
    first_uniforms(key, bands.key[:used], day, stream, bands.chance)
    for g in range(used):
        cell = bands.cell[g]
        if bands.strength[g] == 0 or cells.population[cell] == 0:
            continue
        family = organisations.family[bands.organisation[g]]
        will = _will(
            family,
            p.killing_will_jihadist,
            p.killing_will_islamic_state,
            p.killing_will_self_defence,
            p.killing_will_other,
        )
        r = cells.region[cell]
        rate = p.killing_rate * will * bands.weight[g, CIVILIANS] * bands.strength[g] / BAND_UNIT * regions.tempo[r]
        shed = min(p.revenge_limit, cells.revenge[cell])
        rate *= 1.0 + p.revenge_effect * shed + p.informer_effect * min(p.informer_limit, cells.informed[cell])
        deterred = p.presence_deterrence * min(p.presence_limit, cells.presence[cell])
        rate *= min(1.0, cells.population[cell] / p.killing_people)
        if daily.election[day, r] == 1:
            b = cells.near_base[cell]
            secured = math.exp(-p.securing_effect * bases.guards[b] / 100.0) if b >= 0 else 1.0
            rate *= 1.0 + (p.election_tempo - 1.0) * secured
        if deterred >= 0.0 and not could_happen(bands.chance[g], rate):
            continue
        dared = rate * math.exp(-deterred)
        u0, u1, u2, u3 = uniforms(key, bands.key[g], day, stream)
        if not happens(u0, max(rate, dared)):
            continue
        if u0 >= 1.0 - math.exp(-dared):
            bands.gain[g, CIVILIANS] -= p.learning_deterred
            bands.deterred[g] += 1
            continue
        attack_civilians(cell, r, bands.organisation[g], bands.key[g], u1, u2, u3, day, cells, communities, recorder, p)
        bands.gain[g, CIVILIANS] += p.learning_killing


@inlined_kernel
def _will(family, jihadist, islamic_state, self_defence, other):
    if family == JIHADIST:
        return jihadist
    if family == ISLAMIC_STATE:
        return islamic_state
    return self_defence if family == SELF_DEFENCE else other
