"""National and partner forces, and armed organisations with their first bands, by schedule."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sim.clock import Calendar, date_of, day_index
from sim.data import table
from sim.scenario import Organisation, Scenario
from sim.streams import entity_key
from sim.tables import FAMILIES, NEVER
from sim.world import World

COMPANY = 200  # persons of a national or partner unit
CEASEFIRE = date(2015, 6, 20)  # the CMA signs the accord of Algiers (facts dated_events); the state's war with it ends
FORCE_KINDS = {"Mali": 0, "France": 1, "Takuba": 1, "G5 Sahel": 1, "Wagner": 2}


@dataclass(frozen=True)
class ForcesPlan:
    """Input columns and first state of national units and bands; organisation names by index."""

    inputs: dict[str, np.ndarray]
    start: dict[str, np.ndarray]
    organisations: tuple[str, ...]


def build(scenario: Scenario, calendar: Calendar, world: World, field_share: float, spare_bands: int) -> ForcesPlan:
    """Garrisons x strengths, and bands at the homes of their organisations."""
    national = _nationals(scenario, calendar, world, field_share)
    facts = table("organisations").set_index("organisation")
    inputs = national | _organisations(scenario, facts)
    bands, start = _bands(scenario, facts, world, spare_bands)
    return ForcesPlan(inputs | bands, start, tuple(facts.index))


def _nationals(scenario: Scenario, calendar: Calendar, world: World, field_share: float) -> dict[str, np.ndarray]:
    months = int(calendar.month[-1]) + 1
    firsts = [date_of(int(np.searchsorted(calendar.month, m))) for m in range(months)]
    garrisons = table("garrisons").assign(force="Mali")
    posts = pd.concat([garrisons, table("partner_bases")], ignore_index=True)
    before = scenario.run_up()
    keys, homes, kinds, targets = [], [], [], []
    for (force, place), rows in posts.groupby(["force", "place"], sort=True):
        strength = np.zeros(months)
        held = [(row["from"], row["to"] or "9999", row["share"]) for row in rows.to_dict("records")]
        for m, when in enumerate(firsts):
            stage = before if before is not None and when < scenario.period.start else scenario
            strength[m] = stage.forces[force].at(when) * _share(held, when) * (field_share if force == "Mali" else 1.0)
        persons = np.floor(strength + 0.5).astype(np.int64)
        home = world.cell_index.get(int(rows["gid"].iloc[0]), world.towns.get(str(place), -1))
        for n in range(-(-int(persons.max()) // COMPANY)):
            keys.append(entity_key("national", f"{force}/{place}:{n}"))
            homes.append(home)
            kinds.append(FORCE_KINDS[str(force)])
            targets.append(np.clip(persons - COMPANY * n, 0, COMPANY))
    return {
        "national_key": np.array(keys, np.uint64),
        "national_home": np.array(homes, np.int64),
        "national_kind": np.array(kinds, np.int64),
        "national_target": np.stack(targets, axis=1),
    }


def _share(held: list[tuple[str, str, float]], when: date) -> float:
    """Share of its force that a place holds on a day; rows are (from, to, share) with ISO dates."""
    day = when.isoformat()
    return sum(share for first, last, share in held if first <= day <= last)


def _organisations(scenario: Scenario, facts: pd.DataFrame) -> dict[str, np.ndarray]:
    names = list(facts.index)
    plans = [scenario.organisations[name] for name in names]
    heirs = [_heir(scenario, names, str(facts.loc[name, "merges_into"] or "")) for name in names]
    ends = [_last_day(plan, name, facts, scenario) for name, plan in zip(names, plans, strict=True)]
    start, end = _rivalries(names)
    families = [FAMILIES.index(facts.loc[name, "family"]) for name in names]
    return {
        "organisation_family": np.array(families),
        "organisation_founded": np.array([day_index(plan.founded) for plan in plans]),
        "organisation_ended": np.array(ends),
        "organisation_heir": np.array(heirs),
        "organisation_band": facts["typical_band"].to_numpy(float),
        "organisation_against_state": np.array(
            [day_index(CEASEFIRE) if FAMILIES[family] == "signatory" else -1 for family in families]
        ),
        "rivalry_start": start,
        "rivalry_end": end,
    }


def _heir(scenario: Scenario, names: list[str], heir: str) -> int:
    return names.index(heir) if heir in names and scenario.organisations[heir].present else -1


def _last_day(plan: Organisation, name: str, facts: pd.DataFrame, scenario: Scenario) -> int:
    """The last day; an organisation whose heir never comes about goes on."""
    heir = str(facts.loc[name, "merges_into"] or "")
    if plan.ended is None or (heir and heir != "nan" and not scenario.organisations[heir].present):
        return NEVER
    return day_index(plan.ended)


def _rivalries(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    start = np.full((len(names), len(names)), NEVER, np.int64)
    end = np.full((len(names), len(names)), -NEVER, np.int64)
    for row in table("rivalries").itertuples():
        if row.a not in names or row.b not in names:
            continue
        i, j = names.index(row.a), names.index(row.b)
        last = day_index(date.fromisoformat(row.end)) if isinstance(row.end, str) and row.end else NEVER
        start[i, j] = start[j, i] = min(start[i, j], day_index(date.fromisoformat(row.start)))
        end[i, j] = end[j, i] = max(end[i, j], last)
    return start, end


def _bands(
    scenario: Scenario, facts: pd.DataFrame, world: World, spare: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    homes = table("organisation_homes")
    rows: list[tuple[np.uint64, int, int, int, int]] = []
    for o, name in enumerate(facts.index):
        plan = scenario.organisations[name]
        fighters = int(facts.loc[name, "fighters"] if plan.fighters is None else plan.fighters)
        if not plan.present or fighters <= 0:
            continue
        number = max(1, round(fighters / facts.loc[name, "typical_band"]))
        places = _spread(homes[homes["organisation"] == name], number)
        for n in range(number):
            strength = fighters // number + int(n < fighters % number)
            born = max(0, day_index(plan.founded))
            rows.append((entity_key("band", f"{name}:{n}"), o, strength, born, world.towns[places[n]]))
    total = len(rows) + spare
    start = {
        "band_key": np.zeros(total, np.uint64),
        "band_organisation": np.zeros(total, np.int64),
        "band_born": np.full(total, -1, np.int64),
        "band_cell": np.zeros(total, np.int64),
        "band_home": np.zeros(total, np.int64),
    }
    scheduled = np.zeros(total, np.int64)
    for g, (key, organisation, strength, born, cell) in enumerate(rows):
        start["band_key"][g] = key
        start["band_organisation"][g] = organisation
        start["band_born"][g] = born
        start["band_cell"][g] = start["band_home"][g] = cell
        scheduled[g] = strength
    return {"scheduled_strength": scheduled}, start


def _spread(homes: pd.DataFrame, number: int) -> list[str]:
    """Towns of ``number`` bands in proportion to weights: each next band goes where the gap is largest."""
    weight = homes["weight"].to_numpy(float) / homes["weight"].sum()
    given = np.zeros(len(weight))
    towns: list[str] = []
    for n in range(number):
        k = int(np.argmax(weight * (n + 1) - given))
        given[k] += 1
        towns.append(str(homes["town"].iloc[k]))
    return towns
