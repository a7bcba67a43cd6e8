"""The outcomes that the page shows, in order; light to read."""

from sim.scenario.registry import OUTCOMES as ROWS

OUTCOMES = tuple(name for name, row in ROWS.items() if row.in_app)
MONTHS_BY_MONTH = 24  # longer periods are drawn by quarter
