"""A random but plausible run, made without the model: for tests of what reads a run."""

from dataclasses import replace
from datetime import date

import numpy as np

from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS, Names, RunRecord
from sim.scenario import Scenario, loads
from tests.minusma import day_index, table

START, END = date(2013, 7, 1), date(2023, 12, 31)
REGIONS = ("Bamako", "Gao", "Kayes", "Kidal", "Koulikoro", "Mopti", "Segou", "Sikasso", "Tombouctou")
ACTORS = ("JNIM", "ISGS", "CMA", "Dan na Ambassagou", "Malian forces", "Partner forces", "none")
SHARES = {"ied": 0.6, "ied_then_ambush": 0.8, "direct_fire": 0.6, "indirect_fire": 0.5, "complex_attack": 0.9}
# attacks and other events a year: kind, tactic, yearly number, how many of them hit whom
_EVENTS = (
    ("mission", "ied", 35, {"peacekeepers_killed": 0.2, "peacekeepers_wounded": 1.2}),
    ("mission", "ied_then_ambush", 4, {"peacekeepers_killed": 1.1, "peacekeepers_wounded": 1.8}),
    ("mission", "direct_fire", 18, {"peacekeepers_killed": 0.5, "peacekeepers_wounded": 1.0}),
    ("mission", "indirect_fire", 25, {"peacekeepers_killed": 0.1, "peacekeepers_wounded": 0.6}),
    ("mission", "complex_attack", 1.5, {"peacekeepers_killed": 2.0, "peacekeepers_wounded": 8.0}),
    ("state_based", "battle", 60, {"malian_forces_killed": 2.0, "fighters_killed": 3.0}),
    (
        "state_based",
        "ied",
        50,
        {"malian_forces_killed": 0.5, "civilians_killed": 0.6, "civilians_wounded": 0.8},
    ),
    ("non_state", "clash", 20, {"fighters_killed": 5.0}),
    ("one_sided", "killing", 60, {"civilians_killed": 3.0, "civilians_wounded": 0.5}),
    ("find", "find", 40, {"devices_found": 1.0}),
    ("accident", "accident", 4, {"peacekeepers_died_other": 1.0}),
    ("illness", "illness", 8, {"peacekeepers_died_other": 1.0}),
)
_LEDGER = {
    "civilians_displaced": 30.0,
    "civilians_returned": 20.0,
    "convoys_completed": 0.3,
    "supply_shortfall": 5.0,
    "patrols": 7.0,
    "patrol_days": 180.0,
    "convoy_km": 90.0,
    "escorts": 0.6,
    "effort_person_days": 900.0,
    "effort_shortfall": 30.0,
    "training_days": 40.0,
    "standby_days": 20.0,
    "fighters": 400.0,
    "devices_standing": 6.0,
    "vehicle_days": 35.0,
    "protected_vehicle_days": 12.0,
    "flight_hours": 2.0,
    "evacuation_hours": 0.2,
    "alert_hours": 3.0,
    "treatment_minutes": 4.0,
    "liaison_days": 1.0,
    "attacks_deterred": 0.1,
    "attacks_displaced": 0.02,
}


def scenario_of(seed: int, start: date, end: date) -> Scenario:
    """A scenario over start..end that sets the shares of attacks reported."""
    parameters = "".join(f"  reporting_share_{tactic}: {share}\n" for tactic, share in SHARES.items())
    period = f"period: {{start: {start}, end: {end}}}"
    return loads(f"title: Synthetic run\n{period}\nseed: {seed}\nparameters:\n{parameters}", "synthetic.yaml")


def synthetic_record(seed: int = 1, start: date = START, end: date = END, scale: float = 1.0) -> RunRecord:
    """A RunRecord over start..end; ``scale`` multiplies the number of events."""
    rng = np.random.default_rng(seed)
    names, first, last = _names(), day_index(start), day_index(end)
    events = _events(rng, first, last, scale, names)
    return RunRecord(
        scenario=scenario_of(seed, start, end),
        seed=seed,
        first_day=first,
        last_day=last,
        events=events,
        ledger=_ledger(rng, first, last),
        names=names,
        version="0.0.0",
        fingerprint="f" * 64,
    )


def _names() -> Names:
    cells = table("cells")
    return Names(
        regions=REGIONS,
        bases=tuple(table("bases")["base"]),
        actors=ACTORS,
        gids=cells["gid"].to_numpy(),
        lats=cells["lat"].to_numpy(),
        lons=cells["lon"].to_numpy(),
    )


def _events(rng, first, last, scale, names) -> np.ndarray:
    number = {name: column for column, name in enumerate(EVENT_FIELDS)}
    region_of = np.array([REGIONS.index(region) for region in table("cells")["region"]])
    # harm falls mostly in Kidal, Gao, Mopti and Tombouctou
    weight = np.array([0.05, 1, 0.05, 1, 0.05, 2, 0.4, 0.02, 0.5])[region_of] * (
        table("cells")["lat"].to_numpy() < 20.5
    )
    hot = weight * rng.gamma(0.15, size=len(weight))
    blocks = []
    for kind, tactic, yearly, means in _EVENTS:
        n = rng.poisson(scale * yearly * (last - first + 1) / 365.25)
        rows = np.zeros((n, len(EVENT_FIELDS)), dtype=np.int64)
        rows[:, number["day"]] = rng.integers(first, last + 1, n)
        rows[:, number["cell"]] = rng.choice(len(hot), n, p=hot / hot.sum())
        rows[:, number["region"]] = region_of[rows[:, number["cell"]]]
        rows[:, number["base"]] = rng.integers(-1, len(names.bases), n)
        rows[:, number["kind"]] = KINDS.index(kind)
        rows[:, number["tactic"]] = TACTICS.index(tactic)
        rows[:, number["activity"]] = rng.integers(0, len(ACTIVITIES), n)
        quiet = kind in ("find", "accident", "illness")
        rows[:, number["actor"]] = len(ACTORS) - 1 if quiet else rng.integers(0, len(ACTORS) - 1, n)
        rows[:, number["unit"]] = rng.integers(-1, 60, n)
        rows[:, number["escorted"]] = rng.integers(0, 2, n)
        rows[:, number["key"]] = rng.integers(0, 2**62, n)
        for name, mean in means.items():
            rows[:, number[name]] = rng.negative_binomial(0.6, 0.6 / (0.6 + mean), n) if mean != 1.0 else 1
        blocks.append(rows)
    events = np.concatenate(blocks)
    return events[np.argsort(events[:, 0], kind="stable")]


def _ledger(rng, first, last) -> np.ndarray:
    days = last - first + 1
    ledger = np.zeros((days, len(REGIONS), len(LEDGER_ITEMS)))
    for name, mean in _LEDGER.items():
        ledger[:, :, LEDGER_ITEMS.index(name)] = rng.poisson(mean, (days, len(REGIONS)))
    ramp = np.interp(np.arange(first, last + 1), [0, 365, 1800, 3650, 3836], [6000, 9500, 14000, 13000, 500])
    ledger[:, :, LEDGER_ITEMS.index("personnel_days")] = (
        ramp[:, None] * [0.1, 0.3, 0, 0.25, 0, 0.2, 0, 0, 0.15]
    ).round()
    knots = np.array([0, 500, 1200, 2200, 2700, 3836]), np.array([350, 90, 40, 120, 330, 420]) * 1000 / 9
    walk = np.exp(np.cumsum(rng.normal(0, 0.006, (days, len(REGIONS))), axis=0))
    level = np.interp(np.arange(first, last + 1), *knots)[:, None] * walk
    ledger[:, :, LEDGER_ITEMS.index("internally_displaced")] = level.round()
    return ledger


def with_events(record: RunRecord, *rows: dict[str, object]) -> RunRecord:
    """The run with these events alone, each as words by field; by default a device of JNIM against the mission."""
    events = np.zeros((len(rows), len(EVENT_FIELDS)), dtype=np.int64)
    for row, words in zip(events, rows, strict=True):
        number = {"kind": "mission", "tactic": "ied", "actor": "JNIM", "unit": -1, **words}
        number["day"] = day_index(date.fromisoformat(str(words["day"])))
        number["kind"], number["tactic"] = KINDS.index(number["kind"]), TACTICS.index(number["tactic"])
        number["actor"] = ACTORS.index(number["actor"])
        for field, value in number.items():
            row[EVENT_FIELDS.index(field)] = value
    return replace(record, events=events[np.argsort(events[:, 0], kind="stable")])
