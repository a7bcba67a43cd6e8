"""Armed groups learn what pays: they turn from hardened targets to softer ones, and make larger charges."""

import math

from sim.model.kernels import clamp, kernel


@kernel
def learning(organisations, bands, p, day):
    """Weights of targets rise with success and fall with failure, in competition: harm that is averted here may move
    there.

    Source: assumed; attacks are displaced to softer targets, and device size follows protection with a lag.
    """
    if day % 7 != 0:
        return
    for g in range(bands.strength.shape[0]):
        if bands.strength[g] == 0:
            continue
        total = 0.0
        for k in range(4):
            pull = clamp(p.learning_rate * bands.gain[g, k], -p.learning_limit, p.learning_limit)
            weight = bands.weight[g, k] * math.exp(pull)
            weight += 7.0 * p.forgetting * (1.0 - weight)
            bands.weight[g, k] = clamp(weight, 1.0 / p.weight_limit, p.weight_limit)
            total += bands.weight[g, k]
            bands.gain[g, k] = 0.0
        for k in range(4):
            bands.weight[g, k] *= 4.0 / total
        bands.skill[g] += p.skill_growth / 52.0 * (1.0 - bands.skill[g])
    for o in range(organisations.charge.shape[0]):
        goal = 1.0 + p.charge_response * organisations.seen[o]
        organisations.charge[o] += (goal - organisations.charge[o]) * 7.0 / p.charge_lag
