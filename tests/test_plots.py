"""Figures: they say what is simulated and where facts come from, and nothing stands on anything else."""

import subprocess
import sys
from datetime import date
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PatchCollection
from matplotlib.image import imread

from sim.present.figures import RunPlots
from sim.present.figures.map import CLASSES, class_bounds, map_of_harm
from sim.present.figures.map_layers import open_bases, region_rings
from sim.present.figures.style import DPI, MM, PAGE, save
from sim.present.figures.timeline import timeline
from sim.results import Results
from sim.results.summary import summarise
from tests.minusma import MISSION
from tests.synthetic import REGIONS, synthetic_record


@pytest.fixture(scope="module")
def record():
    return synthetic_record(1)


@pytest.fixture(scope="module")
def seeds():
    return [summarise(synthetic_record(seed)) for seed in range(1, 6)]


def texts(figure):
    """All that is written in a figure."""
    figure.draw_without_rendering()
    return [item for item in figure.findobj(mpl.text.Text) if item.get_visible() and item.get_text()]


def written(figure):
    return " | ".join(item.get_text() for item in texts(figure))


@pytest.mark.parametrize("draw", [timeline, map_of_harm])
def test_a_figure_says_simulated_and_names_its_run_and_sources(draw, record, seeds):
    words = written(draw(record, seeds))
    assert "Simulated" in words
    assert "not observed" in words
    assert record.scenario.hash[:12] in words
    assert "5 seeds" in words
    assert "Natural Earth" in words or "UCDP" in words


def test_the_timeline_names_its_bands_and_units(record, seeds):
    words = written(timeline(record, seeds))
    for label in (
        "simulated: 90 % of seeds",
        "simulated: middle 50 % of seeds",
        "simulated: median of 5 seeds",
        "simulated: seed 1",
        "record withheld for testing",
        "deaths per month",
        "persons since July 2013",
        "reported attacks per year",
        "deaths per year",
        "thousand, month end",
        "thousand persons",
        "patrols per day",
        "IED then ambush",
    ):
        assert label in words, label


def test_a_run_that_ends_with_the_record_has_nothing_withheld_and_one_seed_no_band():
    figure = timeline(synthetic_record(1, date(2016, 1, 1), date(2018, 12, 31)))
    words = written(figure)
    assert "withheld" not in words
    assert "% of seeds" not in words


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2013, 7, 1), date(2024, 12, 31)),
        (date(2015, 2, 3), date(2015, 2, 3)),
        (date(2016, 12, 20), date(2017, 1, 10)),
        (date(2021, 5, 1), date(2023, 6, 30)),
    ],
)
def test_any_period_can_be_drawn(start, end, tmp_path):
    record = synthetic_record(1, start, end)
    runs = [summarise(record), summarise(synthetic_record(2, start, end))]
    for draw in (timeline, map_of_harm):
        figure = draw(record, runs)
        assert figure._suptitle.get_text().endswith(f", {start} to {end}")
        assert is_drawn(figure, tmp_path)


def is_drawn(figure, folder):
    """Whether the file of a figure shows more than a page of one colour."""
    (path,) = save(figure, folder / "figure", ["png"])
    return imread(path)[:, :, :3].std() > 0


def test_a_run_without_events_can_be_drawn(tmp_path):
    record = synthetic_record(1, date(2014, 1, 1), date(2014, 3, 31), scale=0.0)
    assert is_drawn(timeline(record), tmp_path)
    figure = map_of_harm(record)
    assert is_drawn(figure, tmp_path)
    shaded = [cells for cells in figure.findobj(PatchCollection) if cells.get_array() is not None]
    assert [len(cells.get_paths()) for cells in shaded] == [0, 0]


def test_a_timeline_shows_the_record_of_deaths(record):
    points = next(axes for axes in timeline(record).axes if axes.get_ylabel() == "deaths per month").lines[-1]
    assert sum(points.get_ydata()) == 134
    assert len(points.get_ydata()) == 90


@pytest.mark.parametrize("draw", [timeline, map_of_harm])
def test_nothing_is_cut_off(draw, record, seeds):
    figure = draw(record, seeds)
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()  # inches
    assert -0.01 <= drawn.x0 <= drawn.x1 <= figure.get_figwidth() + 0.01
    assert -0.01 <= drawn.y0 <= drawn.y1 <= figure.get_figheight() + 0.01


def test_names_on_the_map_do_not_meet(record, seeds):
    figure = map_of_harm(record, seeds)
    figure.draw_without_rendering()
    for axes in figure.axes[:1]:
        boxes = {item.get_text(): item.get_window_extent() for item in axes.texts}
        assert len(boxes) == 16 + len(REGIONS) - 1 + 2  # and the scale, and the letter of the panel
        for one, other in combinations(boxes, 2):
            assert not boxes[one].shrunk(0.95, 0.9).overlaps(boxes[other].shrunk(0.95, 0.9)), (one, other)


def test_titles_legends_and_source_do_not_meet(record, seeds):
    for draw in (timeline, map_of_harm):
        figure = draw(record, seeds)
        figure.draw_without_rendering()
        frames = [axes.get_tightbbox() for axes in figure.axes]
        source = figure.texts[-1].get_window_extent()
        title = figure._suptitle.get_window_extent()
        assert all(frame.y0 > source.y1 for frame in frames)
        assert all(frame.y1 < title.y0 for frame in frames)


def test_files_have_the_size_of_the_page_and_are_the_same_each_time(record, tmp_path):
    every = ("png", "pdf", "svg")
    figure = Results(record, plots=RunPlots).plot.map(tmp_path / "one", every).figure
    assert figure.get_figwidth() == pytest.approx(PAGE * MM)
    height, width = imread(tmp_path / "one.png").shape[:2]
    assert width == int(PAGE * MM * DPI)
    assert height == int(figure.get_figheight() * DPI)
    RunPlots(Results(record)).map(tmp_path / "two", every)
    for suffix in every:
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    assert b"Simulated harm" in (tmp_path / "one.svg").read_bytes()


def test_drawing_leaves_matplotlib_as_it_was(record):
    before = dict(mpl.rcParams)
    timeline(record)
    assert dict(mpl.rcParams) == before


def test_importing_the_package_of_figures_does_not_import_matplotlib():
    assert "matplotlib" not in modules_after("sim.present.figures")
    drawing = modules_after("sim.present.figures.timeline, sim.present.figures.map")
    assert "matplotlib" in drawing
    assert "matplotlib.pyplot" not in drawing


def modules_after(names):
    """The modules that a fresh Python holds after importing some."""
    code = f"import sys, {names}; print(*sys.modules)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_bases_are_those_open_in_the_period(record):
    everywhere = open_bases(record)
    assert len(everywhere) == 16
    late = open_bases(synthetic_record(1, date(2023, 9, 1), date(2023, 12, 31)))
    assert {"Menaka", "Ber", "Ogossagou", "Gossi"}.isdisjoint(late["base"])
    assert {"Gao", "Bamako", "Kidal"} <= set(late["base"])
    assert set(MISSION.facts.map.base_names) <= set(everywhere["base"])


def test_strengths_of_bases_add_up_to_the_mission():
    record = synthetic_record(1, date(2018, 1, 1), date(2018, 6, 30))
    assert open_bases(record)["strength"].sum() == pytest.approx(
        Results(record).daily["personnel_days"].mean(), rel=0.02
    )


def test_outlines_are_closed_and_hold_the_regions():
    rings = region_rings(MISSION)
    assert tuple(rings) == REGIONS
    for part in rings.values():
        assert all(np.array_equal(ring[0], ring[-1]) for ring in part)


@pytest.mark.parametrize("most", [0.0, 0.3, 1.0, 4.99, 5.0, 37.0, 1e4])
def test_classes_reach_just_above_the_largest(most):
    bounds = class_bounds(most)
    assert len(bounds) == CLASSES + 1
    assert bounds[-1] > most
    assert bounds[-2] <= max(most, 1.0)
