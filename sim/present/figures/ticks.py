"""Numbers and dates on axes, as a language writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.dates import AutoDateLocator
from matplotlib.dates import num2date as _num2date
from matplotlib.ticker import Formatter, FuncFormatter

if TYPE_CHECKING:
    from datetime import datetime

    from matplotlib.axes import Axes

    from sim.present.locale import Locale

DIGITS = 9


def numbers(locale: Locale) -> FuncFormatter:
    """Labels of an axis of numbers."""
    return FuncFormatter(lambda value, _: locale.significant(value, DIGITS))


def thousands(locale: Locale) -> FuncFormatter:
    """Short labels of an axis of large numbers, which leave room for their neighbours: -50 k, 2 M."""

    def label(value: float, _: float | None) -> str:
        for size, letter in ((1e6, " M"), (1e3, " k")):
            if abs(value) >= 10 * size or (abs(value) >= size and value % (size / 10) == 0):
                return locale.significant(value / size, DIGITS) + letter
        return locale.significant(value, DIGITS)

    return FuncFormatter(label)


def date_axis(axes: Axes, locale: Locale, most: int | dict[int, int]) -> None:
    """At most so many dates below (by frequency, or alike for all): years, months or days."""
    axes.xaxis.set_major_locator(_DateLocator(minticks=3, maxticks=most))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(Dates(locale))
    axes.yaxis.set_major_formatter(numbers(locale))


class _DateLocator(AutoDateLocator):
    """Dates for the ticks of an axis, found once for each range: laying out and drawing ask for them ten times over."""

    _range: tuple[float, ...] = ()
    _ticks: Any = None

    def __call__(self) -> Any:
        """The ticks of the range that the axis shows."""
        shown = tuple(self.axis.get_view_interval())  # type: ignore[union-attr]
        if self._range != shown:
            self._range, self._ticks = shown, super().__call__()  # type: ignore[no-untyped-call]
        return self._ticks


class Dates(Formatter):
    """Years; or months, with the year in January; or days, with the month on the first.  The rest is at the end."""

    def __init__(self, locale: Locale) -> None:
        self._locale, self._offset = locale, ""

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002  # the shape of a formatter
        """One label by itself, such as the one at the pointer."""
        return f"{_day(x):%Y-%m-%d}"

    def format_ticks(self, values: list[float]) -> list[str]:
        """The labels of all ticks."""
        days: list[datetime] = [_day(value) for value in values]
        yearly = all((day.month, day.day) == (1, 1) for day in days)
        monthly = all(day.day == 1 for day in days)
        self._offset = "" if not days or any((day.month, day.day) == (1, 1) for day in days) else str(days[-1].year)
        if yearly:
            return [str(day.year) for day in days]
        if not monthly and days and not any(day.day == 1 for day in days):
            self._offset = f"{self._month(days[-1])} {days[-1].year}"
        return [self._label(day) for day in days]

    def get_offset(self) -> str:
        """What stands at the end of the axis."""
        return self._offset

    def _label(self, day: datetime) -> str:
        if day.day != 1:
            return str(day.day)
        return str(day.year) if day.month == 1 else self._month(day)

    def _month(self, day: datetime) -> str:
        return self._locale.short_month(day.month)


def _day(value: float) -> datetime:
    day: datetime = _num2date(value)  # type: ignore[no-untyped-call]
    return day
