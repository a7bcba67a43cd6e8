"""The lines under a figure: what was run, so that anybody can make it again, and where the facts come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.engine import fingerprint, software_version
from sim.present.question import Question
from sim.results.identity import period_of

if TYPE_CHECKING:
    from sim.missions import Mission
    from sim.model.recorder import RunRecord
    from sim.present.locale import Locale
    from sim.scenario import Scenario
    from sim.study import StudyFrame


def record_credit(mission: Mission) -> str:
    """The sources of the record of a mission; nothing where it has none."""
    return mission.facts.record.credit if mission.facts.record else ""


def run_source(record: RunRecord, seeds: int, facts: str, locale: Locale) -> str:
    """The run, and the sources of the facts beside it."""
    which = [engine_mark(record.fingerprint, locale), scenario_mark(record.scenario, locale)]
    one = locale.gettext("seed {seed}", seed=record.seed)
    many = locale.gettext("{n} seeds, among them {seed}", n=seeds, seed=record.seed)
    return simulated([*which, one if seeds < 2 else many], locale, facts, record.version)


def study_source(frame: StudyFrame, locale: Locale, facts: str = "") -> str:
    """The study, and the sources of the facts beside it."""
    drawn = locale.ngettext("{n} number drawn", "{n} numbers drawn", len(frame.draws.columns))
    which = [
        engine_mark(fingerprint(frame.scenario.mission), locale),
        scenario_mark(frame.scenario, locale),
        locale.gettext("seed {seed}", seed=frame.scenario.seed),
        locale.ngettext("{n} replication", "{n} replications", len(frame.replications)),
        drawn if len(frame.draws.columns) else locale.gettext("nothing drawn"),
    ]
    return simulated(which, locale, facts)


def simulated(which: list[str], locale: Locale, facts: str = "", version: str = "") -> str:
    """The line that says that everything is simulated, by what; ``facts`` on lines of their own below it."""
    line = locale.gettext(
        "Simulated by minusim {version} ({which}); not observed.",
        version=version or software_version(),
        which=", ".join(which),
    )
    return f"{line}\n{locale.gettext(facts)}" if facts else line


def run_title(record: RunRecord, locale: Locale) -> str:
    """What was run, and from when to when."""
    return _titled(record.scenario, *period_of(record), locale)


def study_title(frame: StudyFrame, locale: Locale) -> str:
    """What was studied, and from when to when."""
    period = frame.scenario.period
    return _titled(frame.scenario, f"{period.start}", f"{period.end}", locale)


def _titled(scenario: Scenario, first: str, last: str, locale: Locale) -> str:
    title = Question.of(scenario, locale).title
    return locale.gettext("{title}, {first} to {last}", title=title, first=first, last=last)


def engine_mark(mark: str, locale: Locale) -> str:
    """The engine, by its fingerprint."""
    return locale.gettext("engine {mark}", mark=mark[:12])


def scenario_mark(scenario: Scenario, locale: Locale) -> str:
    """The scenario, by its hash."""
    return locale.gettext("scenario {mark}", mark=scenario.hash[:12])
