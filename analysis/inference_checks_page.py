"""The page of the inference checks, from its results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

from analysis.identifiability import STRONG, directions, entangled, heaviest, learned_directions, widths
from analysis.inference_checks_tasks import RANKS, SHUFFLES, WORLDS, InferenceChecks, Task, TaskRows
from analysis.permutation_tests import RUNS, chance
from analysis.simulation_based_calibration import DRAWS, ERROR, LEVELS, Uniformity
from analysis.synthetic_worlds import EFFECTS, INERT, KINDS, RECORD, REVERSED, WORKING, claims_fewer, undecided
from sim.calibration.calibration_result import NARROW
from sim.calibration.importance_weights import EFFECTIVE_SETS
from sim.calibration.targets import TRAINING

PAGE = Path(__file__).parent.parent / "docs" / "identifiability.md"
TOLERATED = 0.10  # of records with false credit
BEYOND_CHANCE = 0.05
SHOWN = 8  # directions, and pairs times five


def page(inference: InferenceChecks, found: Uniformity, kept: TaskRows, tasks: Sequence[Task]) -> str:
    """Text of the page."""
    records = sum(task.part == RANKS for task in tasks)
    worlds, histories = kept.of(tasks, WORLDS), kept.of(tasks, SHUFFLES)
    parts = [
        "# What the record can identify, and whether the inference is calibrated",
        f"Written by `python -m analysis.inference_checks {records}`. Every number below is simulated or inferred.\n"
        "Priors are wide on purpose; a quantity whose posterior is hardly narrower than its prior rests on assumption.",
        "![Ranks of known truths, and how far the record narrowed each quantity](images/identifiability.png)",
        "## Simulation-based calibration",
        _truths(found, kept.of(tasks, RANKS)),
        _packaged(inference),
        "## Posterior against prior",
        _learned(inference.found.learned()),
        "## Quantities that cannot be separated",
        _apart(inference),
        "## False credit to measures",
        _credit(worlds, inference),
        "## Dates and places of the measures",
        _dates(histories),
    ]
    return "\n\n".join(_wrapped(paragraph) for paragraph in "\n\n".join(parts).split("\n\n")) + "\n"


def _wrapped(paragraph: str) -> str:
    """Lines of at most 120 characters where a paragraph is prose."""
    if paragraph.lstrip().startswith(("|", "- ", "#", "!")):
        return paragraph
    return fill(paragraph.replace("\n", " "), 120, break_long_words=False, break_on_hyphens=False)


def _truths(found: Uniformity, ranked: pd.DataFrame) -> str:
    rejected = found.rejected()
    holds = "**holds**" if not rejected else f"does **NOT** hold, by {len(rejected)} of the tests below"
    shares = {level: found.coverage(level) for level in LEVELS}
    covered = "; ".join(
        f"{percent(level)} intervals hold {percent(share.mean())} of the truths ({percent(share.min())} to "
        f"{percent(share.max())} by quantity)"
        for level, share in shares.items()
    )
    bad = "\n\n" + "\n".join(f"- `{name}`: {test}, p = {p:.1g}" for name, test, p in rejected) if rejected else ""
    return f"""The truth of each of {len(ranked)} synthetic records is a draw from the posterior to 2020 under the
emulator (of the rival structures in turn), its record one run of the model there, off by the discrepancy that the
analysis assumes. The
analysis starts from exactly the law that the truths were drawn from, the posterior given the record of the world, and
adds the synthetic record: of what it then infers, {DRAWS} draws must have the truth at any rank equally often. It is
the test of emulator, noise and sampler together, in the region where the conclusions are drawn; it says nothing of
priors, and nothing of a world that works otherwise than the model.

**Ranks are uniform**: {holds}. Three tests of each of {len(found.names)} quantities (mean and sum of squares of normal
scores, Kolmogorov-Smirnov), which together reject a right calibration in {percent(ERROR)} of cases. Each quantity alone
would show a posterior {found.visible:.2f} times too narrow with a probability of 90 %. {covered}.{bad}"""


def _packaged(inference: InferenceChecks) -> str:
    ratios = widths(inference.found, inference.checks)
    low, middle, high = np.quantile(ratios, [0.05, 0.5, 0.95])
    return f"""The sets that are packaged pass one step more, which no rank above sees: runs at the emulator's draws and
at the points of the waves are weighed by their own distance from the record, tempered until {EFFECTIVE_SETS:g} sets
of each structure remain effective. Compared with the draws before that step, their standard deviations are
{middle:.2f} times as wide (median over quantities and structures; {low:.2f} to {high:.2f} in nine of ten, of which
some 15 % either way is chance, as so few sets give a standard deviation no better). Far below 1 the step would count
the record twice."""


def _learned(learned: pd.DataFrame) -> str:
    ordered = learned.sort_values("sd_ratio")
    counted = int((learned["sd_ratio"] <= NARROW).sum())
    rows = [
        f"| `{row.name_}` | {row.prior:.3g} ({row.prior_low:.3g} to {row.prior_high:.3g}) | "
        f"{row.value:.3g} ({row.low:.3g} to {row.high:.3g}) | {row.sd_ratio:.2f} | {row.verdict} |"
        for row in ordered.rename(columns={"name": "name_"}).itertuples()
    ]
    table = "\n".join(
        ["| quantity | prior | posterior | sd ratio | verdict |", "| --- | --- | --- | --- | --- |", *rows]
    )
    return f"""Of {len(learned)} quantities the record taught something about {counted}: the ratio of posterior to prior
standard deviation, in coordinates in which every prior is standard normal, is at most {NARROW:g}. Medians and 90 %
intervals. The ratio is that of the mixture of rival structures: one that holds a quantity narrows
it, too, and structures that hold it
apart from where others find it widen it beyond the prior (a ratio above 1).

{table}"""


def _apart(inference: InferenceChecks) -> str:
    pairs = entangled(inference.found)
    names = inference.found.fitted.space.names
    known = directions(heaviest(inference.found), names)
    rows = [f"| `{a}` | `{b}` | {r:+.2f} |" for a, b, r in pairs[: 5 * SHOWN]]
    head = ["| quantity | quantity | correlation |", "| --- | --- | --- |"]
    listed = "\n".join([*head, *rows]) if rows else "None."
    best = "\n".join(f"| {each.sd:.2f} | {_loadings(each.loadings)} |" for each in known[:SHOWN])
    return f"""{len(pairs)} pairs of quantities have a posterior correlation beyond {STRONG:g} within their structures:
the record knows a combination of the two better than either.

{listed}

The combinations that the record knows best (unit directions, in the structure of largest weight, by linear
approximation); the prior has a standard deviation of 1 in every direction. {learned_directions(known)} of {len(known)}
directions have at most {NARROW:g}: so many numbers, and no more, are what the record teaches.

| posterior sd | direction |
| --- | --- |
{best}"""


def _loadings(loadings: Mapping[str, float]) -> str:
    return ", ".join(f"{value:+.2f} `{name}`" for name, value in loadings.items()) or "spread over many quantities"


def _credit(worlds: pd.DataFrame, inference: InferenceChecks) -> str:
    rows = "\n".join(_kind(kind, worlds[worlds["kind"] == kind]) for kind in KINDS)
    effects = ", ".join(f"`{name}`" for name in EFFECTS)
    claims = "\n".join(f"- **{kind}**: {claim}" for kind, claim in KINDS.items())
    return f"""Worlds of which the truth is known, one run of the model each:

{claims}

From each record the whole chain is repeated: the three rival structures fitted to {TRAINING} and weighed by what they
forecast for 2019-20, then fitted to 2020. What is judged is what
{effects}
did to the mission's deaths of 2016-18, by the fixed words of [comparing.md](comparing.md): "fewer" from a probability
of 66 %, and "rests on assumption" where the spread is more than {NARROW:g} of what the effects' priors give with
everything else as inferred. Where a structure holds the effects at zero, the difference is zero: nobody's life saved,
nobody's lost. No structure knows effects that do harm, so a world of the other sign can be recognised only by the
absence of a claim.

| world | records | claims fewer deaths | the same without the check of spread | says nothing | weight of hardening, \
displacement, trend | difference (deaths) | distance per target |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

{_judged(worlds)}

{_real(worlds, inference)}

The weights here come from an emulator of the months' bins, as runs of every synthetic posterior would take hours. A
distance per target far above 1 means a record so far from those which the emulator was taught that its word is worth
little."""


def _real(worlds: pd.DataFrame, inference: InferenceChecks) -> str:
    row = worlds[worlds["kind"] == RECORD].iloc[0]
    weights = {name: float(row[f"weight_{name}"]) for name in inference.found.weights}
    words, deaths = (row["word"], row["word_alone"]), f"{row['deaths']:+.1f} deaths"
    return f"""**The record of the world** through the same chain: "{words[0]}", {deaths} ("{words[1]}" without the
check of spread). Its weights are {_named(weights)}; runs of the model at the posterior give
{_named(inference.found.weights)}, and what lies between the two is the error of this short cut."""


def _kind(kind: str, rows: pd.DataFrame) -> str:
    weights = ", ".join(f"{rows[f'weight_{name}'].mean():.2f}" for name in ("hardening", "displacement", "trend"))
    shares = (rows["word"].map(claims_fewer), rows["word_alone"].map(claims_fewer), rows["word"].map(undecided))
    told = " | ".join(percent(float(share.mean())) for share in shares)
    return f"| {kind} | {len(rows)} | {told} | {weights} | {rows['deaths'].mean():+.1f} | {rows['misfit'].mean():.1f} |"


def _judged(worlds: pd.DataFrame) -> str:
    claims = {kind: worlds.loc[worlds["kind"] == kind, "word"].map(claims_fewer).to_numpy(bool) for kind in KINDS}
    return f"""**No false credit to measures without effect** (in at most {percent(TOLERATED)} of records):
{_holds(claims[INERT])}. **Effects of the other sign read as no claim** (the same limit):
{_holds(claims[REVERSED])}. **The price of this caution**: measures that do work are credited in
{_share(claims[WORKING])} of records. Intervals are exact (Clopper-Pearson, 95 %)."""


def _holds(claims: npt.NDArray[np.bool_]) -> str:
    """Whether the limit holds, and whether so few records can tell."""
    said = "holds" if claims.mean() <= TOLERATED else "does **NOT** hold"
    high = binomtest(int(claims.sum()), len(claims)).proportion_ci().high
    more = ", though a rate beyond the limit is not excluded by so few" if claims.mean() <= TOLERATED < high else ""
    return f"{said}, {_share(claims)}{more}"


def _share(claims: npt.NDArray[np.bool_]) -> str:
    """`1 of 40 (0 to 13 %)`."""
    interval = binomtest(int(claims.sum()), len(claims)).proportion_ci()
    return f"{int(claims.sum())} of {len(claims)} ({100 * interval.low:.0f} to {percent(interval.high)})"


def _named(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items())


def _dates(histories: pd.DataFrame) -> str:
    fits = histories["fit"].to_numpy(float)
    p, others = chance(fits), fits[1:]
    better = f"{int((others >= fits[0]).sum())} of {len(others)}"
    if p <= BEYOND_CHANCE:
        told = """The true history fits better than chance allows. That is the most which can be said for it: the values
were fitted under the true dates, which favours them, and all measures moved at once."""
    else:
        told = """The true history fits no better than chance allows: **this record is not shown to have taught
anything about when and where the measures were taken**. What the model says of their timing rests
on its mechanisms and on published priors."""
    return f"""The point that stands for the posterior, run {RUNS} times under the history as it was and under each of
{len(others)} in which every measure's path is moved along the calendar by a time of its own (what leaves at the end of
2020 comes back in 2013) and its places are permuted. The fit is the log likelihood of the targets of harm; volumes of
patrols and escorts are left out, as they follow the dates trivially.

As it was {fits[0]:.1f} (standard error {histories["error"].iloc[0]:.1f}); shuffled {np.median(others):.1f}
({others.min():.1f} to {others.max():.1f}); {better} shuffled histories fit at least as well, p = {p:.2f}. {told}"""


def percent(share: float) -> str:
    """`12 %`."""
    return f"{100 * share:.0f} %"
