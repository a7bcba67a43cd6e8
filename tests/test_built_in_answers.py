"""No answer is built in: measures without effect get no credit while a war calms down, and doubt moves conclusions.

Short versions of ``python -m analysis.placebo_tests``, on the engine itself.
"""

from functools import cache

import numpy as np
import pytest

from analysis.placebo_settings import EFFECTS, OFF, OUTCOMES, AlteredStudy, Setting, constant, inert, scenario, settings
from analysis.placebo_tests import MAIN, PAGE, before_and_after, credited, difference_of, doctored, moved_by, same_harm
from sim.scenario import MEASURES, ScenarioError, loads
from sim.study import StudyFrame
from tests.minusma import parameters

REPLICATIONS = 24
SMALL = 12  # replications of a small study
FEW = 10
HARM = (*OUTCOMES, "contractors_killed", "civilians_displaced", "malian_forces_killed", "fighters_killed")


def setting(name: str) -> Setting:
    return next(each for each in settings() if each.name == name)


@cache
def study(name: str, replications: int, variant: str) -> StudyFrame:
    """The baseline and one variant over two years, the threat falling between them where the setting says so."""
    known = scenario("2017-01-01", "2018-12-31", ("as_reported", variant))
    return AlteredStudy(setting(name), known, None, replications).run()


@pytest.mark.slow
def test_measures_without_effect_get_no_credit_while_the_war_calms_down() -> None:
    frame = study("inert", REPLICATIONS, "none")
    assert before_and_after(frame).mean() > 5.0  # the trap is set: who compares the years sees deaths fall
    for outcome in OUTCOMES:
        assert difference_of(frame, "none", outcome).low <= 0.0
        assert credited(frame, "none", outcome, SMALL).interval == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_model_that_multiplied_an_outcome_would_be_found_out(outcome: str) -> None:
    frame = doctored(study("inert", REPLICATIONS, "none"), "none", outcome, 3.0)
    assert difference_of(frame, "none", outcome).low > 0.0
    assert credited(frame, "none", outcome, SMALL).interval == 1.0


@pytest.mark.slow
def test_with_people_to_spare_training_and_drills_without_effect_change_nobodys_fate() -> None:
    assert same_harm(study("roomy", 3, "unprepared"), "unprepared", HARM) == 1.0


@pytest.mark.slow
def test_one_effect_left_in_would_change_somebodys_fate() -> None:
    """Control of the test above: the same with the packaged effect of drills alone."""
    packaged = constant("drill_effect", parameters()["drill_effect"].value)
    almost = Setting("almost", "", setting("roomy").effects | {"drill_effect": packaged}, setting("roomy").remains)
    known = scenario("2017-01-01", "2018-12-31", ("as_reported", "unprepared"))
    assert same_harm(AlteredStudy(almost, known, None, 3).run(), "unprepared", HARM) < 1.0


@pytest.mark.slow
def test_sceptical_and_mirrored_effects_move_the_answer() -> None:
    """Both moves are of some four standard errors and more at this number of replications."""
    stated = study("stated", FEW, "none")
    for name in ("sceptical", "mirrored"):
        change, error = moved_by(stated, study(name, FEW, "none"), "none", MAIN)
        assert change < -2.0 * error, name
    mirrored = difference_of(study("mirrored", FEW, "none"), "none", MAIN)
    assert str(mirrored.word) == "very likely fewer"


@pytest.mark.slow
def test_the_same_effects_do_not_move_it() -> None:
    change, error = moved_by(study("stated", FEW, "none"), study("stated", FEW, "none"), "none", MAIN)
    assert change == error == 0.0


def test_every_setting_differs_and_names_its_folder_by_what_it_is() -> None:
    assert len({each.identity for each in settings()}) == len(settings()) == 7
    assert all(set(each.effects) <= set(parameters()) for each in settings())


def test_every_effect_is_a_parameter_of_a_measure_that_the_variants_switch() -> None:
    assert {effect.measure for effect in EFFECTS} == set(OFF["none"]) <= set(MEASURES)
    assert all(quantity.prior.low == quantity.prior.high == 0.0 for quantity in inert().values())
    assert set(inert()) == {effect.name for effect in EFFECTS}


@pytest.mark.parametrize(("name", "value"), [("find_probability", 0.0), ("tip_rate", 0.0), ("training_effect", -0.3)])
def test_a_scenario_may_not_set_what_the_placebo_tests_set(name: str, value: float) -> None:
    with pytest.raises(ScenarioError, match=name):
        loads(f"extends: measures_2018\nparameters: {{{name}: {value}}}\n", "own")


@pytest.mark.slow
def test_a_study_is_cut_into_whole_small_ones() -> None:
    frame = study("inert", REPLICATIONS, "none")
    assert credited(frame, "none", MAIN, 10).studies == REPLICATIONS // 10
    assert np.isnan(credited(frame, "none", MAIN, REPLICATIONS + 1).interval)


def test_the_page_is_the_commands_and_has_every_setting() -> None:
    text = PAGE.read_text("utf-8")
    assert "`python -m analysis.placebo_tests " in text
    assert [each.name for each in settings() if f"- **{each.name}**: {each.claim}" not in text] == []
