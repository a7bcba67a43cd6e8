"""The same scenario and seed give the same history to the bit, however the run is cut, hashed or compiled."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FunctionType

import mesa
import numpy as np
import pytest

import sim
from sim.model import day as day_module
from sim.model import simulation as model_module
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import E_CELL, E_DAY, E_KIND, E_UN_HIT, E_UNIT, K_FIND, RunRecord
from sim.model.tables import STATE
from sim.scenario import MEASURES
from tests.engine_support import (
    EVERY_WOUND_DEADLY,
    differing,
    finished,
    identified,
    plain,
    plan_of,
    with_columns,
    with_parameters,
    without,
)
from tests.minusma import day_index

HALF_YEAR = "extends: historical\nperiod: {start: 2013-07-01, end: 2013-12-31}\n"
AT_WAR = "extends: historical\nperiod: {start: 2013-07-01, end: 2018-07-31}\n"
ROOT = Path(sim.__file__).parents[1]

# a process at rest: no rate, no draw
IDLE = {
    "ambush": {"ambush_rate": 0.0},
    "indirect_fire": {"shelling_rate": 0.0},
    "complex_attack": {"complex_rate": 0.0, "urban_rate": 0.0},
    "battles": {"battle_rate": 0.0},
    "offensives": {"raid_rate": 0.0, "partner_raid_rate": 0.0},
    "rivalry": {"clash_rate": 0.0},
    "one_sided": {"killing_rate": 0.0},
    "information": {"tip_rate": 0.0},
    "emplacement": {"device_rate": 0.0},
    "explosives": {"trigger_rate": 0.0, "national_trigger_rate": 0.0, "civilian_trigger_rate": 0.0},
    "clearance": {"find_probability": 0.0, "tip_find_probability": 0.0},
    "accidents": {"accident_rate": 0.0},
    "illness": {"illness_rate": 0.0},
    "return_home": {"return_rate": 0.0},
    "recruitment": {"recruit_rate": 0.0, "reservoir_rate": 0.0, "desertion_rate": 0.0},
    "training": {"training_gain": 0.0, "training_decay": 0.0, "drill_gain": 0.0, "drill_memory": 1e300,
                 "equipment_delivery_days": 1e300},
    "flight": {"flight_per_death": 0.0},
    "roaming": {"roaming_rate": 0.0},
    "learning": {"learning_rate": 0.0, "forgetting": 0.0, "skill_growth": 0.0, "charge_response": 0.0},
    "patrols": {},
    "disarmament": {},
}  # fmt: skip
NOT_ASKED = {"patrols", "disarmament"}  # rest where the measure of that name is at zero


@pytest.fixture(scope="module")
def half_year() -> Plan:
    return plan_of(HALF_YEAR)


@pytest.fixture(scope="module")
def at_war() -> Plan:
    return plan_of(AT_WAR)


@pytest.fixture(scope="module")
def record(half_year: Plan) -> RunRecord:
    return finished(half_year, 7).record()


def digest(record: RunRecord) -> str:
    return hashlib.sha256(record.events.tobytes() + record.ledger.tobytes()).hexdigest()


def elsewhere(code: str, **environment: str) -> str:
    """What a fresh Python prints; its own exit code must be 0."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,  # compiles where others work too
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def test_a_seed_is_a_history(half_year: Plan, record: RunRecord) -> None:
    for _ in range(3):
        assert differing(finished(half_year, 7).record(), record) == []


def test_a_run_in_between_changes_nothing(half_year: Plan, record: RunRecord) -> None:
    finished(half_year, 8)
    other = MissionModel(half_year, 9)
    mine = MissionModel(half_year, 7)
    while mine.day <= mine.last_day:  # two models in turns
        other.advance_to(min(other.last_day, other.day + 10))
        mine.advance_to(min(mine.last_day, mine.day + 7))
    assert differing(mine.record(), record) == []


def test_a_plan_built_again_gives_the_same(record: RunRecord) -> None:
    again = Plan.build(sim.scenario.loads(HALF_YEAR, "another name"))
    assert differing(finished(again, 7).record(), record) == []


@pytest.mark.slow
def test_another_process_with_other_hashes_gives_the_same(record: RunRecord) -> None:
    code = (
        "from tests.engine_support import finished, plan_of\n"
        "from tests.test_engine_determinism import HALF_YEAR, digest\n"
        "print(digest(finished(plan_of(HALF_YEAR), 7).record()))\n"
    )
    assert elsewhere(code, PYTHONHASHSEED="12345") == digest(record)


def test_day_by_day_gives_the_same(half_year: Plan, record: RunRecord) -> None:
    model = MissionModel(half_year, 7)
    dates = list(model.days())
    assert (dates[0], dates[-1], len(dates)) == (date(2013, 7, 1), date(2013, 12, 31), 184)
    assert differing(model.record(), record) == []
    stepped = MissionModel(half_year, 7)
    for _ in range(184):
        stepped.step()
    assert differing(stepped.record(), record) == []


@pytest.mark.parametrize("cuts", [[0], [91], [0, 1, 2, 100], [50, 50, 182]])
def test_a_split_run_is_one_run(half_year: Plan, record: RunRecord, cuts: list[int]) -> None:
    model = MissionModel(half_year, 7)
    for last in cuts:
        model.advance_to(last)
    assert differing(model.run(), record) == []


def test_a_longer_run_begins_like_a_shorter_one(at_war: Plan, half_year: Plan, record: RunRecord) -> None:
    longer, shorter = finished(at_war, 7), finished(half_year, 7)
    events = identified(longer)
    assert np.array_equal(events[events[:, E_DAY] <= shorter.last_day], identified(shorter))
    assert np.array_equal(longer.record().ledger[: record.last_day + 1], record.ledger)


def test_room_for_more_events_changes_nothing(half_year: Plan, record: RunRecord) -> None:
    rows = half_year.start["events"]
    small = with_columns(half_year, events=np.zeros((4100, rows.shape[1]), rows.dtype))
    model = finished(small, 7)
    assert len(model.columns["events"]) > 4100, "the table had to grow"
    assert differing(model.record(), record) == []


def test_seeds_and_replications_differ(half_year: Plan) -> None:
    runs = [finished(half_year, seed).record() for seed in (0, 1, 2, 2**63 - 1)]
    for n, a in enumerate(runs):
        for b in runs[n + 1 :]:
            assert differing(a, b) == ["events", "ledger"]
    second = MissionModel(half_year, 1, replication=1)
    assert "events" in differing(second.run(), runs[1])


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(half_year: Plan, seed: int) -> None:
    with pytest.raises(ValueError, match=r"seed: .* is out of range"):
        MissionModel(half_year, seed)


def test_no_other_generator_is_drawn_from(half_year: Plan) -> None:
    model = MissionModel(half_year, 7)
    states: tuple[Callable[[], object], ...] = (
        model.random.getstate,
        lambda: repr(model.rng.bit_generator.state),
        random.getstate,
        lambda: repr(np.random.get_state()),  # noqa: NPY002 - to see that nobody used it
    )
    before = [state() for state in states]
    model.run()
    assert len(model.agents) > 1000
    assert [state() for state in states] == before


# Chance is local: what rests or lies elsewhere moves nothing


@pytest.mark.parametrize("process", IDLE)
def test_an_idle_process_moves_nothing(half_year: Plan, process: str) -> None:
    """With rates of zero the others' history is to the bit that without the process."""
    plan = half_year
    if process in NOT_ASKED:
        lever = f"lever_{process}"
        plan = with_columns(plan, **{lever: np.zeros_like(plan.inputs[lever])})
    idle = finished(with_parameters(plan, **IDLE[process]), 3).record()
    off = finished(without(plan, process), 3).record()
    assert np.array_equal(idle.events, off.events)
    assert np.array_equal(idle.ledger, off.ledger)


@pytest.mark.parametrize("name", MEASURES)
def test_before_a_measure_starts_nothing_changes(half_year: Plan, record: RunRecord, name: str) -> None:
    start = day_index(date(2013, 10, 16))
    lever = half_year.inputs[f"lever_{name}"].copy()
    lever[start:] = MEASURES[name].level(1.0)
    changed = finished(with_columns(half_year, **{f"lever_{name}": lever}), 7).record()
    mine, theirs = (run.events[run.events[:, E_DAY] < start] for run in (changed, record))
    assert np.array_equal(mine, theirs)
    assert np.array_equal(changed.ledger[:start], record.ledger[:start])


class Finder(mesa.Agent):
    """Adds an event far from everything, early every day."""

    phase = "inform"

    def step(self) -> None:
        columns = self.model.columns
        row = columns["event_count"][0]
        columns["events"][row] = 0
        columns["events"][row, [E_DAY, E_CELL, E_KIND]] = self.model.day, 0, K_FIND
        columns["event_count"][0] += 1


def test_an_event_elsewhere_changes_nobodys_fate(at_war: Plan) -> None:
    """Draws go by who and where, never by the number of a row."""
    start = day_index(date(2018, 1, 1))
    for seed in (1, 2):
        alone, crowded = MissionModel(at_war, seed), MissionModel(at_war, seed)
        for model in (alone, crowded):
            model.advance_to(start)
        Finder(crowded)
        fates = []
        for model in (alone, crowded):
            events = model.run().events
            events = events[(events[:, E_DAY] > start) & (events[:, E_CELL] > 0)]
            fates.append(events)
        assert fates[0][:, E_UN_HIT].sum() > 0
        assert np.array_equal(*fates)


def test_the_first_difference_is_where_a_measure_was_changed(at_war: Plan) -> None:
    """Faster evacuation at one base: the first event to differ is an attack on somebody of that base."""
    deadly = with_parameters(at_war, **EVERY_WOUND_DEADLY)
    lever = at_war.inputs["lever_medevac"].copy()
    kidal = at_war.names.bases.index("Kidal")
    lever[:, kidal] = 15.0
    usual, changed = (finished(plan, 7).record().events for plan in (deadly, with_columns(deadly, lever_medevac=lever)))
    count = min(len(changed), len(usual))
    parted = np.flatnonzero((changed[:count] != usual[:count]).any(axis=1))
    first = usual[parted[0]]
    assert first[E_UN_HIT] > 0
    assert at_war.inputs["unit_base"][first[E_UNIT]] == kidal


# Plain Python and checked bounds


@pytest.mark.slow
def test_plain_python_gives_the_same_history(at_war: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules without a compiler, from an evening of 2018 on, over a first and a fifteenth of a month."""
    start, end = day_index(date(2018, 6, 30)), day_index(date(2018, 7, 16))
    compiled, readable = MissionModel(at_war, 5), MissionModel(at_war, 5)
    for model in (compiled, readable):
        model.advance_to(start - 1)
    compiled.advance_to(end)
    in_python = plain(day_module.days)
    assert isinstance(in_python.__globals__["ambush"], FunctionType)
    monkeypatch.setattr(model_module, "compiled_days", lambda: in_python)
    readable.advance_to(end)
    events = compiled.record().events
    assert (events[:, E_DAY] >= start).sum() > 10
    assert differing(compiled.record(), readable.record()) == []
    for column in STATE:
        assert np.array_equal(compiled.columns[column.name], readable.columns[column.name]), column.name


@pytest.mark.slow
def test_no_index_leaves_its_column(tmp_path: Path) -> None:
    """A month at war under bounds checks, and a broken map as the negative control."""
    code = (
        "import numpy as np\n"
        "from tests.engine_support import finished, plan_of, with_columns\n"
        "plan = plan_of('period: {start: 2013-07-01, end: 2013-09-30}')\n"
        "print(len(finished(plan).record().events))\n"
        "broken = np.full_like(plan.inputs['cell_refuge'], 10**6)\n"
        "try:\n"
        "    finished(with_columns(plan, cell_refuge=broken))\n"
        "except IndexError:\n"
        "    print('caught')\n"
    )
    # a cache of its own: numba would take the unchecked code; not optimised, it is compiled in half the time
    cache = {"XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "HOME": str(tmp_path)}
    printed = elsewhere(code, NUMBA_BOUNDSCHECK="1", NUMBA_OPT="0", **cache).split()
    assert int(printed[0]) > 20
    assert printed[1:] == ["caught"]
