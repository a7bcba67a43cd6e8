"""What a run leaves behind: one immutable row per thing that happened, and a ledger of daily flows and stocks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.model.kernels import kernel

if TYPE_CHECKING:
    from sim.scenario import Scenario

EVENT_FIELDS = (
    "day",
    "cell",
    "region",
    "base",
    "kind",
    "tactic",
    "activity",
    "actor",
    "unit",
    "escorted",
    "cleared",
    "drilled",
    "joint",
    "devices_found",
    "peacekeepers_killed",
    "peacekeepers_wounded",
    "peacekeepers_died_other",
    "contractors_killed",
    "civilians_killed",
    "civilians_wounded",
    "malian_forces_killed",
    "partner_forces_killed",
    "fighters_killed",
    "key",
    "peacekeepers_hit",
)
KINDS = ("mission", "state_based", "non_state", "one_sided", "find", "accident", "illness")
TACTICS = (
    "ied",
    "ied_then_ambush",
    "direct_fire",
    "indirect_fire",
    "complex_attack",
    "battle",
    "raid",
    "clash",
    "killing",
    "find",
    "accident",
    "illness",
)
ACTIVITIES = ("none", "patrol", "convoy", "camp", "garrison", "settlement", "road")
LEDGER_ITEMS = (
    "civilians_displaced",
    "civilians_returned",
    "internally_displaced",
    "convoys_completed",
    "supply_shortfall",
    "personnel_days",
    "patrols",
    "patrol_days",
    "convoy_km",
    "escorts",
    "effort_person_days",
    "effort_shortfall",
    "training_days",
    "standby_days",
    "fighters",
    "devices_standing",
    "vehicle_days",
    "protected_vehicle_days",
    "flight_hours",
    "evacuation_hours",
    "alert_hours",
    "treatment_minutes",
    "liaison_days",
    "attacks_deterred",
    "attacks_displaced",
)


def _constants(names: tuple[str, ...]) -> tuple[np.int64, ...]:
    """Positions as numpy integers: plain ones would make numba compile a kernel anew for every constant."""
    return tuple(np.int64(i) for i in range(len(names)))


# Column numbers for kernels: an event field E_X, a kind K_X, a tactic T_X, an activity A_X, a ledger item L_X.
(
    E_DAY,
    E_CELL,
    E_REGION,
    E_BASE,
    E_KIND,
    E_TACTIC,
    E_ACTIVITY,
    E_ACTOR,
    E_UNIT,
    E_ESCORTED,
    E_CLEARED,
    E_DRILLED,
    E_JOINT,
    E_FOUND,
    E_UN_KILLED,
    E_UN_WOUNDED,
    E_UN_OTHER,
    E_CONTRACTORS,
    E_CIVILIANS,
    E_CIVILIANS_WOUNDED,
    E_MALIAN,
    E_PARTNER,
    E_FIGHTERS,
    E_KEY,
    E_UN_HIT,
) = _constants(EVENT_FIELDS)
K_MISSION, K_STATE, K_NON_STATE, K_ONE_SIDED, K_FIND, K_ACCIDENT, K_ILLNESS = _constants(KINDS)
(
    T_IED,
    T_IED_AMBUSH,
    T_DIRECT,
    T_INDIRECT,
    T_COMPLEX,
    T_BATTLE,
    T_RAID,
    T_CLASH,
    T_KILLING,
    T_FIND,
    T_ACCIDENT,
    T_ILLNESS,
) = _constants(TACTICS)
A_NONE, A_PATROL, A_CONVOY, A_CAMP, A_GARRISON, A_SETTLEMENT, A_ROAD = _constants(ACTIVITIES)
(
    L_DISPLACED,
    L_RETURNED,
    L_IDP,
    L_CONVOYS,
    L_SUPPLY_SHORT,
    L_PERSONNEL,
    L_PATROLS,
    L_PATROL_DAYS,
    L_CONVOY_KM,
    L_ESCORTS,
    L_EFFORT,
    L_EFFORT_SHORT,
    L_TRAINING,
    L_STANDBY,
    L_FIGHTERS,
    L_DEVICES,
    L_VEHICLES,
    L_PROTECTED_VEHICLES,
    L_FLIGHT_HOURS,
    L_EVACUATION,
    L_ALERT,
    L_TREATMENT,
    L_LIAISON,
    L_DETERRED,
    L_MOVED,
) = _constants(LEDGER_ITEMS)

EVENTS_PER_DAY = 4096  # room that must be free before a day starts; a day with more is an error, never a loss


@kernel
def record(events, event_count, day, cell, region, kind, tactic, activity, actor, key):
    """Append a row and return its number; the caller fills in casualties and flags.

    What does not fit shares the last row, which is reached only then: the run ends in an error (see
    sim.model.mission_model).
    """
    row = event_count[0]
    if row < events.shape[0] - 1:
        event_count[0] = row + 1
    events[row, :] = 0
    events[row, E_DAY] = day
    events[row, E_CELL] = cell
    events[row, E_REGION] = region
    events[row, E_BASE] = -1
    events[row, E_KIND] = kind
    events[row, E_TACTIC] = tactic
    events[row, E_ACTIVITY] = activity
    events[row, E_ACTOR] = actor
    events[row, E_UNIT] = -1
    events[row, E_KEY] = np.int64(key)
    return row


@dataclass(frozen=True)
class Names:
    """What the numbers in a record stand for; positions are the indices used in events and ledger."""

    regions: tuple[str, ...]
    bases: tuple[str, ...]
    actors: tuple[str, ...]
    gids: np.ndarray
    lats: np.ndarray
    lons: np.ndarray


@dataclass(frozen=True)
class RunRecord:
    """One finished run, cut to the reported period.

    events: int64 [n, len(EVENT_FIELDS)], in order of day.  ledger: float64 [days, regions, len(LEDGER_ITEMS)].
    Both are simulated, never observed.
    """

    scenario: "Scenario"
    seed: int
    first_day: int
    last_day: int
    events: np.ndarray
    ledger: np.ndarray
    names: Names
    version: str
    fingerprint: str
