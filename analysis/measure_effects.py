"""What every measure does in the model: to the quantity of its own mechanism, and to lives, whatever it is.

``python -m analysis.measure_effects [REPLICATIONS] [--out DIR] [--uncertainties prior] [--workers N]`` runs 2016-18 as
reported and without each measure of the registry, writes ``docs/effects.md`` and the section "What the model finds" of
every measure's page.  Finished runs stay in DIR (default ``results/effects``): the same command goes on where it was
stopped, and a larger number extends it.  About 3 s a replication on one core, and 4 s for each of the first 20.
"""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.special import stdtrit

from analysis.command import parser, told_plainly
from analysis.mechanisms import MECHANISMS, Quantity, observe
from sim.calibration.mission import CLOCK, MISSION
from sim.cli.progress import tracked
from sim.inference.comparison.differences import Difference, difference
from sim.inference.comparison.pairs import Pairs
from sim.model.plan import Plan
from sim.model.simulation import Simulation, Snapshot
from sim.scenario import MEASURES, Scenario, load, loads
from sim.study import Study, StudyFrame
from sim.study.draws import drawn_plan
from sim.study.identity import fingerprint

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "effects.md"
COMMAND = "python -m analysis.measure_effects"
BEGIN = f"<!-- effects: written by `{COMMAND}`; do not edit -->"
END = "<!-- effects: end -->"
TITLE = "## What the model finds"
BASELINE = "as_reported"
OUTCOMES = ("peacekeepers_killed", "peacekeepers_wounded", "civilians_killed", "civilians_displaced")
OBSERVED = 20  # replications whose mechanisms are observed; they vary much less than lives
FIRST, LAST = "2016-01-01", "2018-12-31"


def without(measure: str) -> str:
    """The variant without a measure."""
    return f"without_{measure}"


def scenario(uncertainties: str = "prior", measures: Iterable[str] = MEASURES, last_day: str = LAST) -> Scenario:
    """The historical scenario from 2016, as reported and without each of the measures."""
    tree = yaml.safe_load(load("historical").to_yaml())
    tree |= {
        "title": "As reported, and without each measure",
        "period": {"start": FIRST, "end": last_day},
        "baseline": BASELINE,
        "variants": {BASELINE: {}} | {without(name): {"measures": {name: None}} for name in measures},
        "outcomes": list(OUTCOMES),
        "uncertainties": uncertainties,
    }
    return loads(yaml.safe_dump(tree, sort_keys=False), "effects")


def lives(frame: StudyFrame, measure: str) -> list[Difference]:
    """As reported less without the measure, by outcome."""
    turned = _against(frame, without(measure))
    return [difference(Pairs(turned, BASELINE), name) for name in OUTCOMES]


def _against(frame: StudyFrame, reference: str) -> StudyFrame:
    return replace(frame, baseline=reference)


def mechanisms(study: Study, replications: int, folder: Path | None) -> pd.DataFrame:
    """measure, quantity, replication, off, on; what the folder holds of this version is not run again."""
    file = None if folder is None else folder.parent / f"{folder.name}-mechanisms-{_identity(study)}.csv"
    known = pd.read_csv(file) if file is not None and file.exists() else pd.DataFrame(columns=["replication"])
    missing = [number for number in range(replications) if number not in set(known["replication"])]
    for number in tracked(missing, len(missing), "replications observed"):
        known = pd.concat([known, _observed(study, number)], ignore_index=True)
        if file is not None:
            _keep(known, file)
    return known[known["replication"] < replications]


def _keep(known: pd.DataFrame, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    known.to_csv(unfinished, index=False, lineterminator="\n")
    unfinished.replace(file)  # whole or not there


def _identity(study: Study) -> str:
    text = "".join((study.scenario.hash, fingerprint(MISSION), *study.scenario.variants))
    return sha256(text.encode()).hexdigest()[:8]


def _observed(study: Study, replication: int) -> pd.DataFrame:
    """The quantities of one replication, as reported and without each measure; the years before are shared."""
    measures = [name for name in MECHANISMS if without(name) in study.scenario.variants]
    everything = _unique(quantity for name in measures for quantity in MECHANISMS.get(name, ()))
    model = _model(study, BASELINE, replication)
    model.advance_to(CLOCK.day_index(study.scenario.period.start) - 1)
    dawn = model.snapshot()
    on = observe(model, everything)
    rows = []
    for name in measures:
        off = _without(study, name, replication, dawn)
        about = {"measure": name, "replication": replication}
        rows += [{**about, "quantity": q.name, "off": off[q.name], "on": on[q.name]} for q in MECHANISMS.get(name, ())]
    return pd.DataFrame(rows)


def _without(study: Study, measure: str, replication: int, dawn: Snapshot) -> dict[str, float]:
    model = _model(study, without(measure), replication)
    model.restore(dawn)
    return observe(model, MECHANISMS.get(measure, ()))


def _unique(quantities: Iterable[Quantity]) -> list[Quantity]:
    return list({quantity.name: quantity for quantity in quantities}.values())


def _model(study: Study, variant: str, replication: int) -> Simulation:
    plan = study.blueprint.plans[variant]
    if not isinstance(plan, Plan):
        raise RuntimeError(plan.traceback)
    return Simulation(drawn_plan(plan, study.blueprint.draws.values(replication)), study.scenario.seed, replication)


def section(frame: StudyFrame, seen: pd.DataFrame, measure: str) -> str:
    """What stands between the markers of a measure's page."""
    found = lives(frame, measure)
    lines = [
        BEGIN,
        TITLE,
        "",
        *_about(frame, seen, measure),
        "",
        "| what the measure acts on | off | as reported | change | 95 % interval |",
        "| --- | --- | --- | --- | --- |",
        *_mechanism_rows(seen, measure),
        "",
        "| lives, 2016-18 | off | as reported | difference | 95 % interval | said |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_lives_row(each) for each in found),
        END,
    ]
    return "\n".join(lines)


def _about(frame: StudyFrame, seen: pd.DataFrame, measure: str) -> list[str]:
    observed = seen.loc[seen["measure"] == measure, "replication"].nunique()
    pairs = Pairs(frame, without(measure)).count
    drawn = {"point": "every number at its packaged value"}.get(
        frame.scenario.uncertainties.kind, f"numbers drawn from the {frame.scenario.uncertainties.kind}"
    )
    return [
        f"Simulated, from `{COMMAND} {len(frame.replications)}`: the measure at its reported level against off, the",
        f"rest of 2016-18 as reported, {drawn}. {pairs} pairs for lives, {observed} for the",
        "mechanism. [All measures](../effects.md)",
    ]


def _mechanism_rows(seen: pd.DataFrame, measure: str) -> list[str]:
    rows = []
    for quantity in MECHANISMS.get(measure, ()):
        mine = seen[(seen["measure"] == measure) & (seen["quantity"] == quantity.name)].dropna()
        off, on = mine["off"].to_numpy(float), mine["on"].to_numpy(float)
        low, high = interval(on - off)
        numbers = (number(off.mean(), ""), number(on.mean(), ""), number((on - off).mean()))
        rows.append(f"| {quantity.name} | " + " | ".join(numbers) + f" | {number(low)} to {number(high)} |")
    return rows


def interval(values: np.ndarray) -> tuple[float, float]:
    """Student's 95 % interval of a mean; not numbers for fewer than two values."""
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    half = stdtrit(n - 1, 0.975) * float(values.std(ddof=1)) / np.sqrt(n)
    return float(values.mean() - half), float(values.mean() + half)


def _lives_row(each: Difference) -> str:
    return (
        f"| {each.outcome.replace('_', ' ')} | {number(each.baseline_mean, '')} | {number(each.variant_mean, '')} | "
        f"{number(each.mean)} | {number(each.low)} to {number(each.high)} | {each.verdict} |"
    )


def number(value: float, sign: str = "+") -> str:
    """Three digits at most after the point, fewer for large numbers."""
    if value == 0:
        return "0"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:{sign},.{digits}f}"


def with_section(text: str, written: str) -> str:
    """A page with its generated section renewed, or added at its end."""
    head, begin, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2] if begin else ""
    return f"{head.rstrip()}\n\n{written}\n{tail.lstrip(chr(10))}"


def page(frame: StudyFrame, seen: pd.DataFrame) -> str:
    """Text of the overview page."""
    measures = [name for name in MEASURES if without(name) in frame.variants]
    failed = f" {len(frame.failed)} runs failed." if len(frame.failed) else ""
    head = " | ".join(name.replace("_", " ") for name in OUTCOMES)
    rows = [f"| [`{name}`](measures/{name}.md) | {_overview(frame, name)} |" for name in measures]
    acts = [
        f"| [`{name}`](measures/{name}.md) {row.lstrip()}" for name in measures for row in _mechanism_rows(seen, name)
    ]
    return f"""# What every measure does in the model

Written by `{COMMAND} {len(frame.replications)}`: {len(frame.replications)} replications of 2016-18 as reported and
without each measure, uncertainties `{frame.scenario.uncertainties.kind}`.{failed} All of it is simulated. Differences
are as reported less off: below zero the measure spares people. The interval is the 95 % uncertainty of the average
difference, and the words are the fixed ones of [comparing.md](comparing.md). A measure at its reported level is often
close to off (most levels were modest until 2018), and one that costs patrols changes exposure as well as protection.

## Lives

| measure | {head} |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}

## Mechanisms

| measure | what it acts on | off | as reported | change | 95 % interval |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(acts)}
"""


def _overview(frame: StudyFrame, measure: str) -> str:
    return " | ".join(
        f"{number(each.mean)} ({number(each.low)} to {number(each.high)}), {each.verdict}"
        for each in lives(frame, measure)
    )


def write(frame: StudyFrame, seen: pd.DataFrame) -> None:
    """Write the overview and the section of every measure."""
    PAGE.write_text(page(frame, seen), encoding="utf-8")
    for measure in (name for name in MEASURES if without(name) in frame.variants):
        file = DOCS / "measures" / f"{measure}.md"
        file.write_text(with_section(file.read_text("utf-8"), section(frame, seen, measure)), encoding="utf-8")


def main() -> None:
    """Run the missing replications and write the pages."""
    asked = parser("What every measure does in the model; writes docs.", "effects", 200)
    asked.add_argument("--uncertainties", choices=("point", "prior", "posterior"), default="prior")
    given = asked.parse_args()
    if given.replications < 3:
        asked.error(f"{given.replications} replications: at least 3")
    folder = given.out / given.uncertainties
    with told_plainly(asked):
        study = Study(scenario(given.uncertainties), folder, given.replications, given.workers)
        frame = study.run(lambda ended, total: tracked(ended, total, "runs"))
        seen = mechanisms(study, min(given.replications, OBSERVED), folder)
    write(frame, seen)
    print(page(frame, seen))


if __name__ == "__main__":
    main()
