"""Guards come first, escorts on the road are gone, and every other task is scaled to the person-days that are left.

From what is free demand is summed: patrols x party (larger where patrols protect civilians or take liaison along),
training, drills, standby, checks, projects, analysis, camps for those who disarm (each base by its share of the
troops), polling.  All is multiplied by scale = min(1, free / demand); patrols are also bounded by a share of the time
of units that patrol, and fall to them by kind.  The shortfall is booked.
"""

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.agents import Base, PatrolUnit
    from tests.reference.model import ReferenceModel


def tasking(model: "ReferenceModel") -> None:
    """Every commander shares out the day."""
    troops = sum(base.strength for base in model.bases)
    for base in model.bases:
        base.scale = 0.0
        if base.strength == 0:
            base.standby = base.checkpoints = base.projects = base.analysis = base.guards = 0.0
        else:
            base.share_out(troops)


class Tasking:
    """The commander of a base shares out finite effort."""

    def share_out(self: "Base", troops: int) -> None:
        """Commit the people of the base to tasks; ``troops`` is the strength of the whole mission."""
        p, strength = self.model.p, self.strength
        guards = p.guard_share + p.guard_per_hardening * self.level("base_protection")
        fixed = min(1.0, p.overhead_share + guards)
        free, patrollers, weight, on_road = self.muster(fixed)

        caution = math.exp(-p.caution_effect * self.caution)
        fuel = min(1.0, self.stock / (p.low_stock_days * strength))
        going = self.operations
        patrols = self.level("patrols") / 1000.0 * strength * caution * fuel * going
        party = p.patrol_persons * (1.0 + p.protection_extra * self.level("protection_of_civilians"))
        party += p.liaison_persons * self.level("joint_patrols")
        classes = self.level("training") / 30.0 * strength
        drilling = self.level("drills") / 30.0 * p.drill_day_length * strength
        standby = self.level("quick_reaction") * strength
        checks = going * self.level("checkpoints") * p.checkpoint_persons
        projects = going * self.level("civil_projects") * p.project_persons
        analysis = self.level("information") * p.analyst_persons
        camps = self.region.level("disarmament") * p.disarmament_persons * strength / troops
        securing = self.level("election_security") * strength * self.region.today("election")

        demand = patrols * party + classes + drilling + standby + checks + projects + analysis + securing + camps
        scale = min(1.0, free / demand) if demand > 0.0 else 1.0
        out = min(scale, p.patrol_share_cap * patrollers / (patrols * party)) if patrols > 0.0 else scale
        done = scale * (demand - patrols * party) + out * patrols * party

        self.scale = scale
        self.standby = scale * standby
        self.checkpoints = scale * going * self.level("checkpoints")
        self.projects = scale * going * self.level("civil_projects")
        self.analysis = scale * self.level("information")
        self.guards = scale * securing
        for unit in self.units:
            share = unit.strength * unit.patrol_weight / weight if weight > 0.0 else 0.0
            unit.planned = out * patrols * share
            unit.training_days = scale * self.level("training") / 30.0
            unit.drill_days = scale * self.level("drills") / 30.0

        self.region.book("personnel_days", strength)
        self.region.book("effort_person_days", done + on_road + guards * strength)
        self.region.book("effort_shortfall", demand - done)
        self.region.book("training_days", scale * (classes + drilling))
        self.region.book("standby_days", scale * standby)

    def muster(self: "Base", fixed: float) -> tuple[float, float, float, int]:
        """After a ``fixed`` share and the road: who is free, who of them patrols, their weight, and the road itself."""
        free = patrollers = weight = 0.0
        on_road = 0
        for unit in self.units:
            away = unit.escorting + unit.clearing
            unit.free = max(0.0, unit.strength * (1.0 - fixed) - away)
            free += unit.free
            on_road += away
            if unit.patrol_weight > 0.0:
                patrollers += unit.free
            weight += unit.strength * unit.patrol_weight
        return free, patrollers, weight, on_road


class PatrolWeight:
    """How much of the patrolling falls to a unit."""

    @property
    def patrol_weight(self: "PatrolUnit") -> float:
        """What a soldier of this kind does, relative to infantry."""
        p = self.model.p
        weights = {
            "infantry": 1.0,
            "reconnaissance": 1.0,
            "formed_police": p.patrol_weight_police,
            "quick_reaction": p.patrol_weight_reaction,
            "combat_convoy": p.patrol_weight_specialists,
            "engineers": p.patrol_weight_specialists,
        }
        return weights.get(self.kind, 0.0)
