"""Forecasts of a year from each origin: what is known when, baselines that know as much, the same on any processes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.calibration.observation import TRAINING, Window, observed
from sim.missions.posterior import Posterior
from sim.model.plan import threat_knot
from sim.scenario import load
from sim.study.executor import Threads
from sim.validation import posterior_runs as run
from sim.validation.forecast import posterior_draws as predict
from sim.validation.forecast.posterior_draws import ForecastRequest
from sim.validation.posterior_runs import FORECAST_MODES, ROLLING, observed_runs, rolling_forecasts
from sim.validation.score_table import GROUPS, score_group

pytestmark = pytest.mark.slow  # forecasts of years from two origins, in every mode
ORIGINS = (date(2014, 1, 1), date(2015, 1, 1))
SETS = Posterior.from_frame(
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


def request() -> ForecastRequest:
    scenario = load("historical").with_values({"period.end": "2015-12-31"})
    return ForecastRequest(scenario, SETS, ORIGINS[0], 2)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return rolling_forecasts(request(), origins=ORIGINS)


def test_every_origin_is_forecast_in_every_way(table: pd.DataFrame) -> None:
    asked = [(origin.isoformat(), kind.name, name) for origin in ORIGINS for kind in FORECAST_MODES for name in ROLLING]
    assert list(zip(table["origin"], table["kind"], table["series"], strict=True)) == asked
    assert table["crps"].gt(0).all()
    assert table["coverage_90"].between(0, 1).all()
    later = table[(table["origin"] == "2015-01-01") & (table["series"] == "ucdp_by_month")]
    assert later["crps"].nunique() == len(FORECAST_MODES), "each way says something else"


def test_years_ahead_are_those_of_plain_forecasts(table: pd.DataFrame) -> None:
    """The kind without the record or assimilation is what the same draws say when they are asked for one year alone."""
    asked = ForecastRequest(request().scenario, SETS, ORIGINS[1], 2, assimilated=False)
    frame = pd.DataFrame([view.vector for view in _end_of_record(asked)])
    window, known = Window(ORIGINS[1], date(2015, 12, 31)), Window(TRAINING.start, date(2014, 12, 31))
    plain = score_group(GROUPS["killed_by_month"], frame, window, known)[0].values["crps"].mean()
    kind = "not assimilated, dated inputs known"
    row = table[(table["origin"] == "2015-01-01") & (table["kind"] == kind) & (table["series"] == "killed_by_month")]
    assert row["crps"].tolist() == pytest.approx([plain])


def _end_of_record(asked: ForecastRequest) -> list[run.ObservedRun]:
    """Views need runs to the end of the record; what follows the year changes nothing in it."""
    scenario = asked.scenario.with_values({"period.end": "2020-12-31"})
    return list(observed_runs(ForecastRequest(scenario, SETS, asked.origin, asked.draws, assimilated=False)))


def test_baselines_know_what_was_known_at_the_origin(table: pd.DataFrame) -> None:
    """The average of the half-year of 2013 predicts 2014; the years after it are not known."""
    window, known = Window(ORIGINS[0], date(2014, 12, 31)), Window(TRAINING.start, date(2013, 12, 31))
    names = [f"killed/2014-{month:02d}" for month in range(1, 13)]
    frame = pd.DataFrame(np.zeros((3, 12)), columns=names)
    scored = {item.forecast: item for item in score_group(GROUPS["killed_by_month"], frame, window, known)}
    past = np.mean([observed()[f"killed/2013-{month:02d}"] for month in range(7, 13)])
    errors = [abs(observed()[name] - past) for name in names]
    assert scored["average"].values["crps"] == pytest.approx(errors)
    best = min(float(item.values["crps"].mean()) for name, item in scored.items() if name != "model")
    rows = table[(table["origin"] == "2014-01-01") & (table["series"] == "killed_by_month")]
    assert rows["baseline_crps"].tolist() == pytest.approx([best] * len(FORECAST_MODES))


def test_rolling_forecasts_are_the_same_on_three_threads(table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "BATCH_SIZE", 3)
    pd.testing.assert_frame_equal(rolling_forecasts(request(), Threads(3), origins=ORIGINS), table)
