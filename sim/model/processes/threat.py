"""What the model does not explain of the war moves slowly, region by region, and is carried as a latent threat."""

import math

from sim.model.kernels import kernel, normal_inverse
from sim.model.streams import uniform


@kernel
def threat(daily, regions, p, key, stream, day):
    """The tempo of armed groups in a region is exp(mean of its year + a weekly autoregressive deviation).

    Source: assumed; supply from abroad, sanctuaries and leadership are not modelled.
    """
    for r in range(regions.key.shape[0]):
        if day == 0:
            stationary = p.threat_spread / math.sqrt(1.0 - p.threat_persistence * p.threat_persistence)
            regions.deviation[r] = stationary * normal_inverse(uniform(key, regions.key[r], day, stream))
        elif day % 7 == 0:
            shock = p.threat_spread * normal_inverse(uniform(key, regions.key[r], day, stream))
            regions.deviation[r] = p.threat_persistence * regions.deviation[r] + shock
        regions.threat[r] = daily.threat_mean[day, r] + regions.deviation[r]
        regions.tempo[r] = math.exp(regions.threat[r])
