"""Two bands of rival organisations in one cell clash at a rate that grows with what has gone before.

The rate is ``clash_rate`` x root of the smaller's size x tempo x (1 + ``revenge_effect`` x remembered bloodshed).  Both
lose heavy-tailed counts; civilians die at ``clash_civilian_ratio`` of these.
"""

import math
from itertools import combinations
from typing import TYPE_CHECKING

from tests.reference.counts import chance, heavy_tailed
from tests.reference.draws import pair_key, stream_of
from tests.reference.violence import PLATOON, kill_civilians

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.model import ReferenceModel
    from tests.reference.places import Cell

STREAM = stream_of("rivalry")


def rivalry(model: "ReferenceModel") -> None:
    """Every two bands at feud that are in one cell may clash."""
    for cell in model.cells:
        for a, b in combinations(cell.bands, 2):
            if a.is_rival(b):
                _meet(a, b, cell)


class Feuding:
    """A band and its rivals."""

    def is_rival(self: "ArmedGroup", other: "ArmedGroup") -> bool:
        """Whether their organisations are at feud today."""
        feud = self.organisation.feuds.get(other.organisation)
        return feud is not None and feud[0] <= self.model.day <= feud[1]


def _meet(a: "ArmedGroup", b: "ArmedGroup", cell: "Cell") -> None:
    p, model = cell.model.p, cell.model
    smaller = min(a.strength, b.strength)
    if smaller == 0:
        return
    rate = p.clash_rate * math.sqrt(smaller / PLATOON) * cell.region.tempo
    rate *= 1.0 + p.revenge_effect * min(p.revenge_limit, cell.revenge)
    both = pair_key(a.key, b.key)
    u_clash, u_a, u_b, u_who = model.draw(both, STREAM)
    if u_clash >= chance(rate):
        return
    size = p.clash_scale * math.sqrt(smaller / PLATOON)
    dead = a.lose(heavy_tailed(u_a, size, p.clash_spread)) + b.lose(heavy_tailed(u_b, size, p.clash_spread))
    model.record(
        cell, "non_state", "clash", "settlement", a.organisation, both,
        fighters_killed=dead, civilians_killed=kill_civilians(cell, int(dead * p.clash_civilian_ratio), u_who),
    )  # fmt: skip
