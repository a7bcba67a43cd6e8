"""`minusim validate`: score the model on the training window and on two later years that it was not fitted to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.figure_options import figure_options
from sim.cli.inputs import Refusal
from sim.cli.workers import worker_options, working

if TYPE_CHECKING:
    from sim.present.validation_report import Validation
    from sim.study.executor import Executor

ORIGIN = "2019-01"
VALIDATION_FACTOR = 2  # draws of 2019 and 2020 for each as fitted: one month is 40 % of a score, and they are quick
MOST_ROLLING_DRAWS = 100  # draws of each rolling forecast, at most


@click.command("validate", short_help="Score the model against the record.")
@click.option("--draws", type=click.IntRange(min=40), default=200, show_default=True, metavar="N", help="Draws.")
@click.option("--rolling", is_flag=True, help="Also forecast every year from 2015 on, in three ways (some minutes).")
@click.option("--out", metavar="DIR", default="results/validation", show_default=True, help="Where to write.")
@worker_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the text.")
@figure_options
def command(
    draws: int, rolling: bool, out: str, workers: int, cluster: str | None, as_json: bool, figures: tuple[str, ...]
) -> int:
    """Score monthly, quarterly and yearly series, regions, wounded and displaced against baselines, test patterns that
    were not fitted, and check natural experiments.

    The training window is July 2013 to 2018, the validation window 2019 and 2020; draws come from the posterior of the
    training window alone.
    """
    try:
        import scoringrules  # noqa: F401
    except ModuleNotFoundError as missing:
        raise Refusal(f"minusim validate needs {missing.name}: pip install 'minusim[calibrate]'") from None
    folder = Path(out)
    if folder.is_file():
        raise Refusal(f"--out {out}: is a file; name a folder")
    with working(cluster, workers) as executor:
        found = _validation(draws, rolling, executor)
    try:
        found.save(folder, figures)
    except OSError as problem:
        raise Refusal(f"--out {out}: cannot be written: {problem.strerror}; name another folder") from None
    if as_json:
        tables = {name: json.loads(table.to_json(orient="records")) for name, table in found.tables().items()}
        click.echo(json.dumps({"out": out, "draws": draws, **tables}, ensure_ascii=False, allow_nan=False))
    else:
        click.echo(found.text())
        click.echo(f"Tables and figures are in {out}.")
    return 0


def _validation(draws: int, rolling: bool, executor: Executor) -> Validation:
    from datetime import date

    from sim.cli.progress import tracked
    from sim.missions import load_mission
    from sim.present.validation_report import Validation
    from sim.scenario import load
    from sim.validation.forecast.posterior_draws import ForecastRequest
    from sim.validation.posterior_runs import observed_runs, rolling_forecasts

    mission = load_mission()
    posterior = mission.posterior("posterior_training")
    scenario = load(mission.facts.history).with_values({"period.end": mission.record_end.isoformat()})
    origin = date.fromisoformat(f"{ORIGIN}-01")
    fitted = list(
        observed_runs(ForecastRequest(scenario, posterior, origin, draws, assimilated=False), executor, tracked)
    )
    forecast = list(
        observed_runs(ForecastRequest(scenario, posterior, origin, VALIDATION_FACTOR * draws), executor, tracked)
    )
    years = ForecastRequest(scenario, posterior, origin, min(draws, MOST_ROLLING_DRAWS))
    return Validation(fitted, forecast, rolling_forecasts(years, executor, tracked) if rolling else None)
