"""A tiny run of every benchmark: it measures what it says, and stops where the two sides of a comparison differ."""

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import __main__ as suite
from benchmarks import bandwidth, bare_day, frameworks, memory, process_profile, scaling, startup, throughput
from benchmarks import performance_figure as figures
from benchmarks import performance_page as performance
from benchmarks.timing import FOLDER, Pairs, is_kept, keep, kept
from benchmarks.vectorised import FROM, RESULTS, Ground, differing
from sim.model.plan import Plan
from sim.scenario import load
from sim.scenario.registry import PROCESSES
from tools.pages import with_blocks

END = "2013-07-31"


@pytest.fixture(scope="module")
def month() -> Plan:
    """The first month of the mission."""
    return Plan.build(load("historical").with_values({"period.end": END}))


@pytest.fixture(scope="module")
def ground() -> Ground:
    """A day on which there are many bands."""
    return Ground(FROM)


def test_pairs_alternate_and_compare_within_a_pair() -> None:
    order: list[str] = []
    pairs = Pairs.measured(
        lambda number: order.append("a") or 2.0 * (number + 1),  # type: ignore[func-returns-value]
        lambda number: order.append("b") or 1.0 * (number + 1),  # type: ignore[func-returns-value]
        3,
    )
    assert "".join(order) == "abbaab"
    assert pairs.ratios == [2.0, 2.0, 2.0]
    figures_of = Pairs((4.0, 2.0), (1.0, 1.0)).figures("slow", "fast")
    assert figures_of | {"ratio": 3.0, "ratio_least": 2.0, "ratio_most": 4.0, "slow_s": 2.0} == figures_of


def test_figures_are_kept_with_the_machine(tmp_path: Path) -> None:
    path = keep("part", {"taken_s": 1.2345678, "rows": [{"n": 3}]}, tmp_path)
    assert json.loads(path.read_text())["machine"]["cores"] >= 1
    assert kept("part", tmp_path)["taken_s"] == 1.2346
    assert kept("part", tmp_path)["rows"] == [{"n": 3}]
    assert is_kept("part", tmp_path)
    assert not is_kept("other", tmp_path)


def test_a_bare_run_has_the_events_of_the_model(month: Plan) -> None:
    assert bare_day.same_events(month, 3)
    other = bare_day.Bare(month, 4, 1_000)
    other.advance(0, month.report[1])
    mine = bare_day.Bare(month, 3, 1_000)
    mine.advance(0, month.report[1])
    assert not np.array_equal(mine.events, other.events)
    found = bare_day.measure(END, 2)
    assert found["model_s"] > 0 < found["bare_s"]
    assert found["days"] == 31


def test_a_bare_run_without_room_is_no_result(month: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare_day, "room", lambda plan: 0)
    with pytest.raises(RuntimeError, match="no room"):
        bare_day.bare(month, 1)


def test_every_process_is_timed(month: Plan) -> None:
    found, empty = process_profile.by_process(month, 1, 10)
    assert list(found) == [process.name for process in PROCESSES]
    assert empty > 0
    assert sum(found.values()) > 0


@pytest.mark.slow
def test_roaming_in_numpy_is_the_compiled_one_to_the_bit(ground: Ground) -> None:
    assert differing(ground, 60) == []
    before, after = ground.columns, ground.numpy(60)[0]
    assert (before["band_cell"] != after["band_cell"]).sum() > 20


def test_another_rule_is_seen(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled, _ = ground.compiled(60)
    monkeypatch.setitem(ground.values, "home_pull", 1.5 * ground.values["home_pull"])
    other, _ = ground.numpy(60)
    assert [name for name in RESULTS if not np.array_equal(compiled[name], other[name])] != []


@pytest.mark.slow
def test_frameworks_do_the_same_task() -> None:
    found = frameworks.measure(sizes=((2_500, 50, 10),), rounds=1)
    done = {row["framework"] for row in found["rows"]}
    assert {"numpy", "minusim", "mesa"} <= done
    assert done | set(found["missing"]) == set(frameworks.PACKAGES)
    assert all(row["agent_days_per_s"] > 0 for row in found["rows"])


def test_another_task_is_refused() -> None:
    with pytest.raises(SystemExit, match="encounters"):
        frameworks.check("idle", 2_500, 50, 10, 1.4)


def test_an_absent_framework_is_left_out(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks, "PACKAGES", {"no_such_framework": "none"})
    found = frameworks.measure(sizes=((100, 10, 2),), rounds=2)
    assert found["rows"] == []
    assert "no_such_framework" in found["missing"]
    assert capsys.readouterr().out.count("is left out") == 1


@pytest.mark.slow
def test_worlds_of_any_scale_are_built_and_run() -> None:
    small, large = (scaling.world(persons, 0.5, "2013-07-03", 1) for persons in (7_000, 350))
    assert 2_300 < small["communities"] < 2_900
    assert large["communities"] > 15 * small["communities"]
    assert large["bytes_per_agent"] < small["bytes_per_agent"]
    assert 0.1 < large["peak_gb"] < 4
    fine = scaling.world(10_000, 0.25, "2013-07-03", 1)
    assert fine["cells"] == 4 * small["cells"]


def test_a_slope_is_that_of_logarithms() -> None:
    rows: list[dict[str, Any]] = [{"agents": n, "run_s": 3e-6 * n**1.2} for n in (1_000, 10_000, 50_000)]
    assert scaling.slope(rows, "agents") == pytest.approx(1.2)
    assert np.isnan(scaling.slope(rows[:1], "agents"))


def test_imports_are_summed_by_package() -> None:
    found = startup.imports("import json, json.tool")
    assert found["json"] > 0
    assert not any("." in name for name in found)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_threads_answer() -> None:
    assert startup.threads(1, 1) > 0


def test_memory_of_runs_is_watched() -> None:
    found = memory.measure(40)
    assert len(found["resident_mb"]) == memory.POINTS
    assert min(found["resident_mb"]) > 10


def test_a_run_gives_its_memory_back_without_the_collector(month: Plan) -> None:
    columns = sum(column.nbytes for column in month.start.values())
    gc.collect()
    gc.disable()
    try:
        grown = throughput.growth(lambda seed: memory.one(month, seed), 9)
    finally:
        gc.enable()
    assert columns > 4_000_000
    assert grown < 0.1 * columns


@pytest.mark.slow
def test_bounds_are_measured() -> None:
    found = bandwidth.measure(END)
    assert found["triad_cached_gb_s"] > 0.1
    assert 0 < found["draw_ns"] < 1_000
    assert found["touched_kb"] > 100
    assert found["day_us"] > 0


@pytest.mark.slow
def test_a_study_is_timed() -> None:
    waited = throughput.compare("quickstart", 2, 1)
    assert waited.runs == 4
    assert waited.wall > waited.busy > 0


@pytest.mark.slow
def test_the_suite_runs_a_part_and_knows_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite.main(["memory", "--quick", "--out", str(tmp_path)])
    assert is_kept("memory", tmp_path)
    assert "no figure yet: bare" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        suite.arguments(["bear"])
    assert "unknown part 'bear'; known: bare" in capsys.readouterr().err
    assert list(suite.parts(quick=True, peers="")) == list(suite.parts(quick=False, peers=""))


@pytest.fixture
def shown() -> Path:
    """What is kept and cited."""
    assert all(is_kept(name) for name in suite.parts(quick=True, peers=""))
    return FOLDER


@pytest.mark.slow
def test_the_figure_is_drawn_from_what_is_kept(shown: Path) -> None:
    drawn = figures.figure(shown)
    assert [len(axes.get_title("left")) > 10 for axes in drawn.axes] == [True] * 4


@pytest.mark.parametrize("page", performance.PAGES, ids=lambda page: page.name)
def test_pages_say_what_is_kept(page: Path, shown: Path) -> None:
    text = page.read_text("utf-8")
    assert with_blocks(text, performance.BLOCKS) == text, "stale; run `python -m benchmarks.performance_page`"
    assert "<!-- measured:" in text


def test_peers_need_no_more_than_themselves() -> None:
    code = "import sys, benchmarks.peers.task; print('sim' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=frameworks.ROOT)
    assert done.stdout.split() == ["False", "False"]
