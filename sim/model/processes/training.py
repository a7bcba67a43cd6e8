"""Training, drills and equipment build up with the effort given to them and fade without it."""

from sim.model.kernels import kernel


@kernel
def training(units, levers, p, day):
    """Each training day closes a share of the gap to full skill; drills are forgotten within weeks; vehicles arrive
    slowly.

    Source: the mission's leadership credited training, rehearsals and drills in May 2018; the rates are assumed.
    """
    for u in range(units.strength.shape[0]):
        if units.strength[u] == 0:
            continue
        gained = p.training_gain * units.training_days[u] * (1.0 - units.training[u])
        units.training[u] += gained - p.training_decay / 365.0 * units.training[u]
        refreshed = min(1.0, p.drill_gain * units.drill_days[u]) * (1.0 - units.drill[u])
        units.drill[u] += refreshed - units.drill[u] / p.drill_memory
        units.protection[u] += (levers.equipment[day, units.base[u]] - units.protection[u]) / p.equipment_delivery_days
