"""What the model does not explain of the war moves slowly, region by region, and is carried as a latent threat."""

import math

from sim.model.kernels import kernel, normal_inverse
from sim.model.streams import uniform


@kernel
def threat(
    region_key, region_threat, region_deviation, region_tempo, threat_mean,
    threat_persistence, threat_spread,
    key, stream, day,
):  # fmt: skip
    """The tempo of armed groups in a region is exp(mean of its year + a weekly autoregressive deviation).

    Source: assumed; supply from abroad, sanctuaries and leadership are not modelled.
    """
    for r in range(region_key.shape[0]):
        if day == 0:
            stationary = threat_spread / math.sqrt(1.0 - threat_persistence * threat_persistence)
            region_deviation[r] = stationary * normal_inverse(uniform(key, region_key[r], day, stream))
        elif day % 7 == 0:
            shock = threat_spread * normal_inverse(uniform(key, region_key[r], day, stream))
            region_deviation[r] = threat_persistence * region_deviation[r] + shock
        region_threat[r] = threat_mean[day, r] + region_deviation[r]
        region_tempo[r] = math.exp(region_threat[r])
