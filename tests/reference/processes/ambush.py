"""A band attacks a party in its cell if it dares to; drills and quick reaction shorten the fight.

Bands of a trip's cell press with the sum of intent x weight of traffic x size.  The rate is ``ambush_rate`` x tempo x
parties x provocation x (1 + ``joint_exposure`` if joint) x that sum, deterred by armed vehicles (of a convoy: per
``escort_trucks`` trucks).  What a band does not dare it learns from, and may turn on others (displacement).  After
a warning an attack is spoiled with ``spoil_probability``.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import added, binomial, chance, chosen, heavy_tailed
from tests.reference.draws import stream_of
from tests.reference.violence import DRILL_CURRENT, PLATOON, provocation, standby, trend

if TYPE_CHECKING:
    from tests.reference.agents import ArmedGroup
    from tests.reference.events import Event, Trip
    from tests.reference.model import ReferenceModel

STREAM = stream_of("ambush")


def ambush(model: "ReferenceModel") -> None:
    """Every trip through a cell with bands may be attacked, or be spared because it deters."""
    for trip in model.trips:
        pressures = [band.pressure_on_traffic() for band in trip.cell.bands]
        total = added(pressures)
        if total > 0.0:
            _meet(trip, pressures, total)


def _meet(trip: "Trip", pressures: list[float], total: float) -> None:
    """One uniform against two rates tells who attacks, who is deterred and who never meant to."""
    p, bands = trip.cell.model.p, trip.cell.bands
    meant = p.ambush_rate * trip.cell.region.tempo * trip.groups
    meant *= provocation(trip.cell)
    if trip.joint:
        meant *= 1.0 + p.joint_exposure
    dared = meant * math.exp(-p.escort_deterrence * _guarded(trip))
    u_attack, u_who, u_hits, u_losses = trip.draw(STREAM)
    if u_attack >= chance(max(meant, dared) * total):
        return
    attacker = chosen(u_who, bands, pressures)
    if u_attack >= chance(dared * total):
        attacker.gain["traffic"] -= p.learning_deterred
        attacker.deterred += 1
        return
    u_spoiled, u_truck, _, _ = trip.draw(STREAM + 1)
    if trip.cell.tip and u_spoiled < p.spoil_probability:
        attacker.gain["traffic"] -= p.learning_spoiled
        return
    _attack(trip, attacker, u_hits, u_losses, u_truck)


def _guarded(trip: "Trip") -> float:
    """Armed vehicles: an escort is spread over its trucks, a lone patrol is judged by its own vehicles."""
    escort_trucks = trip.cell.model.p.escort_trucks
    if trip.activity == "convoy":
        return escort_trucks * trip.vehicles / max(escort_trucks, float(trip.trucks))
    return trip.vehicles


def _attack(trip: "Trip", attacker: "ArmedGroup", u_hits: float, u_losses: float, u_truck: float) -> None:
    model, p = trip.cell.model, trip.cell.model.p
    scale = p.ambush_scale * math.sqrt(attacker.strength / PLATOON)
    scale *= math.exp(-p.drill_effect * trip.drill - p.training_effect * trip.training) * (
        1.0 - p.reaction_effect * standby(trip.cell.near_base)
    )
    hits = heavy_tailed(u_hits, scale * trend(p.hit_trend, model.trend_days), p.ambush_spread)
    event = model.record(
        trip.cell,
        "mission",
        "direct_fire",
        trip.activity,
        attacker.organisation,
        trip.key,
        unit=trip.unit,
        escorted=trip.activity == "convoy" and trip.persons > 0,
        cleared=trip.cleared,
        drilled=trip.drill > DRILL_CURRENT,
        joint=trip.joint,
    )
    _harm(trip, hits, u_truck, u_losses, event)
    risk = (p.ambusher_loss + p.ambusher_loss_escort * _guarded(trip)) * (1.0 + trip.drill)
    losses = binomial(u_losses, attacker.strength, min(p.ambusher_loss_cap, risk))
    event.fighters_killed = attacker.lose(losses)
    attacker.gain["traffic"] += (1.0 if hits > 0 else -p.learning_failure) - p.learning_loss_ambush * losses


def _harm(trip: "Trip", hits: int, u_truck: float, u_dead: float, event: "Event") -> None:
    """Of a convoy trucks take their share; of their crews some die, peacekeepers are treated later."""
    p = trip.cell.model.p
    on_trucks = trip.trucks / max(1.0, trip.trucks + p.escort_target_weight * trip.vehicles)
    if trip.activity == "convoy" and u_truck < on_trucks:
        hurt = min(hits, int(p.truck_crew * trip.trucks))
        event.contractors_killed = binomial(u_dead, hurt, p.contractor_death_share)
    else:
        event.peacekeepers_hit = min(hits, trip.persons)


class Ambushing:
    """A band beside a road."""

    def pressure_on_traffic(self: "ArmedGroup") -> float:
        """Intent x weight of traffic x size."""
        return self.will * self.weight["traffic"] * self.strength / PLATOON
