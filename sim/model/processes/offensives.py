"""National and partner forces raid armed groups; some operations of national forces harm civilians."""

import math

from sim.model.conflict import BAND_UNIT, COMPANY, FORCES, kill_civilians, lose_fighters, lose_forces
from sim.model.kernels import binomial_inverse, could_happen, happens, heavy_tailed_count, inlined_kernel, kernel
from sim.model.recorder import (
    A_SETTLEMENT,
    E_CIVILIANS,
    E_FIGHTERS,
    E_JOINT,
    E_MALIAN,
    E_PARTNER,
    K_ONE_SIDED,
    K_STATE,
    T_KILLING,
    T_RAID,
    record,
)
from sim.model.streams import uniforms
from sim.model.tables import ISLAMIC_STATE, JIHADIST


@kernel
def offensives(daily, cells, nationals, organisations, bands, communities, levers, recorder, p, key, stream, day):
    """A unit raids a band in its own or a neighbouring cell; shared information helps it find one; abuse follows some
    raids.

    Source: UCDP state-based and one-sided violence by the government 2014-20; rates assumed, spikes are real.
    """
    for n in range(nationals.key.shape[0]):
        if nationals.strength[n] == 0:
            continue
        home = nationals.cell[n]
        r = cells.region[home]
        partner = nationals.kind[n] == 1
        rate = (p.partner_raid_rate if partner else p.raid_rate) * nationals.strength[n] / COMPANY
        shared = p.raid_tip_gain * levers.coordination[day, r]
        best = rate * (1.0 + shared) * daily.national_activity[day, r]
        u0, u1, u2, u3 = uniforms(key, nationals.key[n], day, stream)
        if shared >= 0.0 and not could_happen(u0, best):
            continue
        beyond = int((u1 - p.raid_home_share) / (1.0 - p.raid_home_share) * 8.0)
        cell = home if u1 < p.raid_home_share else cells.neighbour[home, min(7, beyond)]
        if cell < 0:
            continue
        g = _enemy(cells.band[cell], day, organisations, bands)
        if g < 0:
            continue
        told = shared * min(1.0, cells.informed[cell] / p.raid_tips)
        rate *= 1.0 + told
        rate *= daily.national_activity[day, r]
        if not happens(u0, rate):
            continue
        size = math.sqrt(bands.strength[g] / BAND_UNIT)
        killed = heavy_tailed_count(u2, (p.partner_raid_scale if partner else p.raid_scale) * size, p.raid_spread)
        row = record(
            recorder,
            day,
            cell,
            cells.region[cell],
            K_STATE,
            T_RAID,
            A_SETTLEMENT,
            bands.organisation[g],
            nationals.key[n],
        )
        killed = lose_fighters(g, killed, bands, recorder)
        recorder.events[row, E_FIGHTERS] = killed
        lost = binomial_inverse(u3, min(int(p.raid_party), nationals.strength[n]), p.raid_own_loss)
        lost = lose_forces(home, lost, not partner, nationals)
        recorder.events[row, E_PARTNER if partner else E_MALIAN] = lost
        recorder.events[row, E_JOINT] = 1 if told > 0.0 else 0
        bands.gain[g, FORCES] -= p.learning_loss * killed
        if partner:
            continue
        v0, v1, v2, _ = uniforms(key, nationals.key[n], day, stream + 1)
        seen = math.exp(-p.witness_effect * min(p.witness_limit, cells.presence[cell]))
        chance = p.abuse_probability * seen * (1.0 + p.abuse_harm_gain * min(p.harm_limit, cells.harm[home]))
        if nationals.kind[n] == 2:
            chance *= p.abuse_wagner_factor
        if v0 >= min(p.abuse_cap, chance) or cells.population[cell] == 0:
            continue
        dead = kill_civilians(
            cell, 1 + heavy_tailed_count(v1, p.abuse_scale, p.abuse_spread), v2, cells, communities, recorder
        )
        row = record(
            recorder,
            day,
            cell,
            cells.region[cell],
            K_ONE_SIDED,
            T_KILLING,
            A_SETTLEMENT,
            organisations.family.shape[0],
            nationals.key[n],
        )
        recorder.events[row, E_CIVILIANS] = dead


@inlined_kernel
def _enemy(head, day, organisations, bands):
    """The strongest living band in the list that the state fights; ties go to the first in the list."""
    best = -1
    g = head
    while g >= 0:
        organisation = bands.organisation[g]
        family = organisations.family[organisation]
        hunted = family == JIHADIST or family == ISLAMIC_STATE or day <= organisations.against_state[organisation]
        if hunted and bands.strength[g] > (bands.strength[best] if best >= 0 else 0):
            best = g
        g = bands.next[g]
    return best
