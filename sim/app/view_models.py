"""What the page shows of a case, beside the numbers of its results: names, sentences, levels, days, the record."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.app.animation import PART, SHOWN
from sim.app.basemap import record_series
from sim.app.policy import FIRST, SECOND, Policy, composed, level_at_start, step_of
from sim.app.reducers import policies
from sim.app.scheduler import PAIRS
from sim.app.url_state import OUTCOMES, is_whole, scenario_of
from sim.missions import Mission
from sim.model.engine import fingerprint
from sim.model.plan import actors_of
from sim.present.labels import measure_name, outcome_name, period_text, policy_name
from sim.present.locale import Locale
from sim.present.page_text import chart_titles, policy_titles
from sim.present.sentences import Estimate, chance_sentence, difference_sentence
from sim.scenario import MEASURES
from sim.scenario.registry import SHOWN_FIRST

if TYPE_CHECKING:
    from sim.app.url_state import View
    from sim.scenario import Scenario

MONTHS_BY_MONTH = 24  # longer periods are drawn by quarter
SAID = tuple(field.name for field in fields(Estimate) if field.name != "outcome")  # what a summary tells of an outcome
POLICIES = ("B", "A")  # as sentences call them
SHOWN_BY_DAY = "peacekeepers_killed"  # in place of an outcome that no event has


def as_text(data: Any) -> str:
    """Plain data as short JSON.  A page gets text: Solara would look for components in every number of a mapping."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def about_case(case: Scenario, token: str, view: View) -> dict[str, Any]:
    """What the map view needs; plain JSON data."""
    first, second = policies(view)
    counted = view.outcome if view.outcome in SHOWN else SHOWN_BY_DAY
    mapped = "civilians_killed" if view.outcome.startswith("civilians") else "peacekeepers_killed"
    start, end = case.period.start, case.period.end
    locale = Locale(view.language)
    return {
        "token": token,
        "of": PAIRS,
        "title": case.title,
        "scenario": view.scenario,
        "mission": case.mission.name,
        "epoch": case.mission.first_day.isoformat(),
        "loaded": bool(view.text),
        "wholeAddress": is_whole(view),
        "language": view.language,
        "period": [start.isoformat(), end.isoformat()],
        "days": (end - start).days + 1,
        "firstDay": case.mission.clock.day_index(start),
        "partDays": PART,
        "seed": case.seed,
        "outcome": view.outcome,
        "counted": counted,
        "mapped": mapped,
        "titles": chart_titles(locale, view.outcome, mapped),
        "outcomes": [[name, outcome_name(locale, name)] for name in OUTCOMES],
        "withheld": case.mission.record_end.isoformat() if case.mission.facts.record else None,
        "engine": fingerprint(case.mission)[:12],
        "names": policy_titles(locale, (first.variant, second.variant), (len(first.levels), len(second.levels))),
        "variants": [[name, policy_name(locale, name)] for name in scenario_of(view).variants],
        "chosen": [first.variant, second.variant],
        "actors": [locale.gettext(name) for name in actors(case.mission)],
        "record": {name: record_series(case.mission, name, tuple(edges(case))) for name in OUTCOMES},
    }


def answer_words(case: Scenario, view: View, summary: Mapping[str, Any]) -> dict[str, Any]:
    """The sentences on the answer, in the language of a view; ``summary``: what is known of the case by now."""
    locale = Locale(view.language)
    pairs, known = summary["pairs"], summary.get("outcomes", {}).get(view.outcome)
    if known is None:
        return {"answer": locale.gettext("Comparing …"), "doubt": [], "means": ["", ""]}
    said: dict[str, Any] = {name: math.nan if known[name] is None else known[name] for name in SAID}
    estimate = Estimate(view.outcome, **said)
    text = locale.gettext("{n} of {of} pairs of runs, each pair with the same random numbers.", n=pairs, of=PAIRS)
    return {
        "answer": difference_sentence(estimate, POLICIES, period_text(locale, case), locale),
        "doubt": [chance_sentence(estimate, locale), text],
        "means": [
            locale.gettext("{n} on average", n=locale.number(known[name])) for name in ("baseline_mean", "variant_mean")
        ],
    }


def edges(case: Scenario) -> list[str]:
    """First months of the bins of a case, and the month after the last."""
    first, last = (np.datetime64(day, "M") for day in (case.period.start, case.period.end))
    months = np.arange(first, last + 1)
    step = 1 if len(months) <= MONTHS_BY_MONTH else 3
    starts = np.flatnonzero(np.diff(months.astype(int) // step, prepend=-1))
    return [str(month) for month in (*months[starts], last + 1)]


def actors(mission: Mission) -> tuple[str, ...]:
    """Names behind the numbers of actors in events."""
    return actors_of(mission, tuple(mission.vocabulary.organisations))


def measure_rows(case: Scenario, view: View) -> list[dict[str, Any]]:
    """One row per measure, in the order of the page."""
    first, second = policies(view)
    both = case.variant(FIRST), case.variant(SECOND)
    plain = composed(scenario_of(view), Policy(first.variant), Policy(second.variant), case.seed)
    before = plain.variant(FIRST), plain.variant(SECOND)
    locale = Locale(view.language)
    names = [*SHOWN_FIRST, *(name for name in MEASURES if name not in SHOWN_FIRST)]
    return [
        {
            **_row(name, locale, (first, second), both),
            "scenario": [level_at_start(one, name) for one in before],
        }
        for name in names
    ]


def _row(name: str, locale: Locale, own: tuple[Policy, Policy], both: tuple[Scenario, Scenario]) -> dict[str, Any]:
    measure = MEASURES[name]
    return {
        "name": name,
        "label": _capitalised(measure_name(locale, name)),
        "unit": locale.gettext(measure.unit),
        "claim": locale.gettext(measure.claim),
        "reference": measure.reference,
        "low": measure.minimum,
        "high": measure.maximum,
        "step": step_of(measure),
        "first": measure.first > 0,
        "levels": [level_at_start(scenario, name) for scenario in both],
        "own": [name in policy.levels for policy in own],
        "off": [not scenario.measures[name] for scenario in both],
    }


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
