"""The day's plan: phases in order and the process that runs in each.  A literal, so that anybody can read it.

A process is one file ``sim/model/processes/<name>.py`` with one function of the same name.  To add one, write the
file, add
its line here, and run ``make day``.
"""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Process:
    """A process: its name in YAML, its phase, and the number of its random stream (never reused, never changed)."""

    name: str
    phase: str
    stream: int


PROCESSES = (
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
