"""People who trust and do not fear report devices and armed groups; where groups rule, informers are punished."""

import math

from sim.model.kernels import could_happen, happens, kernel
from sim.model.streams import first_uniforms


@kernel
def information(
    cell_key, cell_devices, cell_band, cell_tip, cell_informed, cell_trust, cell_fear, cell_presence, cell_near_base,
    cell_population, cell_chance, base_analysis,
    tip_rate, tip_contact, informed_memory, analysis_without_base, tip_people, tip_unanalysed,
    key, stream, day,
):  # fmt: skip
    """A warning reaches the mission where there is something to report, contact, trust, and people who evaluate it.

    Source: the mission's conflict mapping and community liaison; direction by survey experiments in Mali (Nomikos).
    """
    fading = math.exp(-1.0 / informed_memory)
    first_uniforms(key, cell_key, day, stream, cell_chance)
    for c in range(cell_key.shape[0]):
        cell_tip[c] = 0
        cell_informed[c] *= fading
        if cell_devices[c] == 0 and cell_band[c] < 0:
            continue
        b = cell_near_base[c]
        analysis = base_analysis[b] if b >= 0 else analysis_without_base
        willing = cell_trust[c] * (1.0 - cell_fear[c])
        people = min(1.0, cell_population[c] / tip_people)
        if not could_happen(cell_chance[c], tip_rate * willing * people * (tip_unanalysed + analysis)):
            continue
        contact = 1.0 - math.exp(-tip_contact * cell_presence[c])
        rate = tip_rate * contact * willing * people * (tip_unanalysed + analysis)
        if happens(cell_chance[c], rate):
            cell_tip[c] = 1
            cell_informed[c] += 1.0
