"""Figures of the validation: simulated, sourced, nothing of the withheld years, and no draw gone missing."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sim.calibration.observation import observed
from sim.present.figures.patterns import pattern_figure
from sim.present.figures.style import save
from sim.present.figures.validation import calibration_figure, deaths_figure, monthly_matrix, ucdp_figure
from sim.validation.patterns import Check
from tests.minusma import month_name


@pytest.fixture(scope="module")
def predictive():
    rng = np.random.default_rng(1)
    return pd.DataFrame({name: rng.poisson(min(value + 0.5, 1e6), 60) for name, value in observed().items()})


@pytest.fixture(scope="module")
def draws():
    """Sixty draws of 126 months, to the end of 2023."""
    rng = np.random.default_rng(2)
    months = [month_name(number) for number in range(126)]
    frame = pd.MultiIndex.from_product([range(60), months, ["Mali"]], names=["draw", "month", "region"]).to_frame(
        index=False
    )
    return frame.assign(outcome="peacekeepers_killed", value=rng.poisson(1.5, len(frame)))


CHECKS = [
    Check("dispersion", "says", "alternative", 0.9, 1.4, 1.0, 0.9, 1.2, 0.01, 0),
    Check("escalation_Gao", "says", "alternative", 0.1, np.nan, 0.1, -1.0, 1.4, np.nan, 3),
]


@pytest.fixture(params=["deaths", "ucdp", "calibration", "patterns"])
def figure(request, predictive, draws):
    return {
        "deaths": lambda: deaths_figure(draws, predictive),
        "ucdp": lambda: ucdp_figure(predictive),
        "calibration": lambda: calibration_figure(predictive),
        "patterns": lambda: pattern_figure(CHECKS, 60),
    }[request.param]()


def words(figure):
    figure.draw_without_rendering()
    return " | ".join(item.get_text() for item in figure.findobj(mpl.text.Text) if item.get_visible())


def test_a_figure_says_what_is_simulated_and_where_facts_come_from(figure, tmp_path):
    text = words(figure)
    for part in ("Simulated by minusim", "60 posterior predictive draws", "not observed", "Record to December 2020"):
        assert part in text
    assert save(figure, tmp_path / "figure", ("png",))[0].stat().st_size > 10_000


@pytest.mark.parametrize("draw", ["deaths", "ucdp"])
def test_withheld_years_are_shaded_and_hold_no_record(draw, predictive, draws):
    figure = deaths_figure(draws, predictive) if draw == "deaths" else ucdp_figure(predictive)
    assert "record withheld for testing" in words(figure)
    points = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert len(points) == 1
    limit = np.datetime64("2021-01-01") if draw == "deaths" else 2020.5
    assert np.max(points[0].get_xdata()) < limit


def test_a_row_of_patterns_holds_record_range_power_and_verdict():
    text = words(pattern_figure(CHECKS, 60))
    for part in ("dispersion", "1.40", "1.00 (0.90 to 1.20)", "0.90", "does not fit", "not defined"):
        assert part in text


def test_draws_that_lack_an_outcome_or_a_month_are_an_error(draws):
    months, values = monthly_matrix(draws, "peacekeepers_killed")
    assert values.shape == (60, 126)
    assert months[0] == np.datetime64("2013-07-01")
    with pytest.raises(ValueError, match="hold no ied_incidents of Mali"):
        monthly_matrix(draws, "ied_incidents")
    with pytest.raises(ValueError, match="some draws lack months"):
        monthly_matrix(draws.iloc[:-1], "peacekeepers_killed")
