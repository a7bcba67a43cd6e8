"""Values written as a change of what is inherited: ``+20 %``, ``x 2``, ``+1000 troops``."""

import re
from dataclasses import dataclass
from typing import Literal

_NUMBER = r"(?P<number>[0-9]+(?:[.][0-9]+)?)"
_FORMS = (
    ("percent", re.compile(rf"(?P<sign>[+-])\s*{_NUMBER}\s*%")),
    ("factor", re.compile(rf"[x×*]\s*{_NUMBER}")),
    ("more", re.compile(rf"(?P<sign>[+])\s*{_NUMBER}(?:\s+[A-Za-z][A-Za-z -]*)?")),
    ("more", re.compile(rf"(?P<sign>-)\s*{_NUMBER}\s+[A-Za-z][A-Za-z -]*")),  # a bare -5 is a number
)


@dataclass(frozen=True, slots=True)
class Relative:
    """A factor on the inherited value, or an amount more (negative: less) in its unit; ``text`` as it was written."""

    kind: Literal["factor", "more"]
    amount: float
    text: str

    def of(self, inherited: float) -> float:
        """The value that it makes of an inherited one."""
        return inherited * self.amount if self.kind == "factor" else inherited + self.amount


def relative(value: object) -> Relative | None:
    """The change that a text means; None for anything else.  The unit behind an amount is for the reader."""
    if not isinstance(value, str):
        return None
    for kind, form in _FORMS:
        if found := form.fullmatch(value.strip()):
            parts = found.groupdict()
            number = float(parts["number"]) * (-1 if parts.get("sign") == "-" else 1)
            if kind == "percent":
                return Relative("factor", 1 + number / 100, value.strip())
            return Relative("factor" if kind == "factor" else "more", number, value.strip())
    return None
