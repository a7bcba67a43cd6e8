"""Write the numbers of ``docs/performance.md`` and ``README.md`` from ``results/benchmarks``.

``python -m benchmarks`` runs this at its end, ``python -m benchmarks.performance_page`` alone.  A test fails when
pages and files differ.
"""

from pathlib import Path
from typing import Any

from benchmarks.answer_time import WALK_BAR, WALK_BEFORE, commands
from benchmarks.timing import kept
from tools import pages
from tools.pages import table as _table
from tools.pages import wrapped as _wrapped

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "docs" / "performance.md", ROOT / "README.md")
Rows = list[tuple[object, ...]]


def write() -> None:
    """Both pages."""
    for page in PAGES:
        pages.rewrite(page, lambda text: pages.with_blocks(text, BLOCKS))


def ratios() -> str:
    """Engine against others on the same work."""
    readable, numpy, bare = (kept(name) for name in ("reference", "vectorised", "bare"))
    rows: Rows = [
        ("the rules as readable Mesa agents (`tests/reference`), two years",
         f"{readable['times_faster']:.0f} times as fast",
         f"{readable['times_faster_least']:.0f} to {readable['times_faster_most']:.0f}", "at least 100"),
        ("the hottest process, roaming, in NumPy alone", f"{numpy['ratio']:.1f} times as fast",
         f"{numpy['ratio_least']:.1f} to {numpy['ratio_most']:.1f}", ""),
        ("the compiled day bare, without Mesa and recorder, a decade", f"{bare['ratio']:.3f} times the time",
         f"{bare['ratio_least']:.3f} to {bare['ratio_most']:.3f}", f"at most {bare['target']}"),
    ]  # fmt: skip
    return _table(("beside", "the engine is", "range of pairs", "aim"), rows) + _about(bare)


def speed() -> str:
    """A decade in one sentence."""
    bare = kept("bare")
    return _wrapped(
        f"{bare['days']:,} days with {bare['agents']:,} agents that can act: {bare['model_s']:.2f} s of processor "
        f"time (aim: 0.3), {bare['ns_per_agent_day']:.0f} ns per agent-day (aim: 31), "
        f"{bare['agent_days_per_s'] / 1e6:.0f} million agent-days a second (the least of {bare['pairs']} runs). "
        f"{_load(bare)}"
    )


def peers() -> str:
    """Agent-days per second, fastest first."""
    found = kept("peers")
    rows = found["rows"]
    sizes = sorted({row["agents"] for row in rows})
    speeds = {(row["framework"], row["agents"]): row for row in rows}
    names = sorted({row["framework"] for row in rows}, key=lambda name: -speeds[name, sizes[-1]]["agent_days_per_s"])
    own = [speeds["minusim", size]["agent_days_per_s"] for size in sizes]
    lines: Rows = [
        (name.replace("_", "-"), f"{'numba ' * (name == 'minusim')}{speeds[name, sizes[0]]['version']}",
         *(f"{speeds[name, size]['agent_days_per_s']:,.0f}" for size in sizes),
         *(f"{mine / speeds[name, size]['agent_days_per_s']:,.1f}" for size, mine in zip(sizes, own, strict=True)))
        for name in names
    ]  # fmt: skip
    heads = [f"agent-days/s, {size:,} agents" for size in sizes] + [f"this way is faster, {size:,}" for size in sizes]
    return _table(("framework", "version", *heads), lines) + _left_out(found) + _about(found)


def peer_answers() -> str:
    """From Enter to a table of replications, least processor time first."""
    found = kept("peer_answers")
    rows: Rows = [
        (row["framework"].replace("_", "-"), f"{'numba ' * (row['framework'] == 'minusim')}{row['version']}",
         *(f"{row[f'{when}_{clock}_units']:.1f}" for when in ("cold", "warm") for clock in ("cpu", "wall")),
         f"{row['warm_wall_s']:.1f}", f"{row['mean']:.4f} ({row['low']:.4f} to {row['high']:.4f})")
        for row in sorted(found["rows"], key=lambda row: row["warm_cpu_units"])
    ]  # fmt: skip
    said = _wrapped(
        f'Units of `python -c "import mesa"` from Enter to the printed table: {found["replications"]} replications '
        f"of {found['agents']:,} agents over {found['days']} days. The expected number of encounters is "
        f"{(found['agents'] - 1) / found['side'] ** 2:.4f}."
    )
    head = ("framework", "version", "cold, processor", "cold, clock", "warm, processor", "warm, clock", "warm, s",
            "encounters a day")  # fmt: skip
    return f"{said}\n\n{_table(head, rows)}{_left_out(found)}" + _about(found)


def _left_out(found: dict[str, Any]) -> str:
    return "".join(f"\n\nLeft out: {name} ({why})." for name, why in found["missing"].items())


def answer() -> str:
    """From Enter to the answer, beside the bars."""
    found = kept("answer")
    asked = commands(found["seeds"], found["seeds"])
    rows: Rows = [
        (f"`{command.name}`{', first time' * command.first}",
         *(f"{found['commands'][command.name][f'{moment}_{clock}_units']:.1f}"
           for moment in ("answer", "end") for clock in ("cpu", "wall")),
         f"{found['commands'][command.name]['end_wall_s']:.1f}", command.bar)
        for command in asked
    ]  # fmt: skip
    head = ("from Enter", "answer, processor", "answer, clock", "end, processor", "end, clock", "end, s", "bar")
    said = _wrapped(
        f'Units of `python -c "import mesa"`, which took {found["unit_cpu_s"]:.2f} s of processor time and '
        f"{found['unit_wall_s']:.2f} s on the clock: medians of {found['rounds']} rounds, each command in turn."
    )
    ratios: Rows = [
        ("plan of the decade, beside its run", f"{found['plan_of_run']:.2f}", "0.1"),
        ("run of the decade, beside a compiled walk of as many agent-days", f"{found['run_of_walk']:.2f}",
         f"{WALK_BAR:.2f} (25 % less than {WALK_BEFORE:.2f})"),
        (f"`measures_2018`, {found['worker_replications']} replications, Enter to answer: two workers beside one",
         f"{found['two_workers']:.2f} times as fast", "1.85"),
        ("browser view, one session, slider to first answer", f"{found['one_session_s']:.1f} s", ""),
        (f"browser view, {found['sessions']} sessions, slider to first answer, median", f"{found['sessions_s']:.1f} s",
         "2 s"),
    ]  # fmt: skip
    return f"{said}\n\n{_table(head, rows)}\n\n{_table(('', 'measured', 'bar'), ratios)}" + _about(found)


def scaling() -> str:
    """Worlds, and the slopes."""
    found = kept("scaling")
    rows: Rows = [
        (f"{row['communities']:,}", f"{row['persons_per_community']:,}", f"{row['degrees']:g}", f"{row['cells']:,}",
         f"{row['run_s']:.3f}", f"{1e9 * row['run_s'] / (row['agents'] * row['days']):.1f}",
         f"{row['bytes_per_agent']:,.0f}", f"{row['plan_s']:.1f}", f"{row['peak_gb']:.2f}")
        for row in (*found["communities"], *found["cells"], found["both"])
    ]  # fmt: skip
    head = ("communities", "persons each", "degrees", "cells", "run, s a year", "ns per agent-day", "bytes per agent",
            "plan, s", "peak, GB")  # fmt: skip
    said = _wrapped(
        f"Log-log slope of the time of a run: {found['slope_communities']:.2f} over communities, "
        f"{found['slope_communities_large']:.2f} from 100,000 of them on, "
        f"{found['slope_communities_steepest']:.2f} in the steepest step; {found['slope_cells']:.2f} over cells."
    )
    return f"{_table(head, rows)}\n\n{said}" + _about(found)


def startup() -> str:
    """What a user waits."""
    found = kept("startup")
    rows: Rows = [
        ("an empty Python", f"{found['python_s']:.2f} s"),
        ("`minusim --help`", f"{found['help_s']:.2f} s"),
        ("the first day of a run, from the start of Python", f"{found['first_day_s']:.2f} s"),
        ("the first compilation, once per version", f"{found['first_compile_s']:.0f} s"),
        ("two threads, started and stopped", f"{1e3 * found['threads_of_2_s']:.1f} ms"),
    ]
    doors = "".join(_imports(found, door) for door in found["imports_ms"])
    return _table(("", "least wait"), rows) + doors + _about(found)


def _imports(found: dict[str, Any], door: str) -> str:
    dearest = list(found["imports_ms"][door].items())[:8]
    listed = ", ".join(f"{name} {ms:.0f}" for name, ms in dearest)
    total = found["imports_total_ms"][door]
    return "\n\n" + _wrapped(f"Imports of the {door}, {total:.0f} ms in all, by package: {listed}.")


def study() -> str:
    """One worker and two, and memory."""
    found, memory = kept("study"), kept("memory")
    rows: Rows = [
        ("runs of `measures_2018`", f"{found['study_runs']:,.0f}"),
        ("one process", f"{found['study_1_process_s']:.0f} s"),
        ("two processes", f"{found['study_2_processes_s']:.0f} s"),
        ("two beside one (aim: 1.9)", f"{found['study_ratio']:.2f} times as fast"),
        ("overhead of a task (aim: at most 5 %)", f"{100 * found['task_overhead']:.1f} %"),
        (f"memory after {memory['runs']:,} runs in one process, beside {memory['runs'] // 20:,}",
         f"{memory['resident_mb'][-1] - memory['resident_mb'][0]:+,.0f} MB"),
    ]  # fmt: skip
    return _table(("", ""), rows) + _about(found)


def bound() -> str:
    """Bandwidth, dispatch and draws beside a day."""
    found = kept("bound")
    rows: Rows = [
        ("a day of the historical mission, in one call", f"{found['day_us']:.1f}"),
        (f"all it may touch ({found['touched_kb']:,.0f} kB) at the speed of a triad in cache "
         f"({found['triad_cached_gb_s']:.0f} GB/s)", f"{found['day_if_cache_bound_us']:.1f}"),
        (f"the same at the speed of a triad in memory ({found['triad_memory_gb_s']:.0f} GB/s)",
         f"{found['day_if_memory_bound_us']:.1f}"),
        ("a call of the compiled day that does nothing (once a run)", f"{found['empty_call_us']:.1f}"),
        ("a thousand keyed draws, a column at a time", f"{found['draw_ns']:.2f}"),
    ]  # fmt: skip
    return _table(("", "microseconds"), rows) + _about(found)


def processes() -> str:
    """The dearest processes of a day."""
    found = kept("processes")
    listed = ", ".join(f"{name} {value:.1f}" for name, value in list(found["microseconds_a_day"].items())[:8])
    count = len(found["microseconds_a_day"])
    return _wrapped(f"{found['sum_us']:.0f} microseconds a day in {count} processes; the dearest: {listed}.")


def readme() -> str:
    """The passage of README.md."""
    bare, readable, numpy, scale, start = (
        kept(name) for name in ("bare", "reference", "vectorised", "scaling", "startup")
    )
    last = scale["communities"][-1]
    return _wrapped(
        f"Speed on {bare['machine']['cores']} cores of {bare['machine']['processor']}: a decade with "
        f"{bare['agents']:,} agents takes {bare['model_s']:.2f} s after compilation ({bare['ns_per_agent_day']:.0f} ns "
        f"per agent-day). That is {readable['times_faster']:.0f} times as fast as the same rules as readable Mesa "
        f"agents in plain Python, the hottest process {numpy['ratio']:.0f} times as fast as in NumPy alone, and "
        f"{bare['ratio']:.2f} times the time of the bare compiled day without Mesa and recorder (medians of "
        f"alternating pairs). A year with {last['communities']:,} communities takes {last['run_s']:.1f} s and "
        f"{last['peak_gb']:.1f} GB. `minusim --help` takes {start['help_s']:.2f} s, the first compilation "
        f"{start['first_compile_s']:.0f} s."
    )


BLOCKS = {
    "ratios": ratios,
    "speed": speed,
    "peers": peers,
    "peer_answers": peer_answers,
    "answer": answer,
    "scaling": scaling,
    "startup": startup,
    "study": study,
    "bound": bound,
    "processes": processes,
    "readme": readme,
}


def _about(found: dict[str, Any]) -> str:
    return f"\n\n{_load(found)}"


def _load(found: dict[str, Any]) -> str:
    machine = found["machine"]
    return f"Measured on {machine['processor']}, {machine['cores']} cores, at a load of {machine['load']}."


if __name__ == "__main__":
    write()
