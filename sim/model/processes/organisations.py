"""Organisations are founded, merge and end on dated days; their bands split when large and join when small."""

from sim.model.conflict import desert, list_bands
from sim.model.kernels import kernel
from sim.model.streams import child_key, uniform
from sim.model.tables import B_FOUNDED


@kernel
def organisations(
    cell_neighbour, cell_band, organisation_ended, organisation_heir, organisation_band, scheduled_strength, band_key,
    band_organisation, band_strength, band_cell, band_home, band_next, band_skill, band_weight, band_gain,
    band_deterred, band_found, band_children, band_born, day_of_month, balance,
    initial_skill, split_size, merge_size,
    key, stream, day,
):  # fmt: skip
    """Only foundings, mergers and first strengths are given; every later strength is the model's outcome.

    Source: facts organisations (dated, with priors); splitting and joining sizes are assumed.
    """
    for g in range(band_key.shape[0]):
        if band_born[g] == day and scheduled_strength[g] > 0:  # splits, which also set the day, come after
            band_strength[g] = scheduled_strength[g]
            band_skill[g] = initial_skill
            band_weight[g, :] = 1.0
            balance[B_FOUNDED] += scheduled_strength[g]
        if band_strength[g] > 0 and day > organisation_ended[band_organisation[g]]:
            heir = organisation_heir[band_organisation[g]]
            if heir >= 0:
                band_organisation[g] = heir
            else:
                desert(g, band_strength[g], band_strength, balance)
    if day_of_month[day] == 15:
        for g in range(band_key.shape[0]):
            _split(
                g, cell_neighbour, organisation_band, scheduled_strength, band_key, band_organisation, band_strength,
                band_cell, band_home, band_skill, band_weight, band_gain, band_deterred, band_found, band_children,
                band_born, split_size, key, stream, day,
            )  # fmt: skip
        list_bands(band_strength, band_cell, band_next, cell_band)  # who was founded or split off is in no list yet
        for g in range(band_key.shape[0]):
            _join(g, organisation_band, band_key, band_organisation, band_strength, band_next, merge_size)
    list_bands(band_strength, band_cell, band_next, cell_band)


@kernel
def _split(
    g, cell_neighbour, organisation_band, scheduled_strength, band_key, band_organisation, band_strength, band_cell,
    band_home, band_skill, band_weight, band_gain, band_deterred, band_found, band_children, band_born, split_size,
    key, stream, day,
):  # fmt: skip
    """Half of a large band takes the first free row: with the skill and weights of its parent, and nothing of whoever
    was in the row before."""
    if band_strength[g] <= split_size * organisation_band[band_organisation[g]]:
        return
    row = -1
    for k in range(band_key.shape[0]):
        if band_strength[k] == 0 and (scheduled_strength[k] == 0 or band_born[k] < day):
            row = k
            break
    if row < 0:
        return
    band_children[g] += 1
    band_key[row] = child_key(band_key[g], stream, band_children[g])
    band_children[row] = 0
    band_born[row] = day
    band_organisation[row] = band_organisation[g]
    band_strength[row] = band_strength[g] // 2
    band_strength[g] -= band_strength[row]
    band_skill[row] = band_skill[g]
    band_deterred[row] = 0
    band_found[row] = 0
    for k in range(4):
        band_weight[row, k] = band_weight[g, k]
        band_gain[row, k] = 0.0
    band_home[row] = band_cell[g]
    out = cell_neighbour[band_cell[g], int(uniform(key, band_key[row], day, stream) * 8.0)]
    band_cell[row] = out if out >= 0 else band_cell[g]


@kernel
def _join(g, organisation_band, band_key, band_organisation, band_strength, band_next, merge_size):
    """A small band joins the first small band of its organisation in the cell; the smaller key stays."""
    limit = merge_size * organisation_band[band_organisation[g]]
    if band_strength[g] == 0 or band_strength[g] > limit:
        return
    other = band_next[g]
    while other >= 0:
        if band_organisation[other] == band_organisation[g] and 0 < band_strength[other] <= limit:
            keep = g if band_key[g] < band_key[other] else other
            gone = other if keep == g else g
            band_strength[keep] += band_strength[gone]
            band_strength[gone] = 0
            return
        other = band_next[other]
