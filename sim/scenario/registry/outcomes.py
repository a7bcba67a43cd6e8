"""The outcomes of a run: one row holds all that anything else says about one of them.

A new outcome is a row here and the place where it is counted: a process adds to its column of the daily ledger
(``ledger`` is the next free number; ``sim.model.recorder.ledger_item`` gives the column), or a rule over events in
``sim.results.panel``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sim.scenario.registry.base import Counted, Message, by_name

Counting = Literal["ledger", "casualties", "events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Counted):
    """One outcome; ``additive`` where days, regions and runs of days may be summed, else it is a stock at the end.

    ``counted``: from the daily ledger, from the field of events with its name, or by a rule over events.
    ``recorded`` says what the series of the record with its name counts; empty where there is none.  ``in_app``: the
    browser view offers it.
    """

    overlaps: str = ""
    additive: bool = True
    counted: Counting = "ledger"
    recorded: str = ""
    in_app: bool = False

    def messages(self) -> Iterator[Message]:
        """The noun, the heading and what the record counted."""
        yield from Counted.messages(self)
        if self.recorded:
            yield self.recorded, None


_OUTCOMES = (
    Outcome(
        name="peacekeepers_killed",
        singular="mission death",
        label="mission deaths",
        unit="persons",
        definition="Uniformed members of the mission killed by malicious acts, on the day of the act",
        overlaps="part of organised_violence_deaths only where the act belongs to one of its three types",
        counted="casualties",
        recorded="deaths of the mission by malicious act",
        in_app=True,
    ),
    Outcome(
        name="peacekeepers_wounded",
        singular="wounded peacekeeper",
        label="wounded peacekeepers",
        unit="persons",
        definition="Uniformed members of the mission wounded by malicious acts, not killed",
        counted="casualties",
        recorded="wounded by hostile acts since the mission began",
        in_app=True,
    ),
    Outcome(
        name="peacekeepers_died_other",
        singular="death by accident or illness",
        label="deaths by accident or illness",
        unit="persons",
        definition="Uniformed members of the mission who died by accident or illness",
        overlaps="none with peacekeepers_killed",
        counted="casualties",
        recorded="deaths of the mission by accident or illness; undetermined causes left out",
    ),
    Outcome(
        name="contractors_killed",
        singular="contractor's death",
        label="contractors' deaths",
        unit="persons",
        definition="Civilian drivers and crews of the mission's supply convoys killed",
        counted="casualties",
    ),
    Outcome(
        name="civilians_killed",
        singular="civilian death",
        label="civilian deaths",
        unit="persons",
        definition="Civilians killed by any side in any kind of event, also by devices; contractors are not among them",
        overlaps="overlaps organised_violence_deaths",
        counted="casualties",
        recorded="civilians killed in organised violence (UCDP)",
        in_app=True,
    ),
    Outcome(
        name="civilians_wounded",
        singular="wounded civilian",
        label="wounded civilians",
        unit="persons",
        definition="Civilians wounded by any side in any kind of event",
        counted="casualties",
    ),
    Outcome(
        name="civilians_displaced",
        singular="new displacement",
        label="new displacements",
        unit="persons",
        definition="New internal displacements: a flow, counted on the day of flight; who flees twice counts twice",
        overlaps="feeds internally_displaced",
        daily="persons who fled on the day, counted where they fled from",
        ledger=0,
        in_app=True,
    ),
    Outcome(
        name="internally_displaced",
        singular="internally displaced at the end",
        label="internally displaced at the end",
        unit="persons",
        definition="Internally displaced people at the end of the month or of the run: a stock",
        overlaps="civilians_displaced less returns",
        additive=False,
        daily="displaced persons at the end of the day, counted where they are",
        ledger=2,
        recorded="internally displaced persons at dated points",
    ),
    Outcome(
        name="malian_forces_killed",
        singular="national soldier's death",
        label="national soldiers' deaths",
        unit="persons",
        definition="Members of the host state's defence and security forces killed",
        overlaps="overlaps organised_violence_deaths",
        counted="casualties",
    ),
    Outcome(
        name="partner_forces_killed",
        singular="partner soldier's death",
        label="partner soldiers' deaths",
        unit="persons",
        definition="Members of other states' forces killed",
        overlaps="overlaps organised_violence_deaths",
        counted="casualties",
    ),
    Outcome(
        name="fighters_killed",
        singular="fighter's death",
        label="fighters' deaths",
        unit="persons",
        definition="Members of armed groups killed by any side",
        overlaps="overlaps organised_violence_deaths",
        counted="casualties",
    ),
    Outcome(
        name="attacks_on_mission",
        singular="attack on the mission",
        label="attacks on the mission",
        unit="events",
        definition="Attacks on the mission's troops, camps and convoys, with or without casualties",
        overlaps="explosions that hit the mission are also among ied_incidents",
        counted="events",
    ),
    Outcome(
        name="ied_incidents",
        singular="device incident",
        label="device incidents",
        unit="events",
        definition="Explosions of mines and improvised devices, whoever was hit, and devices found",
        overlaps="includes ied_found; explosions that hit the mission are also attacks_on_mission",
        counted="events",
        recorded="explosive devices used against anybody in the country",
    ),
    Outcome(
        name="ied_found",
        singular="device found",
        label="devices found",
        unit="devices",
        definition="Mines and improvised devices found before they harmed",
        overlaps="part of ied_incidents",
        counted="events",
    ),
    Outcome(
        name="organised_violence_deaths",
        singular="death in organised violence",
        label="deaths in organised violence",
        unit="persons",
        definition="All deaths, of any side, in state-based, non-state and one-sided violence as UCDP divides it",
        overlaps="overlaps civilians_killed, malian_forces_killed, partner_forces_killed, fighters_killed",
        counted="events",
        recorded="all deaths in organised violence (UCDP)",
    ),
    Outcome(
        name="convoys_completed",
        singular="convoy completed",
        label="convoys completed",
        unit="convoys",
        definition="Supply convoys that reached their base",
        daily="convoys that arrived on the day",
        ledger=3,
        cost=9,
    ),
    Outcome(
        name="supply_shortfall",
        singular="person-day without supply",
        label="person-days without supply",
        unit="person-days",
        definition="Days of supply that troops at bases went without",
        daily="person-days of supplies that bases lacked on the day",
        ledger=4,
        cost=10,
    ),
    Outcome(
        name="personnel_days",
        singular="personnel-day",
        label="personnel-days",
        unit="person-days",
        definition="Uniformed members of the mission, summed over days",
        daily="mission personnel present on the day",
        ledger=5,
        cost=6,
    ),
    Outcome(
        name="patrol_days",
        singular="patrol-day",
        label="patrol-days",
        unit="person-days",
        definition="Person-days of troops out on patrol",
        daily="person-days of troops out on patrol",
        ledger=7,
        head="patrol-days",
        cost=7,
    ),
    Outcome(
        name="convoy_km",
        singular="convoy-kilometre",
        label="convoy-kilometres",
        unit="km",
        definition="Road covered by the mission's supply convoys",
        daily="kilometres driven by convoys on the day",
        ledger=8,
        head="convoy-km",
        cost=8,
    ),
    Outcome(
        name="effort_person_days",
        singular="person-day of effort",
        label="person-days of effort",
        unit="person-days",
        definition="Person-days of troops spent on guarding, patrols, escorts, clearance, training and all other tasks",
        overlaps="part of personnel_days",
        daily="person-days of work done on the day, all tasks",
        ledger=10,
        head="effort",
        cost=1,
    ),
    Outcome(
        name="vehicle_days",
        singular="vehicle-day",
        label="vehicle-days",
        unit="vehicle-days",
        definition="Vehicles of the mission out with patrols, escorts and search teams, summed over days; no "
        "contractors' trucks",
        daily="vehicles of the mission out with patrols, escorts and search teams on the day",
        ledger=16,
        head="vehicle-days",
        cost=11,
    ),
    Outcome(
        name="flight_hours",
        singular="flight hour",
        label="flight hours",
        unit="hours",
        definition="Hours flown to evacuate the wounded and to lift supplies from hub to base, out and back",
        daily="hours flown on the day for evacuation and airlift of supplies",
        ledger=18,
        head="flight hours",
        cost=13,
    ),
    Outcome(
        name="treatment_minutes",
        singular="minute of waiting for treatment",
        label="minutes of waiting for treatment",
        unit="minutes",
        definition="Minutes from hit to surgery, summed over the peacekeepers hit by malicious acts",
        overlaps="divided by peacekeepers_killed plus peacekeepers_wounded it is the mean wait",
        daily="minutes from hit to surgery, summed over the peacekeepers hit on the day",
        ledger=21,
        cost=16,
    ),
)

OUTCOMES = by_name(_OUTCOMES)
