"""Armed groups kill civilians: to rule, to punish informers, and in revenge."""

import math

from sim.model.conflict import BAND_UNIT, CIVILIANS, attack_civilians
from sim.model.kernels import could_happen, happens, inlined_kernel, kernel
from sim.model.streams import first_uniforms, uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST, SELF_DEFENCE


@kernel
def one_sided(
    cell_region, cell_population, cell_presence, cell_informed, cell_revenge, cell_first, cell_last, cell_near_base,
    region_tempo, base_guards, band_key, band_organisation, band_strength, band_cell, band_weight, band_gain,
    band_deterred, band_chance, organisation_family, community_population, community_displaced, community_losses,
    events, event_count, balance, election,
    killing_rate, killing_will_jihadist, killing_will_islamic_state, killing_will_self_defence, killing_will_other,
    killing_scale, killing_spread, presence_deterrence, informer_effect, revenge_effect, election_tempo,
    securing_effect,
    civilian_wounded_ratio, civilian_wounded_most, killing_people, presence_limit, informer_limit, revenge_limit,
    learning_killing, learning_deterred,
    key, stream, day,
):  # fmt: skip
    """Where patrols are seen a band holds back; where people informed or blood was shed it strikes more.

    Source: UCDP one-sided violence 2014-20; deterrence by local presence after Fjelde, Hultman and Nilsson (2019),
    direction only.
    """
    first_uniforms(key, band_key, day, stream, band_chance)
    for g in range(band_key.shape[0]):
        cell = band_cell[g]
        if band_strength[g] == 0 or cell_population[cell] == 0:
            continue
        family = organisation_family[band_organisation[g]]
        will = _will(
            family, killing_will_jihadist, killing_will_islamic_state, killing_will_self_defence, killing_will_other
        )
        r = cell_region[cell]
        rate = killing_rate * will * band_weight[g, CIVILIANS] * band_strength[g] / BAND_UNIT * region_tempo[r]
        shed = min(revenge_limit, cell_revenge[cell])
        rate *= 1.0 + revenge_effect * shed + informer_effect * min(informer_limit, cell_informed[cell])
        deterred = presence_deterrence * min(presence_limit, cell_presence[cell])
        rate *= min(1.0, cell_population[cell] / killing_people)
        if election[day, r] == 1:
            b = cell_near_base[cell]
            secured = math.exp(-securing_effect * base_guards[b] / 100.0) if b >= 0 else 1.0
            rate *= 1.0 + (election_tempo - 1.0) * secured
        if deterred >= 0.0 and not could_happen(band_chance[g], rate):
            continue
        dared = rate * math.exp(-deterred)
        u0, u1, u2, u3 = uniforms(key, band_key[g], day, stream)
        if not happens(u0, max(rate, dared)):
            continue
        if u0 >= 1.0 - math.exp(-dared):
            band_gain[g, CIVILIANS] -= learning_deterred
            band_deterred[g] += 1
            continue
        attack_civilians(
            cell, r, band_organisation[g], band_key[g], u1, u2, u3, day, killing_scale, killing_spread,
            civilian_wounded_ratio, civilian_wounded_most, cell_first, cell_last, community_population,
            community_displaced, community_losses, events, event_count, balance,
        )  # fmt: skip
        band_gain[g, CIVILIANS] += learning_killing


@inlined_kernel
def _will(family, jihadist, islamic_state, self_defence, other):
    if family == JIHADIST:
        return jihadist
    if family == ISLAMIC_STATE:
        return islamic_state
    return self_defence if family == SELF_DEFENCE else other
