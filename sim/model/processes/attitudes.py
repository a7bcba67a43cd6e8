"""What people remember: deaths, who protected them, who harmed them."""

import math

from sim.model.conflict import BAND_UNIT
from sim.model.kernels import inlined_kernel, kernel
from sim.model.recorder import E_ACTOR, E_CELL, E_CIVILIANS, E_FIGHTERS, E_KIND, E_MALIAN, K_NON_STATE, K_ONE_SIDED
from sim.model.tables import SELF_DEFENCE


@kernel
def attitudes(
    cell_harm, cell_revenge, cell_abuse, cell_trust, cell_state_trust, cell_fear, cell_population, cell_presence,
    cell_national, cell_band, cell_near_base, cell_region, cell_first, cell_last, base_projects, base_guards,
    band_strength, band_next, band_organisation, organisation_family, community_population, community_displaced,
    community_refuge, community_trust, community_state_trust, community_fear, events, event_count, event_today,
    movement,
    lever_coordination,
    harm_memory, revenge_memory, fear_of_deaths, fear_of_fighters, fear_relief, fear_speed, trust_speed, trust_presence,
    trust_projects, trust_harm, trust_politics, trust_partiality, state_trust_base, state_trust_abuse,
    state_trust_presence, combatant_harm, combatant_revenge, fear_self_defence, guards_per_patrol, presence_limit,
    harm_limit, abuse_noticed, trust_base, trust_patrols, projects_full, garrison_full,
    day,
):  # fmt: skip
    """Fear follows deaths and fighters nearby and yields to patrols; trust follows presence and projects and is lost
    by harm.

    Source: Mali-Metre surveys (trust by region), patrol experiments in Mali (direction); speeds assumed.
    """
    fading = math.exp(-1.0 / harm_memory)
    calming = math.exp(-1.0 / revenge_memory)
    for c in range(cell_harm.shape[0]):
        cell_harm[c] *= fading
        cell_abuse[c] *= fading
        cell_revenge[c] *= calming
    malian = organisation_family.shape[0]
    for row in range(event_today[0], event_count[0]):
        c = events[row, E_CELL]
        civilians = events[row, E_CIVILIANS]
        cell_harm[c] += civilians + combatant_harm * (events[row, E_FIGHTERS] + events[row, E_MALIAN])
        if events[row, E_ACTOR] == malian:
            cell_abuse[c] += civilians
        if events[row, E_KIND] == K_ONE_SIDED or events[row, E_KIND] == K_NON_STATE:
            cell_revenge[c] += civilians + combatant_revenge * events[row, E_FIGHTERS]
    if day % 7 != 0:
        return
    for c in range(cell_harm.shape[0]):
        cell_population[c] = 0
    for m in range(community_population.shape[0]):
        if community_displaced[m] > 0 and community_refuge[m] >= 0:
            cell_population[community_refuge[m]] += community_displaced[m]
    for c in range(cell_harm.shape[0]):
        r = cell_region[c]
        fighters = _fighters(cell_band[c], band_strength, band_next, band_organisation, organisation_family,
                             fear_self_defence)  # fmt: skip
        b = cell_near_base[c]
        projects = base_projects[b] if b >= 0 else 0.0
        guards = base_guards[b] if b >= 0 else 0.0
        presence = min(presence_limit, cell_presence[c]) + guards / guards_per_patrol
        afraid = 1.0 - math.exp(-fear_of_deaths * cell_harm[c] - fear_of_fighters * fighters / BAND_UNIT)
        afraid *= math.exp(-fear_relief * presence)
        backing = trust_base + trust_presence * (1.0 - math.exp(-presence / trust_patrols))
        backing += trust_projects * min(1.0, projects / projects_full)
        backing -= trust_harm * min(harm_limit, cell_harm[c]) + trust_politics * (1.0 - movement[day, r])
        backing -= trust_partiality * lever_coordination[day, r] * min(1.0, cell_abuse[c] / abuse_noticed)
        state = state_trust_base + state_trust_presence * min(1.0, cell_national[c] / garrison_full)
        state *= math.exp(-state_trust_abuse * cell_abuse[c])
        _relax(
            c, min(1.0, max(0.0, backing)), state, afraid, cell_first, cell_last, cell_trust, cell_state_trust,
            cell_fear,
            cell_population, community_population, community_displaced, community_trust, community_state_trust,
            community_fear, fear_speed, trust_speed,
        )  # fmt: skip


@inlined_kernel
def _fighters(head, band_strength, band_next, band_organisation, organisation_family, fear_self_defence):
    total = 0.0
    g = head
    while g >= 0:
        weight = fear_self_defence if organisation_family[band_organisation[g]] == SELF_DEFENCE else 1.0
        total += weight * band_strength[g]
        g = band_next[g]
    return total


@inlined_kernel
def _relax(
    c, backing, state, afraid, cell_first, cell_last, cell_trust, cell_state_trust, cell_fear, cell_population,
    community_population, community_displaced, community_trust, community_state_trust, community_fear, fear_speed,
    trust_speed,
):  # fmt: skip
    trust = 0.0
    state_trust = 0.0
    fear = 0.0
    count = cell_last[c] - cell_first[c]
    for m in range(cell_first[c], cell_last[c]):
        community_trust[m] += 7.0 * trust_speed * (backing - community_trust[m])
        community_state_trust[m] += 7.0 * trust_speed * (state - community_state_trust[m])
        community_fear[m] += 7.0 * fear_speed * (afraid - community_fear[m])
        cell_population[c] += community_population[m] - community_displaced[m]
        trust += community_trust[m]
        state_trust += community_state_trust[m]
        fear += community_fear[m]
    if count > 0:
        cell_trust[c] = trust / count
        cell_state_trust[c] = state_trust / count
        cell_fear[c] = fear / count
