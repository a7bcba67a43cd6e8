"""The page about a study: question, answer, tables, figures, where harm went, costs, doubts, how to repeat it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sim.inference.attribution import attribute
from sim.inference.comparison import answer as answer_of
from sim.present.locale import Tongue
from sim.present.report import tables
from sim.present.report.assumptions import three
from sim.present.report.figures import Drawing, drawn
from sim.present.report.labels import MEASURE_NAMES, name_of
from sim.present.report.page import Question, rendered
from sim.present.report.policy_names import factorial_measures, labels
from sim.present.report.provenance import of_study
from sim.present.report.sentences import headline
from sim.present.report.tables import Cell, Table

if TYPE_CHECKING:
    from sim.inference.attribution import Attribution
    from sim.inference.comparison import Answer
    from sim.present.report.loaders import Study

SHARED = ("peacekeepers_killed", "civilians_killed")  # outcomes of which a factorial study tells the shares


def study_page(study: Study, language: str) -> str:
    """The page, as HTML."""
    tongue, answer = Tongue(language), answer_of(study.frame)
    named = labels(study.frame, tongue)
    compared = bool(answer.decompositions)
    shared = attributions(answer) if compared else []
    return rendered(
        "study.html",
        tongue,
        question=Question.of(study.frame.scenario, tongue),
        headline=headline(answer, tongue, named),
        policies=tables.policies(answer, tongue, named),
        compared=compared,
        differences=tables.differences(answer, tongue, named) if compared else [],
        made_of=tables.made_of(answer, tongue, named),
        shares=[_shares(found, tongue) for found in shared],
        regions=tables.regions(answer, tongue, named),
        moved=tables.moved(answer, tongue, named),
        costs=[*tables.costs(answer, tongue, named), tables.rates(answer, tongue, named)] if compared else [],
        record=tables.on_record(answer, tongue),
        assumptions=three(answer, tongue, named),
        figures={drawing.name: drawing for drawing in drawings(answer, shared, tongue, named)},
        origin=of_study(study, tongue),
    )


def drawings(
    answer: Answer, shared: Sequence[Attribution], tongue: Tongue, named: Mapping[str, str]
) -> Iterator[Drawing]:
    """The figures of a study; none where nothing can be compared."""
    if not answer.decompositions:
        return
    from sim.present.figures.attribution import attribution
    from sim.present.figures.difference_map import difference_map, most_different
    from sim.present.figures.fan import fan
    from sim.present.figures.forest import forest
    from sim.present.figures.frontier import frontier

    base, most = named[answer.frame.baseline], named[most_different(answer)]
    captions = {
        "forest": tongue.say("Simulated differences to “{base}”, three spreads kept apart", base=base),
        "fan": tongue.say("Simulated course: {outcome}, with the record to 2020", outcome=name_of(tongue, answer.main)),
        "map": tongue.say(
            "Where “{variant}” has fewer and more killed than “{base}”, simulated", variant=most, base=base
        ),
        "frontier": tongue.say("Lives of peacekeepers against lives of civilians and effort, simulated"),
    }
    made = {"forest": forest, "fan": lambda a: fan(a, a.main), "map": difference_map, "frontier": frontier}
    for name, caption in captions.items():
        yield drawn(made[name](answer), name, caption, tongue, named)
    for found in shared:
        caption = tongue.say(
            "Simulated share of each measure in the {outcome} averted", outcome=name_of(tongue, found.outcome)
        )
        yield drawn(attribution(found), f"shares-{found.outcome}", caption, tongue, named)


def attributions(answer: Answer) -> list[Attribution]:
    """What every measure of a factorial study averts; nothing of other studies."""
    measures = factorial_measures(answer.frame.scenario)
    return [attribute(answer.frame, measures, outcome) for outcome in SHARED] if measures else []


def _shares(found: Attribution, tongue: Tongue) -> Table:
    rows = [
        (
            Cell(tongue.say(MEASURE_NAMES.get(share.measure, share.measure))),
            Cell(tongue.signed(share.averted), (tongue.span(share.low, share.high),)),
            Cell(tongue.signed(share.alone)),
            Cell(tongue.signed(share.last)),
        )
        for share in (*found.shares, found.total)
    ]
    head = (tongue.say("Measure"), tongue.say("averts"), tongue.say("alone"), tongue.say("added last"))
    caption = tongue.say("What each measure averts: {outcome}", outcome=name_of(tongue, found.outcome))
    return Table(caption, head, tuple(rows))
