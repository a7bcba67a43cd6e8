"""A hit is deadly with a share by tactic and vehicle; a deadly wound kills within minutes to hours unless treated.

F(t) is the published share of the deadly wounded who are dead after t minutes. With a = minutes to first aid and s =
minutes to surgery, P(die) = deadly x [F(a) + (F(s) - F(a)) (1 - ``en_route_care`` x ``saved_if_in_time``) + (1 - F(s))
(1 - ``saved_if_in_time``)]. The deadly share is multiplied by the severity of the attack, lognormal with mean 1 and log
standard deviation ``severity_spread``, the same for all who are hit. s is the faster of air and road, weighted by the
share of flights allowed; the way leads by the base to the nearest hospital base with helicopters. Deaths raise the
base's caution.
"""

import math
from typing import TYPE_CHECKING

from tests.reference.counts import binomial, distance_km, faded, normal
from tests.reference.draws import child_key, pair_key, stream_of
from tests.reference.events import TACTICS
from tests.reference.violence import trend

if TYPE_CHECKING:
    from tests.reference.agents import PatrolUnit
    from tests.reference.events import Event
    from tests.reference.model import ReferenceModel

STREAM = stream_of("casualties")


def casualties(model: "ReferenceModel") -> None:
    """Caution fades, crews stand ready, and the hit of the day are treated."""
    p = model.p
    fading = faded(p.caution_memory)
    for base in model.bases:
        base.caution *= fading
        if base.strength > 0:
            base.region.book("alert_hours", 24.0 * (p.alert_minutes / max(p.alert_minutes, base.level("medevac"))))
    for event in model.events_today:
        if event.unit is None:
            event.peacekeepers_hit = 0
        elif event.peacekeepers_hit > 0:
            _treat(event, event.unit)


def _treat(event: "Event", unit: "PatrolUnit") -> None:
    model = unit.model
    hits = min(event.peacekeepers_hit, unit.strength)
    minutes = _evacuate(event, unit, hits)
    attack = pair_key(event.cell.key, model.cause(event, STREAM))
    u, v, *_ = model.draw(child_key(attack, STREAM, TACTICS.index(event.tactic)), STREAM)
    killed = binomial(u, hits, _dying(event, unit, minutes, _severity(model, v)))
    event.peacekeepers_hit = hits
    event.peacekeepers_killed = killed
    event.peacekeepers_wounded = hits - killed
    unit.strength -= killed
    unit.escorting = min(unit.escorting, unit.strength)
    unit.clearing = min(unit.clearing, unit.strength - unit.escorting)
    unit.base.strength -= killed
    unit.base.caution += killed
    model.balance["troops_killed"] += killed


def _evacuate(event: "Event", unit: "PatrolUnit", hits: int) -> float:
    """Minutes to surgery; what is flown is booked."""
    p, base, region = unit.model.p, unit.base, event.region
    at, home = event.cell, base.cell
    out = 0.0 if event.activity == "camp" else distance_km(at.lat, at.lon, home.lat, home.lon)
    way = base.rescue_km + out
    by_air = base.level("medevac") + 60.0 * way / p.helicopter_kmh
    by_road = 60.0 * way / p.road_kmh + p.road_departure_minutes
    allowed = region.today("flights")
    minutes = allowed * min(by_air, by_road) + (1.0 - allowed) * by_road
    region.book("treatment_minutes", minutes * hits)
    if by_air < by_road:
        sorties = math.ceil(hits / math.floor(p.evacuation_seats))
        flown = allowed * sorties * 2.0 * way / p.helicopter_kmh
        region.book("flight_hours", flown)
        region.book("evacuation_hours", flown)
    return minutes


def _severity(model: "ReferenceModel", v: float) -> float:
    spread = model.p.severity_spread
    return math.exp(spread * normal(v) - 0.5 * spread * spread)


def _dying(event: "Event", unit: "PatrolUnit", minutes: float, severity: float) -> float:
    """Probability that a hit kills."""
    p = unit.model.p
    deadly = min(1.0, _deadly(event.tactic, unit) * trend(p.deadly_trend, unit.model.trend_days) * severity)
    before_aid = _dead_by(unit.model, p.first_aid_minutes / (1.0 + p.first_aid_training_gain * unit.training))
    before_surgery = _dead_by(unit.model, minutes)
    return deadly * (
        before_aid
        + (before_surgery - before_aid) * (1.0 - p.en_route_care * p.saved_if_in_time)
        + (1.0 - before_surgery) * (1.0 - p.saved_if_in_time)
    )


def _deadly(tactic: str, unit: "PatrolUnit") -> float:
    """Share of hits that are deadly without care; protection lowers that of explosions."""
    p = unit.model.p
    if tactic == "ied":
        return p.deadly_share_ied * (1.0 - p.deadly_protection_effect * unit.protection)
    if tactic == "ied_then_ambush":
        covered = p.followup_protection * p.deadly_protection_effect * unit.protection
        return p.deadly_share_direct * (1.0 - covered)
    if tactic == "indirect_fire":
        return p.deadly_share_indirect
    return p.deadly_share_complex if tactic == "complex_attack" else p.deadly_share_direct


def _dead_by(model: "ReferenceModel", minutes: float) -> float:
    """F(t): published shares at once and by 10, 60 and 120 minutes, linear between."""
    p = model.p
    if minutes <= 10.0:
        return p.dead_at_once + (p.dead_by_10 - p.dead_at_once) * minutes / 10.0
    if minutes <= 60.0:
        return p.dead_by_10 + (p.dead_by_60 - p.dead_by_10) * (minutes - 10.0) / 50.0
    if minutes <= 120.0:
        return p.dead_by_60 + (p.dead_by_120 - p.dead_by_60) * (minutes - 60.0) / 60.0
    return p.dead_by_120 + (1.0 - p.dead_by_120) * min(1.0, (minutes - 120.0) / (p.dead_last_minutes - 120.0))
