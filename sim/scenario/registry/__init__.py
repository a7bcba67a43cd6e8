"""Registries: one row for each measure, shock, outcome, cost and process holds all that is said about it.

Command line, schema, codebook, report, notebook, workbook and browser view ask the row; nothing else names them one by
one.
"""

from collections.abc import Iterator

from sim.scenario.registry.base import Counted, Message, Row
from sim.scenario.registry.costs import COSTS, COUNTED, ITEMS, LEDGER, RATES, Item, Rate
from sim.scenario.registry.measures import MEASURES, SHOWN_FIRST, Measure
from sim.scenario.registry.outcomes import OUTCOMES, Outcome
from sim.scenario.registry.processes import PHASES, PROCESSES, Process, users_of
from sim.scenario.registry.shocks import SHOCKS, Lever, Shock

__all__ = [
    "COSTS",
    "COUNTED",
    "ITEMS",
    "LEDGER",
    "MEASURES",
    "OUTCOMES",
    "PHASES",
    "PROCESSES",
    "RATES",
    "SHOCKS",
    "SHOWN_FIRST",
    "Counted",
    "Item",
    "Lever",
    "Measure",
    "Message",
    "Outcome",
    "Process",
    "Rate",
    "Row",
    "Shock",
    "deciding",
    "messages",
    "users_of",
]


def deciding() -> tuple[tuple[object, ...], ...]:
    """What of the rows decides a run and its counts: names, numbers, order.  Labels and explanations do not."""
    return (
        tuple((row.name, row.key, row.scope, row.minimum, *map(row.level, (0, 0.5, 1))) for row in MEASURES.values()),
        tuple((row.name, row.own_key, row.repeats, *row.levers) for row in SHOCKS.values()),
        tuple((row.name, row.phase, row.stream) for row in PROCESSES),
        tuple((row.name, row.counted, row.additive) for row in OUTCOMES.values()),
        tuple(LEDGER),
    )


def messages() -> Iterator[Message]:
    """Every text of the rows that is shown translated, once: English and its plural, for gettext catalogues."""
    rows: list[Row] = [*MEASURES.values(), *SHOCKS.values(), *COUNTED.values(), *RATES.values()]
    return iter(dict.fromkeys(message for row in rows for message in row.messages()))
