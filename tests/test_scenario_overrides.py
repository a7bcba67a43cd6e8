"""An override changes what it names, where and when it names it, and leaves the rest as inherited."""

from datetime import date, timedelta
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim._util.dated import Path
from sim.scenario import MEASURES, Scenario, ScenarioError, changes, load, loads, notes
from sim.scenario.parts import Episode, Place
from sim.scenario.precedence import Statement, laid_over
from sim.scenario.relative import Relative, relative
from tests.minusma import MISSION

BASES = MISSION.vocabulary.bases
FIRST = date(2018, 1, 1)
REFERENCE = 3.0


def on_quickstart(text: str) -> Scenario:
    return loads(f"extends: quickstart\n{text}", "x.yaml")


def level(scenario: Scenario, measure: str, base: str, day: date) -> float:
    row = MEASURES[measure]
    found = [
        episode.level.at(day)
        for episode in scenario.measures[measure]
        if episode.start <= day <= episode.end and base in (episode.place.bases or episode.place.regions)
    ]
    assert len(found) <= 1  # no two episodes share a place and a day
    return found[0] if found else row.reference


@pytest.mark.parametrize(
    ("text", "measure", "known"),
    [
        # the level in force, said for one region: nothing changes elsewhere
        ("patrols: {patrols_per_1000_per_day: 5.8, place: [Mopti]}", "patrols", {("Gao", 1): 5.8, ("Mopti", 1): 5.8}),
        ("patrols: {patrols_per_1000_per_day: 8, place: Mopti}", "patrols", {("Gao", 1): 5.8, ("Mopti", 1): 8.0}),
        ("patrols: {patrols_per_1000_per_day: 8, place: Gao base}", "patrols", {("Ansongo", 1): 5.8, ("Gao", 1): 8.0}),
        # a later start leaves what preceded it
        ("convoy_escort: {vehicles_per_escort: 8, start: 2018-04-01}", "convoy_escort", {("Gao", 1): 5, ("Gao", 5): 8}),
        ("convoy_escort: {vehicles_per_escort: {2018-04-01: 8}}", "convoy_escort", {("Gao", 1): 5, ("Gao", 5): 8}),
        ("drills: {drills_per_month: 4, end: 2018-03-31}", "drills", {("Gao", 1): 4, ("Gao", 5): 2}),
        # only there, where that is said
        ("patrols: {patrols_per_1000_per_day: 8, place: Mopti, otherwise: off}", "patrols",
         {("Gao", 1): 3.2, ("Mopti", 1): 8.0}),
        ("patrols: {place: Mopti, otherwise: off}", "patrols", {("Gao", 1): 3.2, ("Mopti", 1): 5.8}),
        ("checkpoints: {checkpoints_per_day: 4}", "checkpoints", {("Bamako", 1): 4, ("Gao", 1): 0}),
        # changes of what is inherited
        ("patrols: {patrols_per_1000_per_day: '+20 %'}", "patrols", {("Gao", 1): 6.96}),
        ("patrols: {patrols_per_1000_per_day: x 2, place: Mopti, start: 2018-04-01}", "patrols",
         {("Gao", 5): 5.8, ("Mopti", 1): 5.8, ("Mopti", 5): 11.6}),
        ("patrols: {patrols_per_1000_per_day: {2018-04-01: '-10 %', 2018-09-01: 7}}", "patrols",
         {("Gao", 1): 5.8, ("Gao", 5): 5.22, ("Gao", 10): 7.0}),
        ("checkpoints: {checkpoints_per_day: '+3'}", "checkpoints", {("Bamako", 1): 5, ("Gao", 1): 0}),
        ("checkpoints: {checkpoints_per_day: '+3', place: Gao}", "checkpoints", {("Bamako", 1): 2, ("Gao", 1): 3}),
        # in one list the later line is the one that holds
        ("drills: [{drills_per_month: 1}, {drills_per_month: 4, place: Gao}]", "drills",
         {("Mopti", 1): 1, ("Gao", 1): 4}),
    ],
)  # fmt: skip
def test_an_override_of_a_measure(text: str, measure: str, known: dict[tuple[str, int], float]):
    scenario = on_quickstart(f"measures:\n  {text}")
    for (base, month), value in known.items():
        assert level(scenario, measure, base, date(2018, month, 15)) == pytest.approx(value)
    assert loads(scenario.to_yaml()).hash == scenario.hash


def test_the_level_in_force_keeps_the_patrols_of_the_mission():
    same = on_quickstart("measures:\n  patrols: {patrols_per_1000_per_day: 5.8, place: [Mopti]}")
    base = same.base()
    assert base is not None
    assert changes(same, base) == ()


def test_variants_and_set_are_overrides_too():
    text = "variants:\n  a: {measures: {drills: {drills_per_month: x 2, place: Gao}}}\n  b: {measures.drills: off}"
    scenario = on_quickstart(text).with_values({"measures.drills.drills_per_month": "+1"})
    day = date(2018, 6, 1)
    assert [level(scenario, "drills", base, day) for base in ("Gao", "Mopti")] == [3, 3]
    assert [level(scenario.variant("a"), "drills", base, day) for base in ("Gao", "Mopti")] == [6, 3]
    assert scenario.variant("b").measures["drills"] == ()


def test_a_protest_more_leaves_the_others():
    more = loads(
        "extends: historical\nshocks: {protests: {start: 2018-03-01, end: 2018-03-31, place: Gao, intensity: 1}}"
    )
    known = load("historical").shocks.protests
    assert {*known} < {*more.shocks.protests}
    alone = loads("extends: historical\nshocks: {protests: {start: 2018-03-01, intensity: 1, otherwise: off}}")
    assert len(alone.shocks.protests) == 1


@pytest.mark.parametrize(
    ("text", "gain"),
    [("'+1000 troops'", 1000), ("+1000", 1000), ("'+10 %'", 1350.4), ("x 2", 13504), ("-500 troops", -500)],
)
def test_a_change_of_strength_is_one_of_the_observed(text: str, gain: float):
    scenario = on_quickstart(f"shocks: {{deployment: {{strength: {text}}}}}")
    observed = MISSION.vocabulary.strength
    assert scenario.shocks.strength.at(FIRST) - observed.at(FIRST) == pytest.approx(gain, abs=1)
    later = on_quickstart(f"shocks: {{deployment: {{strength: {text}, start: 2018-07-01}}}}")
    assert later.shocks.strength.at(FIRST) == pytest.approx(observed.at(FIRST))


def test_changes_of_strength_add_up_over_files(tmp_path: File):
    (tmp_path / "a.yaml").write_text("extends: quickstart\nshocks: {deployment: {strength: 12000}}")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\nshocks: {deployment: {strength: +500, start: 2018-07-01}}")
    path = load(tmp_path / "b.yaml").shocks.strength
    assert [path.at(date(2018, month, 15)) for month in (3, 9)] == [12000, 12500]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("measures: {patrols: {place: Mopti}}", "measures.patrols.place: says where or when, but not how much"),
        ("measures: {patrols: {patrols_per_1000_per_day: x 20}}", "'x 20' of what is inherited gives 116;"),
        ("measures: {patrols: {patrols_per_1000_per_day: 5, otherwise: 3}}", "allowed: off"),
        ("parameters: {ambush_rate: x 2}", "'x 2' is a change, and this key takes a number alone"),
        ("shocks: {deployment: {strength: '-90000 troops'}}", "allowed 0 to 50,000"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said(text: str, words: str):
    with pytest.raises(ScenarioError, match=r"x\.yaml:2") as problem:
        on_quickstart(text)
    assert words in str(problem.value)


def test_strengths_far_from_the_record_are_asked_about():
    (note,) = notes(on_quickstart("shocks: {deployment: {strength: 1000}}"))
    assert note.startswith("x.yaml:2: shocks.deployment: 1,000 troops on 2018-01-01; the record has 13,504")
    assert notes(on_quickstart("shocks: {deployment: {strength: +1000}}")) == ()
    (note,) = notes(on_quickstart("organisations: {Platform: {fighters: 40000}}"))
    assert "the record has 1,000 to 4,000" in note


def test_a_line_that_a_later_one_covers_is_noted():
    text = "measures:\n  drills:\n  - {drills_per_month: 1, place: Gao}\n  - {drills_per_month: 3}"
    (note,) = notes(on_quickstart(text))
    assert note.startswith("x.yaml:4: ")
    assert "a later line says otherwise" in note


@pytest.mark.parametrize(
    ("text", "change"),
    [("+20 %", Relative("factor", 1.2, "+20 %")), ("x2", Relative("factor", 2.0, "x2")), ("20 %", None), ("-5", None),
     ("+5", Relative("more", 5.0, "+5")), ("-5 days", Relative("more", -5.0, "-5 days")), ("up", None), (5, None)],
)  # fmt: skip
def test_what_reads_as_a_change(text: object, change: Relative | None):
    found = relative(text)
    assert found == change or (
        found is not None and change is not None and found.amount == pytest.approx(change.amount)
    )


# Every statement against a table of days and places that is written to line by line

PLACES = ("a", "b", "c")
days = st.integers(0, 20).map(lambda n: FIRST + timedelta(n))
levels = st.one_of(
    st.integers(0, 9).map(float),
    st.sampled_from([Relative("factor", 2.0, "x 2"), Relative("more", 1.0, "+1")]),
)


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    start, end = sorted((draw(days), draw(days)))
    places = tuple(sorted(draw(st.sets(st.sampled_from(PLACES), min_size=1))))
    steps = (
        draw(st.dictionaries(days, levels, min_size=1, max_size=3)) if draw(st.booleans()) else {date.min: draw(levels)}
    )
    return Statement(start, end, Place((), places), tuple(sorted(steps.items(), key=lambda item: item[0])))


@given(st.lists(statements(), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_statements_are_laid_over_each_other_day_by_day(said: list[Statement]):
    table: dict[tuple[str, date], float] = {}
    for statement in said:
        before = dict(table)
        for n in range((statement.end - statement.start).days + 1):
            day = statement.start + timedelta(n)
            known = [value for when, value in statement.steps if when <= day]
            for place in statement.place.bases if known else ():
                value = known[-1]
                below = before.get((place, day), REFERENCE)
                table[place, day] = value.of(below) if isinstance(value, Relative) else value
    episodes = laid_over(said, REFERENCE, lambda value, _: value, FIRST)
    for place in PLACES:
        for n in range(21):
            day = FIRST + timedelta(n)
            found = [e.level.at(day) for e in episodes if e.start <= day <= e.end and place in e.place.bases]
            assert len(found) <= 1
            assert (found or [REFERENCE])[0] == pytest.approx(table.get((place, day), REFERENCE))


def test_an_episode_alone_stays_as_it_is_written():
    statement = Statement(FIRST, date(2018, 12, 31), Place((), ("a",)), ((date(2018, 3, 1), 5.0),))
    level_path = Path((FIRST, date(2018, 3, 1)), (REFERENCE, 5.0))
    assert laid_over([statement], REFERENCE, lambda value, _: value, FIRST) == (
        Episode(FIRST, date(2018, 12, 31), Place((), ("a",)), level_path),
    )


# A study of its own, and the names of what is wrong in Python


def test_a_file_without_variants_is_compared_with_what_it_extends(tmp_path: File):
    file = tmp_path / "my.yaml"
    file.write_text("extends: quickstart\nreplications: 7\nmeasures: {drills: {drills_per_month: x 2, place: Gao}}")
    scenario = load(file)
    study = scenario.against_base()
    assert (study.baseline, tuple(study.variants)) == ("as_in_quickstart", ("as_in_quickstart", "as_written"))
    assert study.variant("as_in_quickstart").hash == load("quickstart").hash
    assert study.variant("as_written").hash == scenario.hash
    assert study.replications == 7
    assert study.narrative == ""


@pytest.mark.parametrize("text", ["replications: 7", "drills: x\nvariants: {a: {}, b: {measures.drills: off}}"])
def test_a_file_with_variants_or_without_changes_is_compared_as_it_is(tmp_path: File, text: str):
    file = tmp_path / "my.yaml"
    file.write_text(f"extends: quickstart\n{text.removeprefix('drills: x')}")
    scenario = load(file)
    assert scenario.against_base() is scenario


def test_a_file_has_no_title_and_no_narrative_of_what_it_extends(tmp_path: File):
    (tmp_path / "my.yaml").write_text("extends: allocation\nmeasures: {drills: off}")
    scenario = load(tmp_path / "my.yaml")
    assert (scenario.title, scenario.narrative, scenario.sources) == ("", "", ())


def test_errors_in_python_name_the_argument():
    with pytest.raises(ScenarioError, match=r"^with_values: measures\.drillz: unknown measure; did you mean 'drills'"):
        load("quickstart").with_values({"measures.drillz": 1})
