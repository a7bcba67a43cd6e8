"""The figure of ``docs/performance.md``, from what the benchmarks kept."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.timing import kept
from sim.present.figures.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    PAGE,
    SKY,
    VERMILLION,
    finish,
    house_style,
    new_figure,
    panel_title,
    save,
)

HEIGHT = 120.0  # mm
SHOWN = 9  # processes
TITLES = {
    "minusim": "this project's way",
    "numpy": "NumPy alone",
    "mesa": "Mesa",
    "agentpy": "agentpy",
    "mesa_frames": "mesa-frames",
    "ambr": "ambr",
    "starsim": "starsim",
}


def draw(folder: Path) -> list[Path]:
    """Write performance.png and .pdf beside the files."""
    return save(figure(folder), folder / "performance", ("png", "pdf"))


def figure(folder: Path) -> Figure:
    """Four panels.  FileNotFoundError where a part was not measured."""
    with house_style():
        made = new_figure(PAGE, HEIGHT)
        grid = made.add_gridspec(2, 2)
        panels = (_ratios, _peers, _scaling, _processes)
        for place, panel in zip(grid, panels, strict=True):
            panel(made.add_subplot(place), folder)
        finish(made, "Speed of the engine", _source(kept("bare", folder)["machine"]))
    return made


def _ratios(axes: Axes, folder: Path) -> None:
    panel_title(axes, "a", "Time of others on the same work, engine = 1")
    rows = [
        ("readable Mesa agents,\ntwo years", kept("reference", folder), "times_faster", False),
        ("roaming in NumPy\nalone", kept("vectorised", folder), "ratio", False),
        ("compiled day bare,\na decade", kept("bare", folder), "ratio", True),
    ]
    for place, (_, found, name, inverse) in enumerate(reversed(rows)):
        values = [found[name], found[f"{name}_least"], found[f"{name}_most"]]
        middle, *ends = [1 / value for value in values] if inverse else values
        axes.plot(ends, [place, place], color=BLUE, linewidth=2.5, solid_capstyle="butt")
        axes.plot(middle, place, "o", color=BLUE, markersize=4)
        said = f"{middle:.2f}" if inverse else f"{middle:,.0f}"
        beyond = (max(middle, *ends), place)
        axes.annotate(said, beyond, xytext=(5, 0), textcoords="offset points", va="center", fontsize=6.5)
    axes.axvline(1.0, color=BLACK, linewidth=0.6)
    axes.set_xscale("log")
    axes.set_xlim(0.5, 600)
    axes.set_ylim(-0.5, len(rows) - 0.4)
    _numbers(axes.xaxis)
    axes.set_yticks(range(len(rows)), [label for label, *_ in reversed(rows)])
    axes.set_xlabel("times (median and range of alternating pairs)")


def _peers(axes: Axes, folder: Path) -> None:
    panel_title(axes, "b", "One small task in each framework")
    rows = kept("peers", folder)["rows"]
    sizes = sorted({row["agents"] for row in rows})
    order = sorted({row["framework"] for row in rows}, key=lambda name: _fastest(rows, name))
    for agents, marker, colour in zip(sizes, ("o", "D"), (SKY, BLUE), strict=False):
        own = [row for row in rows if row["agents"] == agents]
        places = [order.index(row["framework"]) for row in own]
        speeds = [row["agent_days_per_s"] for row in own]
        axes.plot(speeds, places, marker, color=colour, markersize=4, label=f"{agents:,} agents")
    axes.set_xscale("log")
    axes.set_yticks(range(len(order)), [TITLES[name] for name in order])
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.4)
    axes.set_xlabel("agent-days per second of processor time")
    axes.legend(loc="lower right")


def _fastest(rows: list[dict[str, Any]], name: str) -> float:
    return max(row["agent_days_per_s"] for row in rows if row["framework"] == name)


def _scaling(axes: Axes, folder: Path) -> None:
    found = kept("scaling", folder)
    panel_title(axes, "c", "A year with up to a million communities")
    rows = found["communities"]
    agents, seconds = (np.array([row[name] for row in rows]) for name in ("agents", "run_s"))
    axes.plot(agents, seconds, "o-", color=BLUE, markersize=4, label="cells of 0.5 degree")
    both = found["both"]
    axes.plot(both["agents"], both["run_s"], "D", color=VERMILLION, markersize=4, label=f"{both['degrees']:g} degree")
    axes.plot(agents, seconds[-1] * agents / agents[-1], "--", color=GREY, linewidth=0.8, label="proportional")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("agents")
    axes.set_ylabel("processor seconds a year")
    axes.legend(loc="upper left")


def _processes(axes: Axes, folder: Path) -> None:
    found = kept("processes", folder)
    panel_title(axes, "d", "What a day of the mission goes into")
    rows = list(found["microseconds_a_day"].items())
    shown = [*rows[:SHOWN], (f"{len(rows) - SHOWN} others", sum(value for _, value in rows[SHOWN:]))][::-1]
    colours = [ORANGE, *[BLUE] * SHOWN]
    axes.barh(range(len(shown)), [value for _, value in shown], color=colours, height=0.7)
    axes.set_yticks(range(len(shown)), [name.replace("_", " ") for name, _ in shown])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("microseconds a day")


def _numbers(axis: Any) -> None:
    axis.set_major_formatter(lambda value, _: f"{value:g}")


def _source(machine: dict[str, Any]) -> str:
    return (
        f"{machine['processor']}, {machine['cores']} cores; Python {machine['python']}, numba {machine['numba']}, "
        f"NumPy {machine['numpy']}, Mesa {machine['mesa']}.\nPeers run a small task of their own, not this model. "
        "Made by python -m benchmarks."
    )
