"""Until which day two plans are one: the inputs that a run has seen before a day, and the first day that differs.

Policy reaches the compiled day only through arrays indexed by day (or by month), and a day reads its own row alone: the
rows before a day, and the inputs without a date, decide everything that happened until then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from sim.model.plan import Plan
from sim.model.tables import INPUTS, NEVER

Array = npt.NDArray[np.generic]


def first_difference(a: Plan, b: Plan, inputs: Container[str] | None = None, start: Iterable[str] | None = None) -> int:
    """The first day on which the inputs of two plans differ; 0 where they differ in more, NEVER where in nothing.

    ``inputs`` and ``start`` name the columns in which they may differ: all unless given.
    """
    if a is b:
        return NEVER
    same = a.report == b.report and _equal(a.parameters, b.parameters) and _equal(a.enabled, b.enabled)
    if not same or not all(_equal(a.start[name], b.start[name]) for name in (a.start if start is None else start)):
        return 0
    asked = (column for column in INPUTS if inputs is None or column.name in inputs)
    return min((column_difference(a, b, column.name, column.shape[0]) for column in asked), default=NEVER)


def column_difference(a: Plan, b: Plan, name: str, dimension: str) -> int:
    """The same for one input column; ``dimension`` is its first one (days, months or another)."""
    x, y = a.inputs[name], b.inputs[name]
    if _equal(x, y):
        return NEVER
    if dimension not in ("days", "months") or x.shape != y.shape:
        return 0
    row = int(np.flatnonzero((x != y).reshape(len(x), -1).any(axis=1))[0])
    return row if dimension == "days" else int(np.searchsorted(a.inputs["month_of_day"], row))


def inputs_before(plan: Plan, day: int) -> Iterator[tuple[Array, int]]:
    """Every input with the number of its rows that reach a run before ``day`` > 0, in the order of INPUTS.

    Plans for which these rows, start, parameters and switches are equal have their ``first_difference`` on that day or
    later.
    """
    months = int(plan.inputs["month_of_day"][day - 1]) + 1
    for column in INPUTS:
        array = plan.inputs[column.name]
        yield array, {"days": day, "months": months}.get(column.shape[0], len(array))


def _equal(x: Array, y: Array) -> bool:
    return x is y or np.array_equal(x, y)
