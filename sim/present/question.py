"""What a scenario asks, and how a result of it is made again."""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from sim.inference.attribution import factorial_measures
from sim.present.labels import policy_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.present.locale import Locale
    from sim.present.report.loaders import Run, Study
    from sim.scenario import Scenario

ATTRIBUTION = "-attribution"  # what `minusim attribute` adds to the name of a scenario
FILE = "scenario.yaml"


@dataclass(frozen=True)
class Question:
    """The words of a scenario.  language: of title, narrative and sources; empty where the author chose it."""

    title: str
    narrative: str
    sources: tuple[str, ...]
    period: str
    language: str

    @classmethod
    def of(cls, scenario: Scenario, locale: Locale) -> Question:
        """Words of packaged scenarios are translated, others stay as they were written."""
        title, narrative = scenario.title or policy_name(locale, scenario.name), " ".join(scenario.narrative.split())
        packaged = all(locale.knows(text) for text in (title, narrative, *scenario.sources) if text)
        translated = locale.gettext if packaged else str
        first, last = (locale.date(day) for day in (scenario.period.start, scenario.period.end))
        return cls(
            title=translated(title),
            narrative=translated(narrative) if narrative else "",
            sources=tuple(map(translated, scenario.sources)),
            period=locale.gettext("{first} to {last}", first=first, last=last),
            language=locale.language if packaged else "",
        )


@dataclass(frozen=True)
class Provenance:
    """Facts as pairs of words, the command, the scenario in full.

    saved: whether the scenario must be saved first; deposit: whether an archive can be made of it.
    """

    facts: tuple[tuple[str, str], ...]
    command: str
    yaml: str
    saved: bool
    deposit: bool = True

    @classmethod
    def of_study(cls, study: Study, locale: Locale) -> Provenance:
        """How to repeat a study: facts, command and scenario."""
        _, frame, scenario = locale.gettext, study.frame, study.frame.scenario
        facts = (
            *_model(study.version, study.fingerprint, scenario, locale),
            (_("Seed"), str(scenario.seed)),
            (_("Policies"), locale.number(len(frame.variants))),
            (_("Replications"), str(len(frame.replications))),
            (_("Failed runs"), str(len(frame.failed))),
            (_("Numbers drawn in every replication"), str(len(frame.draws.columns))),
            (_("Computing time of all runs"), run_time(float(frame.runs["seconds"].sum()), locale)),
        )
        command, saved = _study_command(scenario, len(frame.replications))
        return cls(facts, command, scenario.to_yaml(), saved)

    @classmethod
    def of_run(cls, run: Run, locale: Locale) -> Provenance:
        """How to repeat a run: facts, command and scenario."""
        _, record = locale.gettext, run.results.record
        facts = (
            *_model(record.version, record.fingerprint, record.scenario, locale),
            (_("Seed"), str(record.seed)),
            (_("Seeds run in all"), str(run.seeds)),
        )
        name, saved = _named(record.scenario)
        command = _line(["minusim", "run", name, "--seed", str(record.seed), "--seeds", str(run.seeds)])
        return cls(facts, command, record.scenario.to_yaml(), saved, deposit=False)


def run_time(seconds: float, locale: Locale) -> str:
    """Seconds of computing in the unit that people would use."""
    if seconds < 120:
        return locale.ngettext("{n} second", "{n} seconds", seconds)
    if seconds < 7200:
        return locale.ngettext("{n} minute", "{n} minutes", seconds / 60)
    return locale.ngettext("{n} hour", "{n} hours", seconds / 3600)


def _model(version: str, fingerprint: str, scenario: Scenario, locale: Locale) -> list[tuple[str, str]]:
    return [
        (locale.gettext("Version of minusim"), version),
        (locale.gettext("Fingerprint of the model"), fingerprint[:16]),
        (locale.gettext("Hash of the scenario"), scenario.hash[:16]),
    ]


def _study_command(scenario: Scenario, replications: int) -> tuple[str, bool]:
    """The command that runs a study, and whether its scenario must be saved first."""
    measures = factorial_measures(scenario)
    name, saved = _named(scenario)
    tail = ["--replications", str(replications), "--out", "again"]
    if not measures or name == FILE:
        return _line(["minusim", "compare", name, *tail]), saved
    return _line(["minusim", "attribute", name, "--measures", ",".join(measures), *tail]), saved


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
