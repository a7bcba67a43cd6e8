"""Days, months and dates.  Day 0 is 2013-07-01; a day index is an int, inclusive at both ends everywhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

EPOCH = date(2013, 7, 1)
LAST_LEGAL = date(2024, 12, 31)


def day_index(when: date) -> int:
    """Days since the epoch; negative before it."""
    return (when - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day index."""
    return EPOCH + timedelta(days=int(day))


def month_index(when: date) -> int:
    """Months since July 2013."""
    return (when.year - EPOCH.year) * 12 + when.month - EPOCH.month


def month_name(index: int) -> str:
    """``YYYY-MM`` of a month index."""
    year, month = divmod(index + EPOCH.month - 1, 12)
    return f"{EPOCH.year + year}-{month + 1:02d}"


@dataclass(frozen=True)
class Calendar:
    """The days 0 .. days-1 with their month, month day, weekday and year."""

    days: int

    @cached_property
    def dates(self) -> np.ndarray:
        """datetime64[D] per day."""
        return np.datetime64(EPOCH) + np.arange(self.days)

    @cached_property
    def month(self) -> np.ndarray:
        """Months since July 2013, int64 per day."""
        months = self.dates.astype("datetime64[M]").astype(np.int64)
        return months - np.datetime64(EPOCH, "M").astype(np.int64)

    @cached_property
    def day_of_month(self) -> np.ndarray:
        """1 .. 31, int64 per day."""
        return np.asarray((self.dates - self.dates.astype("datetime64[M]")).astype(np.int64) + 1)

    @cached_property
    def year(self) -> np.ndarray:
        """Calendar year, int64 per day."""
        return np.asarray(self.dates.astype("datetime64[Y]").astype(np.int64) + 1970)
