"""The figure of the patterns that were not fitted: where the record lies in the range of the runs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.present.figures.seed_ranges import PALE
from sim.present.figures.style import GREY, PAGE, RECORD, SIMULATED, finish, house_style, new_figure
from sim.present.figures.validation import source_line
from sim.present.locale import ENGLISH, N_, Locale
from sim.validation.patterns import Check

ROW, ROOM = 5.2, 30.0  # mm: a row; title, axis and sources
FARTHEST = 2.6  # of the distance from the median to 5 or 95 %: the record is drawn no farther out
_COLUMNS = {3.0: N_("record"), 4.0: N_("runs (90 %)"), 6.6: "p", 7.4: N_("power"), 8.3: N_("verdict")}


def pattern_figure(checks: Sequence[Check], runs: int, locale: Locale = ENGLISH) -> Figure:
    """Patterns that were not fitted: the record's place in the runs' range.

    Each row and each side of the median has its own scale, so that 5 % and 95 % stand in line; far out the
    record is drawn at FARTHEST.
    """
    shown = [check for check in checks if not np.isnan(check.median)]
    with house_style():
        figure = new_figure(PAGE, ROW * len(shown) + ROOM)
        axes = figure.add_subplot()
        for place, check in enumerate(reversed(shown)):
            _pattern(axes, place, check)
        axes.set_yticks(range(len(shown)), [check.pattern.replace("_", " ") for check in reversed(shown)])
        axes.set_ylim(-0.7, len(shown) + 0.2)
        axes.set_xlim(-3.2, 9.6)
        axes.set_xticks([-1, 0, 1], ["5 %", locale.gettext("median"), "95 %"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_bounds(-FARTHEST, FARTHEST)
        for x, words in _COLUMNS.items():
            axes.text(x, len(shown) - 0.25, locale.gettext(words), color=GREY, ha="left", va="bottom")
        title = locale.gettext("Patterns that were not fitted: simulated runs (blue) and the record (black)")
        finish(figure, title, source_line(runs, locale), lines=3)
    return figure


def _pattern(axes: Axes, place: int, check: Check) -> None:
    axes.barh(place, 2, left=-1, height=0.5, color=SIMULATED, alpha=PALE, linewidth=0)
    axes.vlines(0, place - 0.25, place + 0.25, color=SIMULATED)
    if not np.isnan(check.record):
        away = check.record - check.median
        unit = max(check.high - check.median if away > 0 else check.median - check.low, 1e-9)
        shown = float(np.clip(away / unit, -FARTHEST, FARTHEST))
        axes.plot([shown], [place], color=RECORD, marker="o", markersize=3, linestyle="none")
    cells = (
        _number(check.record),
        f"{_number(check.median)} ({_number(check.low)} to {_number(check.high)})",
        _number(check.p),
        _number(check.power),
        check.verdict,
    )
    for x, words in zip(_COLUMNS, cells, strict=True):
        axes.text(x, place, words, ha="left", va="center", fontsize=6)


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}"
