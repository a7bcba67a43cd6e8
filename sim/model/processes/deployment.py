"""Contingents arrive, rotate and leave by schedule."""

from sim.model.kernels import kernel
from sim.model.tables import B_ARRIVED, B_DEPARTED


@kernel
def deployment(daily, bases, units, recorder, p, day):
    """Strength follows the schedule month by month; newcomers bring only their training at home.

    Source: UN strength totals x Geo-PKO location shares (facts strength, contingents); people on the road leave when
    back.
    """
    bases.strength[:] = 0
    for u in range(units.strength.shape[0]):
        b = units.base[u]
        if day == 0 or daily.day_of_month[day] == 1 or bases.open[day, b] == 0:
            _adjust(
                u,
                units.target[daily.month_of_day[day], u] if bases.open[day, b] == 1 else 0,
                bases.open[day, b] == 0 and bases.evacuated[b] == 0,
                units,
                recorder,
                p,
            )
        if (day + units.rotation[u]) % 365 == 0:
            units.training[u] = p.predeployment_training
            units.drill[u] = p.predeployment_drill
        bases.strength[b] += units.strength[u]


@kernel
def _adjust(u, target, awaits_evacuation, units, recorder, p):
    strength = units.strength[u]
    if awaits_evacuation and strength > 0:
        return
    new = max(target, units.escorting[u] + units.clearing[u])
    if new > strength:
        old_share = strength / new
        units.training[u] = old_share * units.training[u] + (1.0 - old_share) * p.predeployment_training
        units.drill[u] = old_share * units.drill[u] + (1.0 - old_share) * p.predeployment_drill
        recorder.balance[B_ARRIVED] += new - strength
    else:
        recorder.balance[B_DEPARTED] += strength - new
    units.strength[u] = new
