"""A language of the mission: translated messages (gettext catalogues, read by Babel), numbers and dates.

English messages stand in the code and the templates; ``locales/fr/LC_MESSAGES/minusim.po`` holds the French, which
``make messages`` renews.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale as BabelLocale
    from babel.messages.catalog import Catalog

LANGUAGES = ("en", "fr")
DASH = "\N{EN DASH}"
_SINGULAR = "one"
_LARGE, _MANY, _FEW = 999_500, 10_000, 10


def N_(text: str) -> str:  # noqa: N802  # the usual name, by which Babel finds messages
    """Mark a message that is translated later, where it is shown."""
    return text


class Locale:
    """Messages, numbers and dates in one of LANGUAGES."""

    def __init__(self, language: str) -> None:
        self.language = language

    def knows(self, text: str) -> bool:
        """Whether the catalogue has a translation; English needs none."""
        return self.language == "en" or bool(self._translations(text))

    def gettext(self, text: str, /, **values: object) -> str:
        """The translation with its ``{names}`` filled in; English where the catalogue lacks it."""
        found = (self._translations(text) or (text,))[0]
        return found.format(**values) if values else found

    def ngettext(self, one: str, many: str, count: float, /, **values: object) -> str:
        """The form that goes with a count, which is ``{n}``: French has the singular below two, English for one."""
        forms = self._translations(one) or (one, many)
        singular = self._locale.plural_form(Decimal(str(_rounded(abs(count))))) == _SINGULAR
        return forms[0 if singular else -1].format(n=self.number(count), **values)

    def number(self, value: float) -> str:
        """A count: one decimal below 10, two below 1, three digits from 10,000, then millions; a dash for NaN."""
        from babel.numbers import format_compact_decimal, format_decimal

        if not isfinite(value):
            return DASH
        if abs(value) >= _LARGE:
            return _minus(format_compact_decimal(value, locale=self._locale, fraction_digits=2))
        shown = _rounded(value)
        return _minus(format_decimal(shown, format=_pattern(shown), locale=self._locale))

    def signed(self, value: float) -> str:
        """A difference, with its sign."""
        text = self.number(value)
        return f"+{text}" if value > 0 and text != DASH else text

    def interval(self, low: float, high: float) -> str:
        """An interval of differences."""
        return self.gettext("{low} to {high}", low=self.signed(low), high=self.signed(high))

    def positive_interval(self, low: float, high: float) -> str:
        """An interval of the average of counts, which ends at zero."""
        return self.gettext("{low} to {high}", low=self.number(max(low, 0.0)), high=self.number(high))

    def percent(self, share: float) -> str:
        """A share of 1 in whole percent."""
        from babel.numbers import format_decimal

        return _minus(f"{format_decimal(round(100 * share), locale=self._locale)}\N{NO-BREAK SPACE}%")

    def decimal(self, value: float, digits: int) -> str:
        """A number with exactly so many decimals."""
        from babel.numbers import format_decimal

        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return DASH if value != value else _minus(format_decimal(value, format=pattern, locale=self._locale))

    def significant(self, value: float, digits: int = 3) -> str:
        """A number with so many significant digits: values of parameters and of axes."""
        from babel.numbers import format_decimal

        if not isfinite(value):
            return DASH
        if value and not 1e-4 <= abs(value) < 1e6:
            mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
            return f"{self.significant(float(mantissa), digits)}e{int(exponent)}"
        rounded = float(f"{value:.{digits}g}")
        return _minus(format_decimal(rounded, format="#,##0.#########", locale=self._locale))

    def date(self, day: datetime.date) -> str:
        """A day in words."""
        from babel.dates import format_date

        text = format_date(day, format="long", locale=self._locale)
        # CLDR has no ordinal numbers in dates
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and day.day == 1 else text

    def month(self, day: datetime.date) -> str:
        """Month and year in words."""
        from babel.dates import format_date

        return format_date(day, format="LLLL yyyy", locale=self._locale)

    def short_month(self, month: int) -> str:
        """The short name of a month, 1 to 12."""
        from babel.dates import get_month_names

        names: Mapping[int, str] = get_month_names("abbreviated", locale=self._locale)
        return str(names[month])

    @cached_property
    def _locale(self) -> BabelLocale:
        from babel import Locale as BabelLocale

        return BabelLocale.parse("en_GB" if self.language == "en" else self.language)

    @cached_property
    def _catalogue(self) -> Catalog:
        return catalogue(self.language)

    def _translations(self, text: str) -> tuple[str, ...]:
        message = self._catalogue.get(text) if text else None
        if message is None or not message.string or message.fuzzy:
            return ()
        return (message.string,) if isinstance(message.string, str) else tuple(message.string)


ENGLISH = Locale("en")  # Babel is read when the first text is made


@cache
def catalogue(language: str) -> Catalog:
    """The messages of a language; none for English, which the code holds."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    if language == "en":
        return Catalog(locale="en")
    with (files("sim.present") / "locales" / language / "LC_MESSAGES" / "minusim.po").open("rb") as file:
        return read_po(file, locale=language)


def _rounded(value: float) -> float:
    """The value as it is shown, so that its plural fits."""
    size = abs(value)
    if isinstance(value, int):
        return value
    if size >= _MANY:
        return float(round(value, 3 - len(str(int(size)))))
    if size >= _FEW:
        return float(round(value))
    return round(value, 1 if size >= 1 else 2) + 0.0  # no minus before a zero


def _pattern(value: float) -> str:
    if abs(value) >= _FEW or isinstance(value, int):
        return "#,##0"
    return "0.0" if abs(value) >= 1 else "0.##"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
