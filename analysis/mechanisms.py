"""What each measure acts on: the quantity of its own mechanism, read from a run, before any life is counted."""

from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
from numba import njit

from sim.calibration.mission import CLOCK, MISSION
from sim.model.processes import casualties
from sim.model.recorder import ACTIVITIES, EVENT_FIELDS, KINDS, LEDGER_ITEMS, TACTICS
from sim.model.simulation import Simulation
from sim.model.tables import BALANCE

Events = npt.NDArray[np.int64]
QUARTERS = tuple(CLOCK.day_index(date(year, month, 28)) for year in (2016, 2017, 2018) for month in (3, 6, 9, 12))
POLLS = (CLOCK.day_index(date(2016, 11, 20)), CLOCK.day_index(date(2018, 7, 29)))
AT_THE_END: tuple[int, ...] = ()  # counted over the reported period, not sampled


@dataclass(frozen=True)
class Quantity:
    """A number of a run; ``days``: averaged over these, or counted at the end of the run where there are none."""

    name: str
    of: Callable[[Simulation], float]
    days: tuple[int, ...] = AT_THE_END


def observe(model: Simulation, quantities: Iterable[Quantity]) -> dict[str, float]:
    """Run the model to its end and read each quantity on its days; not a number where there is nothing to divide by."""
    wanted = list(quantities)
    read: dict[str, list[float]] = {quantity.name: [] for quantity in wanted}
    for day in sorted({day for quantity in wanted for day in quantity.days if day <= model.last_day}):
        model.advance_to(day)
        for quantity in wanted:
            if day in quantity.days:
                read[quantity.name].append(quantity.of(model))
    model.advance_to(model.last_day)
    for quantity in wanted:
        if not quantity.days:
            read[quantity.name].append(quantity.of(model))
    return {name: float(np.mean(values)) if values else float("nan") for name, values in read.items()}


def _column(events: Events, field: str) -> Events:
    return np.asarray(events[:, EVENT_FIELDS.index(field)])


def _events(model: Simulation, **where: str) -> Events:
    """Events of the reported period of a kind, tactic or activity; several words are separated by spaces."""
    events = model.record().events
    kept = np.ones(len(events), bool)
    for field, words in where.items():
        names = {"kind": KINDS, "tactic": TACTICS, "activity": ACTIVITIES}[field]
        kept &= np.isin(_column(events, field), [names.index(word) for word in words.split()])
    return np.asarray(events[kept])


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else float("nan")


def _troops(name: str) -> Callable[[Simulation], float]:
    """The mean of a column of units, by soldier."""
    return lambda model: float(np.average(model.columns[name], weights=model.columns["unit_strength"]))


def _sum(name: str) -> Callable[[Simulation], float]:
    return lambda model: float(model.columns[name].sum())


def _ledger_mean(item: str) -> Callable[[Simulation], float]:
    return lambda model: float(model.record().ledger[:, :, LEDGER_ITEMS.index(item)].sum(axis=1).mean())


def _found(activity: str, cleared: bool) -> Callable[[Simulation], float]:
    """Devices found on the way of an activity, behind a search team or not."""

    def of(model: Simulation) -> float:
        events = _events(model, kind="find", activity=activity)
        return float(_column(events, "devices_found")[_column(events, "cleared") == cleared].sum())

    return of


def _hits_per_attack(**where: str) -> Callable[[Simulation], float]:
    def of(model: Simulation) -> float:
        events = _events(model, kind="mission", **where)
        return _ratio(float(_column(events, "peacekeepers_hit").sum()), len(events))

    return of


def _killed_per_hit(**where: str) -> Callable[[Simulation], float]:
    def of(model: Simulation) -> float:
        events = _events(model, kind="mission", **where)
        hit = float(_column(events, "peacekeepers_hit").sum())
        return _ratio(float(_column(events, "peacekeepers_killed").sum()), hit)

    return of


def _number(**where: str) -> Callable[[Simulation], float]:
    return lambda model: float(len(_events(model, **where)))


def _told_raids(model: Simulation) -> float:
    return float(_column(_events(model, tactic="raid"), "joint").sum())


def _escort(model: Simulation) -> float:
    active = model.columns["convoy_active"] == 1
    return _ratio(float(model.columns["convoy_escort"][active].sum()), float(active.sum()))


def _joint_share(model: Simulation) -> float:
    trips = int(model.columns["trip_count"][0])
    patrols = model.columns["trip_activity"][:trips] == ACTIVITIES.index("patrol")
    return _ratio(float(model.columns["trip_joint"][:trips][patrols].sum()), float(patrols.sum()))


def _village_presence(model: Simulation) -> float:
    """Remembered patrols where a person outside towns and Bamako lives, on average."""
    columns = model.columns
    rural = np.maximum(0.0, columns["cell_population"] - columns["cell_town"]) * (columns["cell_region"] != 0)
    return float(np.average(columns["cell_presence"], weights=rural))


def _trust_near_bases(model: Simulation) -> float:
    columns = model.columns
    near = columns["cell_near_base"][columns["community_home"]] >= 0
    return float(np.average(columns["community_trust"][near], weights=columns["community_population"][near]))


def _killed_near_bases_at_elections(model: Simulation) -> float:
    events = _events(model, kind="one_sided")
    near = model.columns["cell_near_base"][_column(events, "cell")] >= 0
    window = model.columns["election"][_column(events, "day"), _column(events, "region")] == 1
    return float(_column(events, "civilians_killed")[near & window].sum())


def _demobilised(model: Simulation) -> float:
    return float(model.columns["balance"][BALANCE.index("fighters_demobilised")])


_Cells = namedtuple("_Cells", ("lat", "lon"))
_Bases = namedtuple("_Bases", ("cell", "rescue_km"))


@cache
def _rule() -> Callable[..., float]:
    """The model's rule for the minutes to surgery; kernels have no way in from Python, this one has."""
    way_to_help, minutes_to_help = casualties._way_to_help, casualties.minutes_to_help

    @njit
    def minutes(cell, b, lat, lon, base_cell, rescue_km, launch, flying_kmh, driving_kmh, departure, allowed):  # type: ignore[no-untyped-def]
        way = way_to_help(cell, False, b, _Cells(lat, lon), _Bases(base_cell, rescue_km))
        return minutes_to_help(launch + 60.0 * way / flying_kmh, 60.0 * way / driving_kmh + departure, allowed)

    return minutes  # type: ignore[no-any-return]


def _minutes_to_surgery(model: Simulation) -> float:
    """Mean over peacekeepers hit outside camps, by the model's own rule."""
    columns, known = model.columns, dict(zip(tuple(MISSION.parameters), model.plan.parameters.tolist(), strict=True))
    places = [columns[name] for name in ("cell_lat", "cell_lon", "base_cell", "base_rescue_km")]
    speeds = [known[name] for name in ("helicopter_kmh", "road_kmh", "road_departure_minutes")]
    waited = []
    for event in _events(model, kind="mission", activity="patrol convoy"):
        field = dict(zip(EVENT_FIELDS, event.tolist(), strict=True))
        if field["peacekeepers_hit"] and field["unit"] >= 0:
            b, day = int(columns["unit_base"][field["unit"]]), field["day"]
            launch, allowed = columns["lever_medevac"][day, b], columns["flights"][day, field["region"]]
            waited.append(_rule()(field["cell"], b, *places, launch, *speeds, allowed))
    return float(np.mean(waited)) if waited else float("nan")


MECHANISMS: dict[str, tuple[Quantity, ...]] = {
    "training": (
        Quantity("training level of troops, 0 to 1", _troops("unit_training"), QUARTERS),
        Quantity("devices seen in time by passing parties", _found("patrol convoy", cleared=False)),
    ),
    "patrols": (
        Quantity("patrols a day", _ledger_mean("patrols")),
        Quantity("patrols remembered where villagers live", _village_presence, QUARTERS),
    ),
    "route_clearance": (Quantity("devices found by search teams", _found("convoy", cleared=True)),),
    "convoy_escort": (
        Quantity("escort of a convoy on the road, persons", _escort, QUARTERS),
        Quantity("direct-fire attacks on convoys", _number(kind="mission", tactic="direct_fire", activity="convoy")),
    ),
    "drills": (
        Quantity("drill currency of troops, 0 to 1", _troops("unit_drill"), QUARTERS),
        Quantity("peacekeepers hit per direct-fire attack", _hits_per_attack(tactic="direct_fire")),
    ),
    "joint_patrols": (Quantity("share of patrols with national forces", _joint_share, QUARTERS),),
    "checkpoints": (
        Quantity("vehicle checks manned a day", _sum("base_checkpoints"), QUARTERS),
        Quantity("complex attacks in towns", _number(kind="one_sided", tactic="complex_attack")),
    ),
    "equipment": (
        Quantity("protected share of vehicles", _troops("unit_protection"), QUARTERS),
        Quantity("killed per peacekeeper hit by explosives", _killed_per_hit(tactic="ied ied_then_ambush")),
    ),
    "base_protection": (Quantity("peacekeepers hit per attack on a camp", _hits_per_attack(activity="camp")),),
    "medevac": (
        Quantity("minutes to surgery, hit outside camps", _minutes_to_surgery),
        Quantity("killed per peacekeeper hit", _killed_per_hit()),
    ),
    "quick_reaction": (Quantity("troops on standby", _sum("base_standby"), QUARTERS),),
    "coordination": (Quantity("raids of national forces after a shared warning", _told_raids),),
    "information": (Quantity("devices found after warnings", _found("road", cleared=False)),),
    "protection_of_civilians": (Quantity("patrols remembered where villagers live", _village_presence, QUARTERS),),
    "civil_projects": (Quantity("trust in the mission near bases, 0 to 1", _trust_near_bases, QUARTERS),),
    "election_security": (
        Quantity("troops who guard on polling days", _sum("base_guards"), POLLS),
        Quantity("civilians killed near bases in election windows", _killed_near_bases_at_elections),
    ),
    "disarmament": (Quantity("fighters who went home", _demobilised),),
}
