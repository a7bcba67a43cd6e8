"""Armed groups learn what pays: they turn from hardened targets to softer ones, and make larger charges."""

import math

from sim.model.kernels import clamp, kernel


@kernel
def learning(
    band_strength, band_weight, band_gain, band_skill, organisation_charge, organisation_seen,
    learning_rate, forgetting, weight_limit, skill_growth, charge_response, charge_lag, learning_limit,
    day,
):  # fmt: skip
    """Weights of targets rise with success and fall with failure, in competition: harm that is averted here may move
    there.

    Source: assumed; attacks are displaced to softer targets, and device size follows protection with a lag.
    """
    if day % 7 != 0:
        return
    for g in range(band_strength.shape[0]):
        if band_strength[g] == 0:
            continue
        total = 0.0
        for k in range(4):
            pull = clamp(learning_rate * band_gain[g, k], -learning_limit, learning_limit)
            weight = band_weight[g, k] * math.exp(pull)
            weight += 7.0 * forgetting * (1.0 - weight)
            band_weight[g, k] = clamp(weight, 1.0 / weight_limit, weight_limit)
            total += band_weight[g, k]
            band_gain[g, k] = 0.0
        for k in range(4):
            band_weight[g, k] *= 4.0 / total
        band_skill[g] += skill_growth / 52.0 * (1.0 - band_skill[g])
    for o in range(organisation_charge.shape[0]):
        goal = 1.0 + charge_response * organisation_seen[o]
        organisation_charge[o] += (goal - organisation_charge[o]) * 7.0 / charge_lag
