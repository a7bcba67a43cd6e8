"""Armed groups fight each other: non-state violence."""

import math

from sim.model.conflict import BAND_UNIT, kill_civilians, lose_fighters
from sim.model.kernels import happens, heavy_tailed_count, inlined_kernel, kernel
from sim.model.recorder import A_SETTLEMENT, E_CIVILIANS, E_FIGHTERS, K_NON_STATE, T_CLASH, record
from sim.model.streams import pair_key, uniforms


@kernel
def rivalry(
    cell_key, cell_region, cell_band, cell_first, cell_last, cell_revenge, region_tempo, band_key, band_organisation,
    band_strength, band_next, rivalry_start, rivalry_end, community_population, community_displaced, community_losses,
    events, event_count, balance,
    clash_rate, clash_scale, clash_spread, clash_civilian_ratio, revenge_effect, revenge_limit,
    key, stream, day,
):  # fmt: skip
    """Two bands of rival organisations in one cell clash at a rate that grows with what has gone before.

    Source: UCDP non-state dyads and their years; rates by hand against the deaths of 2014-18.
    """
    for c in range(cell_key.shape[0]):
        a = cell_band[c]
        while a >= 0:
            b = band_next[a]
            while b >= 0:
                if _rivals(a, b, day, band_organisation, rivalry_start, rivalry_end):
                    _clash(
                        a, b, c, cell_region[c], cell_first, cell_last, cell_revenge, region_tempo, band_key,
                        band_organisation, band_strength, community_population, community_displaced, community_losses,
                        events, event_count, balance, clash_rate, clash_scale, clash_spread, clash_civilian_ratio,
                        revenge_effect, revenge_limit, key, stream, day,
                    )  # fmt: skip
                b = band_next[b]
            a = band_next[a]


@inlined_kernel
def _rivals(a, b, day, band_organisation, rivalry_start, rivalry_end):
    i = band_organisation[a]
    j = band_organisation[b]
    return rivalry_start[i, j] <= day <= rivalry_end[i, j]


@inlined_kernel
def _clash(
    a, b, cell, region, cell_first, cell_last, cell_revenge, region_tempo, band_key, band_organisation, band_strength,
    community_population, community_displaced, community_losses, events, event_count, balance, clash_rate, clash_scale,
    clash_spread, clash_civilian_ratio, revenge_effect, revenge_limit, key, stream, day,
):  # fmt: skip
    smaller = min(band_strength[a], band_strength[b])
    if smaller == 0:
        return
    rate = clash_rate * math.sqrt(smaller / BAND_UNIT) * region_tempo[region]
    rate *= 1.0 + revenge_effect * min(revenge_limit, cell_revenge[cell])
    entity = pair_key(band_key[a], band_key[b])
    u0, u1, u2, u3 = uniforms(key, entity, day, stream)
    if not happens(u0, rate):
        return
    size = clash_scale * math.sqrt(smaller / BAND_UNIT)
    dead = lose_fighters(a, heavy_tailed_count(u1, size, clash_spread), band_strength, balance)
    dead += lose_fighters(b, heavy_tailed_count(u2, size, clash_spread), band_strength, balance)
    row = record(
        events, event_count, day, cell, region, K_NON_STATE, T_CLASH, A_SETTLEMENT, band_organisation[a], entity
    )
    events[row, E_FIGHTERS] = dead
    events[row, E_CIVILIANS] = kill_civilians(
        cell, int(dead * clash_civilian_ratio), u3, cell_first, cell_last, community_population, community_displaced,
        community_losses, balance,
    )  # fmt: skip
