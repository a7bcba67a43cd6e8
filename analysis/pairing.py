"""Variance reduction by common random numbers: paired against independent seeds, measure by measure.

``python -m analysis.pairing [REPLICATIONS] [--out DIR] [--workers N]`` runs every variant of ``measures_2018`` and
writes ``docs/pairing.md``.  Finished runs stay in DIR (default ``results/pairing``): the same command goes on where it
was stopped, and a larger number extends it.  About 2 s a replication on one core.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.command import parser, told_plainly
from sim.calibration.mission import CLOCK
from sim.cli.progress import tracked
from sim.inference.comparison import replications_needed
from sim.model.plan import Plan
from sim.model.simulation import Simulation
from sim.model.streams import run_key
from sim.scenario import Scenario, load
from sim.study import Study, StudyFrame
from sim.study.exposure import TARGETS
from sim.study.tables import TOTALS
from sim.study.task import reduced

PAGE = Path(__file__).parent.parent / "docs" / "pairing.md"
OUTCOME = "peacekeepers_killed"
AIM = 2.0
HALF_WIDTH = 1.0  # deaths
RESAMPLES = 2000
PAST = 200  # pairs that share a past only; not kept, a minute and a half
FIXED = 20_130_701  # the resamples are the same every time, so that the page can be made again
OTHER_CHANCE = 1_000_000  # replications from here on give the chance of histories that share a past only
FloatArray = npt.NDArray[np.float64]

WHY = {
    "training": "The same units meet the same devices and attackers on the same days, with fewer hits: an inverse "
    "distribution function of the same number. What shifts is the few patrols that days in class cost.",
    "drills": "The same attacks with fewer hits. What shifts is half a day a drill, and attackers whom drilled troops "
    "kill: a band that lost more is weaker later.",
    "patrols": "A unit's draw of a day is shared, but the number of its parties enters the rates, harm elsewhere draws "
    "patrols to other cells, and devices that one patrol meets are gone for the next party.",
    "route_clearance": "A search team slows its convoy. The draws of a convoy are numbered by the days since it set "
    "out, so that the same number meets another stretch, other devices and other bands from the second day on.",
    "convoy_escort": "Convoys keep their identity and their days. What shifts is who is hit: an escort draws hits from "
    "the trucks to itself, and comes from the unit with most people to spare, which may be another one.",
}


@dataclass(frozen=True)
class Worth:
    """What pairing is worth for one variant against its reference.

    ratio: variance of the difference with independent seeds over that of pairs; low, high: 95 % by resampling pairs.
    needed, apart: pairs, and histories of each with independent seeds, for a half-width of HALF_WIDTH deaths.
    shares: part of the paired variance that comes from attacks on each target.
    """

    variant: str
    reference: str
    pairs: int
    mean: float
    ratio: float
    low: float
    high: float
    correlation: float
    needed: int
    apart: int
    shares: dict[str, float]

    @property
    def reached(self) -> str:
        """Whether the ratio reaches the aim; in doubt where its interval does not."""
        if self.low >= AIM:
            return "yes"
        return "**no**" if self.ratio < AIM else "yes, in doubt"


def compared(frame: StudyFrame) -> list[tuple[str, str]]:
    """Each variant with its reference: all but one against all, one alone against none."""
    alone = [(name, "none") for name in frame.variants if name.startswith("only_")]
    removed = [(name, frame.baseline) for name in frame.variants if name.startswith("without_") or name == "none"]
    return [*removed, *alone]


def ratio(own: FloatArray, other: FloatArray) -> FloatArray:
    """Variance with independent seeds over that of pairs, along the last axis; infinite where every pair is equal."""
    apart = own.var(axis=-1, ddof=1) + other.var(axis=-1, ddof=1)
    paired = (own - other).var(axis=-1, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(apart / paired)


def worth(frame: StudyFrame, variant: str, reference: str, outcome: str = OUTCOME) -> Worth:
    """What pairing is worth for an outcome; only replications that ended in both count."""
    own, other = (frame.values(outcome)[frame.variants.index(name)] for name in (variant, reference))
    kept = ~np.isnan(own + other)
    own, other = own[kept], other[kept]
    change = own - other
    again = np.random.default_rng(FIXED).integers(len(own), size=(RESAMPLES, len(own)))
    low, high = np.quantile(ratio(own[again], other[again]), [0.025, 0.975])
    apart = float(np.sqrt(own.var(ddof=1) + other.var(ddof=1)))
    return Worth(
        variant=variant,
        reference=reference,
        pairs=len(own),
        mean=float(change.mean()),
        ratio=float(ratio(own, other)),
        low=float(low),
        high=float(high),
        correlation=float(np.corrcoef(own, other)[0, 1]),
        needed=replications_needed(float(change.std(ddof=1)), HALF_WIDTH),
        apart=replications_needed(apart, HALF_WIDTH),
        shares={name: _part(frame, variant, reference, name, change, kept) for name in TARGETS},
    )


def _part(
    frame: StudyFrame, variant: str, reference: str, target: str, change: FloatArray, kept: npt.NDArray[np.bool_]
) -> float:
    """Covariance of a target's difference with the whole one, over the variance of the whole."""
    totals = frame.values(f"killed_on_{target}")
    part = (totals[frame.variants.index(variant)] - totals[frame.variants.index(reference)])[kept]
    return float(np.cov(part, change)[0, 1] / change.var(ddof=1))


def shared_past(scenario: Scenario, replications: int, outcome: str = OUTCOME) -> FloatArray:
    """Two histories of the baseline that share everything up to the period and nothing after it, float64 [2, n].

    Their pairing is what the common past is worth alone; what a variant has beyond it comes from shared draws.
    """
    plan = Plan.build(scenario.variant(scenario.baseline or next(iter(scenario.variants))))
    dawn = CLOCK.day_index(scenario.period.start)
    values = np.zeros((2, replications))
    for number in range(replications):
        for row, key in enumerate((number, OTHER_CHANCE + number)):
            model = Simulation(plan, scenario.seed, number)
            model.advance_to(dawn - 1)
            model.key = run_key(scenario.seed, key)
            values[row, number] = reduced(model.run()).totals[TOTALS.index(outcome)]
    return values


def page(frame: StudyFrame, past: FloatArray) -> str:
    """Text of the page."""
    found = [worth(frame, *names) for names in compared(frame)]
    lines = [
        "| variant | against | mean difference | variance ratio | 95 % interval | correlation | pairs needed | "
        "independent histories needed | from patrols, convoys, camps | factor 2 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(each) for each in found),
    ]
    single = [each for each in found if each.variant != "none"]
    least = min(single, key=lambda each: each.ratio)
    reasons = "\n".join(_wrapped(f"- **`{name}`**: {text}") for name, text in WHY.items())
    failed = f" {len(frame.failed)} runs failed." if len(frame.failed) else ""
    period = frame.scenario.period
    return f"""# Variance reduction by common random numbers

Written by `python -m analysis.pairing {len(frame.replications)}`: every variant of `scenarios/measures_2018.yaml`,
{period.start} to {period.end}, {len(frame.replications)} replications, parameters at their packaged values.{failed} All
of it is simulated. The ratio is the variance of the difference in peacekeepers killed with independent seeds over that
of pairs; its interval comes from resampling pairs. The aim is a factor of {AIM:g}. The least of the single measures is
{least.ratio:.1f} (`{least.variant}`). Needed: runs of each policy for a 95 % Monte Carlo half-width of {HALF_WIDTH:g}
death. The column before the last says where the variance that remains comes from.

{chr(10).join(lines)}

## What is shared, and what shifts

Every draw is a function of seed, entity, day and decision, so that an entity which exists under both policies has the
same luck. Two histories of one policy that share the years before {period.start} and nothing after have a variance
ratio of {float(ratio(past[0], past[1])):.2f} ({past.shape[1]} pairs): this much is worth the common past, the rest is
worth the shared luck.

{reasons}

## What would raise it

- Number the draws of a convoy by stretch and direction instead of by days on the road (`trip_clock`): a searched
  convoy would meet the same luck in the same place, later.
- Choose the escorting unit by a draw of the convoy among those with people to spare, not by who has most: a larger
  escort would come from the same unit.
- Little helps against the few attacks that kill many: they decide the variance of one history, and pairing removes
  them only where both histories have them on the same day.
"""


def _wrapped(item: str) -> str:
    return textwrap.fill(item, 120, subsequent_indent="  ", break_on_hyphens=False)


def _row(each: Worth) -> str:
    shares = ", ".join(f"{100 * share:.0f} %" for share in each.shares.values())
    return (
        f"| `{each.variant}` | `{each.reference}` | {each.mean:+.1f} | {each.ratio:.1f} | {each.low:.1f} to "
        f"{each.high:.1f} | {each.correlation:.2f} | {each.needed:,} | {each.apart:,} | {shares} | {each.reached} |"
    )


def run(scenario: Scenario, folder: Path | None, replications: int, workers: int) -> StudyFrame:
    """The study; what is in the folder already is not run again."""
    study = Study(scenario, folder, replications, workers)
    return study.run(lambda ended, total: tracked(ended, total, "runs"))


def main() -> None:
    """Run the missing replications and write the page."""
    asked = parser("Variance reduction by common random numbers; writes docs/pairing.md.", "pairing", 400)
    given = asked.parse_args()
    if given.replications < 3:
        asked.error(f"{given.replications} replications: at least 3")
    scenario = load("measures_2018").with_values({"uncertainties": "point"})  # shared draws would flatter the pairs
    with told_plainly(asked):
        frame = run(scenario, given.out, given.replications, given.workers)
        text = page(frame, shared_past(scenario, min(given.replications, PAST)))
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
