"""Every process of the registry is there, documented, and matters through its own mechanism."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.model import code_generation as glue
from sim.model.mission_model import MissionModel
from sim.model.plan import PLAN_PARAMETERS, Plan
from sim.model.recorder import A_ROAD, E_ACTIVITY, E_CLEARED, E_KIND, K_FIND
from sim.model.streams import STREAMS_PER_PROCESS
from sim.model.tables import COLUMNS
from sim.scenario import MEASURES, load
from sim.scenario.registry import PHASES, PROCESSES, Process
from sim.scenario.registry.process_source import PARAMETERS, TABLES, reads_of
from tests.engine_support import (
    balance,
    count,
    differing,
    finished,
    ledger,
    of_field,
    plan_of,
    total,
    with_parameters,
    without,
)
from tests.minusma import parameters

FOLDER = Path(sim.__file__).parent / "model"
DRAWS = {"uniform", "uniforms"}
BIRTHS = {"child_key"}
NAMES = [process.name for process in PROCESSES]

SOME_OF_ALL = ", ".join(f"{name}: {{intensity: 0.3}}" for name in MEASURES)
BUSY = f"period: {{start: 2013-07-01, end: 2017-06-30}}\nmeasures: {{{SOME_OF_ALL}}}\n"


# What every process must have


@pytest.fixture(params=PROCESSES, ids=NAMES)
def process(request: pytest.FixtureRequest) -> Process:
    return request.param


def source_of(process: Process) -> ast.Module:
    return ast.parse((FOLDER / "processes" / f"{process.name}.py").read_text(encoding="utf-8"))


def test_a_process_says_its_claim_and_its_source(process: Process) -> None:
    rule = glue.function_of(process).py_func
    assert rule.__name__ == process.name
    assert ast.get_docstring(source_of(process)), "the file says what it is about"
    claim, _, source = inspect.getdoc(rule).partition("\n\n")
    assert claim.strip().endswith((".", "?"))
    assert source.startswith("Source: ")
    assert len(source) > len("Source: ") + 10


def test_a_process_gets_only_columns_parameters_and_the_run(process: Process) -> None:
    reads = reads_of(process.name)
    assert set(reads.arguments) <= {*TABLES, PARAMETERS, "key", "stream", "day"}
    assert set(reads.fields) == set(reads.arguments) & {*TABLES, PARAMETERS}
    assert set(reads.columns) <= set(COLUMNS)
    assert set(reads.parameters) <= set(parameters())


def test_a_process_draws_under_its_own_stream_only(process: Process) -> None:
    """Draws and births name the argument ``stream``, plus a small number or the tactic of an event."""
    tree = source_of(process)
    used = []
    for call in _calls(tree):
        if call.func.id in DRAWS:
            used.append(call.args[3])
        elif call.func.id in BIRTHS:
            used.append(call.args[1])
        else:  # handed on to a helper
            used += [arg for arg in call.args if _names(arg) & {"stream"} and not any(_calls(arg))]
    for argument in used:
        assert _own(argument), ast.unparse(argument)
    assert bool(used) == ("stream" in reads_of(process.name).arguments)
    assert not _imports(tree) & {"random", "numpy.random"}


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _own(argument: ast.expr) -> bool:
    if isinstance(argument, ast.Name):
        return argument.id == "stream"
    if not isinstance(argument, ast.BinOp) or not isinstance(argument.op, ast.Add):
        return False
    by = argument.right
    small = isinstance(by, ast.Constant) and 0 <= by.value < STREAMS_PER_PROCESS
    return ast.unparse(argument.left) == "stream" and (small or ast.unparse(by) == "recorder.events[row, E_TACTIC]")


def _imports(tree: ast.Module) -> set[str]:
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return modules | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def test_names_and_streams_are_distinct_and_phases_in_order() -> None:
    assert len(set(NAMES)) == len(NAMES) == len({process.stream for process in PROCESSES})
    assert min(process.stream for process in PROCESSES) >= 1
    order = [PHASES.index(process.phase) for process in PROCESSES]
    assert order == sorted(order)
    assert set(order) == set(range(len(PHASES)))


def test_every_file_of_a_process_is_in_the_registry() -> None:
    files = {path.stem for path in (FOLDER / "processes").glob("*.py")} - {"__init__"}
    assert files == set(NAMES)


def test_every_parameter_is_used_and_has_a_source() -> None:
    used = {name for process in PROCESSES for name in reads_of(process.name).parameters}
    observed = {name for name in parameters() if name.startswith("reporting_share_")}
    assert set(parameters()) == used | set(PLAN_PARAMETERS) | observed
    for row in parameters().values():
        assert row.low <= row.value <= row.high, row.name
        assert row.status in ("reported", "calibrated", "assumed"), row.name
        assert row.source, row.name


# numbers that are no assumption: 0, 1 and 2 (halves, squares, there and back), or a definition
DEFINITIONAL = {
    "attitudes": {7},  # days of a week
    "casualties": {10, 24, 50, 60, 120},  # hours of a day, minutes of an hour and of the published points
    "complex_attack": {100},  # persons for whom an effect is stated
    "conflict": {365.25},
    "convoys": {1e-9, 64},  # rounding; room for the draws of a day
    "deployment": {365},
    "displacement": {8, 9},
    "emplacement": {8, 9},  # neighbours, with the cell itself
    "explosives": {3, 100},  # a number of a stream; persons for whom a rate is stated
    "learning": {4, 7, 52},  # targets; days and weeks
    "national_forces": {8},
    "offensives": {7, 8},  # neighbours
    "one_sided": {100},
    "organisations": {4, 8, 15},  # targets, neighbours, middle of a month
    "roaming": {8, 9},
    "supply": {0.5},  # rounding
    "tasking": {30, 1000},  # days of a month; troops for whom patrols are stated
    "threat": {7},
    "training": {365},
}


@pytest.mark.parametrize(
    "file", [FOLDER / "conflict.py", *sorted((FOLDER / "processes").glob("*.py"))], ids=lambda p: p.stem
)
def test_no_number_of_a_rule_lacks_a_name(file: Path) -> None:
    """An assumption is a row of the parameter table; a definition is listed above."""
    rules = [node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)]
    constants = [node.value for rule in rules for node in ast.walk(rule) if isinstance(node, ast.Constant)]
    numbers = {value for value in constants if type(value) in (int, float)} - {0, 1, 2}
    assert numbers == DEFINITIONAL.get(file.stem, set())


def test_every_column_is_used() -> None:
    """A column that no process and no window reads is dead weight."""
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py") if path.name != "tables.py")
    unused = {name for name in COLUMNS if name not in glue.columns_used() and f'"{name}"' not in text}
    assert unused == set()


def test_the_historical_scenario_uses_everything() -> None:
    historical = load("historical")
    assert all(historical.processes[name] for name in NAMES)
    assert {name for name, episodes in historical.measures.items() if episodes} == set(MEASURES)
    shocks = historical.shocks
    assert all(getattr(shocks, name) for name in ("coup", "contributor_exit", "protests", "consent", "withdrawal"))


# Every process, switched off, changes results through its own mechanism


@pytest.fixture(scope="module")
def busy() -> Plan:
    """All measures in use; the rarest attacks often enough for every seed."""
    return with_parameters(plan_of(BUSY), complex_rate=1e-3, urban_rate=5e-5)


@pytest.fixture(scope="module")
def usual(busy: Plan) -> MissionModel:
    return finished(busy)


def with_search_team_or_tip(model: MissionModel) -> int:
    events = model.record().events
    finds = events[:, E_KIND] == K_FIND
    return int((finds & ((events[:, E_CLEARED] == 1) | (events[:, E_ACTIVITY] == A_ROAD))).sum())


def away_from_home(model: MissionModel) -> int:
    """Bands of the first generation, which were founded at home, that are elsewhere."""
    first = (model.columns["band_key"] == model.plan.start["band_key"]) & (model.columns["band_strength"] > 0)
    return int((model.columns["band_cell"] != model.plan.start["band_home"])[first].sum())


def killings_by_groups(model: MissionModel) -> int:
    """Those that are not in place of another attack."""
    actors = of_field(model, "actor", kind="one_sided", tactic="killing")
    groups = int((actors < len(model.plan.inputs["organisation_family"])).sum())
    return groups - int(ledger(model, "attacks_displaced").sum())


def changed(name: str) -> Callable[[MissionModel], float]:
    """How far a column is from its first state."""
    return lambda model: float(np.abs(model.columns[name] - model.plan.start[name]).sum())


def of_bands(name: str, first: float) -> Callable[[MissionModel], float]:
    """How far a column of living bands is from a value."""
    return lambda model: float(np.abs(model.columns[name][model.columns["band_strength"] > 0] - first).sum())


# what there is none of without the process
OWN_WORK: dict[str, Callable[[MissionModel], float]] = {
    "threat": lambda model: float(np.abs(model.columns["region_tempo"] - 1.0).sum()),
    "deployment": lambda model: balance(model)["troops_arrived"],
    "training": lambda model: int((model.columns["unit_drill"] > 0.5).sum()),
    "tasking": lambda model: ledger(model, "effort_person_days").sum(),
    "supply": lambda model: model.columns["base_convoys"].sum(),
    "convoys": lambda model: ledger(model, "convoy_km").sum(),
    "patrols": lambda model: ledger(model, "patrols").sum(),
    "roaming": away_from_home,
    "national_forces": lambda model: model.columns["national_strength"].sum(),
    "information": lambda model: model.columns["cell_informed"].sum(),
    "emplacement": lambda model: ledger(model, "devices_standing").sum(),
    "clearance": with_search_team_or_tip,
    "explosives": lambda model: count(model, tactic="ied") + count(model, tactic="ied_then_ambush"),
    "ambush": lambda model: count(model, tactic="direct_fire"),
    "indirect_fire": lambda model: count(model, tactic="indirect_fire"),
    "complex_attack": lambda model: count(model, tactic="complex_attack"),
    "battles": lambda model: count(model, tactic="battle"),
    "offensives": lambda model: count(model, tactic="raid"),
    "rivalry": lambda model: count(model, tactic="clash"),
    "one_sided": killings_by_groups,
    "displacement": lambda model: ledger(model, "attacks_displaced").sum(),
    "casualties": lambda model: total(model, "peacekeepers_killed") + total(model, "peacekeepers_wounded"),
    "accidents": lambda model: count(model, kind="accident"),
    "illness": lambda model: count(model, kind="illness"),
    "flight": lambda model: ledger(model, "civilians_displaced").sum(),
    "return_home": lambda model: ledger(model, "civilians_returned").sum(),
    "attitudes": changed("community_trust"),
    "growth": lambda model: balance(model)["people_born"],
    "learning": of_bands("band_weight", 1.0),
    "recruitment": lambda model: balance(model)["fighters_recruited"],
    "organisations": lambda model: balance(model)["fighters_founded"],
    "disarmament": lambda model: balance(model)["fighters_demobilised"],
    "tally": lambda model: ledger(model, "fighters").sum(),
}
BOOKKEEPING = {"tally"}  # changes what is written down, not what happens


def test_every_process_has_its_own_work_named() -> None:
    assert set(OWN_WORK) == set(NAMES)


def test_a_process_that_is_off_leaves_its_work_undone(process: Process, busy: Plan, usual: MissionModel) -> None:
    off = finished(without(busy, process.name))
    work = OWN_WORK[process.name]
    assert work(usual) > 0
    assert work(off) == 0
    parted = differing(off.record(), usual.record())
    assert parted == (["ledger"] if process.name in BOOKKEEPING else ["events", "ledger"])


def test_attacks_without_casualties_are_still_attacks(busy: Plan) -> None:
    off = finished(without(busy, "casualties"))
    assert total(off, "peacekeepers_hit") > 0
    assert count(off, kind="mission") > 0
