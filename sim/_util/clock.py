"""Days, months and dates.  Day 0 is the first day of a mission; an end is inclusive everywhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Clock:
    """Days and months counted from the first day of a mission: day 0 and month 0 begin with ``epoch``."""

    epoch: date

    def day_index(self, when: date) -> int:
        """Days since the epoch; negative before it."""
        return (when - self.epoch).days

    def date_of(self, day: int) -> date:
        """The date of a day index."""
        return self.epoch + timedelta(days=int(day))

    def month_index(self, when: date) -> int:
        """Months since that of the epoch."""
        return (when.year - self.epoch.year) * 12 + when.month - self.epoch.month

    def month_name(self, index: int) -> str:
        """``YYYY-MM`` of a month index."""
        year, month = divmod(index + self.epoch.month - 1, 12)
        return f"{self.epoch.year + year}-{month + 1:02d}"

    def dates(self, first: int, last: int) -> np.ndarray:
        """datetime64[D] of the days first .. last, both inclusive."""
        return np.datetime64(self.epoch) + np.arange(first, last + 1)

    def calendar(self, days: int) -> "Calendar":
        """The days 0 .. days-1."""
        return Calendar(days, self.epoch)


@dataclass(frozen=True)
class Calendar:
    """The days 0 .. days-1 with their month, month day, weekday and year."""

    days: int
    epoch: date

    @cached_property
    def dates(self) -> np.ndarray:
        """datetime64[D] per day."""
        return np.datetime64(self.epoch) + np.arange(self.days)

    def date(self, day: int) -> date:
        """The date of a day."""
        return self.epoch + timedelta(days=int(day))

    @cached_property
    def month(self) -> np.ndarray:
        """Months since that of the epoch, int64 per day."""
        months = self.dates.astype("datetime64[M]").astype(np.int64)
        return months - np.datetime64(self.epoch, "M").astype(np.int64)

    @cached_property
    def firsts(self) -> list[int]:
        """The first day of each month, 0 for the month of the epoch."""
        return [int(day) for day in np.searchsorted(self.month, np.arange(int(self.month[-1]) + 1))]

    @cached_property
    def day_of_month(self) -> np.ndarray:
        """1 .. 31, int64 per day."""
        return np.asarray((self.dates - self.dates.astype("datetime64[M]")).astype(np.int64) + 1)

    @cached_property
    def year(self) -> np.ndarray:
        """Calendar year, int64 per day."""
        return np.asarray(self.dates.astype("datetime64[Y]").astype(np.int64) + 1970)
