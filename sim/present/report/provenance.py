"""Where a page's numbers come from, and the commands that make them again."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from sim.present.report.policy_names import factorial_measures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.present.locale import Tongue
    from sim.present.report.loaders import Run, Study
    from sim.scenario import Scenario

ATTRIBUTION = "-attribution"  # what `minusim attribute` adds to the name of a scenario
FILE = "scenario.yaml"


@dataclass(frozen=True)
class Origin:
    """Facts as pairs of words, the command, the scenario in full.

    saved: whether the scenario must be saved first; deposit: whether an archive can be made of it.
    """

    facts: tuple[tuple[str, str], ...]
    command: str
    yaml: str
    saved: bool
    deposit: bool = True


def of_study(study: Study, tongue: Tongue) -> Origin:
    """How a study is made again."""
    frame = study.frame
    scenario = frame.scenario
    drawn = len(frame.draws.columns)
    facts = [
        *_model(study.version, study.fingerprint, scenario, tongue),
        (tongue.say("Seed"), str(scenario.seed)),
        (tongue.say("Policies"), tongue.number(len(frame.variants))),
        (tongue.say("Replications"), str(len(frame.replications))),
        (tongue.say("Runs that failed"), str(len(frame.failed))),
        (tongue.say("Numbers drawn in every replication"), str(drawn)),
        (tongue.say("Time of all runs"), run_time(float(frame.runs["seconds"].sum()), tongue)),
    ]
    command, saved = study_command(scenario, len(frame.replications))
    return Origin(tuple(facts), command, scenario.to_yaml(), saved)


def of_run(run: Run, tongue: Tongue) -> Origin:
    """How a run is made again."""
    record = run.results.record
    facts = [
        *_model(record.version, record.fingerprint, record.scenario, tongue),
        (tongue.say("Seed"), str(record.seed)),
        (tongue.say("Seeds run in all"), str(run.seeds)),
    ]
    name, saved = _named(record.scenario)
    seeds = ["--seed", str(record.seed), "--seeds", str(run.seeds)]
    return Origin(
        tuple(facts), _line(["minusim", "run", name, *seeds]), record.scenario.to_yaml(), saved, deposit=False
    )


def study_command(scenario: Scenario, replications: int) -> tuple[str, bool]:
    """The command that runs a study, and whether its scenario must be saved first."""
    measures = factorial_measures(scenario)
    name, saved = _named(scenario)
    tail = ["--replications", str(replications), "--out", "again"]
    if not measures or name == FILE:
        return _line(["minusim", "compare", name, *tail]), saved
    return _line(["minusim", "attribute", name, "--measures", ",".join(measures), *tail]), saved


def run_time(seconds: float, tongue: Tongue) -> str:
    """Seconds of computing in the unit that people would use."""
    if seconds < 120:
        return tongue.plural("{n} second", "{n} seconds", seconds)
    if seconds < 7200:
        return tongue.plural("{n} minute", "{n} minutes", seconds / 60)
    return tongue.plural("{n} hour", "{n} hours", seconds / 3600)


def _model(version: str, fingerprint: str, scenario: Scenario, tongue: Tongue) -> list[tuple[str, str]]:
    return [
        (tongue.say("Version of minusim"), version),
        (tongue.say("Fingerprint of the model"), fingerprint[:16]),
        (tongue.say("Hash of the scenario"), scenario.hash[:16]),
    ]


def _named(scenario: Scenario) -> tuple[str, bool]:
    """The packaged scenario that this is, or the file in which to save it."""
    from sim.scenario import load, packaged_names

    name = scenario.name.removesuffix(ATTRIBUTION)
    if name not in packaged_names():
        return FILE, True
    known = load(name)
    if name == scenario.name:
        asked = (scenario.hash, scenario.variants, scenario.outcomes)
        same = (known.hash, known.variants, known.outcomes) == asked
    else:
        same = (known.variant(known.baseline) if known.baseline else known).hash == scenario.hash
    return (name, False) if same else (FILE, True)


def _line(words: Sequence[str]) -> str:
    return " ".join(quote(word) for word in words)
