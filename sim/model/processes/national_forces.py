"""Malian, partner and Wagner units hold their garrisons and go out from them."""

from sim.model.kernels import kernel
from sim.model.streams import uniforms


@kernel
def national_forces(daily, cells, nationals, p, key, stream, day):
    """Losses are made good month by month; on some days a unit patrols a neighbouring cell.

    Source: strengths and garrisons as in facts other_forces and garrisons; sortie rates are assumed.
    """
    cells.national[:] = 0
    cells.partner[:] = 0
    for n in range(nationals.key.shape[0]):
        if day == 0 or daily.day_of_month[day] == 1:
            nationals.strength[n] = nationals.target[daily.month_of_day[day], n]
        home = nationals.home[n]
        nationals.cell[n] = home
        if nationals.strength[n] == 0:
            continue
        rate = p.sortie_rate if nationals.kind[n] == 0 else p.partner_sortie_rate
        u0, u1, _, _ = uniforms(key, nationals.key[n], day, stream)
        if u0 < rate * daily.national_activity[day, cells.region[home]]:
            out = cells.neighbour[home, int(u1 * 8.0)]
            if out >= 0:
                nationals.cell[n] = out
        if nationals.kind[n] == 0:
            cells.national[nationals.cell[n]] += nationals.strength[n]
        else:
            cells.partner[nationals.cell[n]] += nationals.strength[n]
