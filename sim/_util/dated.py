"""Values that change with the date."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Path:
    """A dated value: dates ascending, one value each, in the unit of whatever it describes.

    Not linear: a value holds from its date until the next one.  Linear: straight lines between the dates.
    Before the first date the first value holds, after the last the last.
    """

    dates: tuple[date, ...]
    values: tuple[float, ...]
    linear: bool = False

    @classmethod
    def of(cls, knots: Iterable[tuple[date, float]], *, linear: bool = False) -> "Path":
        """The path through the knots, whatever their order."""
        ordered = sorted(dict(knots).items())
        return cls(tuple(day for day, _ in ordered), tuple(value for _, value in ordered), linear)

    def at(self, day: date) -> float:
        """The value on a day."""
        after = bisect_right(self.dates, day)
        if after == 0:
            return self.values[0]
        low = self.values[after - 1]
        if not self.linear or after == len(self.dates):
            return low
        start, end = self.dates[after - 1], self.dates[after]
        return low + (self.values[after] - low) * ((day - start).days / (end - start).days)

    def within(self, start: date, end: date, before: float) -> "Path":
        """A step path cut to start .. end; ``before`` holds until its first date; repeated values go."""
        first = before if start < self.dates[0] else self.at(start)
        knots = [(start, first)]
        for day, value in zip(self.dates, self.values, strict=True):
            if start < day <= end and value != knots[-1][1]:
                knots.append((day, value))
        return Path.of(knots)
