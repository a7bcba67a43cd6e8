"""Malian, partner and Wagner units hold their garrisons and go out from them."""

from sim.model.kernels import kernel
from sim.model.streams import uniforms


@kernel
def national_forces(
    cell_neighbour, cell_national, cell_partner, cell_region, national_key, national_home, national_kind,
    national_target, national_strength, national_cell, national_activity, month_of_day, day_of_month,
    sortie_rate, partner_sortie_rate,
    key, stream, day,
):  # fmt: skip
    """Losses are made good month by month; on some days a unit patrols a neighbouring cell.

    Source: strengths and garrisons as in facts other_forces and garrisons; sortie rates are assumed.
    """
    cell_national[:] = 0
    cell_partner[:] = 0
    for n in range(national_key.shape[0]):
        if day == 0 or day_of_month[day] == 1:
            national_strength[n] = national_target[month_of_day[day], n]
        home = national_home[n]
        national_cell[n] = home
        if national_strength[n] == 0:
            continue
        rate = sortie_rate if national_kind[n] == 0 else partner_sortie_rate
        u0, u1, _, _ = uniforms(key, national_key[n], day, stream)
        if u0 < rate * national_activity[day, cell_region[home]]:
            out = cell_neighbour[home, int(u1 * 8.0)]
            if out >= 0:
                national_cell[n] = out
        if national_kind[n] == 0:
            cell_national[national_cell[n]] += national_strength[n]
        else:
            cell_partner[national_cell[n]] += national_strength[n]
