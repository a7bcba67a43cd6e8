"""Write the tables of ``docs/validation.md`` from ``results/reference``: ``python -m analysis.validation_page``.

The prose between the tables is written by hand; a test fails when tables and files differ.
"""

import json
from pathlib import Path

import pandas as pd

from tools import pages
from tools.pages import table as _markdown

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "results" / "reference"
PAGE = ROOT / "docs" / "validation.md"
SCORES = ("scores_training", "scores_validation")


def scores(window: str) -> str:
    """The model beside the best baseline, series by series."""
    frame = _read(window)
    rows = []
    for series, found in frame.groupby("series", sort=False):
        model = found[found["forecast"] == "model"].iloc[0]
        best = found[found["forecast"] != "model"].nsmallest(1, "crps").iloc[0]
        interval = "-"
        if pd.notna(best["difference_low"]):
            interval = (
                f"{best['difference_mean']:+.3g} ({best['difference_low']:+.3g} to {best['difference_high']:+.3g})"
            )
        rows.append(
            (str(series).replace("_", " "), int(model["observations"]), f"{model['crps']:.3g}",
             f"{best['crps']:.3g} ({best['forecast'].replace('_', ' ')})", interval, best["model_is"],
             f"{model['interval_score']:.3g}", f"{model['ignorance']:.2f}", f"{100 * model['coverage_50']:.0f} %",
             f"{100 * model['coverage_90']:.0f} %")
        )  # fmt: skip
    head = (
        "series", "n", "CRPS", "best baseline", "difference (95 %)", "the model is", "interval score", "ignorance",
        "in 50 %", "in 90 %",
    )  # fmt: skip
    return _markdown(head, rows)


def years() -> str:
    """Years beside the record."""
    frame = _read("years")
    rows = [
        (row.series, row.year, f"{row.record:.0f}", f"{row.median:.0f}", f"{row.low:.0f} to {row.high:.0f}",
         _yes(row.inside))
        for row in frame.itertuples()
    ]  # fmt: skip
    return _markdown(("series", "year", "record", "median", "90 % of draws", "inside"), rows)


def patterns() -> str:
    """Patterns that were not fitted."""
    rows = [
        (row.says, f"{row.power:.2f}", _number(row.record), _number(row.median),
         f"{_number(row.low)} to {_number(row.high)}", _number(row.p), row.verdict)
        for row in _read("patterns").itertuples()
    ]  # fmt: skip
    return _markdown(("pattern", "power", "record", "median", "90 % of draws", "p", "verdict"), rows)


def regions() -> str:
    """Regional harm against persistence and troops."""
    rows = [
        (row.what, row.forecast, f"{row.distance:.3f}", f"{row.rank_correlation:.2f}")
        for row in _read("regions").itertuples()
    ]
    return _markdown(("harm", "forecast", "share in the wrong region", "rank correlation"), rows)


def natural() -> str:
    """Natural experiments."""
    rows = [
        (row.experiment, row.words, _number(row.record), _number(row.median),
         f"{_number(row.low)} to {_number(row.high)}", "record is mute" if pd.isna(row.record) else _yes(row.inside))
        for row in _read("natural").itertuples()
    ]  # fmt: skip
    return _markdown(("experiment", "quantity", "record", "median", "90 % of draws", "inside"), rows)


def assimilation() -> str:
    """Forecasts of two years with and without assimilation of the record."""
    rows = []
    ways = {"carried along the record to 2018": "scores_validation", "as fitted": "scores_validation_unassimilated"}
    for way, name in ways.items():
        frame = _read(name)
        for series in ("killed_by_month", "ucdp_by_month"):
            found = frame[(frame["series"] == series) & (frame["forecast"] == "model")].iloc[0]
            held = f"{100 * found['coverage_90']:.0f} %"
            rows.append((series.replace("_", " "), way, f"{found['crps']:.3g}", held))
    return _markdown(("series", "draws", "CRPS", "in 90 %"), sorted(rows))


def rolling() -> str:
    """Forecasts from each January: means over the years that were fitted, and over the others."""
    frame = _read("rolling")
    years = frame["origin"].str[:4].astype(int)
    frame["years"] = (years <= 2018).map({True: "2015-18 (fitted)", False: "2019-20"})
    means = frame.groupby(["series", "years", "kind"])[["crps", "baseline_crps", "coverage_90"]].mean()
    rows = [
        (series.replace("_", " "), span, kind, f"{row.crps:.3g}", f"{row.baseline_crps:.3g}",
         f"{100 * row.coverage_90:.0f} %")
        for (series, span, kind), row in zip(means.index, means.itertuples(), strict=True)
    ]  # fmt: skip
    return _markdown(("series", "years", "forecast", "CRPS", "best baseline of each year", "in 90 %"), rows)


def fit() -> str:
    """Targets of calibration outside their 95 % posterior predictive interval."""
    frame = pd.read_csv(REFERENCE / "calibration" / "fit.csv")
    out = frame[~frame["inside"]]
    rows = [
        (row.window, row.target, _number(row.record), _number(row.median), f"{_number(row.low)} to {_number(row.high)}")
        for row in out.itertuples()
    ]
    held = frame.groupby("window")["inside"].agg(["sum", "size"])
    said = ", ".join(f"to {window}: {int(row['sum'])} of {int(row['size'])} inside" for window, row in held.iterrows())
    return f"{said}. Outside:\n\n" + _markdown(("window", "target", "record", "median", "95 % of draws"), rows)


def learned() -> str:
    """What the record taught most, and the effects of measures, which it taught little."""
    frame = pd.read_csv(REFERENCE / "calibration" / "learned.csv")
    shown = pd.concat([frame.nsmallest(15, "sd_ratio"), frame[frame["name"].isin(EFFECTS)]]).drop_duplicates("name")
    rows = [
        (f"`{row.name_}`", f"{_number(row.prior)} ({_number(row.prior_low)} to {_number(row.prior_high)})",
         f"{_number(row.value)} ({_number(row.low)} to {_number(row.high)})", f"{row.sd_ratio:.2f}", row.verdict)
        for row in shown.rename(columns={"name": "name_"}).itertuples()
    ]  # fmt: skip
    return _markdown(("quantity", "prior: median (90 %)", "posterior", "sd ratio", "verdict"), rows)


def structures() -> str:
    """Rival structures and their weights."""
    known = json.loads((REFERENCE / "calibration" / "provenance.json").read_text(encoding="utf-8"))
    from sim.calibration.space import STRUCTURES

    rows = [(each.name, each.claim, f"{known['structures'][each.name]:.2f}") for each in STRUCTURES]
    return f"{known['runs']:,} runs at {known['points']:,} points.\n\n" + _markdown(
        ("structure", "claim", "weight"), rows
    )


EFFECTS = (
    "training_effect", "drill_effect", "escort_deterrence", "find_probability", "search_reach", "protection_effect",
    "deadly_protection_effect", "hardening_effect", "presence_deterrence", "learning_rate", "intent_trend", "hit_trend",
    "deadly_trend",
)  # fmt: skip
BLOCKS = {
    "scores_training": lambda: scores("scores_training"),
    "scores_validation": lambda: scores("scores_validation"),
    "years": years,
    "patterns": patterns,
    "regions": regions,
    "natural": natural,
    "assimilation": assimilation,
    "rolling": rolling,
    "fit": fit,
    "learned": learned,
    "structures": structures,
}


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "validation" / f"{name}.csv")


def _number(value: float) -> str:
    if pd.isna(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _yes(inside: object) -> str:
    return "yes" if inside in (True, "True") else "**no**"


if __name__ == "__main__":
    pages.rewrite(PAGE, lambda text: pages.with_blocks(text, BLOCKS))
