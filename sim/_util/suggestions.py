"""Values and names in messages: how a value is shown, and the valid name nearest to a wrong one."""

from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher

NEAR = 0.55  # similarity from which a name is worth suggesting
HUGE = 10**40
MANY = 24  # a longer list of names is cut


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
