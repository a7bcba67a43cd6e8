"""A search team finds a share of the devices on the way of its convoy; a warning leads to some of the others.

A team finds each device in the cell with probability min(1, ``search_reach`` x km / road km) x min(``find_cap``,
``find_probability`` x (1 + ``find_training_gain`` x training of the team)).  After a warning each device there is
disposed of with ``tip_find_probability``.
"""

from typing import TYPE_CHECKING

from tests.reference.counts import binomial
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.events import Event, Trip
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("clearance")


def clearance(model: "ReferenceModel") -> None:
    """Search teams first, then warnings."""
    for trip in model.trips:
        if trip.cleared and trip.cell.devices > 0:
            _search(trip)
    for cell in model.cells:
        if cell.tip and cell.devices > 0:
            found = binomial(cell.draw(STREAM + 1)[0], cell.devices, model.p.tip_find_probability)
            if found > 0:
                _find(cell, found, "road", cell.key)


def _search(trip: "Trip") -> None:
    p, cell = trip.cell.model.p, trip.cell
    searchers = trip.convoy.clearing_unit
    skill = searchers.training if searchers else 0.0
    each = min(p.find_cap, p.find_probability * (1.0 + p.find_training_gain * skill))
    met = min(1.0, p.search_reach * trip.km / max(p.road_km_floor, cell.road_km))
    found = binomial(trip.draw(STREAM)[0], cell.devices, met * each)
    if found > 0:
        event = _find(cell, found, "convoy", trip.key)
        event.cleared = True
        event.unit = trip.unit


def _find(cell: "Cell", found: int, activity: str, key: int) -> "Event":
    cell.devices -= found
    cell.layer.found += found
    return cell.model.record(
        cell, "find", "find", activity, cell.laid_by, key, devices_found=found
    )  # fmt: skip
