"""Forecasts: particles that go the way of the record, deaths as UCDP counts them, layouts, and the command."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import count, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.cli.main import main
from sim.clock import day_index
from sim.data import table
from sim.forecast import predict, views
from sim.forecast.assimilate import (
    COPIES,
    COPY_STREAM,
    YEARS,
    Particle,
    assimilate,
    effective,
    log_likelihood,
    quarters,
    resample,
    start,
)
from sim.forecast.predict import Request, frozen, island, islands, whole_plan
from sim.forecast.seen import COUNTRY, OUTCOMES, counted, panel, tidy
from sim.model import MissionModel
from sim.observation import observed
from sim.plan import Plan, threat_knot
from sim.posterior import Posterior
from sim.recorder import EVENT_FIELDS, KINDS, TACTICS, RunRecord
from sim.scenario import load
from sim.streams import run_key
from sim.world import REGIONS
from tests.engine_support import with_parameters
from tests.synthetic import ACTORS, synthetic_record

POSTERIOR = Posterior.from_frame(
    pd.DataFrame(
        {
            "structure": "hardening",
            "weight": [0.5, 0.5],
            "source": "derived",
            "ambush_rate": [0.0008, 0.02],
            threat_knot("Gao", 2013): [0.0, 0.5],
        }
    ),
    "two sets",
)
SEED = 1


def request_of(**changes: object) -> Request:
    """Four draws of the first months, with the record known up to October 2013."""
    scenario = load("historical").with_values({"period.end": "2013-11-30"})
    return replace(Request(scenario, POSTERIOR, date(2013, 10, 1), 4), **changes)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return whole_plan(load("historical").with_values({"period.end": "2014-06-30"}))


# ------------------------------------------------------------------------------------------------------- the particles


def test_quarters_are_whole_and_lie_before_the_origin() -> None:
    assert quarters(date(2013, 7, 1)) == quarters(date(2013, 9, 30)) == []
    assert quarters(date(2013, 10, 1)) == [(date(2013, 7, 1), date(2013, 9, 30))]
    assert quarters(date(2014, 2, 15))[-1] == (date(2013, 10, 1), date(2013, 12, 31))
    whole = quarters(date(2021, 1, 1))
    assert len(whole) == 4 * YEARS, "what is older has faded"
    assert whole[-1] == (date(2020, 10, 1), date(2020, 12, 31))
    assert whole == quarters(date(2023, 6, 1)), "the record that may be used ends"
    assert all(b[0] - a[1] == timedelta(days=1) for a, b in pairwise(whole))


def particles_of(plan: Plan, weights: list[float], until: int) -> list[Particle]:
    """Particles at the end of a day that carry these weights."""
    particles = start([plan] * len(weights), SEED, 0)
    for particle, weight in zip(particles, weights, strict=True):
        particle.model.advance_to(until)
        particle.log_weight = float(np.log(weight))
    return particles


def keys_of_copies() -> count:
    return (run_key(SEED, number) for number in count(COPY_STREAM))


def test_resampling_keeps_the_number_and_follows_the_weights(plan: Plan) -> None:
    """Systematic: every particle has its expected number of copies, rounded down or up."""
    weights = [0.55, 0.05, 0.3, 0.01, 0.09]
    particles = particles_of(plan, weights, 5)
    assert effective(particles) == pytest.approx(1 / sum(w**2 for w in weights))
    resample(particles, np.random.default_rng(1), keys_of_copies())
    assert len(particles) == 5
    copies = np.bincount([particle.number for particle in particles], minlength=5)
    assert np.abs(copies - 5 * np.array(weights)).max() < 1
    assert [particle.log_weight for particle in particles] == [0.0] * 5
    assert effective(particles) == pytest.approx(5)


def test_copies_go_on_with_random_numbers_of_their_own(plan: Plan) -> None:
    particles = particles_of(plan, [1e-12, 1.0, 1e-12], 60)
    kept = particles[1]
    key, state = kept.model.key, {name: kept.model.columns[name].copy() for name in plan.start}
    resample(particles, np.random.default_rng(1), keys_of_copies())
    assert [particle.number for particle in particles] == [1, 1, 1]
    assert kept.model.key == key
    assert len({int(particle.model.key) for particle in particles}) == 3
    for particle in particles:
        assert particle.model.day == 61
        assert all(np.array_equal(particle.model.columns[name], value) for name, value in state.items())
    for particle in particles:
        particle.model.run()
    ends = [particle.model.record().ledger[62:] for particle in particles]
    assert not any(np.array_equal(ends[a], ends[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    alone = MissionModel(plan, SEED, 1)
    assert np.array_equal(alone.run().events, kept.model.record().events), "the first copy goes on as it was"
    starts = [particle.model.record().ledger[:61] for particle in particles]
    assert np.array_equal(starts[0], starts[1])


def test_keys_of_copies_are_those_of_no_other_draw() -> None:
    firsts = range(0, 10_000, predict.ISLAND)
    spans = [range(COPY_STREAM + n * COPIES, COPY_STREAM + (n + predict.ISLAND) * COPIES) for n in firsts]
    assert all(a[-1] < b[0] for a, b in pairwise(spans))
    assert predict.ISLAND * len(quarters(date(2021, 1, 1))) <= len(spans[0]), "never short of keys"
    assert COPY_STREAM > 10_000


def shifted(model: MissionModel, killed: int, civilians: int) -> float:
    """The likelihood of the third quarter of 2013 where the run's first event had other deaths."""
    events = model.columns["events"]
    fields = [EVENT_FIELDS.index(name) for name in ("peacekeepers_killed", "civilians_killed", "kind", "actor")]
    before = events[: int(model.columns["event_count"][0])].copy()
    events[: len(before), fields[:2]] = 0
    events[0, fields] = killed, civilians, KINDS.index("one_sided"), 0
    for name in ("malian_forces_killed", "partner_forces_killed", "fighters_killed"):
        events[: len(before), EVENT_FIELDS.index(name)] = 0
    found = log_likelihood(model, date(2013, 7, 1), date(2013, 9, 30))
    events[: len(before)] = before
    return found


def test_a_run_like_the_record_weighs_most(plan: Plan) -> None:
    model = MissionModel(plan, SEED)
    model.advance_to(day_index(date(2013, 9, 30)))
    months = ("2013-07", "2013-08", "2013-09")
    killed, deaths = (int(sum(observed()[f"{name}/{month}"] for month in months)) for name in ("killed", "ucdp_month"))
    like = shifted(model, killed, deaths)
    assert like > shifted(model, killed + 5, deaths) > shifted(model, killed + 50, deaths)
    assert like > shifted(model, killed, deaths + 100) > shifted(model, killed, deaths + 1000)


def test_particles_far_from_the_record_are_dropped(plan: Plan) -> None:
    """Six plans as packaged and six under which the mission is attacked a hundred times as often."""
    vector = dict(zip(("ambush_rate", "shelling_rate"), (0.2, 0.2), strict=True))
    particles = start([*[plan] * 6, *[with_parameters(plan, **vector)] * 6], SEED, 0)
    assimilate(particles, date(2014, 1, 1), SEED, 0)
    assert len(particles) == 12
    assert {particle.number for particle in particles} <= set(range(6))
    assert {particle.model.day for particle in particles} == {day_index(date(2014, 1, 1))}
    assert all(np.array_equal(particle.model.plan.parameters, plan.parameters) for particle in particles)


# ----------------------------------------------------------------------------------------------------------- the draws


def assert_same(one: list[predict.Island], other: list[predict.Island]) -> None:
    assert [part.first for part in one] == [part.first for part in other]
    assert all(np.array_equal(a.panels, b.panels) for a, b in zip(one, other, strict=True))


def test_islands_are_the_same_alone_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "ISLAND", 2)
    asked = request_of()
    assert asked.islands() == [range(0, 2), range(2, 4)]
    together = list(islands(asked, 1))
    alone = [island(asked, draws, cells=False) for draws in reversed(asked.islands())][::-1]
    assert_same(together, alone)
    assert not np.array_equal(together[0].panels, together[1].panels)


@pytest.mark.slow
def test_islands_are_the_same_on_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "ISLAND", 2)
    assert_same(list(islands(request_of(), 2)), list(islands(request_of(), 1)))


def test_without_the_record_a_draw_is_a_plain_run_under_its_set() -> None:
    asked = request_of(assimilated=False)
    whole = island(asked, range(4), cells=False)
    apart = [island(asked, range(n, n + 1), cells=False).panels[0] for n in (0, 3)]
    assert np.array_equal(whole.panels[[0, 3]], np.stack(apart))
    assert whole.panels.shape == (4, 5, len(REGIONS), len(OUTCOMES))
    assert not np.array_equal(whole.panels, island(request_of(), range(4), cells=False).panels), "the record is felt"


def test_before_the_first_quarter_has_ended_there_is_no_record_to_follow() -> None:
    first = request_of(origin=date(2013, 8, 1))
    assert_same(
        [island(first, range(2), cells=False)], [island(replace(first, assimilated=False), range(2), cells=False)]
    )


def test_the_panel_goes_back_to_the_first_day_whatever_the_period() -> None:
    scenario = load("historical").with_values({"period.end": "2013-12-31"})
    late = scenario.with_values({"period.start": "2013-10-01"})
    assert whole_plan(late).report == whole_plan(scenario).report == (0, day_index(date(2013, 12, 31)))


@pytest.mark.parametrize("origin", [date(2013, 7, 1), date(2013, 11, 1), date(2014, 3, 1)])
def test_who_knows_no_date_after_the_origin_holds_what_there_is(plan: Plan, origin: date) -> None:
    blind, day = frozen(plan, origin), day_index(origin)
    held = max(0, day - 1)
    for name in ("base_open", "movement", "flights", "operations", "election"):
        assert np.array_equal(blind.inputs[name][:day], plan.inputs[name][:day])
        assert np.all(blind.inputs[name][day:] == plan.inputs[name][held]), name
    month = 12 * (origin.year - 2013) + origin.month - 7
    assert np.array_equal(blind.inputs["unit_target"][:month], plan.inputs["unit_target"][:month])
    assert np.all(blind.inputs["unit_target"][month:] == plan.inputs["unit_target"][max(0, month - 1)])
    for name in ("month_of_day", "day_of_month", "threat_mean"):
        assert np.array_equal(blind.inputs[name], plan.inputs[name])


def test_holding_inputs_leaves_the_plan_alone(plan: Plan) -> None:
    before = {name: column.copy() for name, column in plan.inputs.items()}
    blind = frozen(plan, date(2013, 10, 1))
    assert not np.array_equal(blind.inputs["unit_target"], plan.inputs["unit_target"])
    assert all(np.array_equal(plan.inputs[name], column) for name, column in before.items())


# ------------------------------------------------------------------------------------------------------ what is counted


def with_events(*rows: tuple[str, str, str, int]) -> RunRecord:
    """A run with these events alone: day, kind, actor, civilians killed."""
    events = np.zeros((len(rows), len(EVENT_FIELDS)), np.int64)
    fields = [EVENT_FIELDS.index(name) for name in ("day", "kind", "actor", "civilians_killed", "tactic")]
    for event, (day, kind, actor, dead) in zip(events, rows, strict=True):
        when = day_index(date.fromisoformat(day))
        event[fields] = when, KINDS.index(kind), ACTORS.index(actor), dead, TACTICS.index("battle")
    return replace(synthetic_record(), events=events[np.argsort(events[:, 0], kind="stable")])


def test_an_actor_counts_from_25_deaths_in_a_type_and_year() -> None:
    run = with_events(
        ("2014-01-01", "one_sided", "JNIM", 20),
        ("2014-12-31", "one_sided", "JNIM", 5),  # 25 in the year: both count
        ("2015-01-01", "one_sided", "JNIM", 24),  # another year
        ("2014-06-01", "non_state", "JNIM", 24),  # another type
        ("2014-06-01", "one_sided", "ISGS", 24),  # another actor
        ("2016-06-01", "mission", "JNIM", 100),  # not organised violence
    )
    events = run.events[counted(run)]
    assert events[:, EVENT_FIELDS.index("civilians_killed")].tolist() == [20, 5]


def test_actors_of_2013_were_known() -> None:
    run = with_events(("2013-08-01", "state_based", "CMA", 1), ("2014-08-01", "state_based", "CMA", 1))
    assert counted(run).tolist() == [True, False]


def test_the_panel_counts_as_ucdp_does() -> None:
    run = with_events(("2014-01-10", "one_sided", "JNIM", 30), ("2014-02-10", "one_sided", "ISGS", 24))
    found = panel(run)[:, :, OUTCOMES.index("organised_violence_deaths")].sum(axis=1)
    assert found[6] == 30
    assert found.sum() == 30
    assert panel(run)[:, :, OUTCOMES.index("civilians_killed")].sum() == 30


def test_totals_are_sums_over_regions() -> None:
    panels = np.random.default_rng(1).poisson(3.0, (2, 6, len(REGIONS), len(OUTCOMES))).astype(np.float64)
    frame = tidy(panels, 10, 2, 4)
    assert len(frame) == 2 * 3 * (len(REGIONS) + 1) * len(OUTCOMES)
    assert set(frame["draw"]) == {10, 11}
    assert set(frame["month"]) == {"2013-09", "2013-10", "2013-11"}
    by = ["draw", "month", "outcome"]
    total = frame[frame["region"] == COUNTRY].set_index(by)["value"].sort_index()
    parts = frame[frame["region"] != COUNTRY].groupby(by)["value"].sum().sort_index()
    assert np.array_equal(total, parts)
    gao = frame.query("draw == 11 and month == '2013-10' and region == 'Gao' and outcome == 'civilians_killed'")
    assert gao["value"].tolist() == [panels[1, 3, REGIONS.index("Gao"), OUTCOMES.index("civilians_killed")]]


def test_months_are_numbered_from_1980() -> None:
    since_july_2013 = pd.Series([0, 90])
    assert views.month_id(since_july_2013).tolist() == [403, 493]  # 493 is January 2021


def test_the_layout_of_the_competition_has_every_unit(tmp_path: Path) -> None:
    gids = sorted(table("cells")["gid"])
    cells = pd.DataFrame({"month": [90, 90, 91], "priogrid_gid": [gids[0], gids[3], gids[0]], "outcome": [4, 2, 7]})
    views.write(tmp_path, 2, (90, 92), cells.assign(draw=[0, 0, 1]))
    pgm = pd.read_parquet(tmp_path / "pgm" / "pgm.parquet")
    cm = pd.read_parquet(tmp_path / "cm" / "cm.parquet")
    assert list(pgm.columns) == ["month_id", "priogrid_gid", "draw", "outcome"]
    assert list(cm.columns) == ["month_id", "country_id", "draw", "outcome"]
    assert len(pgm) == 3 * len(gids) * 2
    assert len(cm) == 3 * 2
    assert set(cm["month_id"]) == {493, 494, 495}
    assert cm.set_index(["month_id", "draw"])["outcome"].to_dict() == {
        (493, 0): 6, (493, 1): 0, (494, 0): 0, (494, 1): 7, (495, 0): 0, (495, 1): 0,
    }  # fmt: skip
    assert pgm.groupby(["month_id", "draw"])["outcome"].sum().tolist() == [6, 0, 0, 7, 0, 0]


# --------------------------------------------------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--start", "2013-9", "--end", "2013-10"], "--start 2013-9: write a month as YYYY-MM, such as 2021-01"),
        (["--start", "2013-09", "--end", "2013-13"], "--end 2013-13: write a month as YYYY-MM, such as 2021-01"),
        (["--start", "2012-09", "--end", "2013-10"], "--start 2012-09: lies outside 2013-07 to 2024-12"),
        (["--start", "2013-09", "--end", "2025-01"], "--end 2025-01: lies outside 2013-07 to 2024-12"),
        (["--start", "2013-11", "--end", "2013-10"], "--end 2013-10: lies before --start 2013-11"),
    ],
)
def test_months_that_cannot_be_foretold_are_answered(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["forecast", "historical", *words]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_month_before_the_scenario_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["forecast", "measures_2018", "--start", "2013-09", "--end", "2013-10"]) == 2
    assert "--end 2013-10: lies before the scenario's first month" in capsys.readouterr().err


def test_a_forecast_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["forecast", "historical", "--start", "2013-09", "--end", "2013-10", "--draws", "2", "--no-assimilate"]
    assert main([*command, "--out", "kept", "--views", "--workers", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["draws"], document["assimilated"], document["conditional"]) == (2, False, True)
    frame = pd.read_parquet("kept/monthly.parquet")
    assert list(frame.columns) == ["draw", "month", "region", "outcome", "value", "simulated"]
    assert set(frame["month"]) == {"2013-09", "2013-10"}
    assert set(frame["region"]) == {*REGIONS, COUNTRY}
    assert set(frame["draw"]) == {0, 1}
    assert frame["simulated"].all()
    total = frame[(frame["region"] == COUNTRY) & (frame["outcome"] == "civilians_killed")]
    assert document["totals"]["civilians_killed"]["mean"] == pytest.approx(total["value"].sum() / 2)
    assert set(pd.read_parquet("kept/cm/cm.parquet")["month_id"]) == {405, 406}
    assert main([*command, "--out", "kept"]) == 2
    assert "--out kept: holds a forecast already; name another folder" in capsys.readouterr().err
    assert main([*command, "--out", "other", "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "simulated totals of the months asked for" in said
    assert "Draws are in other/monthly.parquet." in said
    pd.testing.assert_frame_equal(pd.read_parquet("other/monthly.parquet"), frame)
