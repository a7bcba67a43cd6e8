"""Organisations are founded, merge and end on dated days; their bands split when large and join when small."""

from sim.model.conflict import desert, list_bands
from sim.model.kernels import kernel
from sim.model.streams import child_key, uniform
from sim.model.tables import B_FOUNDED


@kernel
def organisations(daily, cells, organisations, bands, recorder, p, key, stream, day):
    """Only foundings, mergers and first strengths are given; every later strength is the model's outcome.

    Source: facts organisations (dated, with priors); splitting and joining sizes are assumed.
    """
    for g in range(bands.key.shape[0]):
        if bands.born[g] == day and bands.scheduled_strength[g] > 0:  # splits, which also set the day, come after
            bands.strength[g] = bands.scheduled_strength[g]
            bands.skill[g] = p.initial_skill
            bands.weight[g, :] = 1.0
            recorder.balance[B_FOUNDED] += bands.scheduled_strength[g]
        if bands.strength[g] > 0 and day > organisations.ended[bands.organisation[g]]:
            heir = organisations.heir[bands.organisation[g]]
            if heir >= 0:
                bands.organisation[g] = heir
            else:
                desert(g, bands.strength[g], bands, recorder)
    if daily.day_of_month[day] == 15:
        for g in range(bands.key.shape[0]):
            _split(g, cells, organisations, bands, p, key, stream, day)
        list_bands(cells, bands)  # who was founded or split off is in no list yet
        for g in range(bands.key.shape[0]):
            _join(g, organisations, bands, p)
    list_bands(cells, bands)


@kernel
def _split(g, cells, organisations, bands, p, key, stream, day):
    """Half of a large band takes the first free row: with the skill and weights of its parent, and nothing of whoever
    was in the row before."""
    if bands.strength[g] <= p.split_size * organisations.band[bands.organisation[g]]:
        return
    row = -1
    for k in range(bands.key.shape[0]):
        if bands.strength[k] == 0 and (bands.scheduled_strength[k] == 0 or bands.born[k] < day):
            row = k
            break
    if row < 0:
        return
    bands.children[g] += 1
    bands.key[row] = child_key(bands.key[g], stream, bands.children[g])
    bands.children[row] = 0
    bands.born[row] = day
    bands.organisation[row] = bands.organisation[g]
    bands.strength[row] = bands.strength[g] // 2
    bands.strength[g] -= bands.strength[row]
    bands.skill[row] = bands.skill[g]
    bands.deterred[row] = 0
    bands.found[row] = 0
    for k in range(4):
        bands.weight[row, k] = bands.weight[g, k]
        bands.gain[row, k] = 0.0
    bands.home[row] = bands.cell[g]
    out = cells.neighbour[bands.cell[g], int(uniform(key, bands.key[row], day, stream) * 8.0)]
    bands.cell[row] = out if out >= 0 else bands.cell[g]


@kernel
def _join(g, organisations, bands, p):
    """A small band joins the first small band of its organisation in the cell; the smaller key stays."""
    limit = p.merge_size * organisations.band[bands.organisation[g]]
    if bands.strength[g] == 0 or bands.strength[g] > limit:
        return
    other = bands.next[g]
    while other >= 0:
        if bands.organisation[other] == bands.organisation[g] and 0 < bands.strength[other] <= limit:
            keep = g if bands.key[g] < bands.key[other] else other
            gone = other if keep == g else g
            bands.strength[keep] += bands.strength[gone]
            bands.strength[gone] = 0
            return
        other = bands.next[other]
