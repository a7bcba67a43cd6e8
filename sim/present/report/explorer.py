"""One page that holds every combination of the measures of a factorial study, computed beforehand: no server needed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.inference.attribution import factorial_measures, subset_name
from sim.inference.comparison import answer as answer_of
from sim.present.answer_view import Presenter
from sim.present.html import render
from sim.present.labels import counted, measure_name, outcome_name, period_text, policy_names, subset_label
from sim.present.locale import Locale
from sim.present.question import Provenance, Question
from sim.present.report.loaders import NoStore
from sim.present.sentences import Estimate, difference_sentence, verdict_legend
from sim.present.tables import Cell, Table
from sim.scenario.registry import MEASURES

if TYPE_CHECKING:
    from sim.inference.comparison import Difference
    from sim.present.report.loaders import Study

OUTCOMES = ("peacekeepers_killed", "peacekeepers_wounded", "civilians_killed", "civilians_displaced")
COSTS = ("effort_person_days", "patrol_days", "convoy_km", "training_days", "vehicle_days", "flight_hours")


def explorer_page(study: Study, language: str) -> str:
    """The page, as HTML.  NoStore for a study that is not factorial."""
    explorer, locale = _explorer(study, Locale(language)), Locale(language)
    combinations = [explorer.combination(subset) for subset in range(2 ** len(explorer.measures))]
    _, scenario = locale.gettext, study.frame.scenario
    return render(
        "explore.html",
        locale,
        question=Question.of(scenario, locale),
        measures=[(name, measure_name(locale, name), _(MEASURES[name].brief)) for name in explorer.measures],
        data={"combinations": combinations, "strips": _strips(combinations), "words": _script_words(locale)},
        every=explorer.table(combinations),
        legend=verdict_legend(locale),
        provenance=Provenance.of_study(study, locale),
        replications=locale.ngettext("{n} pair of runs", "{n} pairs of runs", len(study.frame.replications)),
    )


def _explorer(study: Study, locale: Locale) -> _Explorer:
    measures = factorial_measures(study.frame.scenario)
    if not measures:
        raise NoStore(
            f"{study.path}: holds no factorial study, which --explore needs; "
            "`minusim attribute measures_2018 --out FOLDER` runs the one of the five measures of 2018"
        )
    reported = subset_name(measures, 2 ** len(measures) - 1)
    names = policy_names(study.frame, locale) | {reported: locale.gettext("as reported")}
    answer = answer_of(replace(study.frame, baseline=reported))
    return _Explorer(Presenter(answer, locale, names), measures)


class _Explorer:
    """A factorial study held against the history that was reported, in which all its measures are in force."""

    def __init__(self, presenter: Presenter, measures: tuple[str, ...]) -> None:
        self.presenter, self.measures = presenter, measures
        self.answer, self.locale = presenter.answer, presenter.locale
        known = self.answer.outcomes
        self.outcomes = tuple(name for name in OUTCOMES if name in known) or known[: len(OUTCOMES)]

    def combination(self, subset: int) -> dict[str, Any]:
        """Everything that is shown of one subset; numbers for the strips, the rest as words."""
        variant = subset_name(self.measures, subset)
        if variant == self.answer.frame.baseline:
            sentence, outcomes = self._reported_sentence(), [self._reported(name) for name in self.outcomes]
        else:
            rows = [self.answer.of(variant, name) for name in self.outcomes]
            policies = self.presenter.names[variant], self.presenter.baseline
            period = period_text(self.locale, self.answer.frame.scenario)
            sentence = difference_sentence(Estimate.of(rows[0]), policies, period, self.locale)
            outcomes = [self._outcome(row) for row in rows]
        label = subset_label(self.locale, self.measures, subset)
        return {"with": label, "sentence": sentence, "outcomes": outcomes, "costs": self._costs(variant)}

    def table(self, combinations: list[dict[str, Any]]) -> Table:
        """All combinations in one table: for paper, and for browsers without scripts."""
        _ = self.locale.gettext
        rows = tuple((Cell(each["with"]), *map(_cell, each["outcomes"])) for each in reversed(combinations))
        head = (_("Measures in force"), *(outcome_name(self.locale, name) for name in self.outcomes))
        count = self.locale.number(len(combinations))
        caption = _("All {n} combinations: average, difference from the reported history, confidence", n=count)
        return Table(caption, head, rows)

    def _reported_sentence(self) -> str:
        outcome, locale = self.outcomes[0], self.locale
        mean, low, high = self.answer.baseline[outcome]
        period = period_text(locale, self.answer.frame.scenario)
        return locale.gettext(
            "This is the reported history: all measures. The model averages {count} {noun} in {years} "
            "(95 % interval of the average: {interval}).",
            count=locale.number(mean), noun=counted(locale, outcome, mean), years=period,
            interval=locale.positive_interval(low, high),
        )  # fmt: skip

    def _reported(self, name: str) -> dict[str, Any]:
        change = self.locale.gettext("the reported history itself")
        return self._level(name, self.answer.baseline[name]) | {"change": change, "span": "", "verdict": ""}

    def _outcome(self, row: Difference) -> dict[str, Any]:
        cell = self.presenter.difference(row)
        level = self._level(row.outcome, (row.variant_mean, row.variant_low, row.variant_high))
        span, verdict = cell.below or ("", "")
        return level | {"change": cell.text, "span": span, "verdict": verdict}

    def _level(self, name: str, level: tuple[float, float, float]) -> dict[str, Any]:
        mean, low, high = level
        at = [None if value != value else round(float(value), 3) for value in (max(low, 0.0), mean, high)]
        text = self.locale.positive_interval(low, high)
        return {"name": outcome_name(self.locale, name), "mean": self.locale.number(mean), "range": text, "at": at}

    def _costs(self, variant: str) -> list[dict[str, str]]:
        """What a combination spends; of the reported history the averages alone."""
        whole, table = variant == self.answer.frame.baseline, self.answer.costs
        rows = table[table["variant"] == (self.answer.compared[0] if whole else variant)].set_index("item")
        spent = []
        for name in COSTS:
            row = rows.loc[name]
            cell = Cell("", ("",)) if whole else self.presenter.cost(row)
            mean = self.locale.number(float(row["baseline" if whole else "value"]))
            item = outcome_name(self.locale, name)
            spent.append({"name": item, "mean": mean, "change": cell.text, "span": cell.below[0]})
        return spent


def _strips(combinations: list[dict[str, Any]]) -> list[list[float]]:
    """Of each outcome the ends of its scale, which all combinations share."""
    ends = []
    for number in range(len(combinations[0]["outcomes"])):
        at = np.array([each["outcomes"][number]["at"] for each in combinations], dtype=np.float64)
        low, high = float(np.nanmin(at)), float(np.nanmax(at))
        room = 0.04 * (high - low) or 1.0
        ends.append([round(max(low - room, 0.0), 3), round(high + room, 3)])
    return ends


def _script_words(locale: Locale) -> dict[str, str]:
    """Texts that the script of the page inserts."""
    return {
        "strip": locale.gettext("{name}: average {mean}, interval {range}, among all combinations"),
        "bar": locale.gettext("{name}: {mean} ({change})"),
        "change": locale.gettext("Difference from the reported history"),
    }


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(row["mean"], tuple(filter(None, (row["change"], row["span"], row["verdict"]))))
