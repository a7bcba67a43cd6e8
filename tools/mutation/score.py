"""What the campaign found, by module, and what is said of the mutants that nothing noticed; written into the page."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tools import pages

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "results" / "reliability" / "mutation.csv"
EXPLAINED = ROOT / "tools" / "mutation" / "explained.csv"
PAGE = ROOT / "docs" / "testing.md"


@dataclass(frozen=True)
class Score:
    """Mutants tried, noticed, and of the others those that are explained."""

    tried: int
    noticed: int
    explained: int
    places: int

    def __str__(self) -> str:
        rest = self.tried - self.noticed - self.explained
        return f"{self.places} | {self.tried} | {self.noticed} | {self.explained} | {rest} | {self.percent}"

    @property
    def percent(self) -> str:
        """Noticed, of all that were tried, before any explanation."""
        return f"{100.0 * self.noticed / self.tried:.0f} %"


def campaign() -> pd.DataFrame:
    """Every mutant that was tried, with the reason why it changes nothing where one is known."""
    rows = pd.read_csv(KEPT, keep_default_na=False)
    known = pd.read_csv(EXPLAINED, keep_default_na=False)
    return rows.merge(known, "left", ["module", "before", "after"], validate="many_to_one").fillna({"reason": ""})


def score(rows: pd.DataFrame) -> Score:
    """Of some rows of the campaign."""
    survived = rows["result"] == "survived"
    explained = survived & (rows["reason"] != "")
    places = rows.groupby("module")["places"].first().sum()
    return Score(len(rows), int((~survived).sum()), int(explained.sum()), int(places))


def table() -> str:
    """Markdown: a line per module, kernels and statistics apart, with a total of each."""
    rows = campaign()
    kernels = rows["module"].map(is_kernel)
    head = ("module", "places", "tried", "noticed", "explained", "open", "score")
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for title, part in (("all kernels", rows[kernels]), ("all statistics", rows[~kernels])):
        if part.empty:
            continue
        lines += [f"| `{module}` | {score(mine)} |" for module, mine in part.groupby("module")]
        lines.append(f"| **{title}** | {score(part)} |")
    return "\n".join([*lines, f"| **all** | {score(rows)} |", ""])


SHARED = ("sim/model/kernels.py", "sim/model/streams.py", "sim/model/conflict.py", "sim/model/recorder.py")


def is_kernel(module: str) -> bool:
    """Whether a module is of the rules of the day, and not of the statistics."""
    return module.startswith("sim/model/processes/") or module in SHARED


def publish() -> str:
    """Write the table into the page; returns it."""
    text = table()
    pages.rewrite(PAGE, lambda page: pages.with_block(page, "mutation", text))
    return text
