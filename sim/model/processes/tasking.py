"""The force commander shares out finite effort: what does not fit is not done."""

import math

from sim.model.kernels import kernel
from sim.model.recorder import L_EFFORT, L_EFFORT_SHORT, L_PERSONNEL, L_STANDBY, L_TRAINING
from sim.model.tables import COMBAT_CONVOY, ENGINEERS, INFANTRY, POLICE, REACTION, RECONNAISSANCE


@kernel
def patrol_weight(kind, police, reaction, specialists):
    """How much of the patrolling a soldier of this kind of unit does, relative to infantry."""
    if kind == INFANTRY or kind == RECONNAISSANCE:
        return 1.0
    if kind == POLICE:
        return police
    if kind == REACTION:
        return reaction
    if kind == COMBAT_CONVOY or kind == ENGINEERS:
        return specialists
    return 0.0


@kernel
def tasking(
    base_strength, base_region, base_scale, base_standby, base_checkpoints, base_projects, base_analysis, base_guards,
    base_caution, base_stock, base_first, base_last, unit_kind, unit_strength, unit_escorting, unit_clearing, unit_free,
    unit_planned,
    unit_training_days, unit_drill_days, operations, election, ledger,
    lever_training, lever_patrols, lever_drills, lever_joint_patrols, lever_checkpoints, lever_base_protection,
    lever_quick_reaction, lever_information, lever_protection_of_civilians, lever_civil_projects,
    lever_election_security, lever_disarmament,
    overhead_share, guard_share, guard_per_hardening, patrol_persons, liaison_persons, checkpoint_persons,
    project_persons, analyst_persons, protection_extra, drill_day_length, caution_effect, low_stock_days,
    disarmament_persons, patrol_weight_police, patrol_weight_reaction, patrol_weight_specialists, patrol_share_cap,
    day,
):  # fmt: skip
    """Guards come first, escorts on the road are gone, and every other task is scaled to the person-days that are left.

    Source: patrol totals of the mission anchor the volumes; the shares of a contingent's time are assumed.
    """
    total = 0
    for b in range(base_strength.shape[0]):
        total += base_strength[b]
    for b in range(base_strength.shape[0]):
        strength = base_strength[b]
        base_scale[b] = 0.0
        if strength == 0:
            base_standby[b] = base_checkpoints[b] = base_projects[b] = base_analysis[b] = base_guards[b] = 0.0
            for u in range(base_first[b], base_last[b]):
                unit_free[u] = unit_planned[u] = unit_training_days[u] = unit_drill_days[u] = 0.0
            continue
        guards = guard_share + guard_per_hardening * lever_base_protection[day, b]
        fixed = min(1.0, overhead_share + guards)
        free = 0.0
        patrollers = 0.0
        weight = 0.0
        on_road = 0
        for u in range(base_first[b], base_last[b]):
            away = unit_escorting[u] + unit_clearing[u]
            unit_free[u] = max(0.0, unit_strength[u] * (1.0 - fixed) - away)
            free += unit_free[u]
            on_road += away
            own = patrol_weight(unit_kind[u], patrol_weight_police, patrol_weight_reaction, patrol_weight_specialists)
            if own > 0.0:
                patrollers += unit_free[u]
            weight += unit_strength[u] * own
        caution = math.exp(-caution_effect * base_caution[b])
        fuel = min(1.0, base_stock[b] / (low_stock_days * strength))
        going = operations[day, b]
        patrols = lever_patrols[day, b] / 1000.0 * strength * caution * fuel * going
        protection = lever_protection_of_civilians[day, b]
        party = patrol_persons * (1.0 + protection_extra * protection) + liaison_persons * lever_joint_patrols[day, b]
        classes = lever_training[day, b] / 30.0 * strength
        drilling = lever_drills[day, b] / 30.0 * drill_day_length * strength
        standby = lever_quick_reaction[day, b] * strength
        checks = going * lever_checkpoints[day, b] * checkpoint_persons
        projects = going * lever_civil_projects[day, b] * project_persons
        analysis = lever_information[day, b] * analyst_persons
        # camps for those who disarm are guarded by the mission, each base by its share of the troops
        camps = lever_disarmament[day, base_region[b]] * disarmament_persons * strength / total
        securing = lever_election_security[day, b] * strength * election[day, base_region[b]]
        demand = patrols * party + classes + drilling + standby + checks + projects + analysis + securing + camps
        scale = min(1.0, free / demand) if demand > 0.0 else 1.0
        out = min(scale, patrol_share_cap * patrollers / (patrols * party)) if patrols > 0.0 else scale
        done = scale * (demand - patrols * party) + out * patrols * party
        base_scale[b] = scale
        base_standby[b] = scale * standby
        base_checkpoints[b] = scale * going * lever_checkpoints[day, b]
        base_projects[b] = scale * going * lever_civil_projects[day, b]
        base_analysis[b] = scale * lever_information[day, b]
        base_guards[b] = scale * securing
        training_days = scale * lever_training[day, b] / 30.0
        drill_days = scale * lever_drills[day, b] / 30.0
        for u in range(base_first[b], base_last[b]):
            own = patrol_weight(unit_kind[u], patrol_weight_police, patrol_weight_reaction, patrol_weight_specialists)
            share = unit_strength[u] * own / weight if weight > 0.0 else 0.0
            unit_planned[u] = out * patrols * share
            unit_training_days[u] = training_days
            unit_drill_days[u] = drill_days
        r = base_region[b]
        ledger[day, r, L_PERSONNEL] += strength
        ledger[day, r, L_EFFORT] += done + on_road + guards * strength
        ledger[day, r, L_EFFORT_SHORT] += demand - done
        ledger[day, r, L_TRAINING] += scale * (classes + drilling)
        ledger[day, r, L_STANDBY] += scale * standby
