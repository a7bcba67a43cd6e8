"""Pages about a study and about a run: one self-contained HTML file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.inference.comparison import answer as answer_of
from sim.present.answer_view import answer_view, attributions
from sim.present.figures.inline import Drawing, inline
from sim.present.html import render
from sim.present.labels import outcome_name, policy_names
from sim.present.locale import Locale
from sim.present.question import Provenance, Question
from sim.present.run_view import kept_comparison, run_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.inference.comparison import Answer
    from sim.present.report.loaders import Run, Study


def study_page(study: Study, language: str) -> str:
    """The page about a study: question, answer, tables, figures, costs, assumptions, how to repeat it."""
    locale, answer = Locale(language), answer_of(study.frame)
    return render(
        "study.html",
        locale,
        question=Question.of(study.frame.scenario, locale),
        view=answer_view(answer, locale),
        figures={drawing.name: drawing for drawing in answer_drawings(answer, locale)},
        provenance=Provenance.of_study(study, locale),
    )


def answer_drawings(answer: Answer, locale: Locale) -> Iterator[Drawing]:
    """The figures of a study; none where nothing can be compared."""
    if not answer.decompositions:
        return
    from sim.present.figures.attribution import attribution
    from sim.present.figures.difference_map import difference_map
    from sim.present.figures.fan import fan
    from sim.present.figures.forest import forest
    from sim.present.figures.frontier import frontier

    _, names, most = locale.gettext, policy_names(answer.frame, locale), answer.most_different()
    base = names[answer.frame.baseline]
    variant = names[most.variant if most else answer.compared[0]]
    course = _(
        "Simulated {outcome} over time, with the record where there is one", outcome=outcome_name(locale, answer.main)
    )
    where = _("Where “{variant}” has fewer and more killed than “{base}”, simulated", variant=variant, base=base)
    yield inline(forest(answer, locale), "forest", _("Simulated differences from “{base}”", base=base))
    yield inline(fan(answer, answer.main, locale), "fan", course)
    yield inline(difference_map(answer, locale=locale), "map", where)
    caption = _("Peacekeepers' lives against civilians' lives and effort, simulated")
    yield inline(frontier(answer, locale), "frontier", caption)
    for found in attributions(answer):
        caption = _("Simulated contribution of each measure: {outcome}", outcome=outcome_name(locale, found.outcome))
        yield inline(attribution(found, locale), f"shares-{found.outcome}", caption)


def run_page(run: Run, language: str) -> str:
    """The page about one run: totals, the record and the range of other seeds, figures, how to repeat it."""
    locale = Locale(language)
    return render(
        "run.html",
        locale,
        question=Question.of(run.results.record.scenario, locale),
        view=run_view(run.results, kept_comparison(run), locale),
        figures=list(_run_drawings(run, locale)),
        provenance=Provenance.of_run(run, locale),
    )


def _run_drawings(run: Run, locale: Locale) -> Iterator[Drawing]:
    from sim.present.figures.map import map_of_harm
    from sim.present.figures.timeline import timeline

    _, record = locale.gettext, run.results.record
    yield inline(
        timeline(record, (), locale), "timeline", _("Simulated course of this run, with the record where there is one")
    )
    yield inline(map_of_harm(record, (), locale), "map", _("Where harm occurred in this run, simulated"))
