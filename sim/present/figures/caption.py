"""The line under a figure: what was run, and where the record comes from."""

from sim.model.recorder import RunRecord

RECORD = (
    "Record to December 2020: deaths of the mission, UN Peace and Security Data Hub; civilians, UCDP "
    "Organized Violence v25.1 (CC BY 4.0);\n"
    "displaced, UNHCR (CC BY 4.0) and IOM; attacks 2015-2018, coded from the press; wounded, patrols, "
    "strength, UN figures quoted in the press."
)
MAP = (
    "Boundaries: Natural Earth (public domain). Roads: straight lines between towns, not surveyed. Cells: "
    "PRIO-GRID. Bases and their shares of the\n"
    "mission: Cil, Fjelde, Hultman and Nilsson (2020), Geo-PKO. Boundaries imply no opinion on any territory."
)


def source_line(record: RunRecord, n_seeds: int, facts: str) -> str:
    """The run, so that anybody can make it again, and the sources of the facts beside it.  Three lines."""
    seeds = f"seed {record.seed}" if n_seeds < 2 else f"{n_seeds} seeds, among them {record.seed}"
    scenario = f"scenario {record.scenario.hash[:12]}"
    run = f"Simulated by minusim {record.version} (engine {record.fingerprint[:12]}, {scenario}, {seeds})"
    return f"{run}; not observed.\n{facts}"
