"""People who trust and do not fear report devices and armed groups; where groups rule, informers are punished."""

import math

from sim.model.kernels import could_happen, happens, kernel
from sim.model.streams import first_uniforms


@kernel
def information(cells, bases, p, key, stream, day):
    """A warning reaches the mission where there is something to report, contact, trust, and people who evaluate it.

    Source: the mission's conflict mapping and community liaison; direction by survey experiments in Mali (Nomikos).
    """
    fading = math.exp(-1.0 / p.informed_memory)
    first_uniforms(key, cells.key, day, stream, cells.chance)
    for c in range(cells.key.shape[0]):
        cells.tip[c] = 0
        cells.informed[c] *= fading
        if cells.devices[c] == 0 and cells.band[c] < 0:
            continue
        b = cells.near_base[c]
        analysis = bases.analysis[b] if b >= 0 else p.analysis_without_base
        willing = cells.trust[c] * (1.0 - cells.fear[c])
        people = min(1.0, cells.population[c] / p.tip_people)
        if not could_happen(cells.chance[c], p.tip_rate * willing * people * (p.tip_unanalysed + analysis)):
            continue
        contact = 1.0 - math.exp(-p.tip_contact * cells.presence[c])
        rate = p.tip_rate * contact * willing * people * (p.tip_unanalysed + analysis)
        if happens(cells.chance[c], rate):
            cells.tip[c] = 1
            cells.informed[c] += 1.0
