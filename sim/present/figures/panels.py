"""The panels of a timeline: one function, one quantity, one set of axes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.present.figures.seed_ranges import draw_band, draw_one, draw_record, draw_steps
from sim.present.figures.style import GREEN, ONE_SEED, ORANGE, PURPLE, RECORD, SKY, YELLOW
from sim.present.figures.timeline_data import Course, DateArray
from sim.present.locale import N_, Locale
from sim.results.panel import FloatArray

TACTICS = {
    N_("IED"): ORANGE,
    N_("IED then ambush"): YELLOW,
    N_("direct fire"): GREEN,
    N_("indirect fire"): SKY,
    N_("complex attack"): PURPLE,
}
WHISKER = "0.35"


def deaths(axes: Axes, course: Course, locale: Locale) -> str:
    """Deaths of the mission by month."""
    axes.set_ylabel(locale.gettext("deaths per month"))
    name = "peacekeepers_killed"
    draw_steps(axes, course.edges["month"], course.monthly(name), course.own.monthly[name])
    seen = course.observed(name)
    draw_record(axes, _middle(seen), seen["value"], size=2.4)
    return locale.gettext("Peacekeepers killed by malicious acts")


def wounded(axes: Axes, course: Course, locale: Locale) -> str:
    """Wounded since the start; the record counts them since the mission began."""
    month = locale.month(pd.Timestamp(course.days[0]).date())
    axes.set_ylabel(locale.gettext("persons since {month}", month=month))
    draw_band(axes, course.days, np.array([summary.wounded for summary in course.seeds], dtype=np.float64))
    draw_one(axes, course.days, course.own.wounded.astype(np.float64))
    seen = course.observed("peacekeepers_wounded")
    draw_record(axes, seen["end"], seen["value"])
    return locale.gettext("Peacekeepers wounded by malicious acts")


def attacks(axes: Axes, course: Course, locale: Locale) -> str:
    """Stacked by tactic, for each year: the mean of seeds on the left, the record on the right."""
    axes.set_ylabel(locale.gettext("reported attacks per year"))
    simulated = course.reported_attacks()
    edges = course.edges["year"]
    span = np.diff(edges)
    left, right, width = edges[:-1] + span * 0.08, edges[:-1] + span * 0.52, span * 0.4
    _stack(axes, left, simulated.mean(axis=0), width, edge="white")
    _stack(axes, right, course.observed_attacks(), width, edge=RECORD)
    handles: list[Patch | Line2D] = [
        Patch(color=colour, label=locale.gettext(label)) for label, colour in TACTICS.items()
    ]
    handles.append(Patch(facecolor="white", edgecolor=RECORD, linewidth=0.8, label=locale.gettext("outlined: record")))
    if len(simulated) > 1:
        low, high = np.quantile(simulated.sum(axis=1), (0.05, 0.95), axis=0)
        axes.vlines(left + width / 2, low, high, color=WHISKER, linewidth=1.0)
        handles.append(Line2D([], [], color=WHISKER, label=locale.gettext("total, 90 % of seeds")))
    axes.set_ylim(0, axes.get_ylim()[1] * 1.45)  # room for the legend
    axes.legend(handles=handles, ncols=3, loc="upper left", fontsize=5.8, columnspacing=1.0, handlelength=1.0)
    return locale.gettext("Reported attacks on the mission, by tactic")


def civilians(axes: Axes, course: Course, locale: Locale) -> str:
    """Civilians killed by year."""
    axes.set_ylabel(locale.gettext("deaths per year"))
    name = "civilians_killed"
    draw_steps(
        axes,
        course.edges["year"],
        course.yearly(course.monthly(name)),
        course.yearly(course.own.monthly[name]),
    )
    seen = course.observed(name)
    draw_record(axes, _middle(seen), seen["value"])
    return locale.gettext("Civilians killed")


def displaced(axes: Axes, course: Course, locale: Locale) -> str:
    """Displaced persons at the end of each month."""
    axes.set_ylabel(locale.gettext("thousand, month end"))
    ends = course.edges["month"][1:] - np.timedelta64(1, "D")
    name = "internally_displaced"
    draw_band(axes, ends, course.monthly(name) / 1000)
    draw_one(axes, ends, course.own.monthly[name] / 1000)
    seen = course.observed(name)
    draw_record(axes, seen["end"], seen["value"] / 1000)
    return locale.gettext("Internally displaced persons")


def strength(axes: Axes, course: Course, locale: Locale) -> str:
    """Mean strength by month, which is an input, beside the strengths reported on single days."""
    axes.set_ylabel(locale.gettext("thousand persons"))
    own = course.own.monthly["personnel_days"] / course.days_in_months / 1000
    axes.plot(np.repeat(course.edges["month"], 2)[1:-1], np.repeat(own, 2), color=ONE_SEED, linewidth=1.0)
    frame = course.record.scenario.mission.table("strength")
    frame["date"] = pd.to_datetime(frame["date"])
    inside = frame["date"].between(course.days[0], course.days[-1]) & (frame["status"] == "reported")
    draw_record(axes, frame["date"][inside], frame["uniformed"][inside] / 1000, size=2.4)
    return locale.gettext("Strength of the mission (input)")


def patrols(axes: Axes, course: Course, locale: Locale) -> str:
    """Patrols a day by month; the record covers weeks or months, drawn as long as they were."""
    axes.set_ylabel(locale.gettext("patrols per day"))
    days = course.days_in_months
    name = "patrols"
    draw_steps(axes, course.edges["month"], course.monthly(name) / days, course.own.monthly[name] / days)
    seen = course.observed(name)
    axes.hlines(seen["value"], seen["start"], seen["end"], color=RECORD, linewidth=1.6, zorder=5)
    draw_record(axes, _middle(seen), seen["value"], size=2.4)
    return locale.gettext("Patrols of the mission")


def _middle(seen: pd.DataFrame) -> pd.Series:
    return seen["start"] + (seen["end"] - seen["start"]) / 2


def _stack(axes: Axes, left: DateArray, heights: FloatArray, width: npt.NDArray[Any], edge: str) -> None:
    """Bars of float64 [tactics, years], one on the other."""
    bottoms = np.cumsum(heights, axis=0) - heights
    for height, bottom, colour in zip(heights, bottoms, TACTICS.values(), strict=True):
        axes.bar(left, height, width, bottom, align="edge", color=colour, edgecolor=edge, linewidth=0.5)
