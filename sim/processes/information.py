"""People who trust and do not fear report devices and armed groups; where groups rule, informers are punished."""

import math

from sim.kernels import kernel
from sim.streams import uniform


@kernel
def information(
    cell_key, cell_devices, cell_band, cell_tip, cell_informed, cell_trust, cell_fear, cell_presence, cell_near_base,
    cell_population, base_analysis,
    tip_rate, tip_contact, informed_memory, analysis_without_base, tip_people, tip_unanalysed,
    key, stream, day,
):  # fmt: skip
    """A warning reaches the mission where there is something to report, contact, trust, and people who evaluate it.

    Source: the mission's conflict mapping and community liaison; direction by survey experiments in Mali (Nomikos).
    """
    fading = math.exp(-1.0 / informed_memory)
    for c in range(cell_key.shape[0]):
        cell_tip[c] = 0
        cell_informed[c] *= fading
        if cell_devices[c] == 0 and cell_band[c] < 0:
            continue
        b = cell_near_base[c]
        analysis = base_analysis[b] if b >= 0 else analysis_without_base
        contact = 1.0 - math.exp(-tip_contact * cell_presence[c])
        willing = cell_trust[c] * (1.0 - cell_fear[c])
        people = min(1.0, cell_population[c] / tip_people)
        rate = tip_rate * contact * willing * people * (tip_unanalysed + analysis)
        if rate > 0.0 and uniform(key, cell_key[c], day, stream) < 1.0 - math.exp(-rate):
            cell_tip[c] = 1
            cell_informed[c] += 1.0
