"""Contingents arrive, rotate and leave by schedule."""

from sim.model.kernels import kernel
from sim.model.tables import B_ARRIVED, B_DEPARTED


@kernel
def deployment(
    unit_base, unit_target, unit_rotation, unit_strength, unit_escorting, unit_clearing, unit_training, unit_drill,
    base_open, base_strength, base_evacuated, month_of_day, day_of_month, balance,
    predeployment_training, predeployment_drill,
    day,
):  # fmt: skip
    """Strength follows the schedule month by month; newcomers bring only their training at home.

    Source: UN strength totals x Geo-PKO location shares (facts strength, contingents); people on the road leave when
    back.
    """
    base_strength[:] = 0
    for u in range(unit_strength.shape[0]):
        b = unit_base[u]
        if day == 0 or day_of_month[day] == 1 or base_open[day, b] == 0:
            _adjust(
                u, unit_target[month_of_day[day], u] if base_open[day, b] == 1 else 0,
                base_open[day, b] == 0 and base_evacuated[b] == 0,
                unit_strength, unit_escorting, unit_clearing, unit_training, unit_drill, balance,
                predeployment_training, predeployment_drill,
            )  # fmt: skip
        if (day + unit_rotation[u]) % 365 == 0:
            unit_training[u] = predeployment_training
            unit_drill[u] = predeployment_drill
        base_strength[b] += unit_strength[u]


@kernel
def _adjust(
    u, target, awaits_evacuation,
    unit_strength, unit_escorting, unit_clearing, unit_training, unit_drill, balance,
    predeployment_training, predeployment_drill,
):  # fmt: skip
    strength = unit_strength[u]
    if awaits_evacuation and strength > 0:
        return
    new = max(target, unit_escorting[u] + unit_clearing[u])
    if new > strength:
        old_share = strength / new
        unit_training[u] = old_share * unit_training[u] + (1.0 - old_share) * predeployment_training
        unit_drill[u] = old_share * unit_drill[u] + (1.0 - old_share) * predeployment_drill
        balance[B_ARRIVED] += new - strength
    else:
        balance[B_DEPARTED] += strength - new
    unit_strength[u] = new
