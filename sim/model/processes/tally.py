"""Stocks at the end of the day go into the ledger."""

from sim.model.conflict import rows_in_use
from sim.model.kernels import kernel
from sim.model.recorder import L_DEVICES, L_FIGHTERS, L_IDP, L_LIAISON, L_PERSONNEL


@kernel
def tally(cells, bands, communities, levers, recorder, p, day):
    """The displaced are counted where they shelter, fighters and devices where they are; liaison officers
    where there are troops.

    Source: bookkeeping; no claim about the world.
    """
    for m in range(communities.displaced.shape[0]):
        if communities.displaced[m] > 0:
            recorder.ledger[day, cells.region[communities.refuge[m]], L_IDP] += communities.displaced[m]
    for g in range(rows_in_use(bands.strength)):
        if bands.strength[g] > 0:
            recorder.ledger[day, cells.region[bands.cell[g]], L_FIGHTERS] += bands.strength[g]
    for c in range(cells.devices.shape[0]):
        if cells.devices[c] > 0:
            recorder.ledger[day, cells.region[c], L_DEVICES] += cells.devices[c]
    for r in range(recorder.ledger.shape[1]):
        if recorder.ledger[day, r, L_PERSONNEL] > 0.0:
            recorder.ledger[day, r, L_LIAISON] += p.liaison_officers * levers.coordination[day, r]
