"""What every column of a saved run means: name -> (unit, definition)."""

import pandas as pd

from sim.scenario.registry import LEDGER, OUTCOMES

EVENT_COLUMNS = {
    "date": ("date", "day on which it happened"),
    "gid": ("PRIO-GRID id", "grid cell in which it happened"),
    "lat": ("degrees north", "latitude of the centre of the cell"),
    "lon": ("degrees east", "longitude of the centre of the cell"),
    "region": ("name", "region of the cell"),
    "base": ("name", "mission base concerned; empty where none is"),
    "kind": (
        "class",
        "mission (an attack on it), UCDP's state_based, non_state and one_sided, find, accident, illness",
    ),
    "tactic": ("class", "how it was done"),
    "activity": ("class", "what the side that was hit was doing"),
    "actor": ("name", "who did it, or laid the device that was found; none for accidents and illness"),
    "victim": ("class", "side against which it was directed, from kind and actor"),
    "unit": ("number", "mission unit concerned; -1 where none is"),
    "escorted": ("0 or 1", "the convoy had an escort"),
    "cleared": ("0 or 1", "the road had been searched for explosives"),
    "drilled": ("0 or 1", "the unit's drills were current"),
    "joint": ("0 or 1", "a joint patrol with national forces"),
    "devices_found": ("devices", "explosive devices found before they harmed"),
    "peacekeepers_killed": ("persons", "peacekeepers killed by a malicious act"),
    "peacekeepers_wounded": ("persons", "peacekeepers wounded by a malicious act"),
    "peacekeepers_died_other": ("persons", "peacekeepers who died by accident or illness"),
    "contractors_killed": ("persons", "civilian contractors of the mission killed"),
    "civilians_killed": ("persons", "civilians killed"),
    "civilians_wounded": ("persons", "civilians wounded"),
    "malian_forces_killed": ("persons", "Soldiers, gendarmes and police of the host state killed"),
    "partner_forces_killed": ("persons", "soldiers of partner forces killed"),
    "fighters_killed": ("persons", "members of armed groups killed"),
    "peacekeepers_hit": ("persons", "peacekeepers hit, before treatment decides between killed and wounded"),
    "key": ("64-bit id", "identity of the event within the run"),
    "killed": ("persons", "everybody who died in the event, on any side and of any cause"),
    "simulated": ("true", "the row is simulated, never observed"),
}
PANEL_COLUMNS = {
    "month": ("YYYY-MM", "calendar month; the first and the last may be part months of the period"),
    "region": ("name", "region of the mission pack"),
    "date": ("date", "day"),
    "simulated": ("true", "the row is simulated, never observed"),
}
LEDGER_COLUMNS = {name: (row.unit, row.daily) for name, row in LEDGER.items()}


def _outcome_columns() -> dict[str, tuple[str, str]]:
    """Unit and definition of each outcome, with its overlap with other outcomes."""
    texts = {name: (row.unit, (row.definition, row.overlaps)) for name, row in OUTCOMES.items()}
    return {name: (unit, "; ".join(filter(None, text))) for name, (unit, text) in texts.items()}


def codebook(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Table, column, unit, definition: a row per column of each table.  KeyError for one not described."""
    panel = {**PANEL_COLUMNS, **_outcome_columns()}
    known = {"events": EVENT_COLUMNS, "ledger": {**PANEL_COLUMNS, **LEDGER_COLUMNS}}
    rows = [
        (name, column, *known.get(name, panel)[column]) for name, frame in tables.items() for column in frame.columns
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "definition"])
