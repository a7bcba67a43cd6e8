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
def tasking(daily, bases, units, levers, recorder, p, day):
    """Guards come first, escorts on the road are gone, and every other task is scaled to the person-days that are left.

    Source: patrol totals of the mission anchor the volumes; the shares of a contingent's time are assumed.
    """
    total = 0
    for b in range(bases.strength.shape[0]):
        total += bases.strength[b]
    for b in range(bases.strength.shape[0]):
        strength = bases.strength[b]
        bases.scale[b] = 0.0
        if strength == 0:
            bases.standby[b] = bases.checkpoints[b] = bases.projects[b] = bases.analysis[b] = bases.guards[b] = 0.0
            for u in range(bases.first[b], bases.last[b]):
                units.free[u] = units.planned[u] = units.training_days[u] = units.drill_days[u] = 0.0
            continue
        guards = p.guard_share + p.guard_per_hardening * levers.base_protection[day, b]
        fixed = min(1.0, p.overhead_share + guards)
        free = 0.0
        patrollers = 0.0
        weight = 0.0
        on_road = 0
        for u in range(bases.first[b], bases.last[b]):
            away = units.escorting[u] + units.clearing[u]
            units.free[u] = max(0.0, units.strength[u] * (1.0 - fixed) - away)
            free += units.free[u]
            on_road += away
            own = patrol_weight(
                units.kind[u], p.patrol_weight_police, p.patrol_weight_reaction, p.patrol_weight_specialists
            )
            if own > 0.0:
                patrollers += units.free[u]
            weight += units.strength[u] * own
        caution = math.exp(-p.caution_effect * bases.caution[b])
        fuel = min(1.0, bases.stock[b] / (p.low_stock_days * strength))
        going = daily.operations[day, b]
        patrols = levers.patrols[day, b] / 1000.0 * strength * caution * fuel * going
        protection = levers.protection_of_civilians[day, b]
        party = (
            p.patrol_persons * (1.0 + p.protection_extra * protection)
            + p.liaison_persons * levers.joint_patrols[day, b]
        )
        classes = levers.training[day, b] / 30.0 * strength
        drilling = levers.drills[day, b] / 30.0 * p.drill_day_length * strength
        standby = levers.quick_reaction[day, b] * strength
        checks = going * levers.checkpoints[day, b] * p.checkpoint_persons
        projects = going * levers.civil_projects[day, b] * p.project_persons
        analysis = levers.information[day, b] * p.analyst_persons
        # camps for those who disarm are guarded by the mission, each base by its share of the troops
        camps = levers.disarmament[day, bases.region[b]] * p.disarmament_persons * strength / total
        securing = levers.election_security[day, b] * strength * daily.election[day, bases.region[b]]
        demand = patrols * party + classes + drilling + standby + checks + projects + analysis + securing + camps
        scale = min(1.0, free / demand) if demand > 0.0 else 1.0
        out = min(scale, p.patrol_share_cap * patrollers / (patrols * party)) if patrols > 0.0 else scale
        done = scale * (demand - patrols * party) + out * patrols * party
        bases.scale[b] = scale
        bases.standby[b] = scale * standby
        bases.checkpoints[b] = scale * going * levers.checkpoints[day, b]
        bases.projects[b] = scale * going * levers.civil_projects[day, b]
        bases.analysis[b] = scale * levers.information[day, b]
        bases.guards[b] = scale * securing
        training_days = scale * levers.training[day, b] / 30.0
        drill_days = scale * levers.drills[day, b] / 30.0
        for u in range(bases.first[b], bases.last[b]):
            own = patrol_weight(
                units.kind[u], p.patrol_weight_police, p.patrol_weight_reaction, p.patrol_weight_specialists
            )
            share = units.strength[u] * own / weight if weight > 0.0 else 0.0
            units.planned[u] = out * patrols * share
            units.training_days[u] = training_days
            units.drill_days[u] = drill_days
        r = bases.region[b]
        recorder.ledger[day, r, L_PERSONNEL] += strength
        recorder.ledger[day, r, L_EFFORT] += done + on_road + guards * strength
        recorder.ledger[day, r, L_EFFORT_SHORT] += demand - done
        recorder.ledger[day, r, L_TRAINING] += scale * (classes + drilling)
        recorder.ledger[day, r, L_STANDBY] += scale * standby
