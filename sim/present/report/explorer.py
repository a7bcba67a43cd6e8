"""One page that holds every combination of the measures of a factorial study, computed beforehand: no server needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.inference.attribution import subset_name
from sim.inference.comparison import answer as answer_of
from sim.present.locale import Tongue
from sim.present.report.labels import CLAIMS, counted, measure_name, name_of
from sim.present.report.loaders import NoStore
from sim.present.report.page import Question, rendered
from sim.present.report.policy_names import ALL, NO_MEASURE, factorial_measures, labels
from sim.present.report.provenance import of_study
from sim.present.report.sentences import sentence, years
from sim.present.report.tables import Cell, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.inference.comparison import Answer, Difference
    from sim.present.report.loaders import Study

SHOWN = ("peacekeepers_killed", "peacekeepers_wounded", "civilians_killed", "civilians_displaced")
SPENT = ("effort_person_days", "patrol_days", "convoy_km", "training_days", "vehicle_days", "flight_hours")


@dataclass(frozen=True)
class Factorial:
    """A factorial study held against the history that was reported, in which all its measures are in force."""

    measures: tuple[str, ...]
    answer: Answer
    tongue: Tongue
    named: Mapping[str, str]

    @property
    def shown(self) -> tuple[str, ...]:
        """The outcomes on the page: people before anything else."""
        known = self.answer.outcomes
        return tuple(name for name in SHOWN if name in known) or known[: len(SHOWN)]

    @property
    def reported(self) -> str:
        """The variant with all measures."""
        return self.answer.frame.baseline


def explorer_page(study: Study, language: str) -> str:
    """The page, as HTML.  NoStore for a study that is not factorial."""
    of = _factorial(study, Tongue(language))
    tongue, frame = of.tongue, of.answer.frame
    combinations = [_combination(of, subset) for subset in range(2 ** len(of.measures))]
    return rendered(
        "explore.html",
        tongue,
        question=Question.of(frame.scenario, tongue),
        measures=[(name, measure_name(tongue, name), _claim(tongue, name)) for name in of.measures],
        data={"combinations": combinations, "strips": _strips(combinations), "words": _words(tongue)},
        every=_every(combinations, of),
        origin=of_study(study, tongue),
        replications=tongue.plural("{n} pair of histories", "{n} pairs of histories", len(frame.replications)),
    )


def _factorial(study: Study, tongue: Tongue) -> Factorial:
    measures = factorial_measures(study.frame.scenario)
    if not measures:
        raise NoStore(
            f"{study.path}: holds no factorial study, which --explore needs; "
            "`minusim attribute measures_2018 --out FOLDER` runs the one of the five measures of 2018"
        )
    reported = subset_name(measures, 2 ** len(measures) - 1)
    named = labels(study.frame, tongue) | {reported: tongue.say("as reported")}
    return Factorial(measures, answer_of(replace(study.frame, baseline=reported)), tongue, named)


def _combination(of: Factorial, subset: int) -> dict[str, Any]:
    """Everything that is shown of one subset; numbers for the strips, the rest as words."""
    variant = subset_name(of.measures, subset)
    held = [measure_name(of.tongue, name) for bit, name in enumerate(of.measures) if subset >> bit & 1]
    whole = variant == of.reported
    said = of.tongue.say(ALL) if whole else ", ".join(held) or of.tongue.say(NO_MEASURE)
    if whole:
        outcomes = [_own_outcome(of, name) for name in of.shown]
        return {"with": said, "sentence": _own_sentence(of), "outcomes": outcomes, "costs": _costs(of, variant)}
    rows = [of.answer.of(variant, name) for name in of.shown]
    outcomes = [_outcome(row, of.tongue) for row in rows]
    return {"with": said, "sentence": _sentence(rows[0], of), "outcomes": outcomes, "costs": _costs(of, variant)}


def _own_sentence(of: Factorial) -> str:
    outcome = of.shown[0]
    mean, low, high = _of_counts(of.answer.baseline[outcome])
    return of.tongue.say(
        "This is the history that was reported: all measures. The model averages {count} {noun} in {years} "
        "(95 % interval of the average {low} to {high}).",
        count=of.tongue.number(mean), noun=counted(of.tongue, outcome, mean), years=years(of.answer.frame.scenario),
        low=of.tongue.number(low), high=of.tongue.number(high),
    )  # fmt: skip


def _sentence(row: Difference, of: Factorial) -> str:
    words = {"variant": of.named[row.variant], "base": of.named[of.reported], "years": years(of.answer.frame.scenario)}
    return sentence(row, of.tongue.span(row.low, row.high), words, of.tongue)


def _own_outcome(of: Factorial, name: str) -> dict[str, Any]:
    level = of.answer.baseline[name]
    return _level(name, level, of.tongue) | {
        "change": of.tongue.say("the reported history itself"),
        "span": "",
        "verdict": "",
    }


def _outcome(row: Difference, tongue: Tongue) -> dict[str, Any]:
    level = _level(row.outcome, (row.variant_mean, row.variant_low, row.variant_high), tongue)
    verdict = tongue.say(str(row.verdict))
    return level | {"change": tongue.signed(row.mean), "span": tongue.span(row.low, row.high), "verdict": verdict}


def _level(name: str, level: tuple[float, float, float], tongue: Tongue) -> dict[str, Any]:
    mean, low, high = _of_counts(level)
    return {
        "name": name_of(tongue, name),
        "mean": tongue.number(mean),
        "range": tongue.say("{low} to {high}", low=tongue.number(low), high=tongue.number(high)),
        "at": [_plain(value) for value in (low, mean, high)],
    }


def _of_counts(level: tuple[float, float, float]) -> tuple[float, float, float]:
    """The interval of an average of counts ends at zero."""
    mean, low, high = level
    return mean, max(low, 0.0), high


def _costs(of: Factorial, variant: str) -> list[dict[str, str]]:
    """What a combination spends; of the reported history the averages alone."""
    whole = variant == of.reported
    table = of.answer.costs
    rows = table[table["variant"] == (of.answer.compared[0] if whole else variant)].set_index("item")
    spent = []
    for name in SPENT:
        row = rows.loc[name]
        change = "" if whole else of.tongue.signed(float(row["difference"]))
        span = "" if whole else of.tongue.span(float(row["low"]), float(row["high"]))
        mean = of.tongue.number(float(row["baseline" if whole else "value"]))
        spent.append({"name": name_of(of.tongue, name), "mean": mean, "change": change, "span": span})
    return spent


def _plain(value: float) -> float | None:
    return None if value != value else round(float(value), 3)


def _strips(combinations: list[dict[str, Any]]) -> list[list[float]]:
    """Of each outcome the ends of its scale, which all combinations share."""
    ends = []
    for number in range(len(combinations[0]["outcomes"])):
        at = np.array([each["outcomes"][number]["at"] for each in combinations], dtype=np.float64)
        low, high = float(np.nanmin(at)), float(np.nanmax(at))
        room = 0.04 * (high - low) or 1.0
        ends.append([round(max(low - room, 0.0), 3), round(high + room, 3)])
    return ends


def _claim(tongue: Tongue, measure: str) -> str:
    return tongue.say(CLAIMS[measure]) if measure in CLAIMS else ""


def _words(tongue: Tongue) -> dict[str, str]:
    """What the script writes by itself."""
    return {
        "strip": tongue.say("{name}: average {mean}, interval {range}, among all combinations"),
        "bar": tongue.say("{name}: {mean} ({change})"),
        "change": tongue.say("Difference to the reported history"),
    }


def _every(combinations: list[dict[str, Any]], of: Factorial) -> Table:
    """All combinations in one table: for paper, and for browsers without scripts."""
    rows = [(Cell(each["with"]), *map(_cell, each["outcomes"])) for each in reversed(combinations)]
    head = (of.tongue.say("Measures in force"), *(name_of(of.tongue, name) for name in of.shown))
    count = of.tongue.number(len(combinations))
    caption = of.tongue.say("All {n} combinations: average, difference to the reported history, how sure", n=count)
    return Table(caption, head, tuple(rows))


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(row["mean"], tuple(filter(None, (row["change"], row["span"], row["verdict"]))))
