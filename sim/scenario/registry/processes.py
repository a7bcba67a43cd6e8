"""The day's plan: phases in order and the process that runs in each.  A literal, so that anybody can read it.

A process is one file ``sim/model/processes/NAME.py`` with one function of the same name; what it claims and reads
stands there and nowhere else.  To add one, write the file, add its line here, and run ``make generate``.
"""

import ast
from dataclasses import dataclass
from functools import cache

from sim.scenario.registry.process_source import function_of, reads_of

LEVER = "lever_"

PHASES = (
    "calendar",
    "deploy",
    "train",
    "task",
    "supply",
    "move",
    "inform",
    "plan attacks",
    "contact",
    "casualties",
    "civilians",
    "recruit",
    "record",
)


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its name in YAML, its phase, and the number of its random stream (never reused, never changed).

    What else is known of it is read from the source text of its function: nothing is imported and nothing compiled.
    """

    name: str
    phase: str
    stream: int

    @property
    def claim(self) -> str:
        """What it says about the world: the first paragraph of its docstring."""
        return _read(self.name)[0]

    @property
    def source(self) -> str:
        """Where that comes from: the paragraph behind the claim."""
        return _read(self.name)[1]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the columns and parameters that it reads, then those of the run."""
        return _read(self.name)[2]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that act in it."""
        return tuple(name.removeprefix(LEVER) for name in self.arguments if name.startswith(LEVER))


@cache
def _read(process: str) -> tuple[str, str, tuple[str, ...]]:
    """Claim, source and names that the function in the file of a process reads."""
    claim, _, rest = (ast.get_docstring(function_of(process)) or "").partition("\n\n")
    source = " ".join(rest.split()).removeprefix("Source:").strip()
    return " ".join(claim.split()), source, reads_of(process).names


_PROCESSES = (
    Process("threat", "calendar", 1),
    Process("deployment", "deploy", 2),
    Process("training", "train", 3),
    Process("tasking", "task", 4),
    Process("supply", "supply", 5),
    Process("convoys", "move", 6),
    Process("patrols", "move", 7),
    Process("roaming", "move", 8),
    Process("national_forces", "move", 9),
    Process("information", "inform", 10),
    Process("emplacement", "plan attacks", 11),
    Process("clearance", "contact", 12),
    Process("explosives", "contact", 13),
    Process("ambush", "contact", 14),
    Process("indirect_fire", "contact", 15),
    Process("complex_attack", "contact", 16),
    Process("battles", "contact", 17),
    Process("offensives", "contact", 18),
    Process("rivalry", "contact", 19),
    Process("one_sided", "contact", 20),
    Process("displacement", "contact", 33),
    Process("casualties", "casualties", 21),
    Process("accidents", "casualties", 22),
    Process("illness", "casualties", 23),
    Process("flight", "civilians", 24),
    Process("return_home", "civilians", 25),
    Process("attitudes", "civilians", 26),
    Process("growth", "civilians", 27),
    Process("learning", "recruit", 28),
    Process("recruitment", "recruit", 29),
    Process("organisations", "recruit", 30),
    Process("disarmament", "recruit", 31),
    Process("tally", "record", 32),
)

# within a phase in the order above
PROCESSES = tuple(sorted(_PROCESSES, key=lambda process: PHASES.index(process.phase)))


def users_of(name: str) -> tuple[Process, ...]:
    """The processes that read a column or a parameter, in the order of the day."""
    return tuple(process for process in PROCESSES if name in process.arguments)
