"""Deterred harm that falls on others: who is turned away may strike where nobody watches."""

import math

from sim.model.conflict import attack_civilians
from sim.model.kernels import kernel
from sim.model.recorder import L_DETERRED, L_MOVED
from sim.model.streams import uniforms


@kernel
def displacement(
    cell_neighbour, cell_region, cell_population, cell_presence, cell_first, cell_last, band_key, band_organisation,
    band_strength, band_cell, band_deterred, community_population, community_displaced, community_losses, events,
    event_count, ledger, balance,
    displacement_share, presence_deterrence, presence_limit, killing_people, killing_scale, killing_spread,
    civilian_wounded_ratio, civilian_wounded_most,
    key, stream, day,
):  # fmt: skip
    """A band whose attack was deterred today attacks civilians within a cell's reach instead, in a share of cases, and
    rather where people live and patrols are seldom seen.

    Source: situational crime prevention displaced harm in 26 % of 574 observations (Guerette and Bowers 2009), the mode
    of an assumed share; devices that are found are laid anew by the same share (emplacement).
    """
    for g in range(band_key.shape[0]):
        deterred = band_deterred[g]
        band_deterred[g] = 0
        if deterred == 0 or band_strength[g] == 0:
            continue
        ledger[day, cell_region[band_cell[g]], L_DETERRED] += deterred
        u0, u1, _, _ = uniforms(key, band_key[g], day, stream)
        if u0 >= displacement_share:
            continue
        cell = _unwatched(u1, band_cell[g], cell_neighbour, cell_population, cell_presence, presence_deterrence,
                          presence_limit, killing_people)  # fmt: skip
        if cell >= 0:
            ledger[day, cell_region[cell], L_MOVED] += 1
            v0, v1, v2, _ = uniforms(key, band_key[g], day, stream + 1)
            attack_civilians(
                cell, cell_region[cell], band_organisation[g], band_key[g], v0, v1, v2, day, killing_scale,
                killing_spread, civilian_wounded_ratio, civilian_wounded_most, cell_first, cell_last,
                community_population, community_displaced, community_losses, events, event_count, balance,
            )  # fmt: skip


@kernel
def _unwatched(
    u, here, cell_neighbour, cell_population, cell_presence, presence_deterrence, presence_limit, killing_people
):
    """A settled cell, here or next to here, drawn by how far presence lets killings happen; -1 where nobody lives."""
    total = 0.0
    for k in range(9):
        c = cell_neighbour[here, k] if k < 8 else here
        total += _open(c, cell_population, cell_presence, presence_deterrence, presence_limit, killing_people)
    goal = u * total
    reached = 0.0
    chosen = -1
    for k in range(9):
        c = cell_neighbour[here, k] if k < 8 else here
        part = _open(c, cell_population, cell_presence, presence_deterrence, presence_limit, killing_people)
        if part > 0.0:
            chosen = c
            reached += part
            if reached >= goal:
                break
    return chosen


@kernel
def _open(c, cell_population, cell_presence, presence_deterrence, presence_limit, killing_people):
    if c < 0:
        return 0.0
    people = min(1.0, cell_population[c] / killing_people)
    return people * math.exp(-presence_deterrence * min(presence_limit, cell_presence[c]))
