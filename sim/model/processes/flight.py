"""People flee from deaths nearby, more so where they fear; towns shelter them."""

import math

from sim.model.conflict import cause_of
from sim.model.kernels import binomial_inverse, kernel
from sim.model.recorder import (
    E_CELL,
    E_CIVILIANS,
    E_FIGHTERS,
    E_KIND,
    E_MALIAN,
    E_PARTNER,
    E_TACTIC,
    K_FIND,
    K_MISSION,
    L_DISPLACED,
)
from sim.model.streams import pair_key, uniforms


@kernel
def flight(
    cell_region, cell_refuge, cell_first, cell_last, cell_presence, community_key, community_population,
    community_displaced, community_refuge, community_fear, events, event_count, event_today, ledger,
    flight_per_death, flight_fear_gain, combatant_weight, flight_presence_effect, flight_cap,
    flight_mission_weight, presence_limit,
    key, stream, day,
):  # fmt: skip
    """Each death drives a number of people out of the cell; fear adds to it, patrols that are seen take from it.

    Source: displaced per UCDP death 2015-18 (about 100); the shares are by hand against the year-end stocks.
    """
    for row in range(event_today[0], event_count[0]):
        if events[row, E_KIND] >= K_FIND:
            continue
        fighters = events[row, E_FIGHTERS] + events[row, E_MALIAN] + events[row, E_PARTNER]
        deaths = events[row, E_CIVILIANS] + combatant_weight * fighters
        if events[row, E_KIND] == K_MISSION:
            deaths *= flight_mission_weight
        if deaths <= 0.0:
            continue
        cell = events[row, E_CELL]
        residents = 0
        for m in range(cell_first[cell], cell_last[cell]):
            residents += community_population[m] - community_displaced[m]
        if residents <= 0:
            continue
        calm = math.exp(-flight_presence_effect * min(presence_limit, cell_presence[cell]))
        share = min(flight_cap, flight_per_death * deaths * calm / residents)
        cause = cause_of(row, event_today[0], events, stream)
        for m in range(cell_first[cell], cell_last[cell]):
            at_home = community_population[m] - community_displaced[m]
            u, _, _, _ = uniforms(key, pair_key(community_key[m], cause), day, stream + events[row, E_TACTIC])
            going = min(flight_cap, share * (1.0 + flight_fear_gain * community_fear[m]))
            leaving = binomial_inverse(u, at_home, going)
            if leaving == 0:
                continue
            community_displaced[m] += leaving
            community_refuge[m] = cell_refuge[cell]
            ledger[day, cell_region[cell], L_DISPLACED] += leaving
