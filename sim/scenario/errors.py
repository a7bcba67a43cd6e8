"""What a scenario says when it is wrong, and the nearest valid spelling."""

from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher

from sim._util import one_line

NEAR = 0.55  # similarity from which a name is worth suggesting; 'Timbuktu' finds 'Tombouctou'
HUGE = 10**40
MANY = 24  # a longer list of names is cut


class ScenarioError(ValueError):
    """Bad input, in one line: ``file:line: key: problem; what is allowed; did you mean 'x'?``."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class Bad(Exception):
    """A value that cannot stand; ``at`` are the keys below the place where it was found."""

    def __init__(self, text: str, *at: str) -> None:
        super().__init__(text)
        self.text = text
        self.at = at


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like the given one, upper and lower case alike; None when nothing is near."""
    wanted = name.casefold()[:80]
    best, similarity = None, 0.0
    for candidate in names:
        other = candidate.casefold()
        score = 1.0 if len(wanted) > 3 and other.startswith(wanted) else SequenceMatcher(None, wanted, other).ratio()
        if score > similarity:
            best, similarity = candidate, score
    return best if similarity >= NEAR else None


def suggestion(name: str, names: Iterable[str]) -> str:
    """``did you mean 'x'?``, or the allowed names when nothing is near."""
    known = list(names)
    near = nearest(name, known)
    if near is not None:
        return f"did you mean {near!r}?"
    listed = ", ".join(known[:MANY]) + (", ..." if len(known) > MANY else "")
    return f"allowed: {listed}" if known else "nothing is allowed here"


def shown(value: object) -> str:
    """A value as a message shows it: short, as YAML would spell it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    if isinstance(value, int) and abs(value) > HUGE:
        return "a huge number"  # Python refuses to print very long integers
    return f"{value:g}" if isinstance(value, float) and value == float(f"{value:g}") else str(value)
