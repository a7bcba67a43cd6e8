"""What people remember: deaths, who protected them, who harmed them."""

import math

from sim.model.conflict import BAND_UNIT
from sim.model.kernels import inlined_kernel, kernel
from sim.model.recorder import E_ACTOR, E_CELL, E_CIVILIANS, E_FIGHTERS, E_KIND, E_MALIAN, K_NON_STATE, K_ONE_SIDED
from sim.model.tables import SELF_DEFENCE


@kernel
def attitudes(daily, cells, bases, organisations, bands, communities, levers, recorder, p, day):
    """Fear follows deaths and fighters nearby and yields to patrols; trust follows presence and projects and is lost
    by harm.

    Source: Mali-Metre surveys (trust by region), patrol experiments in Mali (direction); speeds assumed.
    """
    fading = math.exp(-1.0 / p.harm_memory)
    calming = math.exp(-1.0 / p.revenge_memory)
    for c in range(cells.harm.shape[0]):
        cells.harm[c] *= fading
        cells.abuse[c] *= fading
        cells.revenge[c] *= calming
    malian = organisations.family.shape[0]
    for row in range(recorder.event_today[0], recorder.event_count[0]):
        c = recorder.events[row, E_CELL]
        civilians = recorder.events[row, E_CIVILIANS]
        cells.harm[c] += civilians + p.combatant_harm * (
            recorder.events[row, E_FIGHTERS] + recorder.events[row, E_MALIAN]
        )
        if recorder.events[row, E_ACTOR] == malian:
            cells.abuse[c] += civilians
        if recorder.events[row, E_KIND] == K_ONE_SIDED or recorder.events[row, E_KIND] == K_NON_STATE:
            cells.revenge[c] += civilians + p.combatant_revenge * recorder.events[row, E_FIGHTERS]
    if day % 7 != 0:
        return
    for c in range(cells.harm.shape[0]):
        cells.population[c] = 0
    for m in range(communities.population.shape[0]):
        if communities.displaced[m] > 0 and communities.refuge[m] >= 0:
            cells.population[communities.refuge[m]] += communities.displaced[m]
    for c in range(cells.harm.shape[0]):
        r = cells.region[c]
        fighters = _fighters(cells.band[c], organisations, bands, p)
        b = cells.near_base[c]
        projects = bases.projects[b] if b >= 0 else 0.0
        guards = bases.guards[b] if b >= 0 else 0.0
        presence = min(p.presence_limit, cells.presence[c]) + guards / p.guards_per_patrol
        afraid = 1.0 - math.exp(-p.fear_of_deaths * cells.harm[c] - p.fear_of_fighters * fighters / BAND_UNIT)
        afraid *= math.exp(-p.fear_relief * presence)
        backing = p.trust_base + p.trust_presence * (1.0 - math.exp(-presence / p.trust_patrols))
        backing += p.trust_projects * min(1.0, projects / p.projects_full)
        backing -= p.trust_harm * min(p.harm_limit, cells.harm[c]) + p.trust_politics * (1.0 - daily.movement[day, r])
        backing -= p.trust_partiality * levers.coordination[day, r] * min(1.0, cells.abuse[c] / p.abuse_noticed)
        state = p.state_trust_base + p.state_trust_presence * min(1.0, cells.national[c] / p.garrison_full)
        state *= math.exp(-p.state_trust_abuse * cells.abuse[c])
        _relax(c, min(1.0, max(0.0, backing)), state, afraid, cells, communities, p)


@inlined_kernel
def _fighters(head, organisations, bands, p):
    total = 0.0
    g = head
    while g >= 0:
        weight = p.fear_self_defence if organisations.family[bands.organisation[g]] == SELF_DEFENCE else 1.0
        total += weight * bands.strength[g]
        g = bands.next[g]
    return total


@inlined_kernel
def _relax(c, backing, state, afraid, cells, communities, p):
    trust = 0.0
    state_trust = 0.0
    fear = 0.0
    count = cells.last[c] - cells.first[c]
    for m in range(cells.first[c], cells.last[c]):
        communities.trust[m] += 7.0 * p.trust_speed * (backing - communities.trust[m])
        communities.state_trust[m] += 7.0 * p.trust_speed * (state - communities.state_trust[m])
        communities.fear[m] += 7.0 * p.fear_speed * (afraid - communities.fear[m])
        cells.population[c] += communities.population[m] - communities.displaced[m]
        trust += communities.trust[m]
        state_trust += communities.state_trust[m]
        fear += communities.fear[m]
    if count > 0:
        cells.trust[c] = trust / count
        cells.state_trust[c] = state_trust / count
        cells.fear[c] = fear / count
