"""The displaced return when home is calm."""

import math

from sim.model.kernels import binomial_inverse, kernel
from sim.model.recorder import L_RETURNED
from sim.model.streams import uniform


@kernel
def return_home(
    cell_region, cell_harm, cell_presence, community_key, community_home, community_displaced, community_refuge,
    community_fear, day_of_month, ledger,
    return_rate, return_fear_effect, return_harm_effect, return_presence_gain, return_harm_limit, witness_limit,
    return_cap,
    key, stream, day,
):  # fmt: skip
    """Once a month a share goes home: less where fear and fresh harm remain, more where patrols are seen.

    Source: stocks fell from 255,000 to 37,000 in 2013-16 and rose after 2017; the rate is by hand against them.
    """
    if day_of_month[day] != 1:
        return
    for m in range(community_key.shape[0]):
        if community_displaced[m] == 0:
            continue
        home = community_home[m]
        fresh = min(return_harm_limit, cell_harm[home])
        calm = math.exp(-return_fear_effect * community_fear[m] - return_harm_effect * fresh)
        seen = min(witness_limit, cell_presence[home])
        share = min(return_cap, return_rate * calm * (1.0 + return_presence_gain * seen))
        back = binomial_inverse(uniform(key, community_key[m], day, stream), community_displaced[m], share)
        community_displaced[m] -= back
        if community_displaced[m] == 0:
            community_refuge[m] = -1
        ledger[day, cell_region[home], L_RETURNED] += back
