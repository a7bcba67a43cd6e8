"""The default parameters against the record, figure by figure: writes ``docs/plausibility.md``.

``python -m analysis.plausibility [SEEDS]`` (default 100, about a minute).  The point is the mean of a posterior that
knows the record to 2020; scores of years that it did not know are in ``docs/validation.md``.
"""

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from sim.calibration.mission import CLOCK, MISSION
from sim.missions import record as facts
from sim.model.plan import Plan
from sim.model.recorder import EVENT_FIELDS as FIELDS
from sim.model.recorder import KINDS, LEDGER_ITEMS, TACTICS, RunRecord
from sim.model.simulation import Simulation
from sim.results.ucdp_counting import reported_deaths
from sim.scenario import load

PAGE = Path(__file__).parent.parent / "docs" / "plausibility.md"
END = "2018-12-31"
FACTOR = 2.0
DISPLACED = (254_822, 99_816, 61_920, 36_690, 38_172, 120_298)  # year ends 2013-18, UNHCR


@dataclass(frozen=True)
class Line:
    """One figure: what the record says and what each seed gave."""

    name: str
    record: float
    seeds: np.ndarray
    judged: bool = True

    @property
    def ratio(self) -> float:
        """Median of the seeds over the record."""
        return float(np.median(self.seeds)) / self.record

    def row(self) -> str:
        """The figure as a row of the table."""
        low, middle, high = np.percentile(self.seeds, [5, 50, 95])
        inside = "yes" if 1 / FACTOR <= self.ratio <= FACTOR else "**no**"
        return (
            f"| {self.name} | {self.record:,.4g} | {middle:,.4g} | {low:,.4g} to {high:,.4g} | {self.ratio:.2f} | "
            f"{inside if self.judged else '-'} |"
        )


class Run:
    """The figures of one seed."""

    def __init__(self, record: RunRecord) -> None:
        self.record = record
        self.events = record.events

    def where(
        self, kind: str | None = None, tactic: str | None = None, years: tuple[int, int] | None = None
    ) -> np.ndarray:
        """Rows of a kind and tactic within calendar years."""
        chosen = np.ones(len(self.events), bool)
        if kind is not None:
            chosen &= self.events[:, FIELDS.index("kind")] == KINDS.index(kind)
        if tactic is not None:
            chosen &= self.events[:, FIELDS.index("tactic")] == TACTICS.index(tactic)
        if years is not None:
            chosen &= (self.year >= years[0]) & (self.year <= years[1])
        return chosen

    @property
    def year(self) -> np.ndarray:
        """Calendar year of each row."""
        days = self.events[:, FIELDS.index("day")]
        return (np.datetime64("2013-07-01") + days).astype("datetime64[Y]").astype(int) + 1970

    def total(self, field: str, chosen: np.ndarray) -> float:
        """Sum of a field over rows."""
        return float(self.events[chosen, FIELDS.index(field)].sum())

    def before(self, day: str) -> np.ndarray:
        """Rows up to a day."""
        return self.events[:, FIELDS.index("day")] <= CLOCK.day_index(date.fromisoformat(day))

    def ledger(self, item: str) -> np.ndarray:
        """National daily series of a ledger item."""
        return self.record.ledger[:, :, LEDGER_ITEMS.index(item)].sum(axis=1)


def lines(runs: list[Run]) -> list[Line]:
    """Every figure of the list that a plausible history must meet."""

    def of(name: str, record: float, figure: object, judged: bool = True) -> Line:
        return Line(name, record, np.array([figure(run) for run in runs]), judged)  # type: ignore[operator]

    found = [
        of("killed by malicious acts, July 2013 to December 2018", 106,
           lambda run: run.total("peacekeepers_killed", run.where("mission"))),
        of("wounded by malicious acts, to 7 April 2018", 372,
           lambda run: run.total("peacekeepers_wounded", run.before("2018-04-07"))),
        of("deaths by accident", 26, lambda run: run.total("peacekeepers_died_other", run.where("accident"))),
        of("deaths by illness", 41, lambda run: run.total("peacekeepers_died_other", run.where("illness"))),
    ]  # fmt: skip
    coded = MISSION.table("record_attacks").groupby("tactic")["attacks"].sum()
    for tactic in TACTICS[:5]:
        press = float(coded.get(tactic, 0))
        if tactic == "complex_attack":
            press = float(sum(coded.get(name, 0) for name in ("complex_attack", "suicide_vehicle", "suicide_vest")))
        share = MISSION.parameters[f"reporting_share_{tactic}"].value
        found.append(
            of(f"reported attacks 2015-18: {tactic.replace('_', ' ')}", press,
               lambda run, tactic=tactic, share=share: share * run.where("mission", tactic, (2015, 2018)).sum())
        )  # fmt: skip
    for year, incidents in ((2016, 139), (2017, 130), (2018, 192)):
        found.append(of(f"IED incidents nationwide, {year}", incidents, lambda run, year=year: ied(run, year)))
    ucdp = MISSION.table("record_ucdp_year").set_index("year")
    ucdp["one_sided"] = ucdp["one_sided_government"] + ucdp["one_sided_nonstate"]
    for kind in ("state_based", "non_state", "one_sided"):
        for first, last in ((2014, 2016), (2017, 2018)):
            found.append(
                of(f"UCDP deaths, {kind.replace('_', '-')}, {first}-{last % 100}",
                   float(ucdp.loc[first:last, kind].sum()),
                   lambda run, kind=kind, first=first, last=last: sum(
                       reported_deaths(run.record, kind, year) for year in range(first, last + 1)))
            )  # fmt: skip
    for year, stock in zip(range(2013, 2019), DISPLACED, strict=True):
        found.append(
            of(f"internally displaced, end of {year}", stock,
               lambda run, year=year: run.ledger("internally_displaced")[CLOCK.day_index(date(year, 12, 31))])
        )  # fmt: skip
    for name, first, last, rate in (
        ("patrols a day, July 2013 to May 2014", "2013-07-01", "2014-05-24", 45),
        ("patrols a day, January 2016", "2016-01-01", "2016-01-31", 61),
        ("patrols and other activities a day, March 2018", "2018-03-01", "2018-03-31", 68),
    ):
        span = slice(CLOCK.day_index(date.fromisoformat(first)), CLOCK.day_index(date.fromisoformat(last)) + 1)
        found.append(of(name, rate, lambda run, span=span: run.ledger("patrols")[span].mean()))
    march = slice(CLOCK.day_index(date(2018, 3, 1)), CLOCK.day_index(date(2018, 3, 31)) + 1)
    found.append(of("escorts a week, March 2018", 41, lambda run: 7 * run.ledger("escorts")[march].mean()))
    return found


def ied(run: Run, year: int) -> float:
    """Explosions and finds of a year."""
    explosions = run.where(None, "ied", (year, year)) | run.where(None, "ied_then_ambush", (year, year))
    return float(explosions.sum()) + run.total("devices_found", run.where("find", None, (year, year)))


def regions(runs: list[Run]) -> str:
    """Where the mission was attacked and killed, beside the press-coded attacks of 2015-18."""
    coded = MISSION.table("record_attacks_region").groupby("region")["attacks"].sum()
    head = "| region | attacks of the record, % | simulated attacks, % | simulated killed, % |"
    rows = [head, "| --- | --- | --- | --- |"]
    field = FIELDS.index("region")
    attacks = np.zeros(len(MISSION.regions))
    killed = np.zeros(len(MISSION.regions))
    for run in runs:
        chosen = run.where("mission", None, (2015, 2018))
        attacks += np.bincount(run.events[chosen, field], minlength=len(MISSION.regions))
        deaths = run.events[chosen, FIELDS.index("peacekeepers_killed")]
        killed += np.bincount(run.events[chosen, field], deaths, len(MISSION.regions))
    for r, name in enumerate(MISSION.regions):
        press = 100 * coded.get(name, 0) / coded.sum()
        shares = (press, 100 * attacks[r] / attacks.sum(), 100 * killed[r] / killed.sum())
        rows.append(f"| {name} | " + " | ".join(f"{share:.0f}" for share in shares) + " |")
    return "\n".join(rows)


def spread(runs: list[Run]) -> str:
    """Year-to-year spread and concentration of deaths."""
    years = np.arange(2013, 2019)
    killed = np.array(
        [[run.total("peacekeepers_killed", run.where("mission", None, (y, y))) for y in years] for run in runs]
    )
    within = np.median(killed[:, 1:].std(axis=1, ddof=1))
    observed = np.std([28, 12, 27, 24, 11], ddof=1)
    shares = []
    for run in runs:
        deaths = np.sort(run.events[run.where("mission"), FIELDS.index("peacekeepers_killed")])[::-1]
        fatal = deaths[deaths > 0]
        shares.append(fatal[: max(1, round(0.2 * len(fatal)))].sum() / max(1, fatal.sum()))
    days = facts.fatal_days(MISSION)
    real = np.sort(days[days["date"].astype(str) <= END]["killed"].to_numpy())[::-1]
    top = real[: round(0.2 * len(real))].sum() / real.sum()
    return (
        f"Standard deviation over the years 2014-18: {observed:.1f} deaths in the record (28, 12, 27, 24, 11), "
        f"{within:.1f} in the median seed. The fifth of fatal attacks with most deaths holds "
        f"{100 * float(np.median(shares)):.0f} % of them in the median seed; the fifth of fatal days "
        f"{100 * top:.0f} % in the record."
    )


def main(seeds: int) -> None:
    """Run the seeds, compare with the record and write the page."""
    plan = Plan.build(load("historical").with_values({"period.end": END}))
    runs = []
    for seed in range(1, seeds + 1):
        model = Simulation(plan, seed)
        runs.append(Run(model.run()))
    found = lines(runs)
    outside = [line.name for line in found if line.judged and not 1 / FACTOR <= line.ratio <= FACTOR]
    verdict = "every figure lies within a factor of two"
    if outside:
        verdict = f"outside a factor of two: {', '.join(outside)}"
    page = [
        "# Plausibility of the default parameters",
        "",
        f"`historical`, {seeds} seeds, July 2013 to December 2018, default parameters (the mean of the posterior)",
        "([validation](validation.md) scores the posterior itself, on years that it did not know). A figure passes",
        "when the median of the seeds is within a factor of two of the record.",
        "Deaths by type of violence are seen through UCDP's threshold of 25 deaths per actor and year; attacks through",
        "the reporting shares.",
        "",
        f"Result: {verdict}. Repeat it with `python -m analysis.plausibility`.",
        "",
        "| figure | record | median | 90 % of seeds | ratio | within 2 |",
        "| --- | --- | --- | --- | --- | --- |",
        *(line.row() for line in found),
        "",
        "## Where",
        "",
        regions(runs),
        "",
        "## Spread",
        "",
        spread(runs),
        "",
    ]
    PAGE.write_text("\n".join(page), encoding="utf-8")
    print("\n".join(page))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
