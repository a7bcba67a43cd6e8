"""Once a month a share goes home: less where fear and fresh harm remain, more where patrols are seen.

The share is min(``return_cap``, ``return_rate`` x exp(-``return_fear_effect`` x fear - ``return_harm_effect`` x fresh
deaths) x (1 + ``return_presence_gain`` x patrols)), on the first of a month.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial
from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.agents import Community
    from tests.reference.model import ReferenceModel

STREAM = stream_of("return_home")


def return_home(model: "ReferenceModel") -> None:
    """Communities with displaced members decide on the first of a month."""
    if model.day_of_month == 1:
        for community in model.communities:
            if community.displaced > 0:
                community.go_home()


class Return:
    """The displaced of a community return."""

    def go_home(self: "Community") -> None:
        """A share of the displaced goes home."""
        p, home = self.model.p, self.home
        fresh = min(p.return_harm_limit, home.harm)
        calm = math.exp(-p.return_fear_effect * self.fear - p.return_harm_effect * fresh)
        seen = min(p.witness_limit, home.presence)
        share = min(p.return_cap, p.return_rate * calm * (1.0 + p.return_presence_gain * seen))
        back = binomial(self.draw(STREAM)[0], self.displaced, share)
        self.displaced -= back
        if self.displaced == 0:
            self.refuge = None
        home.region.book("civilians_returned", back)
