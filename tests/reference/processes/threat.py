"""The tempo of armed groups in a region is exp(mean of its day + deviation).

The mean is a path of straight lines between mid-years; the deviation is an autoregression by week, started from its
stationary distribution.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import normal
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.model import ReferenceModel

STREAM = stream_of("threat")


def threat(model: "ReferenceModel") -> None:
    """Every region's threat of today; its deviation moves once a week."""
    p = model.p
    for region in model.regions:
        if model.day == 0:
            stationary = p.threat_spread / math.sqrt(1.0 - p.threat_persistence * p.threat_persistence)
            region.deviation = stationary * normal(model.draw(region.key, STREAM)[0])
        elif model.day % 7 == 0:
            shock = p.threat_spread * normal(model.draw(region.key, STREAM)[0])
            region.deviation = p.threat_persistence * region.deviation + shock
        region.threat = region.today("threat_mean") + region.deviation
        region.tempo = math.exp(region.threat)
