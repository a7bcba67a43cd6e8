"""The tables of a page about a study, as words in its language."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.inference.comparison.assumptions_audit import has_series, observed, variant_scenario
from sim.inference.comparison.decomposition import FACTORS
from sim.present.answer_text import COST_HEADS, RATE_HEADS
from sim.present.report.labels import DEFINITIONS, FACTOR_NAMES, WEAK, name_of, region_name
from sim.present.report.policy_names import changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from sim.inference.comparison import Answer, Difference
    from sim.present.locale import Tongue

PER_TABLE, COSTS_PER_TABLE = 3, 4  # columns side by side, so that a sheet of paper holds them


@dataclass(frozen=True)
class Cell:
    """One cell: what is read first, what stands below it, whether it is sure, whether it is a name in files."""

    text: str
    below: tuple[str, ...] = ()
    sure: bool = False
    code: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a page; the first cell of a row is its head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    words: bool = False  # whether cells are words, set left


def policies(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> Table:
    """What every policy is."""
    names = (answer.frame.baseline, *answer.compared)
    own = [variant_scenario(answer.frame.scenario, name) for name in names]
    rows = [
        (Cell(named[name]), Cell(name, code=True), Cell(changes(own[0], each, tongue)))
        for name, each in zip(names, own, strict=True)
    ]
    head = (tongue.say("Policy"), tongue.say("Name in the files"), tongue.say("Differs from the baseline in"))
    return Table(tongue.say("The policies compared, the baseline first"), head, tuple(rows), words=True)


def differences(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> list[Table]:
    """Outcomes of every policy, three side by side."""
    starts = range(0, len(answer.outcomes), PER_TABLE)
    return [_block(answer, answer.outcomes[start : start + PER_TABLE], tongue, named) for start in starts]


def _block(answer: Answer, outcomes: Sequence[str], tongue: Tongue, named: Mapping[str, str]) -> Table:
    base = answer.frame.baseline
    known = [
        Cell(tongue.number(answer.baseline[name][0]), (_plain_span(answer.baseline[name], tongue),))
        for name in outcomes
    ]
    first = (Cell(tongue.say("{base}, average", base=named[base])), *known)
    rows = [
        (Cell(named[variant]), *(_difference(answer.of(variant, name), tongue) for name in outcomes))
        for variant in answer.compared
    ]
    chance = [answer.of(answer.compared[0], name) for name in outcomes]
    floor = any(row.chance_at_least for row in chance)
    words = tongue.say("chance alone, at least") if floor else tongue.say("chance alone, one history")
    last = (Cell(words), *(Cell(tongue.span(row.chance_low, row.chance_high)) for row in chance))
    caption = tongue.say("Difference to “{base}”: mean, 95 % interval of the average, and how sure", base=named[base])
    head = (tongue.say("Policy"), *(name_of(tongue, name) for name in outcomes))
    return Table(caption, head, (first, *rows, last))


def _plain_span(level: tuple[float, float, float], tongue: Tongue) -> str:
    """The interval of an average of counts, which ends at zero."""
    return tongue.say("{low} to {high}", low=tongue.number(max(level[1], 0.0)), high=tongue.number(level[2]))


def _difference(row: Difference, tongue: Tongue) -> Cell:
    if not row.pairs:
        return Cell(tongue.say("no pairs"))
    below = (tongue.span(row.low, row.high), tongue.say(str(row.verdict)))
    return Cell(tongue.signed(row.mean), below, row.verdict.word not in WEAK)


def made_of(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> Table:
    """The factors of the difference in mission deaths."""
    rows = []
    for part in answer.decompositions:
        values = [*part.by_factor, part.by_factor.sum()]
        rows.append((Cell(named[part.variant]), *(Cell(tongue.signed(round(float(value), 1))) for value in values)))
    head = (tongue.say("Policy"), *(tongue.say(FACTOR_NAMES[name]) for name in FACTORS), tongue.say("sum"))
    return Table(tongue.say("Mission deaths: what the difference is made of, in persons"), head, tuple(rows))


def regions(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> Table | None:
    """Where harm differs by more than Monte Carlo error; None where it does so nowhere."""
    clear = answer.regions[answer.regions["clear"]] if len(answer.regions) else answer.regions
    if clear.empty:
        return None
    rows = [_region(row, tongue, named) for row in clear.to_dict(orient="records")]
    head = (tongue.say("Policy"), tongue.say("Region"), tongue.say("Harm"), tongue.say("Difference"))
    caption = tongue.say("Regions and groups of victims that differ by more than Monte Carlo error")
    return Table(caption, head, tuple(rows), words=True)


def _region(row: dict[str, Any], tongue: Tongue, named: Mapping[str, str]) -> tuple[Cell, ...]:
    place, harm = region_name(tongue, row["region"]), name_of(tongue, row["outcome"])
    span = tongue.span(row["low"], row["high"])
    return Cell(named[row["variant"]]), Cell(place), Cell(harm), Cell(f"{tongue.signed(row['mean'])} ({span})")


def moved(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> list[str]:
    """Which share of the harm averted comes back, in sentences; one that says so where nothing can be told."""
    said = []
    for part in answer.displacements:
        if not part.others_high - part.others_low < 1:  # a wider interval says nothing; nor does NaN
            continue
        values = {
            "variant": named[part.variant],
            "harm": name_of(tongue, part.outcome),
            "share": tongue.percent(part.on_others),
            "low": tongue.percent(part.others_low),
            "high": tongue.percent(part.others_high),
        }
        text = tongue.say(
            "“{variant}”: of the {harm} averted, {share} ({low} to {high}) come back as deaths of others.", **values
        )
        if not isnan(part.elsewhere):
            text += " " + tongue.say("{share} come back in other regions.", share=tongue.percent(part.elsewhere))
        said.append(text)
    return said or [tongue.say("No share of averted harm that comes back can be told from none here.")]


def costs(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> list[Table]:
    """Differences in what policies cost, some items side by side."""
    items = tuple(COST_HEADS)
    starts = range(0, len(items), COSTS_PER_TABLE)
    return [_costs(answer, items[start : start + COSTS_PER_TABLE], tongue, named) for start in starts]


def _costs(answer: Answer, items: Sequence[str], tongue: Tongue, named: Mapping[str, str]) -> Table:
    rows = [
        (Cell(named[str(variant)]), *(_cost(own.set_index("item").loc[item], tongue) for item in items))
        for variant, own in answer.costs.groupby("variant", sort=False)
    ]
    head = (tongue.say("Policy"), *(name_of(tongue, item) for item in items))
    base = named[answer.frame.baseline]
    caption = tongue.say("What it costs: difference to “{base}”, mean and 95 % Monte Carlo bounds", base=base)
    return Table(caption, head, tuple(rows))


def _cost(row: pd.Series, tongue: Tongue) -> Cell:
    return Cell(tongue.signed(float(row["difference"])), (tongue.span(float(row["low"]), float(row["high"])),))


def rates(answer: Answer, tongue: Tongue, named: Mapping[str, str]) -> Table:
    """Rates as they are."""
    rows = []
    for variant, items in answer.costs.groupby("variant", sort=False):
        by_item = items.set_index("item")
        rows.append((Cell(named[str(variant)]), *(_rate(by_item.loc[item], tongue) for item in RATE_HEADS)))
    head = (tongue.say("Policy"), *(name_of(tongue, item) for item in RATE_HEADS))
    return Table(tongue.say("Rates, and in brackets those of the baseline"), head, tuple(rows))


def _rate(row: pd.Series, tongue: Tongue) -> Cell:
    if isnan(row["value"]):
        return Cell(tongue.number(float("nan")))
    return Cell(f"{tongue.decimal(row['value'], 2)} ({tongue.decimal(row['baseline'], 2)})")


def on_record(answer: Answer, tongue: Tongue) -> Table:
    """What was observed of every outcome in the period."""
    rows = [
        (Cell(name_of(tongue, name)), Cell(_observed(answer, name, tongue)), Cell(_counted(name, tongue)))
        for name in answer.outcomes
    ]
    head = (tongue.say("Outcome"), tongue.say("Observed in the period"), tongue.say("What was counted"))
    return Table(tongue.say("What the record says"), head, tuple(rows), words=True)


def _counted(outcome: str, tongue: Tongue) -> str:
    return tongue.say(DEFINITIONS[outcome]) if has_series(outcome) else tongue.say("no series of it in the record")


def _observed(answer: Answer, outcome: str, tongue: Tongue) -> str:
    if not has_series(outcome):
        return tongue.number(float("nan"))
    seen = observed(answer.frame.scenario, outcome)
    if seen is None:
        return tongue.say("nothing in the record for this period")
    value, first, last = seen
    return tongue.say("{value}, {first} to {last}", value=tongue.number(value), first=first, last=last)
