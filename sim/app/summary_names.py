"""The outcomes that the page shows, in order; light to read."""

OUTCOMES = ("peacekeepers_killed", "peacekeepers_wounded", "civilians_killed", "civilians_displaced")
MONTHS_BY_MONTH = 24  # longer periods are drawn by quarter
