"""Times from Enter to the answer: of the whole tree of processes, at the answer and at the end."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import answer_time, peer_answers
from benchmarks.answer_time import Command, Moment, Waited, waited
from benchmarks.peers import minusim_walk, numpy_walk

ANSWERS = """
import subprocess, sys, time
subprocess.run([sys.executable, "-c", "sum(range(20_000_000))"])
print("the answer", flush=True)
sum(range(20_000_000))
print("Kept in a folder", flush=True)
"""


def test_the_answer_comes_before_the_files_and_children_count(tmp_path: Path) -> None:
    found = waited((sys.executable, "-c", ANSWERS), tmp_path)
    child = waited((sys.executable, "-c", "sum(range(20_000_000))"), tmp_path).end
    assert found.lines == ("the answer", "Kept in a folder")
    assert 0.5 * child.cpu < found.answer.cpu < found.end.cpu
    assert found.end.cpu > 1.3 * child.cpu
    assert 0 < found.answer.wall < found.end.wall


def test_a_command_that_prints_nothing_answers_at_its_end(tmp_path: Path) -> None:
    found = waited((sys.executable, "-c", "pass"), tmp_path)
    assert found.answer == found.end


def test_a_command_that_fails_is_no_time(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as problem:
        waited((sys.executable, "-c", "raise SystemExit('no such thing')"), tmp_path)
    assert problem.value.returncode == 1
    assert "no such thing" in problem.value.stderr


def test_units_are_taken_round_by_round() -> None:
    units = [Moment(1.0, 2.0), Moment(2.0, 4.0), Moment(4.0, 4.0)]
    times = [Waited(Moment(3.0, 2.0), Moment(4.0, 8.0), ()) for _ in units]
    found = answer_time._figures(units, times)
    assert found["answer_cpu_units"] == 1.5
    assert found["answer_wall_units"] == 0.5
    assert found["end_cpu_units"] == 2.0
    assert found["end_wall_s"] == 8.0


@pytest.mark.slow
def test_commands_are_timed_with_compiled_code_alone_or_again() -> None:
    asked = [Command(("run", "quickstart", "--seeds", "1", "--no-figures"), first=True), Command(("list", "measures"))]
    found = answer_time.command_times(asked, 1)
    run, listed = (found["commands"][command.name] for command in asked)
    assert 0 < run["answer_cpu_s"] <= run["end_cpu_s"]
    assert listed["end_wall_units"] == pytest.approx(listed["end_wall_s"] / found["unit_wall_s"])


def test_a_cache_for_the_first_time_has_nothing_but_compiled_code(tmp_path: Path) -> None:
    environment = answer_time.cache_with_compiled_code(tmp_path)
    code = "from sim.model.engine import cache_folder; print(cache_folder())"
    done = waited((sys.executable, "-c", code), answer_time.ROOT, **environment)
    (kept,) = (tmp_path / "minusim").iterdir()
    assert done.lines == (str(kept),)


@pytest.mark.slow
def test_a_decade_is_beside_its_plan_and_a_walk() -> None:
    found = answer_time.decade_ratios("2013-07-31", 2)
    assert found["plan_of_run"] > 0 < found["run_of_walk"]


@pytest.mark.slow
def test_peers_answer_the_same_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_answers, "PACKAGES", ("mesa", "numpy", "minusim", "no_such_framework"))
    found = peer_answers.measure(task=(400, 20, 10), replications=4, warm=1)
    assert [row["framework"] for row in found["rows"]] == ["mesa", "numpy", "minusim"]
    assert all(row["low"] < row["mean"] < row["high"] for row in found["rows"])
    assert all(row["warm_cpu_units"] > 0 < row["cold_wall_units"] for row in found["rows"])
    assert "no_such_framework" in found["missing"]


def test_replications_are_those_of_single_runs() -> None:
    for framework in (minusim_walk, numpy_walk):
        advance, met = framework.build(100, 10, 2)
        advance(3)
        found = framework.replicate(100, 10, 3, (1, 2))
        assert found[1] == met()
        assert found[0] != found[1]
