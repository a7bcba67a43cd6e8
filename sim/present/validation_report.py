"""Everything that validation finds, as tables, figures and a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.calibration.mission import MISSION
from sim.calibration.observation import TRAINING, VALIDATION, observed
from sim.present.figures.patterns import pattern_figure
from sim.present.figures.style import FORMATS, save
from sim.present.figures.validation import calibration_figure, deaths_figure, ucdp_figure
from sim.present.locale import ENGLISH, N_, Locale
from sim.validation.attack_series import attack_series_of_record
from sim.validation.natural_experiments import experiment_results
from sim.validation.patterns import checks
from sim.validation.posterior_runs import ObservedRun, observation_vectors
from sim.validation.power import record_tests
from sim.validation.regional_shares import attack_shares, regional_attacks, regional_change
from sim.validation.score_table import MODEL, score_table

WORDS = (  # of series, baselines and verdicts in the tables, with spaces for underscores
    N_("killed by month"), N_("killed by year"), N_("attacks by quarter"), N_("attacks by tactic"),
    N_("attacks by region"), N_("ucdp by month"), N_("ucdp by type"), N_("civilians killed by year"),
    N_("ied by year"), N_("fatal days by year"), N_("accident and illness"), N_("wounded"), N_("displaced"),
    N_("patrols"), N_("zero"), N_("last observation"), N_("average"), N_("last historical poisson"),
    N_("bootstrap 24 months"), N_("bootstrap all"), N_("better"), N_("worse"), N_("cannot tell"), N_("too few"),
    N_("fits"), N_("does not fit"), N_("not defined"),
)  # fmt: skip
YEARS = ("killed", "ucdp/state_based", "ucdp/non_state", "ucdp/one_sided_government", "ucdp/one_sided_nonstate")


@dataclass(frozen=True)
class Validation:
    """``fitted``: views under the training posterior; ``forecast``: the same carried along the record to the end of
    2018; ``rolling``: forecasts from year to year, if made."""

    fitted: Sequence[ObservedRun]
    forecast: Sequence[ObservedRun]
    rolling: pd.DataFrame | None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables of the report by name."""
        fitted, record = [view.harm for view in self.fitted], attack_series_of_record()
        regions = [
            *(
                asdict(fit) | {"what": "deaths 2017-20"}
                for fit in regional_change(_shares(self.fitted), record.region_share)
            ),
            *(asdict(fit) | {"what": "attacks 2015-18"} for fit in regional_attacks(_attacks(self.fitted))),
        ]
        found = {
            "scores_training": score_table(observation_vectors(list(self.fitted)), TRAINING),
            "scores_validation": score_table(observation_vectors(list(self.forecast)), VALIDATION),
            "scores_validation_unassimilated": score_table(observation_vectors(list(self.fitted)), VALIDATION),
            "years": self.years(),
            "patterns": pd.DataFrame([asdict(check) | {"verdict": check.verdict} for check in checks(record, fitted)]),
            "record_tests": pd.DataFrame([asdict(test) for test in record_tests(record)]),
            "regions": pd.DataFrame(regions),
            "natural": pd.DataFrame(
                [asdict(item) for item in experiment_results([view.natural for view in self.fitted])]
            ),
        }
        return found if self.rolling is None else found | {"rolling": self.rolling}

    def years(self) -> pd.DataFrame:
        """Years beside the record: median and 90 % interval, those after 2018 as forecast."""
        rows = []
        fitted, forecast = observation_vectors(list(self.fitted)), observation_vectors(list(self.forecast))
        for name, value in observed().items():
            series, _, year = name.rpartition("/")
            if series not in YEARS or not year.isdigit():
                continue
            draws = (fitted if int(year) <= TRAINING.end.year else forecast)[name]
            low, middle, high = np.quantile(draws, [0.05, 0.5, 0.95])
            rows.append((series, int(year), value, low, middle, high, low <= value <= high))
        return pd.DataFrame(rows, columns=["series", "year", "record", "low", "median", "high", "inside"])

    def figures(self) -> dict[str, Figure]:
        """Figures of the report by name."""
        frame, harms = self.combined(), [view.harm for view in self.fitted]
        return {
            "deaths": deaths_figure(_monthly(frame), frame),
            "ucdp": ucdp_figure(frame),
            "calibration": calibration_figure(frame),
            "patterns": pattern_figure(checks(attack_series_of_record(), harms), len(harms)),
        }

    def combined(self) -> pd.DataFrame:
        """Draws of the training window as fitted and of the validation window as forecast."""
        fitted, forecast = observation_vectors(list(self.fitted)), observation_vectors(list(self.forecast))
        later = [name for name in VALIDATION.names() if name in forecast]
        size = min(len(fitted), len(forecast))
        return fitted.iloc[:size].assign(**{name: forecast[name].to_numpy()[:size] for name in later})

    def save(self, folder: Path, formats: Sequence[str] = FORMATS) -> None:
        """Write every table, and every figure in each of ``formats``."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables().items():
            table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
        for name, figure in (self.figures() if formats else {}).items():
            save(figure, folder / name, formats)

    def text(self, locale: Locale = ENGLISH) -> str:
        """Summary of the report in a few lines."""
        _, tables = locale.gettext, self.tables()
        lines = []
        for title, window in ((_("Training"), TRAINING), (_("Validation"), VALIDATION)):
            lines.append(
                _(
                    "{title}, {start} to {end}: CRPS of the model and of the best baseline, and the share of "
                    "observations inside the 90 % intervals",
                    title=title, start=locale.month(window.start), end=locale.month(window.end),
                )
            )  # fmt: skip
            table = tables["scores_training" if window is TRAINING else "scores_validation"]
            lines += [_line(str(series), rows, locale) for series, rows in table.groupby("series", sort=False)]
        years = tables["years"]
        inside = years[(years["series"] == "killed") & (years["year"] <= TRAINING.end.year)]["inside"]
        counts = {"n": int(inside.sum()), "of": len(inside)}
        lines.append(_("Yearly deaths of the mission inside the 90 % interval: {n} of {of} years.", **counts))
        verdicts = tables["patterns"]["verdict"].value_counts()
        listed = ", ".join(f"{count} {_(str(verdict))}" for verdict, count in verdicts.items())
        lines.append(_("Patterns: {listed}.", listed=listed))
        return "\n".join(lines)


def _line(series: str, rows: pd.DataFrame, locale: Locale) -> str:
    _ = locale.gettext
    model = rows[rows["forecast"] == MODEL].iloc[0]
    rivals = rows[rows["forecast"] != MODEL]
    best = rivals.loc[rivals["crps"].idxmin()]
    own, other = (locale.significant(float(row["crps"]), 3) for row in (model, best))
    rival = f"{_(str(best['forecast']).replace('_', ' '))}, {_(str(best['model_is']))}"
    held = locale.percent(float(model["coverage_90"]))
    return f"  {_(series.replace('_', ' ')):36s} {own:>9} {other:>9} ({rival}); {held}"


def _monthly(frame: pd.DataFrame) -> pd.DataFrame:
    """Monthly deaths of the mission as a tidy frame of draws."""
    names = [name for name in frame if name.startswith("killed/") and name.count("-") == 1]
    long = frame[names].rename_axis("draw").reset_index().melt("draw", var_name="month")
    return long.assign(month=long["month"].str[-7:], region=MISSION.facts.country, outcome="peacekeepers_killed")


def _shares(views: Sequence[ObservedRun]) -> np.ndarray:
    return np.stack([view.harm.region_share for view in views])


def _attacks(views: Sequence[ObservedRun]) -> np.ndarray:
    return np.stack([attack_shares(view.vector) for view in views])
