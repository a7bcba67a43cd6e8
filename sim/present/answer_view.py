"""The view of an answer: every sentence and table of it in one language, computed once.

Terminal, report, notebook, workbook, explorer and browser view lay it out; none of them words a result itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.inference.attribution import attribute, factorial_measures
from sim.inference.comparison.assumptions_audit import has_series, observed, variant_scenario
from sim.inference.comparison.decomposition import FACTORS
from sim.inference.comparison.differences import CANNOT_TELL, NO_DIFFERENCE, RESTS_ON_ASSUMPTION
from sim.present import labels
from sim.present.assumptions import Assumption, main_assumptions
from sim.present.changes_text import changes_text
from sim.present.labels import outcome_name, period_text, policy_names
from sim.present.sentences import headline, verdict_legend
from sim.present.tables import Cell, Table
from sim.scenario.registry import COSTS, OUTCOMES, RATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from sim.inference.attribution import Attribution
    from sim.inference.comparison import Answer, Difference
    from sim.present.locale import Locale

UNCLEAR = (CANNOT_TELL, RESTS_ON_ASSUMPTION, NO_DIFFERENCE)
SHOWN_COSTS = tuple(name for name, row in COSTS.items() if row.head)
SHOWN_RATES = tuple(name for name, row in RATES.items() if row.head)
SAID = 3  # policies whose changes the first sentence tells
PER_TABLE, COSTS_PER_TABLE = 3, 4  # columns side by side: they fit a sheet of paper and a terminal
SHARED = ("peacekeepers_killed", "civilians_killed")  # outcomes of which a factorial study shows the shares


@dataclass(frozen=True)
class AnswerView:
    """An answer in words.  The tables are empty where nothing could be compared; shares: of a factorial study."""

    question: str  # what was compared with what
    headline: str
    notes: tuple[str, ...]
    legend: str
    precision: tuple[str, ...]
    policies: Table
    record: Table
    differences: tuple[Table, ...]
    decomposition: Table
    shares: tuple[Table, ...]
    displacement: tuple[str, ...]
    regions: Table | None
    costs: tuple[Table, ...]
    rates: Table
    assumptions: tuple[Assumption, ...]

    @property
    def compared(self) -> bool:
        """Whether any two runs could be compared."""
        return bool(self.differences)


def answer_view(answer: Answer, locale: Locale) -> AnswerView:
    """The view of an answer in a language."""
    return Presenter(answer, locale).view()


def attributions(answer: Answer) -> list[Attribution]:
    """What every measure of a factorial study averts; nothing for other studies."""
    measures = factorial_measures(answer.frame.scenario) if answer.decompositions else ()
    return [attribute(answer.frame, measures, outcome) for outcome in SHARED] if measures else []


class Presenter:
    """Words the parts of an answer.  names: variant -> what it is called."""

    def __init__(self, answer: Answer, locale: Locale, names: Mapping[str, str] | None = None) -> None:
        self.answer, self.locale = answer, locale
        self.names = policy_names(answer.frame, locale) if names is None else names
        self.baseline = self.names[answer.frame.baseline]

    def view(self) -> AnswerView:
        """All parts."""
        answer, locale = self.answer, self.locale
        first, notes = headline(answer, self.names, locale)
        return AnswerView(
            question=self.question(),
            headline=first,
            notes=notes,
            legend=verdict_legend(locale),
            precision=tuple(self.precision()),
            policies=self.policies(),
            record=self.record(),
            differences=tuple(self.differences()) if answer.decompositions else (),
            decomposition=self.decomposition(),
            shares=tuple(share_table(found, locale) for found in attributions(answer)),
            displacement=tuple(self.displacement()),
            regions=self.regions(),
            costs=tuple(self.costs()),
            rates=self.rates(),
            assumptions=main_assumptions(answer, self.names, locale),
        )

    def question(self) -> str:
        """What was compared, with what, and when."""
        _, frame = self.locale.gettext, self.answer.frame
        base = variant_scenario(frame.scenario, frame.baseline)
        names = self.answer.compared
        said = [
            _("“{policy}” ({changes})", policy=self.names[name],
              changes=changes_text(self.locale, variant_scenario(frame.scenario, name), base))
            for name in names[:SAID]
        ]  # fmt: skip
        if len(names) > SAID:
            said.append(_("{n} more policies", n=len(names) - SAID))
        values = {
            "policies": ", ".join(said),
            "baseline": self.baseline,
            "period": period_text(self.locale, frame.scenario),
        }
        return _("Compared with “{baseline}” in {period}: {policies}.", **values)

    def policies(self) -> Table:
        """What every policy is."""
        _, answer = self.locale.gettext, self.answer
        names = (answer.frame.baseline, *answer.compared)
        own = {name: variant_scenario(answer.frame.scenario, name) for name in names}
        base = own[answer.frame.baseline]
        rows = tuple(
            (Cell(self.names[name]), Cell(name, code=True), Cell(changes_text(self.locale, each, base)))
            for name, each in own.items()
        )
        head = (_("Policy"), _("Name in the files"), _("Difference from the baseline"))
        return Table(_("Policies compared, the baseline first"), head, rows, words=True)

    def differences(self) -> Iterator[Table]:
        """Outcomes of every policy, a few side by side."""
        outcomes = self.answer.outcomes
        return (self._outcomes(outcomes[n : n + PER_TABLE]) for n in range(0, len(outcomes), PER_TABLE))

    def _outcomes(self, outcomes: Sequence[str]) -> Table:
        _, answer, locale = self.locale.gettext, self.answer, self.locale
        levels = [answer.baseline[name] for name in outcomes]
        known = (Cell(locale.number(mean), (locale.positive_interval(low, high),)) for mean, low, high in levels)
        rows = [(Cell(_("{policy}: average", policy=self.baseline)), *known)]
        for variant in answer.compared:
            rows.append((Cell(self.names[variant]), *(self.difference(answer.of(variant, name)) for name in outcomes)))
        chance = [answer.of(answer.compared[0], name) for name in outcomes]
        floor = any(row.chance_at_least for row in chance)
        words = _("two runs of one policy, by chance: at least") if floor else _("two runs of one policy, by chance")
        rows.append((Cell(words), *(Cell(locale.interval(row.chance_low, row.chance_high)) for row in chance)))
        caption = _("Difference from “{base}”: mean, 95 % interval of the average, confidence", base=self.baseline)
        return Table(caption, (_("Policy"), *(outcome_name(locale, name) for name in outcomes)), tuple(rows))

    def difference(self, row: Difference) -> Cell:
        """The mean, its interval, its verdict."""
        if not row.pairs:
            return Cell(self.locale.gettext("no pairs"))
        below = (self.locale.interval(row.low, row.high), self.locale.gettext(str(row.verdict)))
        return Cell(
            self.locale.signed(row.mean),
            below,
            row.verdict.word not in (CANNOT_TELL, RESTS_ON_ASSUMPTION, NO_DIFFERENCE),
        )

    def decomposition(self) -> Table:
        """The factors of the difference in mission deaths."""
        _ = self.locale.gettext
        rows = []
        for part in self.answer.decompositions:
            values = [*part.by_factor, part.by_factor.sum()]
            cells = (Cell(self.locale.signed(round(float(value), 1))) for value in values)
            rows.append((Cell(self.names[part.variant]), *cells))
        head = (_("Policy"), *(_(labels.FACTORS[name]) for name in FACTORS), _("sum"))
        return Table(_("Mission deaths: factors of the difference, in persons"), head, tuple(rows))

    def displacement(self) -> Iterator[str]:
        """Which share of the harm averted recurs elsewhere; one sentence that says so where none is detectable."""
        _, percent = self.locale.gettext, self.locale.percent
        known = [part for part in self.answer.displacements if part.others_high - part.others_low < 1]
        for part in known:
            text = _(
                "“{variant}”: of the {harm} averted, {share} ({low} to {high}) recur as deaths of others.",
                variant=self.names[part.variant], harm=outcome_name(self.locale, part.outcome),
                share=percent(part.on_others), low=percent(part.others_low), high=percent(part.others_high),
            )  # fmt: skip
            if not isnan(part.elsewhere):
                text += " " + _("{share} recur in other regions.", share=percent(part.elsewhere))
            yield text
        if not known:
            yield _("There is no detectable displacement of harm.")

    def regions(self) -> Table | None:
        """Where harm differs by more than Monte Carlo error; None where it does so nowhere."""
        _, table = self.locale.gettext, self.answer.regions
        clear = table[table["clear"]] if len(table) else table
        if clear.empty:
            return None
        rows = tuple(map(self._region, clear.to_dict(orient="records")))
        head = (_("Policy"), _("Region"), _("Harm"), _("Difference"))
        return Table(_("Regions and groups of victims that differ by more than Monte Carlo error"), head, rows, True)

    def _region(self, row: dict[str, Any]) -> tuple[Cell, ...]:
        region, harm = str(row["region"]), outcome_name(self.locale, row["outcome"])
        change = f"{self.locale.signed(row['mean'])} ({self.locale.interval(row['low'], row['high'])})"
        return Cell(self.names[row["variant"]]), Cell(self.locale.gettext(region)), Cell(harm), Cell(change)

    def costs(self) -> Iterator[Table]:
        """Differences in what policies cost, some items side by side."""
        if len(self.answer.costs):
            for start in range(0, len(SHOWN_COSTS), COSTS_PER_TABLE):
                yield self._items(SHOWN_COSTS[start : start + COSTS_PER_TABLE])

    def _items(self, items: Sequence[str]) -> Table:
        _, locale = self.locale.gettext, self.locale
        rows = tuple(
            (Cell(self.names[variant]), *(self.cost(own.loc[item]) for item in items))
            for variant, own in self._costs_by_variant()
        )
        caption = _("Costs: difference from “{base}”, mean and 95 % Monte Carlo bounds", base=self.baseline)
        return Table(caption, (_("Policy"), *(outcome_name(locale, item) for item in items)), rows)

    def cost(self, row: pd.Series) -> Cell:
        """The difference in one item."""
        interval = self.locale.interval(float(row["low"]), float(row["high"]))
        return Cell(self.locale.signed(float(row["difference"])), (interval,))

    def rates(self) -> Table:
        """Rates as they are."""
        _, locale = self.locale.gettext, self.locale
        rows = tuple(
            (Cell(self.names[variant]), *(self._rate(own.loc[item]) for item in SHOWN_RATES))
            for variant, own in self._costs_by_variant()
        )
        head = (_("Policy"), *(outcome_name(locale, item) for item in SHOWN_RATES))
        return Table(_("Rates, in brackets those of the baseline"), head, rows)

    def _rate(self, row: pd.Series) -> Cell:
        if isnan(row["value"]):
            return Cell(self.locale.number(float("nan")))
        return Cell(f"{self.locale.decimal(row['value'], 2)} ({self.locale.decimal(row['baseline'], 2)})")

    def _costs_by_variant(self) -> Iterator[tuple[str, pd.DataFrame]]:
        if len(self.answer.costs):
            for variant, rows in self.answer.costs.groupby("variant", sort=False):
                yield str(variant), rows.set_index("item")

    def record(self) -> Table:
        """What was observed of every outcome in the period."""
        _, locale = self.locale.gettext, self.locale
        rows = tuple(
            (Cell(outcome_name(locale, name)), Cell(self._observed(name)), Cell(self._counted(name)))
            for name in self.answer.outcomes
        )
        return Table(_("The record"), (_("Outcome"), _("Observed in the period"), _("What was counted")), rows, True)

    def _counted(self, outcome: str) -> str:
        _ = self.locale.gettext
        return _(OUTCOMES[outcome].recorded) if has_series(outcome) else _("no series in the record")

    def _observed(self, outcome: str) -> str:
        if not has_series(outcome):
            return self.locale.number(float("nan"))
        seen = observed(self.answer.frame.scenario, outcome)
        if seen is None:
            return self.locale.gettext("nothing in the record for this period")
        value, first, last = seen
        return self.locale.gettext("{n}, {first} to {last}", n=self.locale.number(value), first=first, last=last)

    def precision(self) -> Iterator[str]:
        """How many pairs of runs ended, and the Monte Carlo error that this leaves."""
        _, locale, rows = self.locale.gettext, self.locale, self.answer.differences
        counts = sorted({row.pairs for row in rows}) or [0]
        pairs = f"{counts[0]}\N{EN DASH}{counts[-1]}" if len(counts) > 1 else str(counts[0])
        failed = {row.variant: row.failed for row in rows if row.failed}
        lost = ", ".join(f"{self.names[name]}: {count}" for name, count in failed.items()) or _("none")
        yield _(
            "Completed pairs of runs: {pairs}; failed: {failed}. All results are simulated.", pairs=pairs, failed=lost
        )
        main = [row for row in rows if row.outcome == self.answer.main and row.monte_carlo_error > 0]
        if main:
            worst = max(main, key=lambda row: row.monte_carlo_error)
            yield _(
                "Monte Carlo error of the mean difference in {outcome}: up to {error} (“{variant}”; pairing reduces "
                "its variance by a factor of {ratio}).",
                outcome=outcome_name(locale, worst.outcome), error=locale.number(worst.monte_carlo_error),
                variant=self.names[worst.variant], ratio=locale.significant(worst.variance_ratio, 2),
            )  # fmt: skip


def share_table(found: Attribution, locale: Locale) -> Table:
    """What every measure of a package averts, the package last."""
    _, swept = locale.gettext, len(found.frame.draws.columns) > 0
    rows = tuple(
        (
            Cell(labels.attribution_name(locale, share.measure)),
            Cell(locale.signed(share.averted), (locale.interval(share.low, share.high),)),
            Cell(locale.percent(share.probability_harms) if swept else locale.number(float("nan"))),
            Cell(locale.signed(share.alone)),
            Cell(locale.signed(share.last)),
        )
        for share in (*found.shares, found.total)
    )
    head = (_("Measure"), _("averted"), _("probability of more harm"), _("alone"), _("added last"))
    caption = _("Contribution of each measure: {outcome} averted", outcome=outcome_name(locale, found.outcome))
    return Table(caption, head, rows)


def share_sentence(found: Attribution, locale: Locale) -> str:
    """Sentence on what a package of measures averts."""
    return locale.ngettext(
        "Together {n} measure averts {averted} {outcome} on average (95 % interval {interval}), simulated.",
        "Together the {n} measures avert {averted} {outcome} on average (95 % interval {interval}), simulated.",
        len(found.shares),
        averted=locale.signed(found.total.averted),
        outcome=outcome_name(locale, found.outcome),
        interval=locale.interval(found.total.low, found.total.high),
    )
