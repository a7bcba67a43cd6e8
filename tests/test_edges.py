"""Numbers at the edges of what a scenario may say, and beyond: a run ends, nobody is lost or dies twice."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.cli.main import main
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan
from sim.model.recorder import E_CIVILIANS, E_FIGHTERS, E_UN_KILLED, E_UN_OTHER
from sim.scenario import MEASURES, SHOCKS
from tests.engine_support import balance, plan_of, with_columns
from tests.minusma import MISSION, PROCESS_NAMES

WORDS = MISSION.vocabulary
OFF = {
    "mission": "shocks: {deployment: {strength: 0}}",
    "groups": f"organisations: {{{', '.join(f'{name!r}: off' for name in WORDS.organisations)}}}",
    "forces": f"forces: {{{', '.join(f'{name!r}: off' for name in WORDS.forces)}}}",
}
MONTH = "period: {start: 2013-07-01, end: 2013-07-31}"
HIGHEST = ", ".join(f"{name}: {{{row.key}: {row.maximum}}}" for name, row in MEASURES.items())
LOWEST = ", ".join(f"{name}: {{{row.key}: {row.minimum}}}" for name, row in MEASURES.items())


def _ends(end: str) -> str:
    """Every parameter that has such an end, there."""
    ends = {name: getattr(row, end) for name, row in WORDS.parameters.items()}
    return ", ".join(f"{name!r}: {value}" for name, value in ends.items() if abs(value) < float("inf"))


def _shock(name: str) -> str:
    levers = ", ".join(f"{key}: {lever.maximum}" for key, lever in SHOCKS[name].levers.items())
    return f"{name}: {{start: 2013-07-05, {levers}}}"


SHOCKED = ", ".join(map(_shock, ("coup", "protests", "consent", "pause")))
HUGE = ", ".join(f"{name!r}: {{fighters: 100000}}" for name in WORDS.organisations)
LARGE = ", ".join(f"{name!r}: {{fighters: 20000}}" for name in WORDS.organisations)
EDGES = {
    "the first day": "period: {start: 2013-07-01, end: 2013-07-01}",
    "a day of the war": "period: {start: 2016-02-29, end: 2016-02-29}",
    "the last legal day": "period: {start: 2024-12-31, end: 2024-12-31}",
    "the largest seed": f"{MONTH}\nseed: {2**63 - 1}",
    "seed zero": f"{MONTH}\nseed: 0",
    "all measures at their highest": f"{MONTH}\nmeasures: {{{HIGHEST}}}",
    "all measures at their lowest": f"{MONTH}\nmeasures: {{{LOWEST}}}",
    "all shocks at their highest": f"{MONTH}\nshocks: {{{SHOCKED}}}",
    "no mission": f"{MONTH}\n{OFF['mission']}",
    "no armed groups": f"{MONTH}\n{OFF['groups']}",
    "no other forces": f"{MONTH}\n{OFF['forces']}",
    "nobody under arms": "\n".join((MONTH, *OFF.values())),
    "the largest mission": f"{MONTH}\nshocks: {{deployment: {{strength: 50000}}}}",
    "large groups": f"{MONTH}\norganisations: {{{LARGE}}}",
    "few large communities": f"{MONTH}\nsettings: {{persons_per_community: 1000000}}",
    "many small communities": f"{MONTH}\nsettings: {{persons_per_community: 400}}",
    "the finest lattice": f"{MONTH}\nsettings: {{cell_size: 0.1, persons_per_community: 1000000}}",
    "parameters at their lowest": f"{MONTH}\nparameters: {{{_ends('low')}}}",
    "parameters at their highest": f"{MONTH}\nparameters: {{{_ends('high')}}}",
    "no process": f"{MONTH}\nprocesses: {{{', '.join(f'{name}: off' for name in PROCESS_NAMES)}}}",
}  # fmt: skip
BEYOND: dict[str, Callable[[Plan], Plan]] = {  # what no scenario can say
    "no civilians": lambda plan: people(plan, 0),
    "one civilian a community": lambda plan: people(plan, 1),
    "a billion civilians": lambda plan: people(plan, 10**9 // len(plan.start["community_population"])),
}


def people(plan: Plan, each: int) -> Plan:
    """The plan with so many people in each community."""
    population = np.full_like(plan.start["community_population"], each)
    nobody = np.zeros_like(plan.start["community_displaced"])
    return with_columns(plan, community_population=population, community_displaced=nobody)


def assert_conserved(plan: Plan, seed: int) -> None:
    """Run to the end; every evening all are accounted for, and every death is in one event."""
    model = MissionModel(plan, seed)
    columns = model.columns
    at_start = int(columns["community_population"].sum())
    try:
        if plan.report[0]:
            model.advance_to(plan.report[0] - 1)
        for _ in model.days():
            flow = balance(model)
            assert min(flow.values()) >= 0
            troops = flow["troops_arrived"] - flow["troops_departed"] - flow["troops_killed"] - flow["troops_died"]
            assert columns["unit_strength"].sum() == troops
            gains = flow["fighters_founded"] + flow["fighters_recruited"] + flow["fighters_from_abroad"]
            losses = flow["fighters_killed"] + flow["fighters_deserted"] + flow["fighters_demobilised"]
            assert columns["band_strength"].sum() == gains - losses
            living = at_start + flow["people_born"] + flow["people_rejoined"]
            assert columns["community_population"].sum() == living - flow["people_killed"] - flow["people_recruited"]
            for name in ("unit_strength", "band_strength", "community_population", "community_displaced"):
                assert columns[name].min(initial=0) >= 0, name
        events = columns["events"][: columns["event_count"][0]]
        for field, name in ((E_UN_KILLED, "troops_killed"), (E_UN_OTHER, "troops_died"),
                            (E_FIGHTERS, "fighters_killed"), (E_CIVILIANS, "people_killed")):  # fmt: skip
            assert events[:, field].sum() == flow[name], name
        assert (columns["community_displaced"] <= columns["community_population"]).all()
        assert all(np.isfinite(value) for value in sim.Results(model.record()).summary().values())
    finally:
        model.close()


@pytest.mark.slow
@pytest.mark.parametrize("text", EDGES.values(), ids=EDGES.keys())
def test_at_the_edge(text: str) -> None:
    plan = plan_of(text)
    assert_conserved(plan, plan.scenario.seed)


@pytest.mark.parametrize("change", BEYOND.values(), ids=BEYOND.keys())
def test_beyond_the_edge(change: Callable[[Plan], Plan]) -> None:
    assert_conserved(change(plan_of(MONTH)), 3)


@pytest.mark.slow
def test_more_events_than_there_is_room_for_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They were once written beyond the memory of the run."""
    file = tmp_path / "war.yaml"
    file.write_text(f"title: war\nperiod: {{start: 2013-07-01, end: 2013-07-10}}\norganisations: {{{HUGE}}}")
    assert main(["run", str(file), "--seeds", "1", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("war: 4,096 events or more on a day, by 2013-07-0")
    assert said.endswith("; no run can have so many: set fewer fighters or lower rates")
    assert not (tmp_path / "out").exists()


def test_who_is_not_there_is_not_killed() -> None:
    nobody = sim.run(sim.scenario.loads("\n".join((MONTH, *OFF.values()))), seed=1).summary()
    killed = {name: value for name, value in nobody.items() if name.endswith("_killed")}
    assert killed == dict.fromkeys(killed, 0.0)
    no_groups = sim.run(sim.scenario.loads(f"{MONTH}\n{OFF['groups']}"), seed=1).summary()
    assert no_groups["fighters_killed"] == no_groups["attacks_on_mission"] == 0
    no_mission = sim.run(sim.scenario.loads(f"{MONTH}\n{OFF['mission']}"), seed=1).summary()
    assert no_mission["peacekeepers_killed"] == no_mission["personnel_days"] == no_mission["patrol_days"] == 0


@pytest.mark.slow
def test_the_shell_runs_an_edge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "edge.yaml"
    file.write_text("\n".join(("period: {start: 2024-12-31, end: 2024-12-31}", *OFF.values())))
    out = tmp_path / "out"
    asked = ["run", str(file), "--seeds", "1", "--seed", str(2**63 - 1), "--out", str(out), "--json"]
    assert main(asked) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["period"] == ["2024-12-31", "2024-12-31"]
    assert said["seed"] == 2**63 - 1
    assert main(["report", str(out)]) == 0
