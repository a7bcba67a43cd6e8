"""A language of the mission: sentences from its catalogue, numbers and dates as it writes them (Babel).

English texts stand in the code and the templates and are their own keys; ``words/fr.po`` holds the French, in the
format that translators' tools read.  A text reaches a catalogue only through ``say``, ``plural`` or ``noted``, which is
how tests find it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "fr")
DASH = "\N{EN DASH}"
_SINGULAR = "one"
_LARGE, _MANY, _FEW = 999_500, 10_000, 10


class Tongue:
    """One of LANGUAGES."""

    def __init__(self, language: str) -> None:
        from babel import Locale

        self.language = language
        self._locale = Locale.parse("en_GB" if language == "en" else language)
        self._words = {} if language == "en" else catalogue(language)

    def knows(self, text: str) -> bool:
        """Whether the text is in the catalogue; in English every text is."""
        return self.language == "en" or text in self._words

    def say(self, text: str, /, **values: object) -> str:
        """The text in this language, its ``{names}`` filled in; the English where the catalogue lacks it."""
        found = self._words.get(text, (text,))[0]
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, count: float, /, **values: object) -> str:
        """The form that goes with a count; French has the singular up to two, English for one alone."""
        forms = self._words.get(one, (one, many))
        singular = self._locale.plural_form(Decimal(str(self._shown(abs(count))))) == _SINGULAR
        return forms[0 if singular else 1].format(n=self.number(count), **values)

    def number(self, value: float) -> str:
        """A count: one decimal below 10, two below 1, three digits from 10,000, then millions; a dash for none."""
        from babel.numbers import format_compact_decimal, format_decimal

        if value != value or abs(value) == float("inf"):
            return DASH
        if abs(value) >= _LARGE:
            return _minus(format_compact_decimal(value, locale=self._locale, fraction_digits=2))
        shown = self._shown(value)
        return _minus(format_decimal(shown, format=_pattern(shown), locale=self._locale))

    def signed(self, value: float) -> str:
        """A difference, with its sign."""
        text = self.number(value)
        return f"+{text}" if value > 0 and text != DASH else text

    def span(self, low: float, high: float) -> str:
        """An interval of differences."""
        return self.say("{low} to {high}", low=self.signed(low), high=self.signed(high))

    def percent(self, share: float) -> str:
        """A share of 1 in whole percent."""
        from babel.numbers import format_decimal

        return f"{format_decimal(round(100 * share), locale=self._locale)}\N{NO-BREAK SPACE}%"

    def decimal(self, value: float, digits: int) -> str:
        """A number with exactly so many decimals."""
        from babel.numbers import format_decimal

        pattern = "#,##0." + "0" * digits if digits else "#,##0"
        return DASH if value != value else _minus(format_decimal(value, format=pattern, locale=self._locale))

    def plain(self, value: float) -> str:
        """A parameter with three digits, as ``%.3g`` has it."""
        text = f"{value:.3g}"
        return _minus(text.replace(".", self._point))

    def day(self, day: date) -> str:
        """A day in words."""
        from babel.dates import format_date

        text = format_date(day, format="long", locale=self._locale)
        # CLDR has no ordinal numbers in dates
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and day.day == 1 else text

    def months(self) -> Mapping[int, str]:
        """Short names of the months, 1 to 12."""
        from babel.dates import get_month_names

        return {number: str(name) for number, name in get_month_names("abbreviated", locale=self._locale).items()}

    def tick(self, text: str) -> str:
        """A number as a figure's axis writes it, with this language's decimal point."""
        return text.replace(".", self._point)

    @property
    def _point(self) -> str:
        from babel.numbers import get_decimal_symbol

        return get_decimal_symbol(self._locale)

    @staticmethod
    def _shown(value: float) -> float:
        """The value as it is shown, so that its plural fits."""
        size = abs(value)
        if isinstance(value, int):
            return value
        if size >= _MANY:
            digits = len(str(int(size))) - 3
            return float(round(value, -digits))
        if size >= _FEW:
            return float(round(value))
        return round(value, 1 if size >= 1 else 2) + 0.0  # no minus before a zero


def _pattern(value: float) -> str:
    if abs(value) >= _FEW or isinstance(value, int):
        return "#,##0"
    return "0.0" if abs(value) >= 1 else "0.##"


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


@cache
def catalogue(language: str) -> dict[str, tuple[str, ...]]:
    """English text -> its forms in a language: one, or singular and plural."""
    from babel.messages.pofile import read_po

    with (files("sim.present.report") / "words" / f"{language}.po").open("rb") as file:
        known = read_po(file, locale=language)
    words = {}
    for message in known:
        if message.id and message.string and not message.fuzzy:
            key = message.id if isinstance(message.id, str) else message.id[0]
            words[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return words


def noted(*texts: str) -> Any:
    """The text as it is (or several, as a tuple): marks what is translated later, where it is shown."""
    return texts[0] if len(texts) == 1 else texts
