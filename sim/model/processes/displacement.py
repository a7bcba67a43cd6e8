"""Deterred harm that falls on others: who is turned away may strike where nobody watches."""

import math

from sim.model.conflict import attack_civilians
from sim.model.kernels import kernel
from sim.model.recorder import L_DETERRED, L_MOVED
from sim.model.streams import uniforms


@kernel
def displacement(cells, bands, communities, recorder, p, key, stream, day):
    """A band whose attack was deterred today attacks civilians within a cell's reach instead, in a share of cases, and
    rather where people live and patrols are seldom seen.

    Source: situational crime prevention displaced harm in 26 % of 574 observations (Guerette and Bowers 2009), the mode
    of an assumed share; devices that are found are laid again by the same share (emplacement).
    """
    for g in range(bands.key.shape[0]):
        deterred = bands.deterred[g]
        bands.deterred[g] = 0
        if deterred == 0 or bands.strength[g] == 0:
            continue
        recorder.ledger[day, cells.region[bands.cell[g]], L_DETERRED] += deterred
        u0, u1, _, _ = uniforms(key, bands.key[g], day, stream)
        if u0 >= p.displacement_share:
            continue
        cell = _unwatched(u1, bands.cell[g], cells, p)
        if cell >= 0:
            recorder.ledger[day, cells.region[cell], L_MOVED] += 1
            v0, v1, v2, _ = uniforms(key, bands.key[g], day, stream + 1)
            attack_civilians(
                cell,
                cells.region[cell],
                bands.organisation[g],
                bands.key[g],
                v0,
                v1,
                v2,
                day,
                cells,
                communities,
                recorder,
                p,
            )


@kernel
def _unwatched(u, here, cells, p):
    """A settled cell, here or next to here, drawn by how far presence lets killings happen; -1 where nobody lives."""
    total = 0.0
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        total += _open(c, cells, p)
    goal = u * total
    reached = 0.0
    chosen = -1
    for k in range(9):
        c = cells.neighbour[here, k] if k < 8 else here
        part = _open(c, cells, p)
        if part > 0.0:
            chosen = c
            reached += part
            if reached >= goal:
                break
    return chosen


@kernel
def _open(c, cells, p):
    if c < 0:
        return 0.0
    people = min(1.0, cells.population[c] / p.killing_people)
    return people * math.exp(-p.presence_deterrence * min(p.presence_limit, cells.presence[c]))
