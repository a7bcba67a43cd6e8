"""What a scenario says once it is read: defaults, dated values, places, shocks."""

from datetime import date, timedelta

import pytest

from sim.missions import Mission
from sim.scenario import MEASURES, OUTCOMES, Path, Scenario, loads
from tests.minusma import PROCESS_NAMES, REGIONS
from tests.scenario_words import WORDS

ALL_BASES = ("Bamako", "Gao", "Ansongo", "Kidal", "Gossi")


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mission, "vocabulary", WORDS)


def measure(text: str, name: str = "patrols") -> tuple:
    return loads(f"period: {{start: 2016-01-01, end: 2018-12-31}}\nmeasures: {{{name}: {text}}}").measures[name]


def test_everything_has_a_default():
    scenario = loads("title: Nothing else")
    assert (scenario.period.start, scenario.period.end) == (date(2013, 7, 1), date(2023, 12, 31))
    assert scenario.period.days == 3836
    assert (scenario.seed, scenario.replications) == (1, 100)
    assert (scenario.settings.persons_per_community, scenario.settings.cell_size) == (10_000, 0.5)
    assert dict(scenario.measures) == dict.fromkeys(MEASURES, ())
    assert dict(scenario.processes) == dict.fromkeys(PROCESS_NAMES, True)
    assert scenario.forces == WORDS.forces
    assert scenario.shocks.strength == WORDS.strength
    assert (scenario.shocks.coup, scenario.shocks.protests, scenario.shocks.consent) == ((), (), ())
    assert scenario.shocks.withdrawal is None
    assert scenario.shocks.contributor_exit is None
    assert [vote.place.regions for vote in scenario.elections] == [REGIONS, ("Gao",)]
    assert scenario.organisations["JNIM"].founded == date(2017, 3, 2)
    assert scenario.organisations["JNIM"].fighters is None
    assert scenario.outcomes == tuple(OUTCOMES)
    assert (scenario.baseline, len(scenario.variants), len(scenario.parameters)) == (None, 0, 0)
    assert scenario.uncertainties.kind == "posterior"


@pytest.mark.parametrize("nothing", ["off", "no", "null", "'off'", "", "[]", "FALSE"])
def test_a_measure_is_off(nothing: str):
    assert measure(nothing) == ()


def test_seed_zero_is_a_seed():
    assert loads("seed: 0").seed == 0


def test_an_empty_key_is_as_if_it_were_not_written():
    assert loads("title: x\nmeasures:\nseed:\nperiod:\n  start:\nsettings: {cell_size: }") == loads("title: x")


def test_a_plain_number_holds_for_the_whole_period():
    (episode,) = measure("{patrols_per_1000_per_day: 6}")
    assert (episode.start, episode.end) == (date(2016, 1, 1), date(2018, 12, 31))
    assert episode.level == Path((date(2016, 1, 1),), (6.0,))
    assert (episode.place.regions, episode.place.bases) == (REGIONS, ALL_BASES)


def test_a_dated_lever_is_at_its_reference_before_the_first_date():
    (episode,) = measure("{patrols_per_1000_per_day: {2017-01-01: 6, '2016-07-01': 5, 2020-01-01: 9}}")
    days = [date(2016, 1, 1), date(2016, 7, 1), date(2017, 1, 1)]
    assert episode.level == Path(tuple(days), (3.2, 5.0, 6.0))
    assert [episode.level.at(day) for day in (days[1] - timedelta(1), days[1], days[2])] == [3.2, 5.0, 6.0]


def test_dates_before_the_start_say_what_holds_at_the_start():
    (episode,) = measure("{patrols_per_1000_per_day: {2014-01-01: 5, 2015-01-01: 6}, start: 2016-03-01}")
    assert episode.level == Path((date(2016, 3, 1),), (6.0,))


def test_intensity_is_the_share_of_the_way_to_the_most():
    (episode,) = measure("{intensity: {2016-01-01: 0, 2017-01-01: 0.5, 2018-01-01: 1}}")
    assert episode.level.values == pytest.approx((3.2, 7.6, 12.0))
    (delay,) = measure("{intensity: 1}", "medevac")
    assert delay.level.values == (15.0,)


@pytest.mark.parametrize("row", MEASURES.values(), ids=lambda row: row.name)
def test_every_measure_takes_its_own_key(row):
    scenario = loads(f"measures: {{{row.name}: {{{row.key}: {row.maximum}}}}}")
    assert scenario.measures[row.name][0].level.values == (row.maximum,)
    assert row.minimum <= row.reference <= row.maximum
    assert row.level(0) == row.reference
    assert row.level(1) == row.best


@pytest.mark.parametrize(
    ("place", "regions", "bases"),
    [
        ("Gao", ("Gao",), ("Gao", "Ansongo")),
        ("Gao base", (), ("Gao",)),
        ("Ansongo", (), ("Ansongo",)),
        ("[Kidal, Ansongo, Kidal]", ("Kidal",), ("Ansongo", "Kidal")),
        ("Kayes", ("Kayes",), ()),
    ],
)
def test_places(place: str, regions: tuple, bases: tuple):
    (episode,) = measure(f"{{intensity: 1, place: {place}}}")
    assert (episode.place.regions, episode.place.bases) == (regions, bases)


def test_episodes_may_share_time_or_place():
    assert len(measure("[{intensity: 1, place: Gao}, {intensity: 1, place: Kidal}]")) == 2
    later = "{intensity: 1, start: 2017-01-01, place: Gao}"
    assert len(measure(f"[{later}, {{intensity: 1, end: 2016-12-31}}]")) == 2


def test_an_episode_outside_the_period_is_legal():
    (late,) = measure("{intensity: 1, start: 2020-01-01}")
    assert (late.start, late.end) == (date(2020, 1, 1), date(2024, 12, 31))
    (early,) = measure("{intensity: 1, end: 2015-01-01}")
    assert early.start == date(2013, 7, 1)


def strength(text: str) -> Path:
    return loads(f"shocks: {{deployment: {text}}}").shocks.strength


def test_deployment_off_is_the_plan_until_the_strength_observed_reaches_it():
    path = strength("off")
    assert path.at(date(2014, 3, 31)) == 10112
    assert path.at(date(2016, 1, 1)) == 12640
    meets = next(day for n in range(4000) if WORDS.strength.at(day := date(2014, 6, 30) + timedelta(n)) >= 12640)
    assert path.at(meets - timedelta(1)) == 12640
    for day in (meets, date(2018, 7, 1), date(2020, 1, 1)):
        assert path.at(day) == pytest.approx(WORDS.strength.at(day))


def test_strength_given_holds_between_its_dates_and_nowhere_else():
    path = strength("{strength: {2015-01-01: 8000, 2015-01-11: 9000}, start: 2015-01-01, end: 2015-02-01}")
    assert [path.at(date(2015, 1, day)) for day in (1, 2, 3)] == [8000, 8100, 8200]
    assert path.at(date(2015, 2, 1)) == 9000
    for day in (date(2014, 12, 31), date(2015, 2, 2), date(2019, 1, 1)):
        assert path.at(day) == pytest.approx(WORDS.strength.at(day))


def test_coups_repeat():
    coups = loads(
        "shocks: {coup: [{start: 2020-08-18, intensity: 0.5}, "
        "{start: 2021-05-24, intensity: 0.1, recovery_days: 45, place: Bamako}]}"
    ).shocks.coup
    assert [(coup.start, coup.intensity, coup.recovery_days) for coup in coups] == [
        (date(2020, 8, 18), 0.5, 90),
        (date(2021, 5, 24), 0.1, 45),
    ]
    assert coups[1].place.regions == ("Bamako",)


def test_contributors_leave_on_their_days():
    leaving = loads(
        "shocks: {contributor_exit: {contributors: {Germany: 2023-05-31, Chad: off}, intensity: 0.5}}"
    ).shocks.contributor_exit
    assert leaving is not None
    assert (dict(leaving.dates), leaving.intensity) == ({"Germany": date(2023, 5, 31)}, 0.5)


def test_consent_is_nothing_before_its_first_date():
    (denied,) = loads("shocks: {consent: {intensity: {2023-01-01: 0.5}, start: 2022-07-01}}").shocks.consent
    assert denied.level == Path((date(2022, 7, 1), date(2023, 1, 1)), (0.0, 0.5))


def test_a_base_not_named_closes_as_it_did_or_with_the_withdrawal():
    late = loads("shocks: {withdrawal: {start: 2023-07-01, closures: {Kidal: 2023-09-01}}}").shocks.withdrawal
    assert late is not None
    assert dict(late.closures) == {"Ansongo": date(2023, 11, 18), "Kidal": date(2023, 9, 1)}
    early = loads("shocks: {withdrawal: {start: 2018-01-01, end: 2018-12-31, closures: {Kidal: off}}}").shocks
    assert early.withdrawal is not None
    assert dict(early.withdrawal.closures) == {"Ansongo": date(2018, 12, 31), "Gossi": date(2018, 9, 1)}


def test_elections_forces_organisations_and_processes_can_be_changed():
    scenario = loads(
        """
        elections: [{start: 2018-07-29, end: 2018-08-12, place: [Gao, Kidal]}, {start: 2020-03-29}]
        forces: {France: {2013-07-01: 3000, 2013-07-11: 4000}, G5 Sahel: off}
        organisations: {JNIM: {fighters: 500, founded: 2018-01-01}, AQIM: off}
        processes: {ambush: off, threat: yes}
        parameters: {find_rate: 0.5, copy.rate: 1e-1}
        """
    )
    assert [(vote.end, vote.place.regions) for vote in scenario.elections] == [
        (date(2018, 8, 12), ("Gao", "Kidal")),
        (date(2020, 3, 29), REGIONS),
    ]
    assert scenario.forces["France"].at(date(2013, 7, 6)) == 3500
    assert scenario.forces["G5 Sahel"].at(date(2018, 1, 1)) == 0
    assert (scenario.organisations["JNIM"].fighters, scenario.organisations["JNIM"].founded) == (
        500,
        date(2018, 1, 1),
    )
    assert [scenario.organisations[name].present for name in ("AQIM", "JNIM")] == [False, True]
    assert dict(scenario.processes) == dict.fromkeys(PROCESS_NAMES, True) | {"ambush": False}
    assert dict(scenario.parameters) == {"find_rate": 0.5, "copy.rate": 0.1}
    assert loads("elections: off").elections == ()


def test_uncertainties_by_name():
    drawn = loads("uncertainties: {find_rate: [0.2, 0.4], measures.patrols.intensity: [0, 1]}").uncertainties
    assert drawn.kind == "ranges"
    assert dict(drawn.ranges) == {"find_rate": (0.2, 0.4), "measures.patrols.intensity": (0.0, 1.0)}
    assert loads("uncertainties: posterior").uncertainties.kind == "posterior"


def test_a_scenario_cannot_be_changed():
    scenario = loads("title: x")
    assert isinstance(scenario, Scenario)
    with pytest.raises(AttributeError):
        scenario.seed = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        scenario.measures["patrols"] = ()  # type: ignore[index]
