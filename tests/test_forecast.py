"""Forecasts: particles that go the way of the record, deaths as UCDP counts them, layouts, and the command."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import forecast_noise as chance
from sim.calibration.observation import observed
from sim.cli.main import main
from sim.missions.posterior import Posterior
from sim.model.mission_model import MissionModel
from sim.model.plan import Plan, threat_knot
from sim.model.recorder import EVENT_FIELDS, KINDS, TACTICS, RunRecord
from sim.scenario import load
from sim.study.draws import drawn_plan
from sim.study.executor import Threads
from sim.validation.forecast import panels
from sim.validation.forecast import posterior_draws as predict
from sim.validation.forecast.panels import OUTCOMES, counted, panel, tidy
from sim.validation.forecast.particle_filter import (
    CHANCE_CORRELATION,
    CHANCE_SD,
    HALF_LIFE,
    LEAST_EFFECTIVE_SHARE,
    MOST_YEARS,
    UNEXPLAINED_WAR_SD,
    effective_size,
    importance_weights,
    log_likelihood,
    resample,
    scored_years,
)
from sim.validation.forecast.posterior_draws import (
    Draw,
    ForecastRequest,
    assign_particles,
    complete_runs,
    forecast,
    frozen,
    held,
    known_plan,
    whole_plan,
)
from tests import minusma
from tests.minusma import REGIONS, day_index, fatal_days, table
from tests.synthetic import ACTORS, synthetic_record

POSTERIOR_FRAME = pd.DataFrame(
    {
        "structure": "hardening",
        "weight": [0.5, 0.5],
        "source": "derived",
        "ambush_rate": [0.0008, 0.02],
        threat_knot("Gao", 2013): [0.0, 0.5],
    }
)
POSTERIOR = Posterior.from_frame(POSTERIOR_FRAME, "two sets")
SEED = 1


def request_of(**changes: object) -> ForecastRequest:
    """Four draws of the first months, with the record known up to October 2013."""
    scenario = load("historical").with_values({"period.end": "2013-11-30"})
    return replace(ForecastRequest(scenario, POSTERIOR, date(2013, 10, 1), 4), **changes)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return whole_plan(load("historical").with_values({"period.end": "2014-06-30"}))


# ------------------------------------------------------------------------------------------------------- the particles


def test_years_are_whole_quarters_before_the_origin() -> None:
    assert scored_years(date(2013, 7, 1)) == scored_years(date(2013, 9, 30)) == []
    assert scored_years(date(2013, 10, 1)) == [(date(2013, 7, 1), date(2013, 9, 30))]
    assert scored_years(date(2014, 11, 15)) == [
        (date(2013, 10, 1), date(2014, 9, 30)),
        (date(2013, 7, 1), date(2013, 9, 30)),
    ], "the last first, the earliest shorter"
    known = scored_years(date(2021, 1, 1))
    assert known == [(date(year, 1, 1), date(year, 12, 31)) for year in range(2020, 2020 - MOST_YEARS, -1)]
    assert known == scored_years(date(2023, 6, 1)), "the record that may be used ends"


MISSION, WAR = KINDS.index("mission"), KINDS.index("one_sided")


def history(*rows: tuple[str, int, int, int, int]) -> np.ndarray:
    """Events in order of time: day, kind, actor, peacekeepers and civilians killed."""
    events = np.zeros((len(rows), len(EVENT_FIELDS)), np.int64)
    fields = [EVENT_FIELDS.index(name) for name in ("kind", "actor", "peacekeepers_killed", "civilians_killed")]
    for event, (day, *values) in zip(events, rows, strict=True):
        event[0], event[fields] = day_index(date.fromisoformat(day)), values
    return events[np.argsort(events[:, 0], kind="stable")]


def like_the_record(year: int, killed: float = 1.0, war: float = 1.0) -> np.ndarray:
    """A year with the record's fatal days, its deaths of the mission and those of the war times a factor."""
    days, known = fatal_days(), observed()
    here = days[days["date"].dt.year == year]
    deaths = sum(known[f"ucdp_month/{year}-{month:02d}"] for month in range(1, 13))
    dead = zip(here["date"].dt.date.astype(str), here["killed"], strict=True)
    return history(
        *((day, MISSION, 0, round(number * killed), 0) for day, number in dead),
        (f"{year}-06-30", WAR, 0, 0, round(deaths * war)),
    )


def test_a_history_like_the_record_weighs_most_and_exactly_as_it_should() -> None:
    origin = date(2015, 1, 1)
    same = log_likelihood(like_the_record(2014), 3, origin)
    before = log_likelihood(np.empty((0, len(EVENT_FIELDS)), np.int64), 3, date(2014, 1, 1))
    assert same == pytest.approx(before * 0.5 ** (1 / HALF_LIFE)), "only the half-year of 2013 differs, and has faded"
    killed = [log_likelihood(like_the_record(2014, killed=factor), 3, origin) for factor in (1, 2, 4)]
    war = [log_likelihood(like_the_record(2014, war=factor), 3, origin) for factor in (1, 2, 10)]
    assert killed == sorted(killed, reverse=True)
    assert war == sorted(war, reverse=True)
    assert len({*killed, *war}) == 5
    apart = np.log((10 * 291 + 20) / (291 + 20))  # the record of 2014 holds 291 deaths
    alone = -0.5 * apart**2 * np.linalg.inv(covariance())[2, 2]
    assert war[2] - war[0] == pytest.approx(alone)


def covariance() -> np.ndarray:
    """Of the difference between two histories under one set, with what the model leaves out."""
    return 2 * np.outer(CHANCE_SD, CHANCE_SD) * CHANCE_CORRELATION + np.diag([0, 0, UNEXPLAINED_WAR_SD**2])


def test_actors_below_the_threshold_of_a_year_are_not_counted() -> None:
    origin = date(2015, 1, 1)
    known, small = like_the_record(2014), history(("2014-03-01", WAR, 1, 0, 24), ("2014-09-01", MISSION, 1, 0, 500))
    assert log_likelihood(np.concatenate([small[:1], known, small[1:]]), 3, origin) == pytest.approx(
        log_likelihood(known, 3, origin)
    )


def test_a_long_record_counts_more_for_what_was_lately() -> None:
    """The same error weighs half as much for every HALF_LIFE that it lies back."""
    whole = [like_the_record(year) for year in (2015, 2016, 2017, 2018)]
    loss = []
    for wrong in range(4):
        parts = [like_the_record(2015 + n, war=3.0) if n == wrong else part for n, part in enumerate(whole)]
        loss.append(
            log_likelihood(np.concatenate(whole), 3, date(2019, 1, 1))
            - log_likelihood(np.concatenate(parts), 3, date(2019, 1, 1))
        )
    assert np.array(loss[1:]) / loss[:-1] == pytest.approx(0.5 ** (-1 / HALF_LIFE), rel=0.1)


def test_chance_is_what_is_left_within_a_set() -> None:
    """600 sets of two runs of known covariance: the sets' own differences leave no trace.  Bounds are four sd wide."""
    rng, truth = np.random.default_rng(1), covariance()
    own = rng.multivariate_normal(np.zeros(3), truth, (1200, 5))
    sets = np.repeat(np.arange(600), 2)
    found = chance.within(own + 10.0 * rng.normal(size=(600, 5, 3))[sets], sets)
    spread = np.sqrt((np.outer(np.diag(truth), np.diag(truth)) + truth**2) / (600 * 5))
    assert np.all(np.abs(found - truth) < 4 * spread)


def test_the_scales_of_chance_can_be_measured_again() -> None:
    with pytest.raises(ValueError, match="2 runs: no set of the posterior has two of them"):
        chance.measured(2, 1)
    said = chance.text(np.diag([4.0, 1.0, 0.25]), np.array([8.0, 4.0, 0.25])).splitlines()
    assert said[1].split() == ["fatal", "days", "2.00", "50%", "1.00", "0.00", "0.00"]
    assert said[3].split()[-5:] == ["0.50", "0%", "0.00", "0.00", "1.00"]


@pytest.mark.parametrize("spread", [0.1, 1.0, 30.0])
def test_weights_are_flattened_only_where_they_would_leave_too_few(spread: float) -> None:
    logs = spread * np.random.default_rng(1).normal(size=400) - 1e4
    plain = np.exp(logs - logs.max()) / np.exp(logs - logs.max()).sum()
    found = importance_weights(logs)
    assert found.sum() == pytest.approx(1)
    assert np.array_equal(np.argsort(found), np.argsort(logs))
    if effective_size(plain) >= LEAST_EFFECTIVE_SHARE * 400:
        assert found == pytest.approx(plain)
    else:
        assert effective_size(found) == pytest.approx(LEAST_EFFECTIVE_SHARE * 400, rel=1e-3)
    assert (effective_size(plain) >= LEAST_EFFECTIVE_SHARE * 400) == (spread < 2)


def test_draws_follow_the_weights() -> None:
    """Systematic: every particle has its expected number of draws, rounded down or up."""
    weight = np.array([0.55, 0.05, 0.3, 0.01, 0.09])
    assert effective_size(weight) == pytest.approx(1 / sum(w**2 for w in weight))
    for seed in range(20):
        picked = resample(weight, 50, seed)
        assert np.array_equal(picked, np.sort(picked))
        assert np.abs(np.bincount(picked, minlength=5) - 50 * weight).max() < 1
    assert resample(np.full(7, 1 / 7), 7, 1).tolist() == list(range(7))


def test_only_the_first_draw_of_a_particle_keeps_its_random_numbers() -> None:
    found = predict.draws_from_particles(np.array([1, 1, 1, 4, 5, 5]))
    assert [draw.particle for draw in found] == [1, 1, 1, 4, 5, 5]
    assert [draw.first for draw in found] == [True, False, False, True, True, False]
    assert [draw.number for draw in found] == list(range(6))


def test_draws_of_one_particle_share_its_past_and_not_its_future(plan: Plan) -> None:
    asked = request_of()
    runs = list(complete_runs(asked, [Draw(0, 1, True), Draw(1, 1, False), Draw(2, 1, False)]))
    day = day_index(asked.origin)
    assert all(np.array_equal(run.ledger[:day], runs[0].ledger[:day]) for run in runs)
    assert not any(np.array_equal(runs[a].ledger[day:], runs[b].ledger[day:]) for a, b in ((0, 1), (0, 2), (1, 2)))
    alone = next(complete_runs(replace(asked, assimilated=False), [Draw(1, 1, True)]))
    assert np.array_equal(runs[0].ledger, alone.ledger), "the first goes on as the run that was weighed"
    assert np.array_equal(runs[0].events, alone.events)


def test_there_are_more_particles_than_draws_but_not_without_end() -> None:
    assert request_of(draws=20).particles == 80
    assert request_of(draws=500).particles == 1100
    assert request_of(draws=20, assimilated=False).particles == 0
    assert request_of(draws=20, origin=date(2013, 9, 30)).particles == 0, "no record to weigh them by"


def test_the_path_of_threat_is_held_where_the_record_ends() -> None:
    path = whole_plan(load("historical")).inputs["threat_mean"]
    ahead = known_plan(whole_plan(load("historical")), request_of(origin=date(2022, 3, 1)))
    day = day_index(date(2021, 1, 1))
    assert np.array_equal(ahead.inputs["threat_mean"][:day], path[:day])
    assert np.all(ahead.inputs["threat_mean"][day:] == path[day - 1])


def test_sets_far_from_the_record_are_seldom_drawn() -> None:
    """Half of the particles are attacked so often that they lose ten times what the record says."""
    deadly = POSTERIOR_FRAME.assign(ambush_rate=[0.0008, 0.2], shelling_rate=[0.001, 0.2])
    asked = request_of(posterior=Posterior.from_frame(deadly, "deadly"), draws=8, origin=date(2014, 1, 1))
    asked = replace(asked, scenario=asked.scenario.with_values({"period.end": "2014-01-31"}))
    picked = [draw.particle for batch in assign_particles(asked) for draw in batch]
    lost = [asked.posterior.index(asked.scenario.seed, particle) for particle in range(asked.particles)]
    drawn = [lost[particle] for particle in picked]
    assert len(drawn) == 8
    assert np.mean(lost) == pytest.approx(0.5, abs=0.1)
    assert sum(drawn) == 0


# ----------------------------------------------------------------------------------------------------------- the draws


def assert_same(one: list[predict.ForecastBatch], other: list[predict.ForecastBatch]) -> None:
    assert [part.first for part in one] == [part.first for part in other]
    assert all(np.array_equal(a.panels, b.panels) for a, b in zip(one, other, strict=True))


def test_batches_are_the_same_alone_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "BATCH_SIZE", 2)
    asked = request_of()
    together = list(forecast(asked))
    assert [part.first for part in together] == [0, 2]
    parts = assign_particles(asked)
    assert_same(together, [predict.forecast_batch(asked, part, cells=False) for part in reversed(parts)][::-1])
    assert not np.array_equal(together[0].panels, together[1].panels)


@pytest.mark.slow
def test_draws_are_the_same_on_any_number_of_threads() -> None:
    assert_same(list(forecast(request_of(), Threads(3))), list(forecast(request_of(), Threads(1))))


def test_without_the_record_a_draw_is_a_plain_run_under_its_set() -> None:
    asked = request_of(assimilated=False)
    assert [[(draw.particle, draw.first) for draw in part] for part in assign_particles(asked)] == [
        [(n, True) for n in range(4)]
    ]
    whole = next(forecast(asked)).panels
    month = minusma.MISSION.clock.month_index(asked.origin)
    assert whole.shape == (4, 5 - month, len(REGIONS), len(OUTCOMES))
    plain = whole_plan(asked.scenario)
    for draw in (0, 3):
        alone = MissionModel(held(drawn_plan(plain, POSTERIOR.values(SEED, draw)), asked.origin), SEED, draw)
        assert np.array_equal(whole[draw], panel(alone.run())[month:])
    assert not np.array_equal(whole, next(forecast(request_of())).panels), "the record is felt"


def test_before_the_first_quarter_has_ended_there_is_no_record_to_follow() -> None:
    first = request_of(origin=date(2013, 8, 1))
    assert_same(list(forecast(first)), list(forecast(replace(first, assimilated=False))))


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
    frame = tidy(minusma.MISSION, panels[:, 2:5], 10, 2)
    assert len(frame) == 2 * 3 * (len(REGIONS) + 1) * len(OUTCOMES)
    assert set(frame["draw"]) == {10, 11}
    assert set(frame["month"]) == {"2013-09", "2013-10", "2013-11"}
    by = ["draw", "month", "outcome"]
    total = frame[frame["region"] == minusma.MISSION.facts.country].set_index(by)["value"].sort_index()
    parts = frame[frame["region"] != minusma.MISSION.facts.country].groupby(by)["value"].sum().sort_index()
    assert np.array_equal(total, parts)
    gao = frame.query("draw == 11 and month == '2013-10' and region == 'Gao' and outcome == 'civilians_killed'")
    assert gao["value"].tolist() == [panels[1, 3, REGIONS.index("Gao"), OUTCOMES.index("civilians_killed")]]


def test_months_are_numbered_from_1980() -> None:
    since_july_2013 = pd.Series([0, 90])
    assert panels.month_id(since_july_2013).tolist() == [403, 493]  # 493 is January 2021


def test_the_layout_of_the_competition_has_every_unit(tmp_path: Path) -> None:
    gids = sorted(table("cells")["gid"])
    cells = pd.DataFrame({"month": [90, 90, 91], "priogrid_gid": [gids[0], gids[3], gids[0]], "outcome": [4, 2, 7]})
    panels.write_views(tmp_path, 2, (90, 92), cells.assign(draw=[0, 0, 1]))
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
        (["--start", "2013-9", "--end", "2013-10"], "--start 2013-9: write a month as YYYY-MM, such as 2013-07"),
        (["--start", "2013-09", "--end", "2013-13"], "--end 2013-13: write a month as YYYY-MM, such as 2013-07"),
        (["--start", "2012-09", "--end", "2013-10"], "--start 2012-09: lies outside 2013-07 to 2024-12"),
        (["--start", "2013-09", "--end", "2025-01"], "--end 2025-01: lies outside 2013-07 to 2024-12"),
        (["--start", "2013-11", "--end", "2013-10"], "--end 2013-10: lies before --start 2013-11"),
    ],
)
def test_months_that_cannot_be_forecast_are_answered(
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
    assert set(frame["region"]) == {*REGIONS, minusma.MISSION.facts.country}
    assert set(frame["draw"]) == {0, 1}
    assert frame["simulated"].all()
    total = frame[(frame["region"] == minusma.MISSION.facts.country) & (frame["outcome"] == "civilians_killed")]
    assert document["totals"]["civilians_killed"]["mean"] == pytest.approx(total["value"].sum() / 2)
    assert set(pd.read_parquet("kept/cm/cm.parquet")["month_id"]) == {405, 406}
    assert main([*command, "--out", "kept"]) == 2
    assert "--out kept: holds a forecast already; name another folder" in capsys.readouterr().err
    assert main([*command, "--out", "other", "--workers", "1"]) == 0
    said = capsys.readouterr().out
    assert "simulated totals of the months asked for" in said
    assert "Draws are in other/monthly.parquet." in said
    pd.testing.assert_frame_equal(pd.read_parquet("other/monthly.parquet"), frame)
