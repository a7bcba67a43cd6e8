"""The outcomes of a run with unit, definition and overlaps; a literal, printed by `minusim list outcomes`."""

from dataclasses import dataclass

from sim._util.immutable import FrozenMap


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome; ``additive`` where days, regions and runs of days may be summed."""

    name: str
    unit: str
    definition: str
    overlaps: str = ""
    additive: bool = True


_ROWS = (
    Outcome(
        "peacekeepers_killed",
        "persons",
        "Uniformed members of the mission killed by malicious acts, on the day of the act",
        "part of organised_violence_deaths only where the act belongs to one of its three types",
    ),
    Outcome(
        "peacekeepers_wounded",
        "persons",
        "Uniformed members of the mission wounded by malicious acts, not killed",
    ),
    Outcome(
        "peacekeepers_died_other",
        "persons",
        "Uniformed members of the mission who died by accident or illness",
        "none with peacekeepers_killed",
    ),
    Outcome("contractors_killed", "persons", "Civilian drivers and crews of the mission's supply convoys killed"),
    Outcome(
        "civilians_killed",
        "persons",
        "Civilians killed by any side in any kind of event, also by devices; contractors are not among them",
        "overlaps organised_violence_deaths",
    ),
    Outcome("civilians_wounded", "persons", "Civilians wounded by any side in any kind of event"),
    Outcome(
        "civilians_displaced",
        "persons",
        "New displacements inside Mali: a flow, counted on the day of flight; who flees twice counts twice",
        "feeds internally_displaced",
    ),
    Outcome(
        "internally_displaced",
        "persons",
        "People displaced inside Mali at the end of the month or of the run: a stock",
        "civilians_displaced less returns",
        additive=False,
    ),
    Outcome(
        "malian_forces_killed",
        "persons",
        "Members of Mali's defence and security forces killed",
        "overlaps organised_violence_deaths",
    ),
    Outcome(
        "partner_forces_killed",
        "persons",
        "Members of other states' forces (France and its partners, the G5 force, Wagner) killed",
        "overlaps organised_violence_deaths",
    ),
    Outcome(
        "fighters_killed",
        "persons",
        "Members of armed groups killed by any side",
        "overlaps organised_violence_deaths",
    ),
    Outcome(
        "attacks_on_mission",
        "events",
        "Attacks on the mission's troops, camps and convoys, with or without casualties",
        "explosions that hit the mission are also among ied_incidents",
    ),
    Outcome(
        "ied_incidents",
        "events",
        "Explosions of mines and improvised devices, whoever was hit, and devices found",
        "includes ied_found; explosions that hit the mission are also attacks_on_mission",
    ),
    Outcome(
        "ied_found",
        "devices",
        "Mines and improvised devices found before they harmed",
        "part of ied_incidents",
    ),
    Outcome(
        "organised_violence_deaths",
        "persons",
        "All deaths, of any side, in state-based, non-state and one-sided violence as UCDP divides it",
        "overlaps civilians_killed, malian_forces_killed, partner_forces_killed, fighters_killed",
    ),
    Outcome("convoys_completed", "convoys", "Supply convoys that reached their base"),
    Outcome("supply_shortfall", "person-days", "Days of supply that troops at bases went without"),
    Outcome("personnel_days", "person-days", "Uniformed members of the mission in Mali, summed over days"),
    Outcome("patrol_days", "person-days", "Person-days of troops out on patrol"),
    Outcome("convoy_km", "km", "Road covered by the mission's supply convoys"),
    Outcome(
        "effort_person_days",
        "person-days",
        "Person-days of troops spent on guarding, patrols, escorts, clearance, training and all other tasks",
        "part of personnel_days",
    ),
    Outcome(
        "vehicle_days",
        "vehicle-days",
        "Vehicles of the mission out with patrols, escorts and search teams, summed over days; no contractors' trucks",
    ),
    Outcome(
        "flight_hours",
        "hours",
        "Hours flown to evacuate the wounded and to lift supplies from hub to base, out and back",
    ),
    Outcome(
        "treatment_minutes",
        "minutes",
        "Minutes from hit to surgery, summed over the peacekeepers hit by malicious acts",
        "divided by peacekeepers_killed plus peacekeepers_wounded it is the mean wait",
    ),
)

OUTCOMES: FrozenMap[str, Outcome] = FrozenMap((row.name, row) for row in _ROWS)
