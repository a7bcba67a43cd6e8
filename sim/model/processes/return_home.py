"""The displaced return when home is calm."""

import math

from sim.model.kernels import binomial_inverse, kernel
from sim.model.recorder import L_RETURNED
from sim.model.streams import uniform


@kernel
def return_home(daily, cells, communities, recorder, p, key, stream, day):
    """Once a month a share goes home: less where fear and fresh harm remain, more where patrols are seen.

    Source: stocks fell from 255,000 to 37,000 in 2013-16 and rose after 2017; the rate is by hand against them.
    """
    if daily.day_of_month[day] != 1:
        return
    for m in range(communities.key.shape[0]):
        if communities.displaced[m] == 0:
            continue
        home = communities.home[m]
        fresh = min(p.return_harm_limit, cells.harm[home])
        calm = math.exp(-p.return_fear_effect * communities.fear[m] - p.return_harm_effect * fresh)
        seen = min(p.witness_limit, cells.presence[home])
        share = min(p.return_cap, p.return_rate * calm * (1.0 + p.return_presence_gain * seen))
        back = binomial_inverse(uniform(key, communities.key[m], day, stream), communities.displaced[m], share)
        communities.displaced[m] -= back
        if communities.displaced[m] == 0:
            communities.refuge[m] = -1
        recorder.ledger[day, cells.region[home], L_RETURNED] += back
