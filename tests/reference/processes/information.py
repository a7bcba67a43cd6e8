"""A warning reaches the mission where there is something to report, contact, trust, and people who evaluate it.

In a cell with devices or bands it arises at rate ``tip_rate`` x contact x trust (1 - fear) x people x
(``tip_unanalysed`` + analysis).  It helps for the day and is remembered by armed groups.
"""

from typing import TYPE_CHECKING

from tests.reference.counts import chance, faded
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("information")


def information(model: "ReferenceModel") -> None:
    """Where people may warn, some do."""
    fading = faded(model.p.informed_memory)
    for cell in model.cells:
        cell.tip = False
        cell.informed *= fading
        if cell.devices == 0 and not cell.bands:
            continue
        rate = _warning_rate(cell)
        if rate > 0.0 and cell.draw(STREAM)[0] < chance(rate):
            cell.tip = True
            cell.informed += 1.0


def _warning_rate(cell: "Cell") -> float:
    p = cell.model.p
    analysis = cell.near_base.analysis if cell.near_base else p.analysis_without_base
    contact = chance(p.tip_contact * cell.presence)
    willing = cell.trust * (1.0 - cell.fear)
    people = min(1.0, cell.population / p.tip_people)
    return p.tip_rate * contact * willing * people * (p.tip_unanalysed + analysis)
