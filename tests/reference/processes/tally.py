"""The displaced are counted where they shelter, fighters and devices where they are; liaison where there are troops."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel


def tally(model: "ReferenceModel") -> None:
    """Stocks at the end of the day go into the books."""
    for community in model.communities:
        if community.displaced > 0:
            community.refuge.region.book("internally_displaced", community.displaced)
    for band in model.bands:
        band.cell.region.book("fighters", band.strength)
    for cell in model.cells:
        if cell.devices > 0:
            cell.region.book("devices_standing", cell.devices)
    for region in model.regions:
        if region.books["personnel_days"] > 0.0:
            region.book("liaison_days", model.p.liaison_officers * region.level("coordination"))
