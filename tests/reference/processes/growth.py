"""On the first of a month each community gains its region's natural growth, rounded at random."""

from typing import TYPE_CHECKING

from tests.reference.draws import stream_of

if TYPE_CHECKING:
    from tests.reference.agents import Community
    from tests.reference.model import ReferenceModel

STREAM = stream_of("growth")


def growth(model: "ReferenceModel") -> None:
    """Every community grows on the first of a month."""
    if model.day_of_month == 1:
        for community in model.communities:
            community.grow()


class Growth:
    """A community grows."""

    def grow(self: "Community") -> None:
        """Whole persons only."""
        expected = self.population * self.home.region.growth
        born = int(expected + self.draw(STREAM)[0])
        self.population += born
        self.model.balance["people_born"] += born
