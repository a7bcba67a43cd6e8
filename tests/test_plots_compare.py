"""Figures of a comparison: they say what is simulated, carry units and sources, and nothing is cut off."""

import matplotlib as mpl
import numpy as np
import pytest

from sim.inference.attribution import attribute, subset_name
from sim.inference.comparison import answer
from sim.present.answer_files import save_answer
from sim.present.figures.attribution import attribution
from sim.present.figures.difference_map import class_bounds, difference_map
from sim.present.figures.fan import fan
from sim.present.figures.forest import forest
from sim.present.figures.frontier import frontier, undominated
from sim.present.figures.writer import save_comparison_figures
from tests.study_support import pictured
from tests.synthetic_study import synthetic_study

EFFECTS = {"as_reported": {}, "none": {"peacekeepers_killed": 1.5}, "double": {"effort_person_days": 1.1}}


@pytest.fixture(scope="module")
def found():
    drawn = {"one": np.random.default_rng(1).uniform(size=12)}
    return answer(synthetic_study(EFFECTS, 12, draws=drawn, period="{start: 2019-07-01, end: 2021-12-31}"))


@pytest.fixture(scope="module")
def shares():
    effects = {subset_name("ab", s): {"peacekeepers_killed": 1 - 0.1 * s} for s in range(4)}
    return attribute(synthetic_study(effects, 12), ("training", "drills"), "peacekeepers_killed")


DRAWINGS = {
    "forest": lambda found, _: forest(found),
    "fan": lambda found, _: fan(found, "peacekeepers_killed"),
    "stock": lambda found, _: fan(found, "internally_displaced"),
    "map": lambda found, _: difference_map(found),
    "frontier": lambda found, _: frontier(found),
    "attribution": lambda _, shares: attribution(shares),
}
WORDS = {
    "forest": ("difference, persons", "for all policies at once", "two runs of one policy"),
    "fan": ("persons per quarter", "record withheld for testing", "record", "90 %", "(baseline)", "UCDP"),
    "stock": ("end of month", "median of the baseline"),
    "map": ("fewer", "more deaths per cell", "Natural Earth", "300 km"),
    "frontier": ("thousand person-days", "Monte Carlo error", "as reported"),
    "attribution": ("averted (persons)", "95 % interval of the average", "all together"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_whole_and_says_what_it_is(name, found, shares):
    figure = DRAWINGS[name](found, shares)
    figure.draw_without_rendering()
    words = " | ".join(item.get_text() for item in figure.findobj(mpl.text.Text) if item.get_visible())
    for part in ("Simulated", "not observed", "12 replications", *WORDS[name]):
        assert part in words, part
    drawn = figure.get_tightbbox()  # inches
    assert -0.01 <= drawn.x0 <= drawn.x1 <= figure.get_figwidth() + 0.01
    assert -0.01 <= drawn.y0 <= drawn.y1 <= figure.get_figheight() + 0.01


def test_a_comparison_is_kept_as_tables_and_document(found, tmp_path):
    paths = save_answer(found, tmp_path)
    assert all(path.stat().st_size > 0 for path in paths)
    names = {path.name for path in paths}
    assert {"comparison.parquet", "comparison.csv", "comparison.json", "answer.txt", "assumptions.csv"} <= names


@pytest.mark.slow
def test_figures_are_the_same_each_time(found, tmp_path):
    every = ("png", "pdf", "svg")
    once = save_comparison_figures(found, tmp_path, every)
    again = save_comparison_figures(found, tmp_path / "again", every)
    assert list(map(pictured, again)) == list(map(pictured, once))
    assert len(once) == 12
    assert {"forest.png", "frontier.pdf", "map.svg", "fan-peacekeepers_killed.png"} <= {path.name for path in once}


def test_a_folder_that_figures_cannot_be_written_to_is_told(found, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        save_comparison_figures(found, tmp_path / "file")


def test_the_frontier_holds_what_nothing_beats_in_both():
    across, up = np.array([0.0, 1.0, 2.0, 2.0]), np.array([3.0, 1.0, 2.0, 0.5])
    assert list(undominated(across, up)) == [0, 1, 3]


@pytest.mark.parametrize("most", [0.0, 0.04, 1.0, 37.0])
def test_classes_of_a_difference_are_alike_on_both_sides(most):
    bounds = class_bounds(most)
    assert np.allclose(bounds, -bounds[::-1])
    assert bounds[-1] > most
