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
def flight(cells, communities, recorder, p, key, stream, day):
    """Each death drives a number of people out of the cell; fear adds to it, patrols that are seen take from it.

    Source: displaced per UCDP death 2015-18 (about 100); the shares are by hand against the year-end stocks.
    """
    for row in range(recorder.event_today[0], recorder.event_count[0]):
        if recorder.events[row, E_KIND] >= K_FIND:
            continue
        fighters = recorder.events[row, E_FIGHTERS] + recorder.events[row, E_MALIAN] + recorder.events[row, E_PARTNER]
        deaths = recorder.events[row, E_CIVILIANS] + p.combatant_weight * fighters
        if recorder.events[row, E_KIND] == K_MISSION:
            deaths *= p.flight_mission_weight
        if deaths <= 0.0:
            continue
        cell = recorder.events[row, E_CELL]
        residents = 0
        for m in range(cells.first[cell], cells.last[cell]):
            residents += communities.population[m] - communities.displaced[m]
        if residents <= 0:
            continue
        calm = math.exp(-p.flight_presence_effect * min(p.presence_limit, cells.presence[cell]))
        share = min(p.flight_cap, p.flight_per_death * deaths * calm / residents)
        cause = cause_of(row, stream, recorder)
        for m in range(cells.first[cell], cells.last[cell]):
            at_home = communities.population[m] - communities.displaced[m]
            u, _, _, _ = uniforms(
                key, pair_key(communities.key[m], cause), day, stream + recorder.events[row, E_TACTIC]
            )
            going = min(p.flight_cap, share * (1.0 + p.flight_fear_gain * communities.fear[m]))
            leaving = binomial_inverse(u, at_home, going)
            if leaving == 0:
                continue
            communities.displaced[m] += leaving
            communities.refuge[m] = cells.refuge[cell]
            recorder.ledger[day, cells.region[cell], L_DISPLACED] += leaving
