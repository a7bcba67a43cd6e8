"""`minusim forecast`: posterior predictive draws of coming months."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.inputs import Refusal, read_scenario
from sim.cli.workers import worker_options, working

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario import Scenario
    from sim.validation.forecast.posterior_draws import ForecastRequest

MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
PRINTED_OUTCOMES = (
    "peacekeepers_killed", "peacekeepers_wounded", "civilians_killed", "organised_violence_deaths", "ied_incidents",
    "civilians_displaced",
)  # fmt: skip


@click.command("forecast", short_help="Forecast coming months with draws from the posterior.")
@click.argument("scenario")
@click.option("--start", "first", required=True, metavar="YYYY-MM", help="First month of the forecast.")
@click.option("--end", "last", required=True, metavar="YYYY-MM", help="Last month of the forecast.")
@click.option("--draws", type=click.IntRange(min=1), default=200, show_default=True, metavar="N", help="Draws.")
@click.option("--out", metavar="DIR", help="Where to write monthly.parquet (default: a folder under results/).")
@click.option(
    "--assimilate/--no-assimilate",
    default=True,
    show_default=True,
    help="Carry the draws along the record up to the first month.",
)
@click.option("--ex-ante", is_flag=True, help="Use no dated input after the first month; inputs keep their last value.")
@click.option("--views", is_flag=True, help="Also write cm/ and pgm/ in the layout of the VIEWS competition.")
@worker_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change one value; may be repeated.")
def command(
    scenario: str,
    first: str,
    last: str,
    draws: int,
    out: str | None,
    assimilate: bool,
    ex_ante: bool,
    views: bool,
    workers: int,
    cluster: str | None,
    as_json: bool,
    changes: tuple[str, ...],
) -> int:
    """Forecast the months from --start to --end under SCENARIO: every draw is a run under a set of the posterior.

    monthly.parquet has the columns draw, month, region (the country for the total), outcome, value, simulated.  The
    record is used up to the month before --start, and never beyond its last day.
    """
    asked = read_scenario(scenario, None, changes)
    legal = asked.mission.first_day, asked.mission.last_day
    begin, end = _month(first, "--start", legal), _month(last, "--end", legal)
    if end < begin:
        raise Refusal(f"--end {last}: lies before --start {first}")
    request = _request(asked, (begin, end), draws, assimilate, ex_ante)
    folder = Path(out) if out is not None else Path("results") / f"forecast-{first}-{last}"
    from sim.cli.progress import tracked
    from sim.validation.forecast.posterior_draws import monthly_draws

    with working(cluster, workers) as executor:
        _writable(folder)
        frame, cells = monthly_draws(request, executor, views, tracked)
    _write(folder, frame)
    if cells is not None:
        from sim.validation.forecast.panels import write_views

        write_views(folder, draws, _months(asked, begin, end), cells)
    _print_totals(frame, request, folder, as_json)
    return 0


def _month(text: str, option: str, legal: tuple[date, date]) -> date:
    found = MONTH.match(text)
    if not found:
        raise Refusal(f"{option} {text}: write a month as YYYY-MM, such as {legal[0]:%Y-%m}")
    when = date(int(found[1]), int(found[2]), 1)
    if not legal[0] <= when <= legal[1]:
        raise Refusal(f"{option} {text}: lies outside {legal[0]:%Y-%m} to {legal[1]:%Y-%m}")
    return when


def _request(
    scenario: Scenario, months: tuple[date, date], draws: int, assimilate: bool, ex_ante: bool
) -> ForecastRequest:
    """The forecast that the options describe.  Refusal where the scenario does not reach into these months."""
    from sim.scenario import ScenarioError
    from sim.validation.forecast.posterior_draws import ForecastRequest

    end, start = months[1], scenario.period.start
    if (end.year, end.month) < (start.year, start.month):
        raise Refusal(f"--end {end:%Y-%m}: lies before the scenario's first month, {start:%Y-%m}")
    try:
        return ForecastRequest.of_months(scenario, scenario.mission.posterior(), months, draws, assimilate, not ex_ante)
    except ScenarioError as problem:
        raise Refusal(str(problem)) from None


def _months(scenario: Scenario, begin: date, end: date) -> tuple[int, int]:
    """First and last month counted from that of the first day of the mission."""
    return scenario.mission.clock.month_index(begin), scenario.mission.clock.month_index(end)


def _writable(folder: Path) -> None:
    if (folder / "monthly.parquet").exists():
        raise Refusal(f"--out {folder}: holds a forecast already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".minusim-probe"
        probe.touch()
        probe.unlink()
    except OSError as problem:
        raise Refusal(f"--out {folder}: cannot be written: {problem.strerror}; name another folder") from None


def _write(folder: Path, frame: pd.DataFrame) -> None:
    partial = folder / ".monthly.parquet"
    frame.to_parquet(partial, index=False)
    partial.replace(folder / "monthly.parquet")


def _print_totals(frame: pd.DataFrame, request: ForecastRequest, folder: Path, as_json: bool) -> None:
    summary = _summary(frame, request.scenario.mission.facts.country)
    if as_json:
        document = {
            "scenario": request.scenario.name,
            "hash": request.scenario.hash,
            "posterior": request.posterior.identity,
            "draws": request.draws,
            "assimilated": request.assimilated,
            "conditional": request.conditional,
            "out": str(folder),
            "totals": summary,
        }
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    click.echo(f"{'simulated totals of the months asked for':42s} {'median':>9s} {'50 % interval':>19s} {'90 %':>19s}")
    for name, row in summary.items():
        middle = f"{row['q25']:,.0f} to {row['q75']:,.0f}"
        wide = f"{row['q05']:,.0f} to {row['q95']:,.0f}"
        click.echo(f"{name.replace('_', ' '):42s} {row['median']:>9,.0f} {middle:>19s} {wide:>19s}")
    click.echo(f"Draws are in {folder / 'monthly.parquet'}.")


def _summary(frame: pd.DataFrame, whole: str) -> dict[str, dict[str, Any]]:
    country = frame[(frame["region"] == whole) & frame["outcome"].isin(PRINTED_OUTCOMES)]
    totals = country.groupby(["outcome", "draw"])["value"].sum()
    quantiles = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}
    return {
        name: {key: float(totals[name].quantile(q)) for key, q in quantiles.items()}
        | {"mean": float(totals[name].mean())}
        for name in PRINTED_OUTCOMES
    }
