"""Stocks at the end of the day go into the ledger."""

from sim.model.kernels import kernel
from sim.model.recorder import L_DEVICES, L_FIGHTERS, L_IDP, L_LIAISON, L_PERSONNEL


@kernel
def tally(
    cell_region, cell_devices, band_strength, band_cell, community_displaced, community_refuge, ledger,
    lever_coordination,
    liaison_officers,
    day,
):  # fmt: skip
    """The displaced are counted where they shelter, fighters and devices where they are; liaison officers
    where there are troops.

    Source: bookkeeping; no claim about the world.
    """
    for m in range(community_displaced.shape[0]):
        if community_displaced[m] > 0:
            ledger[day, cell_region[community_refuge[m]], L_IDP] += community_displaced[m]
    for g in range(band_strength.shape[0]):
        if band_strength[g] > 0:
            ledger[day, cell_region[band_cell[g]], L_FIGHTERS] += band_strength[g]
    for c in range(cell_devices.shape[0]):
        if cell_devices[c] > 0:
            ledger[day, cell_region[c], L_DEVICES] += cell_devices[c]
    for r in range(ledger.shape[1]):
        if ledger[day, r, L_PERSONNEL] > 0.0:
            ledger[day, r, L_LIAISON] += liaison_officers * lever_coordination[day, r]
