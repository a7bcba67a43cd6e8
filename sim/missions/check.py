"""What is wrong with a whole pack: its facts, its tables, and the names by which they refer to each other."""

from collections.abc import Iterator
from pathlib import Path

from sim._util.suggestions import shown, suggestion
from sim.missions.facts import Facts
from sim.missions.mission import DEFAULT, Mission, load_mission, packaged_missions
from sim.missions.mission_yaml import FILE, check_facts, line_in
from sim.missions.posterior import PosteriorError, read
from sim.missions.table_check import Rows, read_rows, reference_problems, table_problems
from sim.missions.tables import POSTERIORS, TABLES

Names = dict[str, tuple[str, ...]]


def problems(folder: Path) -> list[str]:
    """One line per problem, each with its file, line, key or column; none for a valid pack.

    Names between tables are looked at once the facts and every table are right by themselves.
    """
    facts, found = check_facts(folder)
    found += [problem for table in TABLES.values() for problem in table_problems(folder, table)]
    found += [problem for which in POSTERIORS for problem in _posterior_problems(folder, which)]
    if facts is None or found:
        return found
    mission = Mission(folder, facts)
    return [
        *_misnamed(mission),
        *(problem for table in TABLES.values() if mission.path(table.name).exists()
          for problem in reference_problems(folder, table, _names(mission))),
        *_fact_problems(mission, _names(mission)),
        *_gaps(mission),
        *_gaps_of_forces(mission),
        *_parameter_problems(mission),
    ]  # fmt: skip


def summary(mission: Mission) -> str:
    """A valid pack in one paragraph."""
    facts, rows = mission.facts, mission.rows
    record = f"a record to {facts.record.last_day}" if facts.record is not None else "no record"
    posterior = "a posterior" if mission.has_posterior else "no posterior"
    return (
        f"{facts.title}{' (invented)' if facts.invented else ''}: {facts.first_day} to {facts.mission_ends}, inputs to "
        f"{facts.last_day}; {len(rows('cells'))} cells in {len(mission.regions)} regions, {len(rows('bases'))} bases, "
        f"{len(rows('organisations'))} armed organisations, {len(facts.forces)} other forces, "
        f"{len(mission.parameter_rows())} parameters, {record}, {posterior}, "
        f"{len(mission.scenarios())} packaged scenarios."
    )


def _names(mission: Mission) -> Names:
    """What may be named, by kind."""

    def column(table: str, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[name] for row in mission.rows(table)))

    return {
        "base": column("bases", "base"),
        "region": mission.regions,
        "town": tuple({*column("towns", "town"), *column("corridors", "from_town"), *column("corridors", "to_town")}),
        "organisation": column("organisations", "organisation"),
        "force": tuple(mission.facts.forces),
        "contributor": column("contingents", "contributor"),
        "cell": column("cells", "gid"),
    }


def _misnamed(mission: Mission) -> Iterator[str]:
    """A folder's pack may not pass for another one: its name stands in the hash of its scenarios."""
    if mission.name in packaged_missions() and mission.folder != load_mission(mission.name).folder:
        yield f"{_at(mission, 'name')}: {shown(mission.name)} is the name of a packaged mission; give it one of its own"


def _fact_problems(mission: Mission, names: Names) -> Iterator[str]:
    """Names in ``mission.yaml`` that no table has."""
    facts = mission.facts
    asked = [("shelters", "town", town) for town in facts.shelters]
    asked += [("map.base_names", "base", base) for base in facts.map.base_names]
    asked += [("map.named_in_view", "base", base) for base in facts.map.named_in_view]
    if facts.record is not None:
        cases, record = facts.record.experiments, facts.record
        asked += [("record.attacked_regions", "region", region) for region in record.attacked_regions]
        asked += [("record.war_regions", "region", region) for region in record.war_regions]
        asked += [("record.experiments.contingent", "contributor", cases.contingent)]
        asked += [("record.experiments.sector.region", "region", cases.sector.region)]
        asked += [("record.experiments.closed_bases", "base", base) for base in cases.closed_bases]
    for key, what, name in asked:
        if name not in names[what]:
            yield f"{_at(mission, key)}: unknown {what} {shown(name)}; {suggestion(name, names[what])}"
    if facts.history not in mission.scenarios():
        advice = suggestion(facts.history, mission.scenarios())
        yield f"{_at(mission, 'history')}: no scenario {shown(facts.history)} in the pack; {advice}"
    if facts.parameters_of and facts.parameters_of not in packaged_missions():
        advice = suggestion(facts.parameters_of, packaged_missions())
        yield f"{_at(mission, 'parameters_of')}: unknown mission {shown(facts.parameters_of)}; {advice}"


def _gaps(mission: Mission) -> Iterator[str]:
    """Rows of regions and years that a table must have and has not."""
    facts = mission.facts
    held = {(row["year"], row["region"]) for row in mission.rows("population_region")}
    for region in mission.regions:
        for year in (facts.population.base_year, facts.population.census_year):
            if (str(year), region) not in held:
                yield f"{mission.path('population_region')}: year, region: no row for {year} {region!r}"
        for table in ("threat_path", "cells"):
            if region not in {row["region"] for row in mission.rows(table)}:
                yield f"{mission.path(table)}: region: no row for {region!r}"
    years = {int(row["year"]) for row in mission.rows("contingents")}
    for year in range(facts.first_day.year, min(facts.shares_held_from, facts.last_day.year) + 1):
        if year not in years:
            held_from = facts.shares_held_from
            yield f"{mission.path('contingents')}: year: no row for {year}; shares are held from {held_from}"


def _gaps_of_forces(mission: Mission) -> Iterator[str]:
    """The same of forces, organisations and the care of the wounded; families that the model has no rules for."""
    facts = mission.facts
    for force in facts.forces:
        if force not in {row["force"] for row in mission.rows("other_forces")}:
            yield f"{mission.path('other_forces')}: force: no row for {force!r}"
    allowed = Facts.family_names()
    for line, row in enumerate(mission.rows("organisations"), start=2):
        if row["family"] not in allowed:
            at = f"{mission.path('organisations')}:{line}: family"
            yield f"{at}: unknown family {shown(row['family'])}; {suggestion(row['family'], allowed)}"
        if row["organisation"] not in {home["organisation"] for home in mission.rows("organisation_homes")}:
            yield f"{mission.path('organisation_homes')}: organisation: no row for {row['organisation']!r}"
    if not any(row["hospital"] == "1" and row["helicopters"] == "1" for row in mission.rows("bases")):
        yield f"{mission.path('bases')}: hospital, helicopters: no base has both; the wounded need one"


def _parameter_problems(mission: Mission) -> Iterator[str]:
    """Parameters that the rules of the model do not have, and those that are missing."""
    file = mission.path("parameters")
    rows: Rows = read_rows(file)[1] if file.exists() else []
    model = tuple(row["name"] for row in load_mission(DEFAULT).parameter_rows())
    for line, row in enumerate(rows, start=2):
        if row["name"] not in model:
            yield f"{file}:{line}: name: unknown parameter {shown(row['name'])}; {suggestion(row['name'], model)}"
    missing = [] if mission.facts.parameters_of else sorted({*model} - {row["name"] for row in rows})
    if missing:
        advice = f"add them, or say parameters_of: {DEFAULT}"
        yield f"{file}: name: {len(missing)} parameters are missing, the first {missing[0]!r}; {advice}"


def _posterior_problems(folder: Path, which: str) -> Iterator[str]:
    file = folder / f"{which}.csv"
    if file.exists():
        try:
            read(file)
        except PosteriorError as problem:
            yield str(problem) if str(problem).startswith(str(file)) else f"{file}: {problem}"


def _at(mission: Mission, key: str) -> str:
    return f"{mission.folder / FILE}:{line_in(mission.folder, key.split('.'))}: {key}"
