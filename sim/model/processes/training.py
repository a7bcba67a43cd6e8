"""Training, drills and equipment build up with the effort given to them and fade without it."""

from sim.model.kernels import kernel


@kernel
def training(
    unit_base, unit_strength, unit_training, unit_drill, unit_protection, unit_training_days, unit_drill_days,
    lever_equipment,
    training_gain, training_decay, drill_gain, drill_memory, equipment_delivery_days,
    day,
):  # fmt: skip
    """Each training day closes a share of the gap to full skill; drills are forgotten within weeks; vehicles arrive
    slowly.

    Source: the mission's leadership credited training, rehearsals and drills in May 2018; the rates are assumed.
    """
    for u in range(unit_strength.shape[0]):
        if unit_strength[u] == 0:
            continue
        gained = training_gain * unit_training_days[u] * (1.0 - unit_training[u])
        unit_training[u] += gained - training_decay / 365.0 * unit_training[u]
        refreshed = min(1.0, drill_gain * unit_drill_days[u]) * (1.0 - unit_drill[u])
        unit_drill[u] += refreshed - unit_drill[u] / drill_memory
        unit_protection[u] += (lever_equipment[day, unit_base[u]] - unit_protection[u]) / equipment_delivery_days
