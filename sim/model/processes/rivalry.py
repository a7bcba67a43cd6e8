"""Armed groups fight each other: non-state violence."""

import math

from sim.model.conflict import BAND_UNIT, kill_civilians, lose_fighters
from sim.model.kernels import happens, heavy_tailed_count, inlined_kernel, kernel
from sim.model.recorder import A_SETTLEMENT, E_CIVILIANS, E_FIGHTERS, K_NON_STATE, T_CLASH, record
from sim.model.streams import pair_key, uniforms


@kernel
def rivalry(cells, regions, rivalries, bands, communities, recorder, p, key, stream, day):
    """Two bands of rival organisations in one cell clash at a rate that grows with what has gone before.

    Source: UCDP non-state dyads and their years; rates by hand against the deaths of 2014-18.
    """
    for c in range(cells.key.shape[0]):
        a = cells.band[c]
        while a >= 0:
            organisation = bands.organisation[a]
            b = bands.next[a]
            while b >= 0:
                if _rivals(organisation, bands.organisation[b], day, rivalries):
                    _clash(a, b, c, cells.region[c], cells, regions, bands, communities, recorder, p, key, stream, day)
                b = bands.next[b]
            a = bands.next[a]


@inlined_kernel
def _rivals(i, j, day, rivalries):
    return rivalries.start[i, j] <= day <= rivalries.end[i, j]


@inlined_kernel
def _clash(a, b, cell, region, cells, regions, bands, communities, recorder, p, key, stream, day):
    smaller = min(bands.strength[a], bands.strength[b])
    if smaller == 0:
        return
    rate = p.clash_rate * math.sqrt(smaller / BAND_UNIT) * regions.tempo[region]
    rate *= 1.0 + p.revenge_effect * min(p.revenge_limit, cells.revenge[cell])
    entity = pair_key(bands.key[a], bands.key[b])
    u0, u1, u2, u3 = uniforms(key, entity, day, stream)
    if not happens(u0, rate):
        return
    size = p.clash_scale * math.sqrt(smaller / BAND_UNIT)
    dead = lose_fighters(a, heavy_tailed_count(u1, size, p.clash_spread), bands, recorder)
    dead += lose_fighters(b, heavy_tailed_count(u2, size, p.clash_spread), bands, recorder)
    row = record(recorder, day, cell, region, K_NON_STATE, T_CLASH, A_SETTLEMENT, bands.organisation[a], entity)
    recorder.events[row, E_FIGHTERS] = dead
    recorder.events[row, E_CIVILIANS] = kill_civilians(
        cell, int(dead * p.clash_civilian_ratio), u3, cells, communities, recorder
    )
