"""What is needed to fill in the defaults of a checked document."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.missions.vocabulary import Vocabulary
from sim.scenario.errors import ScenarioError
from sim.scenario.layer import Keys, Layer, child
from sim.scenario.parts import Period, Place
from sim.scenario.places import everywhere


@dataclass(frozen=True)
class Context:
    """The layer a document came from, the names it may use and the period of the scenario."""

    layer: Layer
    vocabulary: Vocabulary
    period: Period

    def error(self, keys: Keys, text: str) -> ScenarioError:
        """The error at keys."""
        return self.layer.error(keys, text)

    def numbered(self, keys: Keys, count: int) -> list[Keys]:
        """The keys of each of several mappings: a single one may stand without a list."""
        node: Any = self.layer.tree
        for key in keys:
            node = child(node, key)
        return [(*keys, str(n)) for n in range(count)] if isinstance(node, list) else [keys] * count

    def times(self, part: Any, keys: Keys) -> tuple[date, date]:
        """First and last day, by default those of the period; an episode outside it has an open other end."""
        start, end = part.start, part.end
        if start is None:
            start = self.period.start if end is None or end >= self.period.start else self.vocabulary.first_day
        if end is None:
            end = self.period.end if start <= self.period.end else self.vocabulary.last_day
        if end < start:
            raise self.error((*keys, "end"), f"{end} is before the start, {start}")
        return start, end

    def place(self, part: Any) -> Place:
        """Where it holds, by default everywhere."""
        place: Place = part.place or everywhere(self.vocabulary)
        return place
