"""Whatever is legal in parameters and columns: what every process keeps, leaves alone, and does when nothing is due."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.model.conflict import list_bands
from sim.model.mission_model import MissionModel
from sim.model.recorder import E_CIVILIANS, E_FIGHTERS, E_FOUND, E_UN_HIT, E_UN_KILLED, E_UN_OTHER, E_UN_WOUNDED
from sim.model.streams import run_key
from sim.model.tables import COLUMNS, INPUTS, NEVER, STATE
from sim.scenario.registry import PROCESSES, Process
from sim.scenario.registry.process_source import reads_of
from tests.any_day import DAYS, Columns, any_morning, empty_morning, state_of, today
from tests.engine_support import NUMBER, balance, plain
from tests.minusma import parameter_names, parameters
from tests.test_engine_conservation import NONE_IS_MINUS_ONE, SHARES, SIGNED

NAMES = [process.name for process in PROCESSES]
usual = settings(
    derandomize=True, deadline=None, max_examples=20, database=None, suppress_health_check=list(HealthCheck)
)

# What each process may write.  Another column is another claim about the world: it is added here on purpose.
VIOLENCE = "balance band_gain band_strength event_count events"
PEOPLE_LOST = "community_population community_losses"
TRIPS = "activity cell cleared clock count groups joint key km owner persons trucks unit vehicles"
CONVOYS = ("active base born cargo cell clearing_unit direction escort key km position searchers trucks unit wait "
           "withdrawal")  # fmt: skip
WRITES = {
    "threat": "region_deviation region_tempo region_threat",
    "deployment": "balance base_strength unit_drill unit_strength unit_training",
    "training": "unit_drill unit_protection unit_training",
    "tasking": "base_analysis base_checkpoints base_guards base_projects base_scale base_standby ledger "
    "unit_drill_days "
               "unit_free unit_planned unit_training_days",
    "supply": "base_convoys base_demand base_evacuated base_in_transit base_stock ledger unit_clearing unit_escorting "
              "unit_free " + " ".join(f"convoy_{name}" for name in CONVOYS.split()),
    "convoys": "base_in_transit base_stock convoy_active convoy_cargo convoy_cell convoy_direction convoy_km "
               "convoy_position convoy_wait ledger unit_clearing unit_escorting "
               + " ".join(f"trip_{name}" for name in TRIPS.split()),
    "patrols": "cell_police cell_presence ledger ring_near ring_reached unit_cell unit_credit unit_free unit_patrols "
               + " ".join(f"trip_{name}" for name in TRIPS.split()),
    "roaming": "band_cell band_chance band_next cell_band cell_crowd cell_crowd_ratio step_utility",
    "national_forces": "cell_national cell_partner national_cell national_strength",
    "information": "cell_chance cell_informed cell_tip",
    "emplacement": "band_chance band_found cell_devices cell_owner cell_owner_key cell_owner_organisation cell_traffic",
    "clearance": "band_found cell_devices event_count events",
    "explosives": f"balance band_found band_gain cell_devices {PEOPLE_LOST} event_count events national_strength "
                  "organisation_seen",
    "ambush": f"{VIOLENCE} band_deterred trip_chance",
    "indirect_fire": "band_chance band_gain event_count events",
    "complex_attack": f"{VIOLENCE} {PEOPLE_LOST} band_chance",
    "battles": f"{VIOLENCE} band_chance national_strength",
    "offensives": f"{VIOLENCE} {PEOPLE_LOST} national_strength",
    "rivalry": f"balance band_strength {PEOPLE_LOST} event_count events",
    "one_sided": f"balance band_chance band_deterred band_gain {PEOPLE_LOST} event_count events",
    "displacement": f"balance band_deterred {PEOPLE_LOST} event_count events ledger",
    "casualties": "balance base_caution base_strength events ledger unit_clearing unit_escorting unit_strength",
    "accidents": "balance base_strength event_count events unit_strength",
    "illness": "balance base_strength event_count events unit_strength",
    "flight": "community_displaced community_refuge ledger",
    "return_home": "community_displaced community_refuge ledger",
    "attitudes": "cell_abuse cell_fear cell_harm cell_population cell_revenge cell_state_trust cell_trust "
                 "community_fear community_state_trust community_trust",
    "growth": "balance community_population",
    "learning": "band_gain band_skill band_weight organisation_charge",
    "recruitment": "balance band_strength community_population",
    "organisations": "balance band_born band_cell band_children band_deterred band_found band_gain band_home band_key "
                     "band_next band_organisation band_skill band_strength band_weight cell_band",
    "disarmament": "balance band_strength community_population",
    "tally": "ledger",
}  # fmt: skip


@dataclass(frozen=True)
class Quiet:
    """Nothing is due: parameters that are zero (or ``values``), what is set before, and what then stays or is zero."""

    zero: str = ""
    values: dict[str, float] = field(default_factory=dict)
    before: Callable[[Columns, int], None] = lambda columns, day: None
    besides: str = ""  # of what it writes, what may change all the same
    none: str = ""  # columns without anything afterwards


def put(**values: float) -> Callable[[Columns, int], None]:
    """Columns set to a value throughout."""

    def change(columns: Columns, day: int) -> None:
        for name, value in values.items():
            columns[name] = np.full_like(columns[name], value)

    return change


def nobody_is_due(columns: Columns, day: int) -> None:
    """Units have the strength that the schedule wants, and none of them rotates."""
    columns["unit_target"] = np.tile(columns["unit_strength"], (len(columns["unit_target"]), 1))
    put(base_open=1, unit_rotation=1 - day % 365)(columns, day)


def at_home(columns: Columns, day: int) -> None:
    columns["national_cell"] = columns["national_home"].copy()
    columns["national_target"] = np.tile(columns["national_strength"], (len(columns["national_target"]), 1))


# Who acts but once a week or a month is looked at on such days.
MONTHLY = dict.fromkeys(("return_home", "growth", "recruitment", "disarmament"), (31, 153, 184, 1188))
DUE = dict.fromkeys(NAMES, DAYS) | MONTHLY | dict.fromkeys(("attitudes", "learning"), (63, 1190))
DUE["organisations"] = (76, 101, 1202)
FOREVER = np.inf
OFTEN = {"accident_rate": 50.0, "illness_rate": 50.0}  # times the highest: once in months is too rare to be seen
EFFORT = "training patrols drills joint_patrols checkpoints base_protection quick_reaction information"
EFFORT += " protection_of_civilians civil_projects election_security disarmament"
QUIET = {
    "threat": Quiet("threat_spread", before=put(region_deviation=0.0), besides="region_tempo region_threat"),
    "deployment": Quiet(before=nobody_is_due),
    "training": Quiet("training_gain training_decay drill_gain",
                      {"drill_memory": FOREVER, "equipment_delivery_days": FOREVER}),
    "tasking": Quiet(before=put(**{f"lever_{name}": 0.0 for name in EFFORT.split()}),
                     besides=WRITES["tasking"], none="base_analysis base_checkpoints base_guards base_projects "
                     "base_standby unit_drill_days unit_planned unit_training_days"),
    "supply": Quiet("stock_days", before=put(base_stock=1e6, base_open=1),
                    besides="base_demand base_evacuated base_stock ledger"),
    "convoys": Quiet(before=put(convoy_active=0)),
    "patrols": Quiet(before=put(unit_planned=0.0, unit_credit=0.0, trip_count=0),
                     besides="cell_police cell_presence ring_near ring_reached unit_cell unit_patrols",
                     none="trip_count unit_patrols"),
    "roaming": Quiet("roaming_rate", besides="band_chance band_next cell_band"),
    "national_forces": Quiet("sortie_rate partner_sortie_rate", before=at_home, besides="cell_national cell_partner"),
    "information": Quiet("tip_rate", besides="cell_chance cell_informed cell_tip", none="cell_tip"),
    "emplacement": Quiet("device_rate displacement_share", {"device_life": FOREVER},
                         besides="band_chance band_found cell_traffic"),
    "clearance": Quiet("find_probability tip_find_probability"),
    "explosives": Quiet("trigger_rate national_trigger_rate civilian_trigger_rate"),
    "ambush": Quiet("ambush_rate", besides="trip_chance"),
    "indirect_fire": Quiet("shelling_rate", besides="band_chance"),
    "complex_attack": Quiet("complex_rate urban_rate", besides="band_chance"),
    "battles": Quiet("battle_rate", besides="band_chance"),
    "offensives": Quiet("raid_rate partner_raid_rate"),
    "rivalry": Quiet("clash_rate"),
    "one_sided": Quiet("killing_rate", besides="band_chance"),
    "displacement": Quiet("displacement_share", besides="band_deterred ledger"),
    "casualties": Quiet("deadly_share_ied deadly_share_direct deadly_share_indirect deadly_share_complex",
                        besides="base_caution events ledger"),
    "accidents": Quiet("accident_rate"),
    "illness": Quiet("illness_rate"),
    "flight": Quiet("flight_per_death"),
    "return_home": Quiet("return_rate", besides="community_refuge"),
    "attitudes": Quiet("trust_speed fear_speed", besides="cell_abuse cell_harm cell_revenge cell_trust cell_fear "
                       "cell_state_trust cell_population"),
    "growth": Quiet(before=put(region_growth=0.0)),
    "learning": Quiet("learning_rate forgetting skill_growth", {"charge_lag": FOREVER},
                      before=put(band_weight=1.0), besides="band_gain"),
    "recruitment": Quiet("recruit_rate reservoir_rate desertion_rate"),
    "organisations": Quiet("merge_size", {"split_size": FOREVER}, put(organisation_ended=NEVER, band_born=-1),
                           besides="band_next cell_band"),
    "disarmament": Quiet(before=put(lever_disarmament=0.0)),
    "tally": Quiet("liaison_officers", before=put(community_displaced=0, band_strength=0, cell_devices=0)),
}  # fmt: skip


MORE = 200  # days at most on which a process that has done nothing yet may show that it does something


def own_parameters(process: Process) -> st.SearchStrategy[dict[str, float]]:
    """Any value of the table's range for every parameter of a process."""
    rows = [parameters()[name] for name in reads_of(process.name).parameters]
    return st.fixed_dictionaries({row.name: st.floats(row.low, row.high * OFTEN.get(row.name, 1.0)) for row in rows})


def test_every_process_says_what_it_writes_and_when_it_is_quiet() -> None:
    assert list(WRITES) == list(QUIET) == NAMES
    for process in PROCESSES:
        written = set(WRITES[process.name].split())
        assert written <= set(reads_of(process.name).columns) & {column.name for column in STATE}, process.name
        named = {*QUIET[process.name].besides.split(), *QUIET[process.name].none.split()}
        assert named <= written, process.name


# What is legal stays legal


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_legal_stays_legal(name: str) -> None:
    process = PROCESSES[NUMBER[name]]
    touched: set[str] = set()

    @usual
    @given(st.sampled_from(DUE[name]), st.integers(0, 2**31), own_parameters(process))
    def holds(day: int, seed: int, values: dict[str, float]) -> None:
        model = any_morning(day, seed, values).until(NUMBER[name])
        inputs = {column.name: model.columns[column.name].tobytes() for column in INPUTS}
        before, people = state_of(model), folk(model)
        model.step_process(NUMBER[name])
        after = state_of(model)
        changed = {column for column in after if not np.array_equal(before[column], after[column])}
        assert changed <= set(WRITES[name].split())
        assert [column for column, bytes_ in inputs.items() if model.columns[column].tobytes() != bytes_] == []
        assert_legal(after)
        assert folk(model) == people, "people came from nowhere or went nowhere"
        touched.update(changed)

    holds()
    for seed in range(MORE):  # which days hypothesis chooses depends on its version; rare deeds need some luck
        if touched:
            break
        holds.hypothesis.inner_test(DUE[name][seed % len(DUE[name])], seed, evenly(process, seed))
    assert touched, "it never did anything"


def evenly(process: Process, seed: int) -> dict[str, float]:
    """A value of every parameter of a process, drawn evenly from the same ranges."""
    rows = [parameters()[name] for name in reads_of(process.name).parameters]
    shares = np.random.default_rng(seed).random(len(rows))
    return {
        row.name: float(row.low + share * (row.high * OFTEN.get(row.name, 1.0) - row.low))
        for row, share in zip(rows, shares, strict=True)
    }


def folk(model: MissionModel) -> list[int]:
    """Troops, fighters and people less what flowed in and out: no process may change any of these."""
    columns, flow = model.columns, balance(model)
    troops = flow["troops_arrived"] - flow["troops_departed"] - flow["troops_killed"] - flow["troops_died"]
    gains = flow["fighters_founded"] + flow["fighters_recruited"] + flow["fighters_from_abroad"]
    losses = flow["fighters_killed"] + flow["fighters_deserted"] + flow["fighters_demobilised"]
    living = flow["people_born"] + flow["people_rejoined"] - flow["people_killed"] - flow["people_recruited"]
    events = columns["events"][: columns["event_count"][0]]
    return [
        int(columns["unit_strength"].sum()) - troops,
        int(columns["band_strength"].sum()) - gains + losses,
        int(columns["community_population"].sum()) - living,
        int(columns["community_losses"].sum()) - flow["people_killed"],
        int(events[:, E_UN_KILLED].sum()) - flow["troops_killed"],
        int(events[:, E_UN_OTHER].sum()) - flow["troops_died"],
        int(events[:, E_FIGHTERS].sum()) - flow["fighters_killed"],
        int(events[:, E_CIVILIANS].sum()) - flow["people_killed"],
    ]


def assert_legal(columns: Columns) -> None:
    for name, column in columns.items():
        if column.dtype == np.float64:
            assert np.isfinite(column).all(), name
        if column.dtype != np.uint64 and name not in SIGNED and name != "events":
            lowest = -1 if name in NONE_IS_MINUS_ONE else -1e-9 if name == "ledger" else 0
            assert column.min(initial=0) >= lowest, name
    for name in SHARES:
        assert columns[name].max(initial=0.0) <= 1.0, name
    counted = columns["events"][:, [*range(E_FOUND, E_FIGHTERS + 1), E_UN_HIT]]
    assert counted.min(initial=0) >= 0
    wounds = columns["events"][:, [E_UN_KILLED, E_UN_WOUNDED]].sum(axis=1)
    assert np.all(wounds <= columns["events"][:, E_UN_HIT])
    assert np.all(columns["community_displaced"] <= columns["community_population"])
    assert np.all(columns["community_refuge"][columns["community_displaced"] > 0] >= 0)
    assert np.all(columns["unit_escorting"] + columns["unit_clearing"] <= columns["unit_strength"])
    assert np.all(columns["band_cell"] < len(columns["cell_band"]))


# Nothing is due


@pytest.mark.parametrize("name", NAMES)
def test_a_process_with_nothing_to_do_leaves_the_day_alone(name: str) -> None:
    quiet = QUIET[name]
    values = dict.fromkeys(quiet.zero.split(), 0.0) | quiet.values
    stays = set(WRITES[name].split()) - set(quiet.besides.split())
    assert stays or quiet.none

    @settings(usual, max_examples=12)
    @given(st.sampled_from(DUE[name]), st.integers(0, 2**31))
    def holds(day: int, seed: int) -> None:
        model = any_morning(day, seed, {}).until(NUMBER[name])
        model.plan = replace(model.plan, parameters=with_values(model.plan.parameters, values))
        quiet.before(model.columns, day)
        before = state_of(model)
        model.step_process(NUMBER[name])
        after = state_of(model)
        assert [column for column in sorted(stays) if not np.array_equal(before[column], after[column])] == []
        assert [column for column in quiet.none.split() if after[column].any()] == []

    holds()


def with_values(vector: np.ndarray, values: dict[str, float]) -> np.ndarray:
    changed = vector.copy()
    for name, value in values.items():
        changed[parameter_names().index(name)] = value
    return changed


@settings(usual, max_examples=10)
@given(st.sampled_from(DAYS), st.integers(0, 2**31))
def test_in_an_empty_country_nothing_happens(day: int, seed: int) -> None:
    model = empty_morning(day, seed).until(0)
    events, flows = model.columns["event_count"][0], balance(model)
    for number, process in enumerate(PROCESSES):
        model.step_process(number)
        assert model.columns["event_count"][0] == events, process.name
        assert balance(model) == flows, process.name
        assert_legal(state_of(model))


# Chance


@pytest.mark.parametrize("name", NAMES)
def test_only_who_draws_knows_the_seed(name: str) -> None:
    often = {rate: times * parameters()[rate].high for rate, times in OFTEN.items()}

    def parted(day: int, seed: int) -> bool:
        one, other = (any_morning(day, seed, often).until(NUMBER[name]) for _ in range(2))
        other.key = run_key(seed, 1)
        one.step_process(NUMBER[name])
        other.step_process(NUMBER[name])
        return bool(differing(one, other))

    if "stream" in reads_of(name).arguments:
        assert any(parted(day, seed) for day in DUE[name] for seed in range(8))
    else:
        assert not any(parted(day, 0) for day in DUE[name])


# Rows are only storage

# Where several want the same, or are alike, who stands first is served first: the device or the soldiers in a cell, the
# last people of a community, a free row, a place in the list along which a draw goes, the name of who laid last.
FIRST_COME = {
    "national": {"explosives", "battles", "offensives"},
    "band": {"emplacement", "ambush", "complex_attack", "rivalry", "recruitment", "organisations"},
}
# what the last band left, lists, whose order is that of rows, and draws, which stop behind the last living row
SCRATCH = {"step_utility", "band_next", "cell_band", "band_chance"}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("table", ["national", "band"])
def test_the_order_of_rows_changes_nothing(name: str, table: str) -> None:
    def parted(day: int, seed: int) -> set[str]:
        one, other = (any_morning(day, seed, {}).until(NUMBER[name]) for _ in range(2))
        order = np.random.default_rng(seed).permutation(len(one.columns[f"{table}_key"]))
        reorder(other.columns, table, order)
        one.step_process(NUMBER[name])
        other.step_process(NUMBER[name])
        reorder(other.columns, table, np.argsort(order))
        return differing(one, other) - SCRATCH

    if name in FIRST_COME[table]:
        assert any(parted(day, seed) for day in DUE[name] for seed in range(8))
    else:
        assert not any(parted(day, seed) for day in DUE[name][:3] for seed in range(3))


def differing(one: MissionModel, other: MissionModel) -> set[str]:
    """Columns in which two runs differ; events in any order."""
    names = COLUMNS.keys() - {"events", "ledger"}
    found = {name for name in names if not np.array_equal(one.columns[name], other.columns[name])}
    happened = [sorted(model.columns["events"][: model.columns["event_count"][0]].tolist()) for model in (one, other)]
    one_s, other_s = (model.columns["ledger"][today(model)] for model in (one, other))
    books = np.allclose(one_s, other_s, rtol=1e-12, atol=0.0)  # sums in another order
    return found | ({"events"} if happened[0] != happened[1] else set()) | (set() if books else {"ledger"})


def reorder(columns: Columns, table: str, order: np.ndarray) -> None:
    """The rows of a table in another order, and with them whatever names a row."""
    for column in COLUMNS.values():
        axis = column.shape.index(f"{table}s") if f"{table}s" in column.shape else -1
        if axis >= 0:
            columns[column.name] = np.ascontiguousarray(np.take(columns[column.name], order, axis))
    if table == "band":
        places = np.argsort(order)
        owner = columns["cell_owner"]
        columns["cell_owner"] = np.where(owner >= 0, places[owner], owner)
        bands = {field: columns[f"band_{field}"] for field in ("strength", "cell", "next")}
        plain(list_bands)(SimpleNamespace(band=columns["cell_band"]), SimpleNamespace(**bands))
