"""Fear follows deaths and fighters and yields to patrols; trust follows presence and projects and is lost by harm.

Daily, deaths of the day enter the memories of the cell (harm, revenge, abuse), which fade.  Weekly, beliefs relax: fear
to [1 - exp(-deaths - fighters)] x exp(-relief x presence); trust in the mission to a base level + presence + projects -
harm - politics (the share of movement denied) - ``trust_partiality`` x coordination x abuse; trust in the state to
(``state_trust_base`` + its presence) x exp(-``state_trust_abuse`` x abuse).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.reference.counts import added, faded
from tests.reference.events import MALIAN_FORCES
from tests.reference.violence import PLATOON

if TYPE_CHECKING:
    from tests.reference.agents import Community
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell


def attitudes(model: "ReferenceModel") -> None:
    """Memories every day, beliefs once a week."""
    _remember(model)
    if model.day % 7 == 0:
        _count_people(model)
        for cell in model.cells:
            _form_beliefs(cell)


def _remember(model: "ReferenceModel") -> None:
    p = model.p
    fading, calming = faded(p.harm_memory), faded(p.revenge_memory)
    for cell in model.cells:
        cell.harm *= fading
        cell.abuse *= fading
        cell.revenge *= calming
    for event in model.events_today:
        cell = event.cell
        cell.harm += event.civilians_killed + p.combatant_harm * (event.fighters_killed + event.malian_forces_killed)
        if event.actor == MALIAN_FORCES:
            cell.abuse += event.civilians_killed
        if event.kind in ("one_sided", "non_state"):
            cell.revenge += event.civilians_killed + p.combatant_revenge * event.fighters_killed


def _count_people(model: "ReferenceModel") -> None:
    for cell in model.cells:
        cell.population = sum(community.at_home for community in cell.communities)
    for community in model.communities:
        if community.displaced > 0 and community.refuge is not None:
            community.refuge.population += community.displaced


@dataclass
class Outlook:
    """What those who live in a cell would come to believe if nothing changed."""

    trust: float
    state_trust: float
    fear: float


def _form_beliefs(cell: "Cell") -> None:
    outlook = _outlook(cell)
    for community in cell.communities:
        community.relax(outlook)
    count = len(cell.communities)
    if count > 0:
        cell.trust = added(community.trust for community in cell.communities) / count
        cell.state_trust = added(community.state_trust for community in cell.communities) / count
        cell.fear = added(community.fear for community in cell.communities) / count


def _outlook(cell: "Cell") -> Outlook:
    p, region, base = cell.model.p, cell.region, cell.near_base
    projects, guards = (base.projects, base.guards) if base else (0.0, 0.0)
    presence = min(p.presence_limit, cell.presence) + guards / p.guards_per_patrol
    afraid = 1.0 - math.exp(-p.fear_of_deaths * cell.harm - p.fear_of_fighters * _fighters(cell) / PLATOON)
    afraid *= math.exp(-p.fear_relief * presence)
    trust = p.trust_base + p.trust_presence * (1.0 - math.exp(-presence / p.trust_patrols))
    trust += p.trust_projects * min(1.0, projects / p.projects_full)
    trust -= p.trust_harm * min(p.harm_limit, cell.harm) + p.trust_politics * (1.0 - region.today("movement"))
    trust -= p.trust_partiality * region.level("coordination") * min(1.0, cell.abuse / p.abuse_noticed)
    state = p.state_trust_base + p.state_trust_presence * min(1.0, cell.national / p.garrison_full)
    state *= math.exp(-p.state_trust_abuse * cell.abuse)
    return Outlook(min(1.0, max(0.0, trust)), state, afraid)


def _fighters(cell: "Cell") -> float:
    """Fighters of the cell as people fear them: those of self-defence groups less."""
    eased = cell.model.p.fear_self_defence
    return added((eased if band.organisation.family == "self_defence" else 1.0) * band.strength for band in cell.bands)


class Believing:
    """A community forms beliefs."""

    def relax(self: "Community", outlook: Outlook) -> None:
        """A week's step towards what it sees around it."""
        p = self.model.p
        self.trust += 7.0 * p.trust_speed * (outlook.trust - self.trust)
        self.state_trust += 7.0 * p.trust_speed * (outlook.state_trust - self.state_trust)
        self.fear += 7.0 * p.fear_speed * (outlook.fear - self.fear)
