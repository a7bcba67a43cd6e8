"""Are answers built into the model?  Measures that do nothing must get no credit, and doubt must move conclusions.

``python -m analysis.placebo_tests [REPLICATIONS] [--out DIR] [--small N] [--workers N]`` writes
``docs/built_in_answers.md``.  Finished runs stay in DIR (default ``results/placebo_tests``): the same command goes on
where it was stopped and a larger number extends it.  About 0.7 s a replication and setting on one core.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.command import parser, told_plainly
from analysis.placebo_settings import EFFECTS, OFF, OUTCOMES, WAR, WAR_RANGE, AlteredStudy, scenario, settings
from sim.cli.progress import tracked
from sim.inference.comparison.decomposition import FACTORS, decompose
from sim.inference.comparison.differences import Verdict, uncertainty_sources, verdict
from sim.inference.comparison.pairs import Pairs
from sim.scenario import Scenario
from sim.study import StudyFrame
from sim.study.task import RunResult

PAGE = Path(__file__).parent.parent / "docs" / "built_in_answers.md"
CREDIT = 0.90  # probability from which a comparison says "very likely"
TOLERATED = 0.10  # of small studies
VISIBLE = 3.0  # standard errors
MAIN = "peacekeepers_killed"
EVERYONE = "everyone_killed"  # not an outcome of the model: the sum of ALL_KILLED, in which displaced harm shows
ALL_KILLED = (
    "peacekeepers_killed",
    "contractors_killed",
    "civilians_killed",
    "malian_forces_killed",
    "partner_forces_killed",
)
ASKED = tuple((variant, outcome) for variant in OFF if OFF[variant] for outcome in (MAIN, "civilians_killed", EVERYONE))
LIMIT = """Displacement has two rules. At once: a deterred attack falls on civilians nearby in a share of cases,
and a device that was found is laid again by the same share (`displacement_share`). Slowly: armed groups learn, what
fails or is deterred is tried less, what succeeds more (`learning_rate`, `learning_deterred`). `displaced` is the rival
account taken whole: a share of one, learning in the upper tenth of its ranges, nothing forgotten, and troops that grow
no harder to hurt. `provoking` gives the deterrence of killings by patrols the other sign."""
TURNS = {"provoking": ("none", "without_patrols"), "displaced": tuple(OFF)[1:]}  # setting -> variants that it concerns
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Credits:
    """What repeated small studies say of one variant and outcome: shares of the studies.

    Credit is a claim that the measures which the variant lacks saved lives: more deaths without them.  ``interval``:
    the 95 % interval lies above zero; ``very_likely``, ``likely``: the probability reaches the word's; ``blame``: the
    interval lies below zero.
    """

    studies: int
    interval: float
    very_likely: float
    likely: float
    blame: float
    covers: float


def small_studies(frame: StudyFrame, pairs: int) -> list[StudyFrame]:
    """The study cut into studies of their own of ``pairs`` replications each; what is left over is dropped."""
    whole = len(frame.replications) // pairs
    return [_part(frame, frame.replications[n * pairs : (n + 1) * pairs]) for n in range(whole)]


def _part(frame: StudyFrame, chosen: Sequence[int]) -> StudyFrame:
    runs = frame.runs[frame.runs["replication"].isin(chosen)].reset_index(drop=True)
    return replace(frame, runs=runs, draws=frame.draws[frame.draws.index.isin(chosen)])


@dataclass(frozen=True)
class Difference:
    """A difference, without the measures less with them: its mean, 95 % interval, probability above zero and word."""

    with_measures: float
    mean: float
    low: float
    high: float
    probability: float
    word: Verdict


def difference_of(frame: StudyFrame, variant: str, outcome: str) -> Difference:
    """The difference of a variant as a comparison judges it."""
    pairs = Pairs(frame, variant)
    change = pairs.average(_total(pairs.values, outcome) - _total(pairs.baseline, outcome))
    higher = 1.0 - change.below(0.0) if change.values.any() else 0.0
    lower = change.below(0.0) if change.values.any() else 0.0
    word = verdict(lower, higher, uncertainty_sources(pairs, change))
    return Difference(float(_total(pairs.baseline, outcome).mean()), change.mean, *change.interval(), higher, word)


def _total(read: Callable[[str], FloatArray], outcome: str) -> FloatArray:
    """An outcome by pair, or the sum of all of EVERYONE."""
    return sum((read(name) for name in ALL_KILLED), np.zeros(1)) if outcome == EVERYONE else read(outcome)


def credited(frame: StudyFrame, variant: str, outcome: str, pairs: int) -> Credits:
    """How many small studies credit the measures that the variant lacks."""
    seen = [difference_of(part, variant, outcome) for part in small_studies(frame, pairs)]
    return Credits(
        studies=len(seen),
        interval=_share([each.low > 0 for each in seen]),
        very_likely=_share([each.probability >= CREDIT for each in seen]),
        likely=_share([0.66 <= each.probability < CREDIT for each in seen]),
        blame=_share([each.high < 0 for each in seen]),
        covers=_share([each.low <= 0 <= each.high for each in seen]),
    )


def _share(hits: Sequence[bool]) -> float:
    return float(np.mean(hits)) if hits else float("nan")


def doctored(frame: StudyFrame, variant: str, outcome: str, factor: float) -> StudyFrame:
    """A positive control: the study with an outcome multiplied where measures are missing, which a check must find."""
    runs = frame.runs.copy()
    runs.loc[runs["variant"] == variant, outcome] *= factor
    return replace(frame, runs=runs)


def same_harm(frame: StudyFrame, variant: str, outcomes: Sequence[str] = OUTCOMES) -> float:
    """Share of pairs that are equal in every one of the outcomes."""
    pairs = Pairs(frame, variant)
    equal = [pairs.values(name) == pairs.baseline(name) for name in outcomes]
    return float(np.all(equal, axis=0).mean())


def before_and_after(frame: StudyFrame, outcome: str = MAIN) -> FloatArray:
    """Deaths a year before 2018 less those of 2018 under the baseline, by history: what dates alone would credit."""
    months = frame.panel(outcome)[frame.variants.index(frame.baseline)].sum(axis=-1)
    after = np.array([month.startswith("2018") for month in frame.months])
    return np.asarray(12 * (months[:, ~after].mean(axis=1) - months[:, after].mean(axis=1)))


def moved_by(one: StudyFrame, other: StudyFrame, variant: str, outcome: str) -> tuple[float, float]:
    """By how much a mean difference moves between two settings, and the standard error; histories are paired."""
    change = _changes(other, variant, outcome) - _changes(one, variant, outcome)
    change = change[~np.isnan(change)]
    return float(change.mean()), float(change.std(ddof=1) / np.sqrt(len(change)))


def _changes(frame: StudyFrame, variant: str, outcome: str) -> FloatArray:
    """Without the measures less with them, by replication; not a number where a run failed."""
    own, base = frame.variants.index(variant), frame.variants.index(frame.baseline)
    return _total(lambda name: frame.values(name)[own] - frame.values(name)[base], outcome)


def run(folder: Path, replications: int, workers: int, known: Scenario | None = None) -> dict[str, StudyFrame]:
    """Every setting's study; what is in the folder already is not run again."""
    known = known or scenario()
    frames = {}
    for setting in settings():
        study = AlteredStudy(setting, known, folder, replications, workers)
        frames[setting.name] = study.run(partial(_told, f"runs, {setting.name}"))
    return frames


def _told(what: str, ended: Iterator[RunResult], total: int) -> Iterator[RunResult]:
    return tracked(ended, total, what)


def page(frames: Mapping[str, StudyFrame], small: int) -> str:
    """Text of the page."""
    inert = frames["inert"]
    parts = [
        "# Placebo tests: are answers built in?",
        _about(inert, small),
        "## Measures that do nothing",
        _inert(frames, small),
        "## Doubt moves the answer",
        _doubt(frames),
        "## What was altered",
        _altered(),
    ]
    return "\n\n".join(parts) + "\n"


def _about(frame: StudyFrame, small: int) -> str:
    period = frame.scenario.period
    failed = f"; {len(frame.failed)} runs failed" if len(frame.failed) else ""
    war = ", ".join(f"`{name}`" for name in WAR)
    return f"""Written by `python -m analysis.placebo_tests {len(frame.replications)} --small {small}`, from simulated
histories only: {len(frame.replications)} replications of each setting and variant, {period.start} to
{period.end}{failed}.

A comparison whose answer is built in would credit the five measures of 2018 whatever is put into it. So the measures
are made to do nothing while the war calms down, to do little, to do harm, to provoke, and to move harm elsewhere, and
the comparison is asked again. In every setting how violent the war is stays unsure:
{war} are drawn between {WAR_RANGE[0]:g} and
{WAR_RANGE[1]:g} of their packaged values.

Differences are deaths without the measures less deaths with them: above zero the measures save lives. `none` has none
of the five, `unprepared` neither training nor drills, `without_patrols` patrols at the level of 2013-14,
`without_escorts` the light escorts of 2013-15. A credit is a 95 % interval above zero; {small} replications make a
small study. Everyone killed: peacekeepers, contractors, civilians, Malian and partner forces."""


def _inert(frames: Mapping[str, StudyFrame], small: int) -> str:
    inert = frames["inert"]
    counts = {row: credited(inert, *row, small) for row in ASKED}
    shares = [each.interval for each in counts.values()]
    holds = "holds" if np.mean(shares) <= TOLERATED else "does **NOT** hold"
    studies = next(iter(counts.values())).studies
    table = "\n".join([*_HEAD, *(_credit_row(inert, row, each) for row, each in counts.items())])
    same = _percent(same_harm(frames["roomy"], "unprepared"))
    return f"""{_trap(before_and_after(inert))}

{table}

**No false credit** (in at most {_percent(TOLERATED)} of small studies, {studies} for each row): {holds}.
{_percent(float(np.mean(shares)))} of them on average, {_percent(max(shares))} in the worst row. Where the truth is
zero, a 95 % interval gives credit in 2.5 % of studies and blame in as many; the words "very likely" and "likely" are
said of nothing in 10 % and 24 % of studies on each side, because they begin at a probability of 90 % and 66 %.

{_exposure(inert)}

**To the bit.** With people to spare for everything (setting roomy), training and drills without effect change nobody's
fate: {same} of pairs have the same dead and wounded in every outcome."""


_HEAD = (
    "| without | outcome | difference | 95 % interval | word | small studies with credit | with blame | "
    '"very likely" saved | "likely" saved |',
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)


def _credit_row(frame: StudyFrame, row: tuple[str, str], each: Credits) -> str:
    shares = (each.interval, each.blame, each.very_likely, each.likely)
    return f"| {_difference(frame, *row)} | " + " | ".join(map(_percent, shares)) + " |"


def _trap(fall: FloatArray) -> str:
    return f"""The effects of all five measures are zero and the tempo of armed groups falls to a third on
1 January 2018, when the measures reach their highest level. Who compares the years would credit them: mission deaths
fall by {fall.mean():.1f} a year on average, and fall in {_percent(float((fall > 0).mean()))} of histories. The
comparison of policies sees the same calm under each policy."""


def _exposure(frame: StudyFrame) -> str:
    days = Pairs(frame, "none")
    made = ", ".join(f"{name} {value:+.1f}" for name, value in zip(FACTORS, decompose(days).by_factor, strict=True))
    fewer = 1 - days.values("patrol_days").sum() / days.baseline("patrol_days").sum()
    spared = 1 - days.values(MAIN).sum() / days.baseline(MAIN).sum()
    return f"""**What remains is exposure.** Measures without effect still cost: patrols and escorts can be hit, and a
search team makes a convoy slower. Without the five there are {_percent(fewer)} fewer patrol-days and {_percent(spared)}
fewer mission deaths. By factor, in deaths:
{made}. `unprepared` frees the days of classes, which go into patrols: a
little more exposure, so that even training without effect may spare somebody by keeping people in camp."""


def _doubt(frames: Mapping[str, StudyFrame]) -> str:
    head = [
        "| setting | without | outcome | difference | 95 % interval | word | moved from stated, in standard errors |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    shown = [setting.name for setting in settings() if setting.name not in ("inert", "roomy")]
    rows = [_moved(frames, name, variant, outcome) for name in shown for variant, outcome in ASKED]
    claims = [f"- **{setting.name}**: {setting.claim}" for setting in settings()]
    judged = [_visibly(frames, name) for name in ("sceptical", "mirrored")]
    judged += [_turned(frames, name, variants) for name, variants in TURNS.items()]
    return "\n".join([*claims, "", *judged, "", LIMIT, "", *head, *rows])


def _moved(frames: Mapping[str, StudyFrame], name: str, variant: str, outcome: str) -> str:
    change, error = moved_by(frames["stated"], frames[name], variant, outcome)
    told = "-" if name == "stated" else f"{change:+.1f} ({abs(change) / error if error else 0:.1f})"
    return f"| {name} | {_difference(frames[name], variant, outcome)} | {told} |"


def _visibly(frames: Mapping[str, StudyFrame], name: str) -> str:
    change, error = moved_by(frames["stated"], frames[name], "none", MAIN)
    moves = "yes" if abs(change) >= VISIBLE * error else "**NO**"
    before, after = (difference_of(frames[each], "none", MAIN).word for each in ("stated", name))
    return (
        f"- **{name}** moves the package visibly (mission deaths, at least {VISIBLE:g} standard errors): {moves}, by "
        f'{change:+.1f} deaths or {abs(change) / error:.1f} standard errors; "{before}" becomes "{after}"'
    )


def _turned(frames: Mapping[str, StudyFrame], name: str, variants: Sequence[str]) -> str:
    """Which claims of lives saved under stated effects are still made in a setting."""
    asked = [row for row in ASKED if row[0] in variants]
    made = [row for row in asked if _credited(frames["stated"], *row)]
    left = [row for row in made if _credited(frames[name], *row)]
    named = "; ".join(f"`{variant}`, {outcome.replace('_', ' ')}" for variant, outcome in left) or "none"
    return (
        f"- **{name}**: of {len(made)} claims under stated effects that the measures concerned save lives (likely or "
        f'very likely), {len(made) - len(left)} turn, lose their probability or read "cannot tell"; still made: {named}'
    )


def _credited(frame: StudyFrame, variant: str, outcome: str) -> bool:
    word = difference_of(frame, variant, outcome).word
    return word.side == "more" and word.word.endswith("likely")


def _difference(frame: StudyFrame, variant: str, outcome: str) -> str:
    known = difference_of(frame, variant, outcome)
    words = f"`{variant}` | {outcome.replace('_', ' ')}"
    size = f"{known.mean:+.1f} of {known.with_measures:.0f}"
    return f"{words} | {size} | {known.low:+.1f} to {known.high:+.1f} | {known.word}"


def _altered() -> str:
    rows = ["| number | measure | other sign |", "| --- | --- | --- |"]
    for effect in EFFECTS:
        sign = f"to -{effect.mirror:g}" if effect.mirror else "none; 0 instead"
        rows.append(f"| `{effect.name}` | `{effect.measure}` | {sign} |")
    return f"""A scenario may set a number only within its packaged range, and several ranges begin above zero
(`find_probability`, `tip_rate`) or allow one sign (`training_effect`, `drill_effect`, `escort_deterrence`). The rules
themselves allow more: an effect in an exponent may have either sign. The study draws such values past the range check
of the scenario (`analysis/placebo_settings.py`); a share of devices found cannot be negative, so there the mirror is
nothing found.

{chr(10).join(rows)}"""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def main() -> None:
    """Run the missing replications and write the page."""
    asked = parser("Placebo tests: answers that are built in; writes docs/built_in_answers.md.", "placebo_tests", 200)
    asked.add_argument("--small", type=int, default=20, help="replications of a small study")
    given = asked.parse_args()
    if not 2 <= given.small <= given.replications:
        asked.error(f"--small {given.small}: 2 to {given.replications}, the number of replications")
    with told_plainly(asked):
        text = page(run(given.out, given.replications, given.workers), given.small)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
