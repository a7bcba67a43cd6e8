"""From scenario to arrays: strengths, bases, levers, politics, organisations and the days before the period."""

from datetime import date, timedelta

import numpy as np
import pytest

from sim.model.mission_model import MissionModel
from sim.model.mission_plan import COMPANY, total_strength
from sim.model.plan import Plan
from sim.model.recorder import E_ACTOR, E_DAY, E_TACTIC, T_FIND, T_IED, T_IED_AMBUSH
from sim.model.tables import BASE_LEVERS, COLUMNS, INPUTS, NEVER, REGION_LEVERS, STATE
from sim.scenario import MEASURES
from sim.scenario.registry import PROCESSES
from tests.engine_support import differing, finished, identified, plan_of
from tests.minusma import MISSION, REGIONS, day_index, parameters, table

HISTORY = "extends: historical\n"
SHORT = "period: {start: 2013-07-01, end: 2014-12-31}\n"


@pytest.fixture(scope="module")
def history() -> Plan:
    return plan_of(HISTORY)


def day(text: str) -> int:
    return day_index(date.fromisoformat(text))


def month(text: str) -> int:
    when = date.fromisoformat(text)
    return (when.year - 2013) * 12 + when.month - 7


def base(name: str) -> int:
    return list(table("bases")["base"]).index(name)


def lever(plan: Plan, name: str, when: str) -> np.ndarray:
    return plan.inputs[f"lever_{name}"][day(when)]


# Columns


def test_inputs_are_complete_typed_and_in_shape(history: Plan) -> None:
    assert set(history.inputs) == {column.name for column in INPUTS}
    assert set(history.start) == {column.name for column in STATE}
    days = history.report[1] + 1
    for name, array in (history.inputs | history.start).items():
        assert array.dtype == COLUMNS[name].dtype, name
        assert array.ndim == len(COLUMNS[name].shape), name
        assert COLUMNS[name].shape[0] != "days" or len(array) == days, name
        assert array.dtype != float or np.isfinite(array).all(), name


def test_identities_are_distinct(history: Plan) -> None:
    keys = [history.inputs[f"{kind}_key"] for kind in ("cell", "region", "base", "unit", "national", "community")]
    keys.append(history.start["band_key"][history.inputs["scheduled_strength"] > 0])
    together = np.concatenate(keys)
    assert len(np.unique(together)) == len(together)


def test_there_are_two_thousand_agents(history: Plan) -> None:
    assert history.agents >= 2000


# The mission's strength


def test_strengths_add_up_to_the_path_of_the_deployment(history: Plan) -> None:
    shocks = history.scenario.shocks
    for m, persons in enumerate(history.inputs["unit_target"].sum(axis=1)):
        first = date(2013 + (m + 6) // 12, (m + 6) % 12 + 1, 1)
        assert abs(persons - total_strength(shocks, first, MISSION.facts.withdrawal)) <= 2, first


def test_the_path_of_the_deployment_is_the_record(history: Plan) -> None:
    knots = table("strength")
    for row in knots[knots["date"] <= "2023-12-31"].itertuples():
        assert total_strength(
            history.scenario.shocks, date.fromisoformat(row.date), MISSION.facts.withdrawal
        ) == pytest.approx(row.uniformed, abs=1)


def test_a_unit_is_at_most_a_company(history: Plan) -> None:
    target = history.inputs["unit_target"]
    assert 0 <= target.min() <= target.max() <= COMPANY


def test_shares_of_bases_are_those_of_the_map(history: Plan) -> None:
    rows = table("contingents").query("year == 2018").groupby("base")["share"].sum()
    target = history.inputs["unit_target"][month("2018-06-01")]
    for name, share in rows.items():
        present = target[history.inputs["unit_base"] == base(name)].sum() / target.sum()
        assert present == pytest.approx(share, abs=0.01), name


def test_a_closed_base_has_no_troops_by_schedule(history: Plan) -> None:
    is_open = history.inputs["base_open"]
    months = history.inputs["month_of_day"]
    last_of_month = np.append(np.diff(months) > 0, True)
    for b, name in enumerate(history.names.bases):
        units = history.inputs["unit_base"] == b
        assert units.any(), f"{name} never has a unit"
        for d in np.flatnonzero(last_of_month):
            closed_all_month = is_open[months == months[d], b].max() == 0
            assert not closed_all_month or history.inputs["unit_target"][months[d], units].sum() == 0, (name, d)


def test_bases_open_and_close_on_their_days(history: Plan) -> None:
    is_open = history.inputs["base_open"]
    assert is_open[day("2020-03-01"), base("Ogossagou")] == 1
    assert is_open[day("2020-02-29"), base("Ogossagou")] == 0
    assert is_open[day("2017-08-31"), base("Lere")] == 1
    assert is_open[day("2017-09-01"), base("Lere")] == 0
    assert is_open[day("2023-10-30"), base("Kidal")] == 1
    assert is_open[day("2023-10-31"), base("Kidal")] == 0
    assert is_open[:, base("Bamako")].all()


def test_without_withdrawal_the_mission_stays() -> None:
    plan = plan_of(HISTORY + "period: {start: 2013-07-01, end: 2023-12-31}\nshocks: {withdrawal: off}\n")
    target = plan.inputs["unit_target"].sum(axis=1)
    assert target[month("2023-12-01")] == pytest.approx(
        total_strength(plan.scenario.shocks, date(2023, 6, 30), MISSION.facts.withdrawal), abs=600
    )
    assert plan.inputs["base_open"][-1, base("Kidal")] == 1
    assert plan.inputs["flights"][-1].min() > 0.3


def test_withdrawal_takes_troops_bases_and_flights(history: Plan) -> None:
    target = history.inputs["unit_target"].sum(axis=1)
    assert target[month("2023-12-01")] < 0.4 * target[month("2023-06-01")]
    assert history.inputs["base_open"][-1].sum() <= 3
    kept = plan_of(HISTORY + "shocks: {withdrawal: {air_support: 1.0, start: 2023-07-01, end: 2023-12-31}}\n")
    late = day("2023-09-01")
    assert np.allclose(history.inputs["flights"][late], 0.5 * kept.inputs["flights"][late])


def test_half_a_withdrawal_keeps_half_the_troops(history: Plan) -> None:
    half = plan_of(
        HISTORY + "shocks: {withdrawal: {intensity: 0.5, start: 2023-07-01, end: 2023-12-31, closures: {}}}\n"
    )
    before, left = (history.inputs["unit_target"].sum(axis=1)[month(m)] for m in ("2023-06-01", "2023-12-01"))
    assert half.inputs["unit_target"].sum(axis=1)[month("2023-12-01")] == pytest.approx((before + left) / 2, rel=0.02)


def test_without_exits_more_troops_stay(history: Plan) -> None:
    kept = plan_of(HISTORY + "shocks: {contributor_exit: off}\n")
    late, early = month("2023-06-01"), month("2022-07-01")
    more = kept.inputs["unit_target"].sum(axis=1) - history.inputs["unit_target"].sum(axis=1)
    assert more[late] > 500
    assert more[: early + 1].max() == more[: early + 1].min() == 0


def test_an_exit_takes_that_contributor_and_no_other(history: Plan) -> None:
    text = "shocks: {contributor_exit: {contributors: {Chad: 2014-06-01}, intensity: 1.0}}\n"
    plan, usual = plan_of(SHORT + text), plan_of(SHORT + "shocks: {contributor_exit: off}\n")
    chad = plan.inputs["unit_contributor"] == plan.contributors.index("Chad")
    m = month("2014-07-01")
    assert (
        usual.inputs["unit_target"][m, usual.inputs["unit_contributor"] == usual.contributors.index("Chad")].sum() > 300
    )
    assert plan.inputs["unit_target"][m, chad].sum() == 0
    others = (
        usual.inputs["unit_target"][m].sum()
        - usual.inputs["unit_target"][m, usual.inputs["unit_contributor"] == usual.contributors.index("Chad")].sum()
    )
    assert plan.inputs["unit_target"][m].sum() == pytest.approx(others, abs=3)


def test_half_an_exit_takes_half() -> None:
    def troops(intensity: float) -> int:
        text = f"shocks: {{contributor_exit: {{contributors: {{Chad: 2014-06-01}}, intensity: {intensity}}}}}\n"
        return int(plan_of(SHORT + text).inputs["unit_target"][month("2014-07-01")].sum())

    assert troops(0.5) == pytest.approx((troops(0.0) + troops(1.0)) / 2, abs=3)


def test_without_delays_the_deployment_follows_the_plan_of_2013() -> None:
    plan = plan_of(SHORT + "shocks: {deployment: off}\n")
    target = plan.inputs["unit_target"].sum(axis=1)
    assert target[month("2014-07-01")] == pytest.approx(12_640, abs=3)
    assert target[month("2014-12-01")] == pytest.approx(12_640, abs=3)
    assert target[month("2014-04-01")] > 1.4 * plan_of(SHORT).inputs["unit_target"].sum(axis=1)[month("2014-04-01")]


def test_a_given_deployment_is_followed() -> None:
    plan = plan_of(SHORT + "shocks: {deployment: {strength: {2013-07-01: 3000, 2014-07-01: 9000}}}\n")
    assert plan.inputs["unit_target"].sum(axis=1)[[0, 12]] == pytest.approx([3000, 9000], abs=3)


# Levers


def test_levers_follow_their_dated_paths(history: Plan) -> None:
    """Fractions included: a lever is a number, whatever its reference level."""
    for name, episodes in history.scenario.measures.items():
        places = REGIONS if name in REGION_LEVERS else history.names.bases
        expected = np.full((len(history.inputs["day_of_month"]), len(places)), float(MEASURES[name].reference))
        for episode in episodes:
            covered = episode.place.regions if name in REGION_LEVERS else episode.place.bases
            for d in range(max(0, day_index(episode.start)), min(len(expected), day_index(episode.end) + 1)):
                expected[d, [places.index(place) for place in covered]] = episode.level.at(
                    date(2013, 7, 1) + timedelta(days=d)
                )
        if name == "coordination":  # with whom, while a coup has stopped operations?
            expected *= history.inputs["national_activity"]
        assert np.array_equal(history.inputs[f"lever_{name}"], expected), name
    assert lever(history, "route_clearance", "2018-06-01")[base("Gao")] == 0.6
    assert lever(history, "training", "2017-06-01")[base("Gao")] == 1.5


@pytest.mark.parametrize("name", MEASURES)
def test_a_lever_is_set_only_in_its_episode_and_place(name: str) -> None:
    region_scope = name in REGION_LEVERS
    text = f"{{intensity: 0.5, start: 2014-03-01, end: 2014-03-31, place: {'Mopti' if region_scope else 'Gao'}}}"
    plan = plan_of(f"{SHORT}measures:\n  {name}: {text}\n")
    place = REGIONS.index("Mopti") if region_scope else base("Gao")
    level = plan.inputs[f"lever_{name}"]
    inside = np.zeros(level.shape, bool)
    inside[day("2014-03-01") : day("2014-03-31") + 1, _bases_of(plan, name, place)] = True
    assert np.all(level[inside] == MEASURES[name].level(0.5))
    assert np.all(level[~inside] == MEASURES[name].reference)


def _bases_of(plan: Plan, name: str, place: int) -> np.ndarray:
    """A name that is both a base and a region means all bases of the region."""
    if name in REGION_LEVERS:
        return np.array([place])
    return np.flatnonzero(plan.inputs["base_region"] == REGIONS.index("Gao"))


def test_a_base_can_have_a_measure_alone() -> None:
    level = plan_of(SHORT + "measures: {drills: {drills_per_month: 4, place: Menaka}}\n").inputs["lever_drills"]
    assert np.all(level[:, base("Menaka")] == 4.0)
    assert np.all(np.delete(level, base("Menaka"), axis=1) == 0.5)


def test_measures_that_are_off_stay_at_their_reference() -> None:
    plan = plan_of(SHORT + "measures: {" + ", ".join(f"{name}: off" for name in MEASURES) + "}\n")
    for name in (*BASE_LEVERS, *REGION_LEVERS):
        assert np.all(plan.inputs[f"lever_{name}"] == MEASURES[name].reference), name


def test_two_episodes_hold_one_after_the_other() -> None:
    text = "measures: {drills: [{drills_per_month: 3, end: 2014-01-31}, {drills_per_month: 5.5, start: 2014-03-01}]}\n"
    plan = plan_of(SHORT + text)
    levels = [lever(plan, "drills", when)[0] for when in ("2014-01-31", "2014-02-01", "2014-03-01")]
    assert levels == [3.0, 0.5, 5.5]


# Politics


def test_protests_cost_movement_and_consent_flights_as_well(history: Plan) -> None:
    movement, flights = history.inputs["movement"], history.inputs["flights"]
    kidal, gao = REGIONS.index("Kidal"), REGIONS.index("Gao")
    assert movement[day("2014-05-16"), kidal] == 0.5
    assert movement[day("2014-05-18"), kidal] == 1.0
    assert movement[day("2014-05-16"), gao] == 1.0
    assert flights[day("2014-05-16"), kidal] == 1.0
    assert flights[day("2022-01-18")].tolist() == [0.5] * 9
    assert movement[day("2022-09-01")] == pytest.approx(np.full(9, 0.8))
    assert flights[day("2023-10-01")] == pytest.approx(np.full(9, 0.4 * 0.5)), "denied, and no air support"


def test_a_coup_halts_operations_that_then_recover(history: Plan) -> None:
    activity = history.inputs["national_activity"]
    onset = day("2020-08-18")
    assert activity[onset - 1].tolist() == [1.0] * 9
    assert activity[onset] == pytest.approx(np.full(9, 0.85))
    assert np.all(np.diff(activity[onset : onset + 61, 0]) > 0)
    assert activity[onset + 61].tolist() == [1.0] * 9


def test_elections_open_their_windows(history: Plan) -> None:
    election = history.inputs["election"]
    assert election[day("2018-07-15")].tolist() == [1] * 9
    assert election[day("2018-07-14")].max() == 0
    assert 30 < election[:, 0].sum() < 250


@pytest.mark.parametrize("shock", ["protests", "consent", "coup"])
def test_a_shock_that_is_off_leaves_no_trace(shock: str) -> None:
    plan = plan_of(SHORT + f"shocks: {{{shock}: off}}\n")
    for name in ("movement", "flights", "national_activity"):
        assert np.all(plan.inputs[name] == 1.0)


def test_a_place_limits_consent() -> None:
    plan = plan_of(SHORT + "shocks: {consent: [{start: 2014-01-01, end: 2014-01-31, place: Mopti, intensity: 0.4}]}\n")
    movement = plan.inputs["movement"]
    assert movement[day("2014-01-15"), REGIONS.index("Mopti")] == pytest.approx(0.6)
    assert (movement < 1.0).sum() == 31


def test_shares_of_politics_stay_shares(history: Plan) -> None:
    for name in ("movement", "flights", "national_activity"):
        assert 0.0 <= history.inputs[name].min() <= history.inputs[name].max() <= 1.0


# Days before the period


def test_before_a_period_the_inputs_are_those_of_history(history: Plan) -> None:
    text = "extends: historical\nperiod: {start: 2017-01-01, end: 2018-12-31}\n"
    changed = plan_of(
        text
        + "measures: {patrols: {patrols_per_1000_per_day: 1}, route_clearance: off, coordination: off}\n"
        + "shocks: {deployment: off, protests: off, contributor_exit: off}\nelections: []\n"
    )
    start = day("2017-01-01")
    for name in ("movement", "flights", "national_activity", "election", "base_open", "threat_mean"):
        assert np.array_equal(changed.inputs[name][:start], history.inputs[name][:start]), name
    for name in (*BASE_LEVERS, *REGION_LEVERS):
        assert np.array_equal(changed.inputs[f"lever_{name}"][:start], history.inputs[f"lever_{name}"][:start]), name
    assert lever(changed, "patrols", "2017-01-01")[0] == 1.0
    assert changed.inputs["election"][start:].max() == 0
    assert np.array_equal(by_base(changed)[:42], by_base(history)[:42])


def by_base(plan: Plan) -> np.ndarray:
    """Troops by month and base."""
    target = plan.inputs["unit_target"]
    return np.stack([target[:, plan.inputs["unit_base"] == b].sum(axis=1) for b in range(16)], axis=1)


@pytest.mark.parametrize("start", ["2014-03-01", "2014-03-15"])
@pytest.mark.parametrize(
    "change",
    [
        "measures: {patrols: {patrols_per_1000_per_day: 0}, training: {intensity: 1}}",
        "shocks: {deployment: off}",
        "shocks: {contributor_exit: {contributors: {Chad: 2014-01-01}}}",
        "forces: {Mali: 30000, France: 0}",
        "elections: []",
    ],
    ids=["measures", "deployment", "exit", "forces", "elections"],
)
def test_days_before_a_period_are_equal_to_the_bit(start: str, change: str) -> None:
    """Whatever a scenario changes, before its first day everything is as in the packaged history."""
    text = f"extends: historical\nperiod: {{start: {start}, end: 2014-04-30}}\n"
    a, b = (finished(plan_of(text + extra)) for extra in ("", change))
    first = day(start)
    assert np.array_equal(events_before(a, first), events_before(b, first))
    assert np.array_equal(a.columns["ledger"][:first], b.columns["ledger"][:first])


def events_before(model: MissionModel, last: int) -> np.ndarray:
    """The events of the run-up, units by identity: another deployment may store them in other rows."""
    events = identified(model)
    return events[events[:, E_DAY] < last]


def test_the_report_covers_the_period_only() -> None:
    record = finished(plan_of("period: {start: 2014-01-15, end: 2014-03-31}\n")).record()
    assert (record.first_day, record.last_day) == (day("2014-01-15"), day("2014-03-31"))
    assert record.first_day <= record.events[:, E_DAY].min()
    assert len(record.ledger) == 76


# Organisations, people, numbers


def test_organisations_merge_into_their_heir(history: Plan) -> None:
    names = list(history.names.actors)
    jnim = names.index("JNIM")
    members = [names.index(name) for name in ("AQIM", "Ansar Dine", "al-Murabitun", "Macina Liberation Front")]
    assert history.inputs["organisation_heir"][members].tolist() == [jnim] * 4
    assert set(history.inputs["organisation_ended"][members]) == {day("2017-03-01")}


@pytest.fixture(scope="module")
def merged() -> tuple[Plan, Plan]:
    text = "period: {start: 2013-07-01, end: 2017-06-30}\n"
    return plan_of(text), plan_of(text + "organisations: {JNIM: off}\n")


def test_members_of_a_merger_fight_on_under_one_name(merged: tuple[Plan, Plan]) -> None:
    usual = merged[0]
    actors = list(usual.names.actors)
    events = finished(usual).record().events
    left_behind = np.isin(events[:, E_TACTIC], (T_IED, T_IED_AMBUSH, T_FIND))  # devices keep the name of who laid them
    last = events[(events[:, E_DAY] > day("2017-03-02")) & ~left_behind]
    assert (last[:, E_ACTOR] == actors.index("JNIM")).any()
    assert not (last[:, E_ACTOR] == actors.index("AQIM")).any()
    assert (events[:, E_ACTOR] == actors.index("AQIM")).any()


def test_members_go_on_where_the_merger_is_off(merged: tuple[Plan, Plan]) -> None:
    alone = merged[1]
    names = list(alone.names.actors)
    member = names.index("AQIM")
    assert alone.inputs["organisation_ended"][member] == NEVER
    model = finished(alone)
    alive = model.columns["band_strength"] > 0
    assert (model.columns["band_organisation"][alive] == member).any()
    assert not (model.columns["band_organisation"][alive] == names.index("JNIM")).any()


def test_an_organisation_that_is_off_has_no_bands() -> None:
    plan = plan_of(SHORT + "organisations: {CMA: off, Ansar Dine: {fighters: 900}}\n")
    names = list(plan.names.actors)
    owner, strength = plan.start["band_organisation"], plan.inputs["scheduled_strength"]
    assert strength[owner == names.index("CMA")].sum() == 0
    assert strength[owner == names.index("Ansar Dine")].sum() == 900


def test_first_fighters_are_those_of_the_facts(history: Plan) -> None:
    owner, strength = history.start["band_organisation"], history.inputs["scheduled_strength"]
    for o, row in enumerate(table("organisations").itertuples()):
        assert strength[owner == o].sum() == row.fighters, row.organisation


def test_national_strengths_follow_the_path_and_the_share_in_the_field(history: Plan) -> None:
    target, kind = history.inputs["national_target"], history.inputs["national_kind"]
    m = month("2018-01-01")
    mali = history.scenario.forces["Mali"].at(date(2018, 1, 1))
    assert target[m, kind == 0].sum() == pytest.approx(0.55 * mali, rel=0.01)
    assert target[m, kind == 1].sum() > 1000
    assert target[m, kind == 2].sum() == 0
    assert target[month("2022-06-01"), kind == 2].sum() > 500


def test_a_force_that_is_set_is_followed() -> None:
    plan = plan_of(SHORT + "forces: {France: {2013-07-01: 2000, 2014-01-01: 500}}\n")
    partner = plan.inputs["national_kind"] == 1
    strength = plan.inputs["national_target"][:, partner].sum(axis=1)
    assert strength[[month("2013-07-01"), month("2014-06-01")]] == pytest.approx([2000, 500], abs=10)


@pytest.mark.parametrize("persons", [20_000, 2_000])
def test_communities_have_the_asked_size_and_hold_everybody(persons: int) -> None:
    text = f"settings: {{persons_per_community: {persons}}}\nperiod: {{start: 2013-07-01, end: 2013-07-31}}\n"
    plan = plan_of(text)
    people = plan.start["community_population"]
    assert people.sum() == pytest.approx(
        table("population_region").query("year == 2013")["population"].sum(), rel=0.001
    )
    populous = people[people > 0.5 * persons]
    assert np.median(populous) == pytest.approx(persons, rel=0.1)
    home = plan.inputs["community_home"]
    for cell in (0, 100, 400):
        rows = slice(plan.inputs["cell_first"][cell], plan.inputs["cell_last"][cell])
        assert np.all(home[rows] == cell)


def test_the_first_displaced_are_as_many_as_recorded(history: Plan) -> None:
    assert history.start["community_displaced"].sum() == pytest.approx(
        parameters()["initial_displaced"].value, rel=0.01
    )
    assert np.all(history.start["community_displaced"] <= history.start["community_population"])


def test_parameters_and_switches_reach_the_run() -> None:
    plan = plan_of(SHORT + "parameters: {ambush_rate: 0.02}\nprocesses: {ambush: off}\n")
    usual = plan_of(SHORT)
    changed = np.flatnonzero(plan.parameters != usual.parameters)
    assert plan.parameters[changed].tolist() == [0.02]
    assert [PROCESSES[i].name for i in np.flatnonzero(plan.enabled == 0)] == ["ambush"]


def test_a_plan_serves_many_runs(merged: tuple[Plan, Plan]) -> None:
    """A run never writes to its plan: the same seed from the same plan gives the same again."""
    plan = plan_of(SHORT)
    copies = {name: array.copy() for name, array in (plan.inputs | plan.start).items()}
    assert differing(finished(plan, 4).record(), finished(plan, 4).record()) == []
    for name, array in (plan.inputs | plan.start).items():
        assert np.array_equal(array, copies[name]), name


@pytest.mark.parametrize("size", [0.25, 0.1])
def test_a_finer_lattice_runs(size: float) -> None:
    plan = plan_of(f"settings: {{cell_size: {size}}}\nperiod: {{start: 2013-07-01, end: 2013-08-15}}\n")
    record = finished(plan).record()
    assert len(record.ledger) == 46
    assert record.names.gids.max() > 10**7
