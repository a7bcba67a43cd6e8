"""Names that a page shows: outcomes, costs, measures, factors, regions, words for how sure; all of them translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inference.comparison.confidence_words import CANNOT_TELL, RESTS, SAME
from sim.present.locale import noted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.present.locale import Tongue

# outcome or cost -> one, many: what a number stands before
NOUNS: Mapping[str, tuple[str, str]] = {
    "peacekeepers_killed": noted("mission death", "mission deaths"),
    "peacekeepers_wounded": noted("wounded peacekeeper", "wounded peacekeepers"),
    "peacekeepers_died_other": noted("death by accident or illness", "deaths by accident or illness"),
    "contractors_killed": noted("contractor's death", "contractors' deaths"),
    "civilians_killed": noted("civilian death", "civilian deaths"),
    "civilians_wounded": noted("wounded civilian", "wounded civilians"),
    "civilians_displaced": noted("new displacement", "new displacements"),
    "internally_displaced": noted("internally displaced at the end", "internally displaced at the end (persons)"),
    "malian_forces_killed": noted("Malian soldier's death", "Malian soldiers' deaths"),
    "partner_forces_killed": noted("partner soldier's death", "partner soldiers' deaths"),
    "fighters_killed": noted("fighter's death", "fighters' deaths"),
    "attacks_on_mission": noted("attack on the mission", "attacks on the mission"),
    "ied_incidents": noted("device incident", "device incidents"),
    "ied_found": noted("device found", "devices found"),
    "organised_violence_deaths": noted("death in organised violence", "deaths in organised violence"),
    "convoys_completed": noted("convoy completed", "convoys completed"),
    "supply_shortfall": noted("person-day without supply", "person-days without supply"),
    "personnel_days": noted("personnel-day", "personnel-days"),
    "patrol_days": noted("patrol-day", "patrol-days"),
    "convoy_km": noted("convoy-kilometre", "convoy-kilometres"),
    "effort_person_days": noted("person-day of effort", "person-days of effort"),
    "vehicle_days": noted("vehicle-day", "vehicle-days"),
    "flight_hours": noted("flight hour", "flight hours"),
    "treatment_minutes": noted("minute of waiting for treatment", "minutes of waiting for treatment"),
    "effort_shortfall": noted("person-day of work not done", "person-days of work not done"),
    "training_days": noted("day of training and drills", "days of training and drills"),
    "standby_days": noted("day on standby", "days on standby"),
    "liaison_days": noted("liaison day", "liaison days"),
    "protected_vehicle_days": noted("protected vehicle-day", "protected vehicle-days"),
    "evacuation_hours": noted("hour of evacuation flights", "hours of evacuation flights"),
    "alert_hours": noted("hour on evacuation alert", "hours on evacuation alert"),
}
RATES = {
    "killed_per_1000_years": noted("killed per 1,000 personnel-years"),
    "died_per_1000_years": noted("died of any cause per 1,000 personnel-years"),
    "minutes_to_treatment": noted("minutes from hit to treatment"),
}
MEASURE_NAMES = {
    "training": noted("training"),
    "patrols": noted("patrols"),
    "route_clearance": noted("route clearance"),
    "convoy_escort": noted("convoy escort"),
    "drills": noted("drills"),
    "joint_patrols": noted("joint patrols"),
    "checkpoints": noted("checkpoints"),
    "equipment": noted("equipment"),
    "base_protection": noted("base protection"),
    "medevac": noted("medical evacuation"),
    "quick_reaction": noted("quick reaction"),
    "coordination": noted("coordination"),
    "information": noted("information"),
    "protection_of_civilians": noted("protection of civilians"),
    "civil_projects": noted("civil projects"),
    "election_security": noted("election security"),
    "disarmament": noted("disarmament"),
}
CLAIMS = {  # what a measure of the explorer's switches is, in a line
    "training": noted("more days of training a month than is usual in the field"),
    "patrols": noted("more patrols per soldier than in 2013-14"),
    "route_clearance": noted("roads inspected before trucks drive on them"),
    "convoy_escort": noted("combat convoy companies: more armed vehicles per escort"),
    "drills": noted("rehearsals and drills more often"),
}
UNITS = {
    "days a month in training": noted("days a month in training"),
    "patrols a day per 1,000 troops": noted("patrols a day per 1,000 troops"),
    "share of convoys, and so of their km, cleared ahead": noted("share of convoys, and so of their km, cleared ahead"),
    "armed vehicles in an escort": noted("armed vehicles in an escort"),
    "drills a month": noted("drills a month"),
    "share of patrols with national forces": noted("share of patrols with national forces"),
    "checkpoints a day at a base": noted("checkpoints a day at a base"),
    "share of mine-protected vehicles": noted("share of mine-protected vehicles"),
    "share of full protection": noted("share of full protection"),
    "minutes from call to take-off": noted("minutes from call to take-off"),
    "share of troops on standby": noted("share of troops on standby"),
    "share of information passed on": noted("share of information passed on"),
    "share of communities covered": noted("share of communities covered"),
    "share of patrols in places at risk": noted("share of patrols in places at risk"),
    "projects a month at a base": noted("projects a month at a base"),
    "share of troops on the days of a vote": noted("share of troops on the days of a vote"),
    "fighters a month, whole country": noted("fighters a month, whole country"),
}
SECTIONS = {  # of a scenario, as a variant may change them
    "period": noted("the period"),
    "settings": noted("the resolution"),
    "parameters": noted("parameters"),
    "processes": noted("processes switched"),
    "shocks": noted("political events and deployment"),
    "forces": noted("other forces"),
    "elections": noted("elections"),
    "organisations": noted("armed organisations"),
}
FACTOR_NAMES = {
    "exposure": noted("exposure"),
    "attacks per exposure": noted("attacks per exposure"),
    "casualty share": noted("share of attacks with casualties"),
    "hits per attack": noted("hits per attack"),
    "lethality": noted("share of hits that kill"),
}
VERDICTS = (
    noted("very likely fewer"),
    noted("very likely more"),
    noted("likely fewer"),
    noted("likely more"),
    noted("cannot tell"),
    noted("rests on assumption"),
    noted("no difference"),
)
WEAK = (CANNOT_TELL, RESTS, SAME)
DEFINITIONS = {  # series of the record -> what was counted
    "peacekeepers_killed": noted("deaths of the mission by malicious act"),
    "peacekeepers_died_other": noted("deaths of the mission by accident or illness; undetermined causes left out"),
    "peacekeepers_wounded": noted("wounded by hostile acts since the mission began"),
    "ied_incidents": noted("explosive devices used against anybody in the country"),
    "civilians_killed": noted("civilians killed in organised violence (UCDP)"),
    "organised_violence_deaths": noted("all deaths in organised violence (UCDP)"),
    "internally_displaced": noted("internally displaced persons at dated points"),
}
QUANTITIES = (  # lines of the table of a run
    noted("peacekeepers killed"),
    noted("per 1,000 personnel-years"),
    noted("peacekeepers wounded"),
    noted("died by accident or illness"),
    noted("reported attacks: IED"),
    noted("reported attacks: IED then ambush"),
    noted("reported attacks: direct fire"),
    noted("reported attacks: indirect fire"),
    noted("reported attacks: complex"),
    noted("IED incidents, nationwide"),
    noted("civilians killed"),
    noted("internally displaced, year end"),
    noted("patrols a day"),
    noted("escorts a week"),
)


def name_of(tongue: Tongue, item: str) -> str:
    """What an outcome, a cost or a rate is called at the head of a column."""
    if item in RATES:
        return tongue.say(RATES[item])
    one, many = NOUNS[item]
    return tongue.plural(one, many, 2)


def counted(tongue: Tongue, item: str, count: float) -> str:
    """The noun that goes with a count, without the count."""
    return tongue.plural(*NOUNS[item], count)


def measure_name(tongue: Tongue, measure: str) -> str:
    """A measure in words."""
    return tongue.say(MEASURE_NAMES[measure])


def region_name(tongue: Tongue, region: str) -> str:
    """A region as this language spells it."""
    return {"Segou": "Ségou"}.get(region, region) if tongue.language == "fr" else region


def quantity_of(tongue: Tongue, name: str) -> str:
    """A drawn number in words: a measure's intensity, or the name of a parameter."""
    if name.startswith("measures."):
        return tongue.say("intensity of {measure}", measure=measure_name(tongue, name.split(".")[1]))
    return name
